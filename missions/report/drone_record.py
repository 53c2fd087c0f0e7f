"""What one drone did, reduced from its events: uploads, time in the air, lanes swept, its track, and how it ended."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from mavlink_bridge.events import (
    Airborne,
    Armed,
    Connected,
    Disarmed,
    FleetEvent,
    Landed,
    LaneFinished,
    LaneStarted,
    LinkLost,
    LinkRestored,
    ModeChanged,
    PictureTaken,
    Returning,
    Telemetry,
    Uploaded,
    UploadOutcome,
)
from mavlink_bridge.vehicle_state import VehicleState
from missions.control.messages import DroneProgress, Fix
from missions.report.track import Track
from planner.geo import LatLon, LocalFrame
from planner.timetable.sortie_names import first_version

#: ArduPilot flies a mission in no other mode; in any other a lane is not being swept as planned.
_MISSION_MODE = "AUTO"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From one moment of vehicle time to another; `sortie` is None when the log does not tell which was flown."""

    start_s: float
    end_s: float
    sortie: str | None

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True, kw_only=True)
class SweptSpan(Span):
    """A time in which a lane was swept."""

    lane: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DroneRecord:
    """`uploads` holds the last outcome for each sortie. `airtimes` and `armed_times` that had no end last to the last word.

    `silent` tells that the link was lost and not restored. `pictures` are those that its camera was released for, as it told.
    """

    drone: str
    system_id: int | None
    uploads: dict[str, UploadOutcome]
    airtimes: tuple[Span, ...]
    armed_times: tuple[Span, ...]
    swept: tuple[SweptSpan, ...]
    finished_lanes: frozenset[str]
    track: Track
    last_s: float
    in_the_air: bool
    armed: bool
    silent: bool
    pictures: int

    def last_place(self, frame: LocalFrame) -> LatLon | None:
        """Where it was last heard from."""
        if len(self.track) == 0:
            return None
        return frame.point_to_geographic(east_m=float(self.track.east_m[-1]), north_m=float(self.track.north_m[-1]))


