"""The flight's log: every event as a line of JSON (`missions.control.wire`), telemetry thinned, readable while it grows.

A line is with the operating system before anybody else is told of the event, so that a mission control that is killed has
told nothing that is not in its log. What was acknowledged to people is forced to the disk, too.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from mavlink_bridge.events import PictureTaken, Telemetry, Uploaded
from mavlink_bridge.vehicle_state import VehicleState
from missions.control.messages import Fix, IntentTaken, PatrolEnded, PatrolEvent, PatrolStateChanged, Resumed
from missions.control.wire import encode
from planner.geo import LatLon

#: What people act on: these survive a loss of power as well.
_FORCED = (IntentTaken, PatrolEnded, PatrolStateChanged, Resumed, Uploaded)

#: Decimals that say all that the vehicle said: MAVLink has degrees to 1e-7, milliseconds and centimetres.
_PLACE_DECIMALS, _DECIMALS = 7, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class LogParams:
    """How much telemetry is kept of each drone, vehicle seconds: where it is while armed, and all it says of itself."""

    fix_s: float = 1.0
    state_s: float = 10.0


@dataclass(slots=True)
class _Kept:
    """One drone's telemetry in the log so far; `held` came last and is not in it yet."""

    state_s: float
    fix_s: float
    held: Telemetry | None = None


class EventLog:
    """`with EventLog(path) as log`, then `log.write` every event in order. An earlier part of the flight is gone on with.

    Of each drone's telemetry there is a `Telemetry` every `state_s`, a `Fix` every `fix_s` in between while it is armed, and
    always the last `Telemetry` before anything else happens to it, so that lanes, landings and their places are told exactly;
    but for pictures, which are many and tell their own place.
    """

    def __init__(self, path: Path, params: LogParams | None = None) -> None:
        self._path = path
        self._params = params or LogParams()
        self._kept: dict[str, _Kept] = {}

    def __enter__(self) -> Self:
        torn = _is_torn(self._path)
        # One write a line and no buffer of ours: whatever was written survives the process.
        self._file = self._path.open("ab", buffering=0)
        if torn:
            self._file.write(b"\n")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.flush()
        self._file.close()

    def write(self, event: PatrolEvent) -> None:
        """Log it; when this returns, it survives whatever happens to this process."""
        if isinstance(event, Telemetry):
            self._telemetry(event)
            return
        if not isinstance(event, PictureTaken):
            self._put_held(getattr(event, "drone", ""))
        # The log lies in that folder: it says the same wherever it is, and two equal flights have equal logs.
        self._put(msgspec.structs.replace(event, report_folder=".") if isinstance(event, PatrolEnded) else event)
        if isinstance(event, _FORCED):
            os.fsync(self._file.fileno())

    def flush(self) -> None:
        """Everything so far is in the file, what was held back included."""
        for drone in self._kept:
            self._put_held(drone)

    def _telemetry(self, event: Telemetry) -> None:
        kept = self._kept.get(event.drone)
        if kept is None or event.at_s - kept.state_s >= self._params.state_s:
            self._put_state(event)
            return
        kept.held = event
        fix = fix_of(event) if event.state.armed and event.at_s - kept.fix_s >= self._params.fix_s else None
        if fix is not None:
            kept.fix_s = event.at_s
            self._put(fix)

    def _put_held(self, drone: str) -> None:
        kept = self._kept.get(drone)
        if kept is not None and kept.held is not None:
            self._put_state(kept.held)

    def _put_state(self, event: Telemetry) -> None:
        self._kept[event.drone] = _Kept(event.at_s, event.at_s)
        self._put(replace(event, at_s=round(event.at_s, _DECIMALS), state=_rounded(event.state)))

    def _put(self, event: PatrolEvent) -> None:
        self._file.write(encode(event))


def fix_of(event: Telemetry) -> Fix | None:
    """Where the drone is and what its battery gives; None when it does not know where it is."""
    state = event.state
    if state.position is None or state.position_s is None:
        return None
    return Fix(
        drone=event.drone,
        at_s=round(state.position_s, _DECIMALS),
        lat_deg=round(state.position.lat_deg, _PLACE_DECIMALS),
        lon_deg=round(state.position.lon_deg, _PLACE_DECIMALS),
        alt_amsl_m=_brief(state.alt_amsl_m),
        battery_v=_brief(state.battery_v),
        battery_a=_brief(state.battery_a),
        battery_consumed_mah=state.battery_consumed_mah,
    )


def _brief(value: float | None) -> float | None:
    return None if value is None else round(value, _DECIMALS)


def _rounded(state: VehicleState) -> VehicleState:
    changes: dict[str, Any] = {name: round(value, _DECIMALS) for name, value in vars(state).items() if isinstance(value, float)}
    return replace(state, **changes, position=_rounded_place(state.position), home=_rounded_place(state.home))


def _rounded_place(place: LatLon | None) -> LatLon | None:
    if place is None:
        return None
    return LatLon(lat_deg=round(place.lat_deg, _PLACE_DECIMALS), lon_deg=round(place.lon_deg, _PLACE_DECIMALS))


def _is_torn(path: Path) -> bool:
    """Whether a line was being written when the last mission control died."""
    if not path.exists() or path.stat().st_size == 0:
        return False
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"
