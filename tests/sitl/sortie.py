"""A flight of an embedded vehicle, watched from take-off to disarming."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from mavlink_bridge import messages as m
from planner.model import VehicleKind
from sitl.earth import offset_m
from sitl.vehicle import EmbeddedVehicle
from tests.sitl.station import ARM, AUTO, HOME, PLANE_AUTO, SET_INTERVAL, SET_MODE, Station, mission, ready

STEP_S = 0.1
_EXTENDED_SYS_STATE, _MISSION_CURRENT = 245, 42


class Sortie:
    """`rows` are seconds since arming, north, east, up, ground speed, ten times a second."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.start_s = station.vehicle.now_s
        self.rows: list[tuple[float, float, float, float, float]] = []

    @property
    def vehicle(self) -> EmbeddedVehicle:
        return self.station.vehicle

    @property
    def now_s(self) -> float:
        return self.vehicle.now_s - self.start_s

    def fly(self, seconds: float) -> Sortie:
        """So long, or until it disarms."""
        until_s = self.now_s + seconds
        self.fly_until(lambda: self.now_s >= until_s - 1e-6 or not self.vehicle.truth.armed, seconds + 1)
        return self

    def fly_down(self, limit_s: float = 1200.0) -> Sortie:
        """Until it has disarmed."""
        self.fly_until(lambda: not self.vehicle.truth.armed, limit_s)
        self.station.wait(0.5)
        return self

    def fly_until(self, condition: Callable[[], bool], limit_s: float = 1200.0) -> Sortie:
        until_s = self.now_s + limit_s
        while not condition():
            assert self.now_s < until_s, f"still waiting after {limit_s} s: {self.station.texts()[-5:]}"
            self.station.wait(STEP_S, STEP_S)
            truth = self.vehicle.truth
            place = offset_m(HOME, truth.position.lat_deg, truth.position.lon_deg)
            self.rows.append((self.now_s, *place, truth.height_m, math.hypot(truth.north_mps, truth.east_mps)))
        return self

    # What was seen

    def reached_s(self, seq: int) -> float:
        """When MISSION_ITEM_REACHED told this item, the first time."""
        return self._when(m.MissionItemReached, lambda message: message.seq == seq)

    @property
    def reached(self) -> list[int]:
        return [message.seq for message in self.station.said(m.MissionItemReached)]

    def said_s(self, text: str) -> float:
        """When a text that begins so was said, the first time."""
        return self._when(m.StatusText, lambda message: message.text.startswith(text))

    def landed_state_s(self, state: int, *, after_s: float = 0.0) -> float:
        return self._when(m.ExtendedSysState, lambda message: message.landed_state == state, after_s)

    @property
    def landed_states(self) -> list[int]:
        return _changes([message.landed_state for message in self.station.said(m.ExtendedSysState)])

    @property
    def modes(self) -> list[int]:
        return _changes([message.custom_mode for message in self.station.said(m.Heartbeat)])

    @property
    def mission_states(self) -> list[int]:
        return _changes([message.mission_state for message in self.station.said(m.MissionCurrent)])

    def _when(self, kind: type[Any], matches: Callable[[Any], bool], after_s: float = 0.0) -> float:
        since_s = self.start_s + after_s - 1e-6
        found = next((at_s for at_s, message in self.station.said_at(kind) if at_s >= since_s and matches(message)), None)
        assert found is not None, self.station.texts()
        return found - self.start_s

    def least_speed_mps(self, north_m: float, east_m: float, within_m: float = 15.0) -> float:
        """The slowest near a place."""
        rows = np.array(self.rows)
        near = np.hypot(rows[:, 1] - north_m, rows[:, 2] - east_m) < within_m
        return float(rows[near, 4].min())

    def at(self, time_s: float) -> tuple[float, float, float, float, float]:
        return min(self.rows, key=lambda row: abs(row[0] - time_s))


def launch(*stops: tuple[Any, ...], fences: list[dict[str, Any]] | None = None, **differences: Any) -> Sortie:
    """Upload, AUTO, arm: the sortie from that moment on."""
    station = ready(**differences)
    assert station.upload(mission(*stops)) == 0
    if fences:
        assert station.upload(fences, 1) == 0
    station.command(SET_INTERVAL, _EXTENDED_SYS_STATE, 1e6 * STEP_S)
    station.command(SET_INTERVAL, _MISSION_CURRENT, 1e6)
    copter = station.vehicle.config.kind is VehicleKind.COPTER
    station.command(SET_MODE, 1, AUTO if copter else PLANE_AUTO)
    station.wait(1.0)
    station.forget()
    station.command(ARM, 1)
    assert station.vehicle.truth.armed, station.texts()
    return Sortie(station)


def _changes(values: list[int]) -> list[int]:
    return [value for number, value in enumerate(values) if number == 0 or value != values[number - 1]]