@dataclass(slots=True)
class DroneRecorder:
    """Takes one drone's events in order; what is open when they end is closed at the last word."""

    drone: str
    last_s: float | None = None
    system_id: int | None = None
    uploads: dict[str, UploadOutcome] = field(default_factory=dict)
    airtimes: list[Span] = field(default_factory=list)
    armed_times: list[Span] = field(default_factory=list)
    swept: list[SweptSpan] = field(default_factory=list)
    finished: set[str] = field(default_factory=set)
    samples: list[tuple[float, ...]] = field(default_factory=list)
    silent: bool = False
    pictures: int = 0
    _sortie: str | None = None
    _airborne_s: float | None = None
    _armed_s: float | None = None
    _lane: tuple[str, str] | None = None
    _swept_from_s: float | None = None
    _in_mission_mode: bool = True
    _called_off: bool = False

    def take(self, event: FleetEvent | Fix | DroneProgress) -> None:
        self.last_s = event.at_s
        match event:
            case Connected():
                self.system_id = event.system_id
            case Uploaded():
                self._take_upload(event)
            case DroneProgress(recalled=recalled):
                self._called_off = recalled
            case Armed():
                self._armed_s = event.at_s
            case Airborne():
                self._airborne_s = event.at_s
            case LaneStarted():
                self._begin_lane(event)
            case LaneFinished():
                self.finished.add(event.lane)
                self._end_lane(event.at_s)
            case Returning():
                self._end_lane(event.at_s)
            case Landed():
                self._come_down(event.at_s)
            case Disarmed():
                self._come_down(event.at_s)
                self._end_armed(event.at_s)
            case ModeChanged():
                self._change_mode(event)
            case LinkLost():
                self.silent = True
            case LinkRestored():
                self.silent = False
            case PictureTaken(number=number):
                self.pictures = number
            case Telemetry():
                self._sample(event)
            case Fix():
                self._add(event.at_s, event.lat_deg, event.lon_deg, event)
            case _:
                pass

    def record(self, frame: LocalFrame) -> DroneRecord:
        """What it all amounts to, once every event was taken."""
        last_s = self.last_s or 0.0
        in_the_air, armed = self._airborne_s is not None, self._armed_s is not None
        self._come_down(last_s)
        self._end_armed(last_s)
        return DroneRecord(
            drone=self.drone,
            system_id=self.system_id,
            uploads=self.uploads,
            airtimes=tuple(self.airtimes),
            armed_times=tuple(self.armed_times),
            swept=tuple(self.swept),
            finished_lanes=frozenset(self.finished),
            track=_track(self.samples, frame),
            last_s=last_s,
            in_the_air=in_the_air,
            armed=armed,
            silent=self.silent,
            pictures=self.pictures,
        )

    def _take_upload(self, event: Uploaded) -> None:
        """A way home is no sortie, and what was not finished because the drone was called home is nobody's failure."""
        if self._airborne_s is not None and self._sortie is not None and first_version(event.sortie) != first_version(self._sortie):
            return
        if self._called_off and self._airborne_s is None and event.outcome is not UploadOutcome.VERIFIED:
            return
        self.uploads[event.sortie] = event.outcome
        if self._airborne_s is None or event.outcome is UploadOutcome.VERIFIED:
            self._sortie = event.sortie

    def _begin_lane(self, event: LaneStarted) -> None:
        self._end_lane(event.at_s)
        self._sortie = event.sortie
        self._lane = (event.lane, event.sortie)
        self._swept_from_s = event.at_s if self._in_mission_mode else None

    def _end_lane(self, at_s: float) -> None:
        self._end_swept(at_s)
        self._lane = None

    def _end_swept(self, at_s: float) -> None:
        if self._lane is not None and self._swept_from_s is not None:
            lane, sortie = self._lane
            self.swept.append(SweptSpan(start_s=self._swept_from_s, end_s=at_s, sortie=sortie, lane=lane))
        self._swept_from_s = None

    def _change_mode(self, event: ModeChanged) -> None:
        self._in_mission_mode = event.name.upper() == _MISSION_MODE
        if not self._in_mission_mode:
            self._end_swept(event.at_s)
        elif self._lane is not None and self._swept_from_s is None:
            self._swept_from_s = event.at_s

    def _come_down(self, at_s: float) -> None:
        self._end_lane(at_s)
        if self._airborne_s is not None:
            self.airtimes.append(Span(start_s=self._airborne_s, end_s=at_s, sortie=self._sortie))
        self._airborne_s = None

    def _end_armed(self, at_s: float) -> None:
        if self._armed_s is not None:
            self.armed_times.append(Span(start_s=self._armed_s, end_s=at_s, sortie=self._sortie))
        self._armed_s = None

    def _sample(self, event: Telemetry) -> None:
        state = event.state
        at_s = event.at_s if state.position_s is None else state.position_s
        if state.position is not None:
            self._add(at_s, state.position.lat_deg, state.position.lon_deg, state)

    def _add(self, at_s: float, lat_deg: float, lon_deg: float, said: VehicleState | Fix) -> None:
        if self.samples and at_s <= self.samples[-1][0]:
            return
        values = (said.alt_amsl_m, said.battery_v, said.battery_a, said.battery_consumed_mah)
        self.samples.append((at_s, lat_deg, lon_deg, *(math.nan if value is None else float(value) for value in values)))


def _track(samples: list[tuple[float, ...]], frame: LocalFrame) -> Track:
    columns = np.array(samples, dtype=np.float64).reshape(-1, 7).T
    at_s, lat_deg, lon_deg, amsl_m, volts, amperes, consumed_mah = columns
    east_m, north_m = frame.arrays_to_local(lat_deg, lon_deg)
    return Track(at_s=at_s, east_m=east_m, north_m=north_m, amsl_m=amsl_m, volts=volts, amperes=amperes, consumed_mah=consumed_mah)
