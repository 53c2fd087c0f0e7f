"""A fleet with behaviour and a fake clock: drones fly their sorties as planned, later or slower, or misbehave as told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from mavlink_bridge.enums import MavCmd
from mavlink_bridge.events import (
    Airborne,
    Armed,
    CommandEnded,
    Connected,
    Disarmed,
    FleetEvent,
    Landed,
    LaneFinished,
    LaneStarted,
    LinkLost,
    LinkRestored,
    MissionChanged,
    ModeChanged,
    Ready,
    Returning,
    Telemetry,
    Uploaded,
    UploadOutcome,
)
from mavlink_bridge.list_work import Airspace
from mavlink_bridge.mission_change import ChangeOrder
from mavlink_bridge.mission_items import SortieMission
from mavlink_bridge.vehicle_state import VehicleState
from missions.control.itinerary import Itinerary, itinerary
from missions.control.sortie_progress import lane_runs
from planner.geo import LatLon, LocalFrame
from planner.model import Plan, Sortie

#: As far apart as nothing that mission control decides by is missed; half of it takes twice as long to fly.
STEP_S = 2.0
LINK_TIMEOUT_S = 5.0
RTL_S = 60.0


@dataclass(slots=True, kw_only=True)
class Behaviour:
    """What one drone does otherwise than it should; instants are vehicle time, lists are used up front to back."""

    ready_s: float = 5.0
    upload_s: float = 2.0
    uploads: list[UploadOutcome] = field(default_factory=list)
    refusals: int = 0
    arming_s: float = 4.0
    slowness: float = 1.0
    silent_from_s: float = float("inf")
    silent_to_s: float = float("inf")
    taken_at_s: float = float("inf")
    lands_at: LatLon | None = None
    ignores_recalls: int = 0
    battery_pct_per_s: float = 0.0
    refuses_changes: bool = False


@dataclass(slots=True)
class FakeDrone:
    """One vehicle. `asked` is every command it was given, in order."""

    plan: Plan
    id: str
    behaviour: Behaviour
    frame: LocalFrame
    asked: list[str] = field(default_factory=list)
    events: list[FleetEvent] = field(default_factory=list)
    state: VehicleState = field(default_factory=VehicleState)
    mission: Sortie | None = None
    connected: bool = False
    ready: bool = False
    silent: bool = False
    _uploading: tuple[float, Sortie] | None = None
    _arming_until_s: float | None = None
    _course: Itinerary | None = None
    _flown_s: float = 0.0
    _paused: bool = False
    _home_s: float | None = None
    _lanes: list[tuple[float, type[LaneStarted] | type[LaneFinished], str]] = field(default_factory=list)

    def step(self, now_s: float) -> list[FleetEvent]:
        if not self.connected:
            self._place(self._base())
            self.connected = True
            self._say(Connected(drone=self.id, at_s=now_s, system_id=1))
        if not self.ready and now_s >= self.behaviour.ready_s:
            self.ready = True
            self._say(Ready(drone=self.id, at_s=now_s))
        self._step_upload(now_s)
        self._step_arming(now_s)
        if now_s >= self.behaviour.taken_at_s:
            self.behaviour.taken_at_s, self._paused = float("inf"), True
            self._say(ModeChanged(drone=self.id, at_s=now_s, mode=5, name="LOITER", ours=False))
        self._step_flight(now_s)
        return self._heard(now_s)

    def upload(self, sortie: Sortie, now_s: float) -> None:
        self._uploading = (now_s + self.behaviour.upload_s, sortie)

    def launch(self, now_s: float) -> None:
        if self.behaviour.refusals > 0:
            self.behaviour.refusals -= 1
            self._say(CommandEnded(drone=self.id, at_s=now_s, command=MavCmd.MISSION_START, accepted=False, reason="compass"))
        else:
            self._arming_until_s = now_s + self.behaviour.arming_s

    def go_home(self, now_s: float) -> None:
        accepted = self.behaviour.ignores_recalls == 0
        if accepted and self._course is not None:
            self._home_s, self._paused = now_s + RTL_S, False
            self._say(Returning(drone=self.id, at_s=now_s, reason="recalled"))
        elif not accepted:
            self.behaviour.ignores_recalls -= 1
        if self._arming_until_s is not None:
            self._arming_until_s = None
            self._say(Disarmed(drone=self.id, at_s=now_s))
        self._say(CommandEnded(drone=self.id, at_s=now_s, command=MavCmd.NAV_RETURN_TO_LAUNCH, accepted=accepted or None))

    def change(self, sortie: Sortie, now_s: float) -> None:
        """Another mission in flight, from where it is."""
        changed = not self.behaviour.refuses_changes and self._course is not None
        if changed:
            self._say(Uploaded(drone=self.id, at_s=now_s, outcome=UploadOutcome.VERIFIED, sortie=sortie.id))
            self.mission, self._course = sortie, itinerary(self.plan, sortie, self.frame)
            self._lanes = [each for each in _lane_events(sortie) if each[0] > self._flown_s]
        reason = "" if changed else "no answer"
        self._say(MissionChanged(drone=self.id, at_s=now_s, sortie=sortie.id, changed=changed, flies_on=True, reason=reason))

    def fly_way_home(self, name: str, now_s: float) -> None:
        if self.behaviour.refuses_changes:
            self._say(MissionChanged(drone=self.id, at_s=now_s, sortie=name, changed=False, flies_on=False, reason="no answer"))
            return
        self._say(Uploaded(drone=self.id, at_s=now_s, outcome=UploadOutcome.VERIFIED, sortie=name))
        self._home_s, self._paused = now_s + RTL_S, False
        self._say(Returning(drone=self.id, at_s=now_s, reason="recalled"))
        self._say(MissionChanged(drone=self.id, at_s=now_s, sortie=name, changed=True, flies_on=True))

    def land(self, now_s: float) -> None:
        if self._course is not None:
            self._down(now_s)

    def pause(self, paused: bool) -> None:
        self._paused = paused

    def _step_upload(self, now_s: float) -> None:
        if self._uploading is None or now_s < self._uploading[0]:
            return
        sortie, self._uploading = self._uploading[1], None
        outcome = self.behaviour.uploads.pop(0) if self.behaviour.uploads else UploadOutcome.VERIFIED
        self.mission = sortie if outcome is UploadOutcome.VERIFIED else None
        self._say(Uploaded(drone=self.id, at_s=now_s, outcome=outcome, sortie=sortie.id, reason="" if self.mission else "no answer"))

    def _step_arming(self, now_s: float) -> None:
        if self._arming_until_s is None or now_s < self._arming_until_s:
            return
        assert self.mission is not None, f"{self.id} was launched without a verified mission"
        self._arming_until_s = None
        self._course, self._flown_s, self._home_s = itinerary(self.plan, self.mission, self.frame), 0.0, None
        self._lanes = _lane_events(self.mission)
        self.state = replace(self.state, armed=True)
        self._say(CommandEnded(drone=self.id, at_s=now_s, command=MavCmd.MISSION_START, accepted=True))
        self._say(Armed(drone=self.id, at_s=now_s))
        self._say(Airborne(drone=self.id, at_s=now_s))

    def _step_flight(self, now_s: float) -> None:
        if self._course is None or self.mission is None or self._paused:
            return
        if self._home_s is not None:
            if now_s >= self._home_s:
                self._place(self._base())
                self._down(now_s)
            return
        self._flown_s += STEP_S / self.behaviour.slowness
        while self._lanes and self._flown_s >= self._lanes[0][0]:
            _, kind, lane = self._lanes.pop(0)
            self._say(kind(drone=self.id, at_s=now_s, lane=lane, sortie=self.mission.id))
            if not self._lanes:
                self._say(Returning(drone=self.id, at_s=now_s, reason="last lane"))
        self._follow_course(self._course)
        if self._flown_s >= self._course.end_s - self._course.start_s:
            self._down(now_s)

    def _follow_course(self, course: Itinerary) -> None:
        import numpy as np

        east_m, north_m, amsl_m = course.positions(np.array([course.start_s + self._flown_s]))[0]
        self._place(self.frame.point_to_geographic(east_m=float(east_m), north_m=float(north_m)), float(amsl_m))

    def _down(self, now_s: float) -> None:
        if self.behaviour.lands_at is not None:
            self._place(self.behaviour.lands_at)
        self._course, self.mission = None, None
        self.state = replace(self.state, armed=False)
        self._say(Telemetry(drone=self.id, at_s=now_s, state=replace(self.state, heard_s=now_s, position_s=now_s)))
        self._say(Landed(drone=self.id, at_s=now_s))
        self._say(Disarmed(drone=self.id, at_s=now_s))

    def _heard(self, now_s: float) -> list[FleetEvent]:
        """What gets through: nothing while the link is dead."""
        behaviour = self.behaviour
        silent = behaviour.silent_from_s <= now_s < behaviour.silent_to_s
        heard = [*self.events] if not silent else []
        self.events.clear()
        if silent and not self.silent and now_s >= behaviour.silent_from_s + LINK_TIMEOUT_S:
            self.silent = True
            heard = [LinkLost(drone=self.id, at_s=now_s, silent_s=LINK_TIMEOUT_S)]
        if not silent:
            if self.silent:
                self.silent = False
                heard.insert(0, LinkRestored(drone=self.id, at_s=now_s))
            left = (self.state.battery_remaining_pct or 100) - (behaviour.battery_pct_per_s * STEP_S if self.state.armed else 0)
            self.state = replace(self.state, heard_s=now_s, position_s=now_s, battery_remaining_pct=round(left, 3))  # type: ignore[arg-type]
            heard.append(Telemetry(drone=self.id, at_s=now_s, state=self.state))
        return heard

    def _place(self, place: LatLon, amsl_m: float | None = None) -> None:
        ground_m = self.plan.base(self.plan.drone(self.id).base).elevation_m
        self.state = replace(self.state, position=place, alt_amsl_m=ground_m if amsl_m is None else amsl_m)

    def _base(self) -> LatLon:
        base = self.mission.start_base if self.mission is not None else self.plan.drone(self.id).base
        return self.plan.base(base).location

    def _say(self, event: FleetEvent) -> None:
        self.events.append(event)


def _lane_events(sortie: Sortie) -> list[tuple[float, type[LaneStarted] | type[LaneFinished], str]]:
    """What happens how long after the take-off."""
    return [
        (instant_s - sortie.start_s, kind, run.lane)
        for run in lane_runs(sortie)
        for instant_s, kind in ((sortie.legs[run.first].start_s, LaneStarted), (sortie.legs[run.last].end_s, LaneFinished))
    ]


class FakeFleet:
    """The door that mission control uses (`missions.control.host.FleetDoor`), with drones of this file behind it."""

    def __init__(self, plan: Plan, behaviours: dict[str, Behaviour] | None = None) -> None:
        self.plan = plan
        frame = LocalFrame.around([plan.area])
        self.drones = {drone.id: FakeDrone(plan, drone.id, (behaviours or {}).get(drone.id, Behaviour()), frame) for drone in plan.drones}
        self.now_s = 0.0
        self.asked: list[tuple[float, str, str]] = []
        self.ways_home: list[SortieMission] = []
        #: The plan that is flown, when it may change.
        self.current: Callable[[], Plan] = lambda: plan

    async def step(self) -> Sequence[FleetEvent]:
        self.now_s += STEP_S
        return [event for drone in self.drones.values() for event in drone.step(self.now_s)]

    def upload(self, drone: str, mission: SortieMission, airspace: Airspace | None = None) -> None:
        del airspace
        sortie = next(sortie for sortie in self.current().sorties if sortie.id == mission.sortie)
        self._ask("upload", drone).upload(sortie, self.now_s)

    def launch(self, drone: str) -> None:
        self._ask("launch", drone).launch(self.now_s)

    def change_mission(self, drone: str, order: ChangeOrder) -> None:
        if order.is_way_home:
            self.ways_home.append(order.mission)
            self._ask("way_home", drone).fly_way_home(order.mission.sortie, self.now_s)
            return
        sortie = next(sortie for sortie in self.current().sorties if sortie.id == order.mission.sortie)
        self._ask("change_mission", drone).change(sortie, self.now_s)

    def recall(self, drone: str, *, retrace: bool = False) -> None:
        self._ask("retrace" if retrace else "recall", drone).go_home(self.now_s)

    def land(self, drone: str) -> None:
        self._ask("land", drone).land(self.now_s)

    def pause(self, drone: str) -> None:
        self._ask("pause", drone).pause(True)

    def resume(self, drone: str) -> None:
        self._ask("resume", drone).pause(False)

    def go_to(self, drone: str, place: LatLon | None, height_m: float | None) -> None:
        self._ask(f"go_to {place} {height_m}", drone).pause(True)

    def change_speed(self, drone: str, speed_mps: float) -> None:
        self._ask(f"speed {speed_mps:g}", drone)

    def hand_back(self, drone: str) -> None:
        self._ask("hand_back", drone)

    def battery_swapped(self, drone: str) -> None:
        self._ask("battery_swapped", drone)

    def when(self, what: str, drone: str) -> list[float]:
        """The instants at which this was asked of the drone."""
        return [at_s for at_s, name, who in self.asked if (name, who) == (what, drone)]

    def _ask(self, what: str, drone: str) -> FakeDrone:
        self.asked.append((self.now_s, what, drone))
        return self.drones[drone]
