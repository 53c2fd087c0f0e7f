"""A flight's folder read for replay: its events in order, pictures of the fleet at intervals, and where every drone was when."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from gui.models.fleet import FleetModel, FleetPicture
from gui.models.map_scene import MapScene
from gui.models.scene_building import scene_of
from gui.models.seen import SeenGround, SeenParams, Stretch
from gui.models.tracks import Spot, TrackParams, Trail
from mavlink_bridge.events import Alert, AlertLevel, Telemetry
from mavlink_bridge.vehicle_state import VehicleState
from missions.control.messages import Fix, PatrolEvent, PlanChanged
from missions.errors import InputError
from missions.plan_file import read_plan
from missions.report.flight_events import EVENTS_FILE, FlightEvents, event_lines
from planner.geo import LatLon, LocalFrame, azimuth_deg, geodesic_m
from planner.model import Plan

#: Seeking applies at most so many events.
_KEYFRAME_EVENTS = 1_500
#: A stretch is shown when it is over: short ones leave no gap behind a drone.
_SEEN = SeenParams(span_s=2.0, most=1_000_000)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanSpan:
    """What was flown from this instant on."""

    from_s: float
    plan: Plan
    scene: MapScene


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedTrack:
    """One drone's positions, and its trail's corners with the instant at which each was settled."""

    times_s: list[float]
    spots: list[Spot]
    corners: list[Spot]
    settled_s: list[float]

    def at(self, at_s: float) -> tuple[Spot | None, Trail]:
        """Where it was last said to be, and the way there."""
        seen = bisect_right(self.times_s, at_s)
        settled = bisect_right(self.settled_s, at_s)
        head = self.spots[seen - 1] if seen else None
        return head, Trail.resumed(self.corners[:settled], head)


@dataclass(frozen=True, kw_only=True, slots=True)
class FlightRecord:
    """`times_s` are vehicle time, never falling; `marks_s` the instants of alerts that are worth a look."""

    folder: Path
    plan_file: Path
    events: Sequence[PatrolEvent]
    times_s: list[float]
    pictures: list[tuple[int, FleetPicture]]
    tracks: dict[str, RecordedTrack]
    plans: tuple[PlanSpan, ...]
    seen: Sequence[Stretch]
    marks_s: tuple[float, ...]
    unreadable_lines: int = 0

    @property
    def start_s(self) -> float:
        return self.times_s[0]

    @property
    def end_s(self) -> float:
        return self.times_s[-1]

    def index_at(self, at_s: float) -> int:
        """How many events there were until then."""
        return bisect_right(self.times_s, at_s)

    def picture_before(self, index: int) -> tuple[int, FleetPicture]:
        """The last picture that was taken with no more events than these."""
        return self.pictures[bisect_right(self.pictures, index, key=lambda taken: taken[0]) - 1]

    def seen_at(self, at_s: float) -> Sequence[Stretch]:
        """The ground that had been seen."""
        return self.seen[: bisect_right(self.seen, at_s, key=lambda stretch: stretch.at_s)]

    def span_at(self, at_s: float) -> PlanSpan:
        return self.plans[max(0, bisect_right(self.plans, at_s, key=lambda span: span.from_s) - 1)]


def load_record(folder: Path) -> FlightRecord:
    """The flight in this folder, as `fly` or mission control left it. Raises InputError."""
    # takes a while to import, which is no matter in a worker thread
    from missions.plan_versions import PLAN_FILE

    plan = read_plan(folder / PLAN_FILE)
    log = FlightEvents(event_lines(folder / EVENTS_FILE))
    events = list(_whole(log))
    if not events:
        raise InputError("holds no event", file=str(folder / EVENTS_FILE), mend="give the folder that fly wrote")
    times_s = list(accumulate((event.at_s for event in events), max))
    frame = LocalFrame.around([plan.area])
    plans = _plans(folder, plan, events, frame)
    seen = SeenGround(_SEEN)
    seen.restart(frame)
    for span in plans:
        seen.know(span.plan)
    return FlightRecord(
        folder=folder,
        plan_file=folder / PLAN_FILE,
        events=events,
        times_s=times_s,
        pictures=_pictures(plan, events, seen),
        tracks=_tracks(events, frame),
        plans=plans,
        seen=sorted(seen.stretches, key=lambda stretch: stretch.at_s),
        marks_s=tuple(event.at_s for event in events if isinstance(event, Alert) and event.level is not AlertLevel.INFO),
        unreadable_lines=log.unreadable_lines,
    )


def _whole(events: Iterable[PatrolEvent]) -> Iterable[PatrolEvent]:
    """Brief fixes as the telemetry that they were cut from, as far as it is known."""
    last: dict[str, VehicleState] = {}
    for event in events:
        if isinstance(event, Telemetry):
            last[event.drone] = event.state
            yield event
        elif isinstance(event, Fix):
            known = last.get(event.drone, VehicleState(armed=True))
            place = LatLon(lat_deg=event.lat_deg, lon_deg=event.lon_deg)
            state = replace(known, heard_s=event.at_s, position=place, position_s=event.at_s, battery_v=event.battery_v)
            state = replace(state, **_way(known, state))
            last[event.drone] = state
            yield Telemetry(drone=event.drone, at_s=event.at_s, state=state)
        else:
            yield event


def _way(before: VehicleState, after: VehicleState) -> dict[str, Any]:
    """Heading, speed and height, which a fix does not tell, from the way since the last position."""
    found: dict[str, Any] = {}
    if after.alt_amsl_m is not None and before.alt_amsl_m is not None and before.relative_alt_m is not None:
        found["relative_alt_m"] = before.relative_alt_m + after.alt_amsl_m - before.alt_amsl_m
    if before.position is None or after.position is None or before.position_s is None or after.position_s is None:
        return found
    way_m, took_s = geodesic_m(before.position, after.position), after.position_s - before.position_s
    if took_s > 0:
        found["groundspeed_mps"] = way_m / took_s
    if way_m > 0.5:
        found["heading_deg"] = azimuth_deg(before.position, after.position) % 360.0
    return found


def _pictures(plan: Plan, events: Sequence[PatrolEvent], seen: SeenGround) -> list[tuple[int, FleetPicture]]:
    """The fleet at intervals; on the way the ground that it has seen."""
    fleet = FleetModel()
    fleet.reset(plan.drones)
    taken = [(0, fleet.picture())]
    for begin in range(0, len(events), _KEYFRAME_EVENTS):
        batch = events[begin : begin + _KEYFRAME_EVENTS]
        fleet.apply(batch, now_s=None)
        fleet.take_moved()
        seen.extend(fleet.take_swept())
        taken.append((begin + len(batch), fleet.picture()))
    return taken


def _tracks(events: Sequence[PatrolEvent], frame: LocalFrame) -> dict[str, RecordedTrack]:
    positions: dict[str, list[tuple[float, LatLon]]] = {}
    for event in events:
        if isinstance(event, Telemetry) and event.state.position is not None:
            positions.setdefault(event.drone, []).append((event.at_s, event.state.position))
    return {drone: _track(found, frame) for drone, found in positions.items()}


def _track(positions: Sequence[tuple[float, LatLon]], frame: LocalFrame) -> RecordedTrack:
    lat_deg, lon_deg = np.array([[point.lat_deg, point.lon_deg] for _, point in positions]).T
    spots: list[Spot] = [(east, north) for east, north in np.column_stack(frame.arrays_to_local(lat_deg, lon_deg)).tolist()]
    trail = Trail(TrackParams(max_corners=len(spots) + 2))
    settled_s: list[float] = []
    for (at_s, _), spot in zip(positions, spots, strict=True):
        trail.add(spot)
        settled_s += [at_s] * (trail.settled - len(settled_s))
    return RecordedTrack(times_s=[at_s for at_s, _ in positions], spots=spots, corners=trail.corners, settled_s=settled_s)


def _plans(folder: Path, plan: Plan, events: Sequence[PatrolEvent], frame: LocalFrame) -> tuple[PlanSpan, ...]:
    """The plan that was begun with and those that were accepted, as far as they can be read."""
    spans = [PlanSpan(from_s=-np.inf, plan=plan, scene=scene_of(plan, frame))]
    for event in events:
        if isinstance(event, PlanChanged):
            try:
                changed = read_plan(folder / f"plan-{event.proposal}.json")
            except InputError:
                continue
            spans.append(PlanSpan(from_s=event.at_s, plan=changed, scene=scene_of(changed, frame)))
    return tuple(spans)
