"""Notice when lanes are nobody's any more, have the rest of the patrol planned anew, and keep the proposal until it is decided on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import shapely

from missions.control.actions import Replan
from missions.control.drive import Drive
from missions.control.lane_names import common_legs, old_name
from missions.control.messages import CloseArea, DronePhase, ReplanProposed, SortieChange, StandingRule
from missions.control.params import ControlParams
from missions.control.programme import Programme
from planner.geo import Geographic, LatLon, LocalFrame
from planner.model import KeepOut, LegKind, Plan, Rule, Sortie
from planner.replanning.flown_so_far import InTheAir, Progress
from planner.timetable.sortie_names import version_in

#: What a standing rule may accept without a person: less ground than asked for, which the proposal names.
_BEARABLE = frozenset({Rule.COVERAGE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A changed plan that waits for a decision."""

    number: int
    plan: Plan
    told: ReplanProposed | None = None
    bearable: bool = False
    """Whether nothing but coverage is shorter than it was."""
    in_the_air: Mapping[str, InTheAir] = field(default_factory=dict)
    """Drones that were thought to be able to go on otherwise."""

    def is_stale(self, programmes: Mapping[str, Programme]) -> bool:
        """Whether a sortie has begun since that the proposal does not have, or one is past the place where it is changed."""
        kept = {sortie.id for sortie in self.plan.sorties}
        for drone, programme in programmes.items():
            sortie, air = programme.progress.sortie, self.in_the_air.get(drone)
            if not programme.under_way or sortie is None or sortie.id in kept | programme.progress.broken_off:
                continue
            if air is None or air.sortie != sortie.id or not can_change(programme) or programme.progress.is_past(air.last_leg):
                return True
        return False


@dataclass(slots=True)
class Retasking:
    """One patrol's. `due` says when a plan is to be computed, `proposed` what came of it."""

    params: ControlParams
    frame: LocalFrame
    open: Proposal | None = None
    closed: tuple[KeepOut, ...] = ()
    number: int = 0
    _computing: bool = False
    _planned_closures: int = 0
    _in_the_air: Mapping[str, InTheAir] = field(default_factory=dict)
    _known: frozenset[str] = frozenset()
    _barred: dict[tuple[int, int], str] = field(default_factory=dict)

    def close(self, area: CloseArea) -> None:
        """From now on nobody is launched through it."""
        polygon = shapely.Polygon(area.ring)
        self.closed = (*self.closed, KeepOut(id=area.name, polygon=Geographic(polygon), buffer_m=area.buffer_m))

    def in_the_way(self, sortie: Sortie, from_leg: int = 0) -> str:
        """The closed area that the sortie would cross from this leg on; empty when none."""
        points = [self.frame.point_to_local(point.ground) for leg in sortie.legs[from_leg:] for point in leg.points]
        if not self.closed or len(points) < 2:
            return ""
        line = shapely.LineString(points)
        shapes = ((each.id, self.frame.ground(each.polygon).buffer(each.buffer_m)) for each in self.closed)
        return next((name for name, shape in shapes if line.intersects(shape)), "")

    def barred(self, sortie: Sortie) -> str:
        """As `in_the_way` for a whole sortie, remembered; empty for one that was planned around what is closed."""
        key = (id(sortie), len(self.closed))
        if key not in self._barred:
            self._barred[key] = self.in_the_way(sortie)
        return self._barred[key]

    def due(self, plan: Plan, programmes: Mapping[str, Programme], patrol_s: float, now_s: float) -> Replan | None:
        """What to compute, when lanes have become nobody's since the last time."""
        rule = self.params.standing_rule
        if rule is StandingRule.NEVER or self._computing or self.open is not None:
            return None
        left = self._orphans(programmes.values())
        if left <= self._known:
            return None
        self._known = self._known | left
        self._computing = True
        out = tuple(sorted(drone for drone, programme in programmes.items() if not _goes_on(programme)))
        lead_s = self.params.decide_s[rule]
        found = {drone: _in_the_air(programme, patrol_s, patrol_s + lead_s, now_s) for drone, programme in programmes.items()}
        self._in_the_air = {
            drone: air for drone, air in found.items() if air is not None and not self._prefix_is_barred(programmes[drone], air)
        }
        progress = replace(_progress(programmes, patrol_s), in_the_air=self._in_the_air)
        return Replan(plan=plan, progress=progress, withdrawn=out, closed=self.closed[self._planned_closures :])

    def _prefix_is_barred(self, programme: Programme, air: InTheAir) -> bool:
        sortie = programme.progress.sortie
        return sortie is not None and bool(self.in_the_way(replace(sortie, legs=sortie.legs[: air.last_leg + 1])))

    def proposed(self, old: Plan, new: Plan, now_s: float) -> ReplanProposed:
        """The proposal as people see it."""
        self._computing = False
        self.number += 1
        before = {sortie.id: sortie for sortie in old.sorties}
        after = {sortie.id for sortie in new.sorties}
        versions = {found.id for sortie in new.sorties if (found := version_in(old, sortie.drone, sortie)) is not None}
        told = ReplanProposed(
            at_s=now_s,
            proposal=self.number,
            added=tuple(_change(sortie, old, new) for sortie in new.sorties if sortie.id not in before),
            shortened=tuple(sortie.id for sortie in new.sorties if sortie.id in before and len(sortie.legs) < len(before[sortie.id].legs)),
            dropped=tuple(sortie for sortie in before if sortie not in after and sortie not in versions),
            uncovered=tuple(each.reason for each in new.unreachable if each not in old.unreachable),
            violations=tuple(violation.text for violation in new.violations),
            coverage=new.result.coverage,
            makespan_s=new.result.makespan_s,
        )
        self.open = Proposal(number=self.number, plan=new, told=told, bearable=_is_bearable(old, new), in_the_air=self._in_the_air)
        return told

    def failed(self) -> None:
        """No plan could be made."""
        self._computing = False

    def decide(self, *, accepted: bool) -> None:
        """The open proposal is done with."""
        self.open = None
        if accepted:
            self._planned_closures = len(self.closed)

    def look_again(self) -> None:
        """Things have changed since the proposal was made."""
        self.open, self._known = None, frozenset()

    def _orphans(self, programmes: Iterable[Programme]) -> frozenset[str]:
        """Lanes that nobody has swept or will."""
        left: set[str] = set()
        promised: set[str] = set()
        for programme in programmes:
            progress = programme.progress
            left |= set(progress.missed())
            for place, sortie in enumerate(progress.sorties):
                in_flight = place == progress.index and programme.under_way
                if place < progress.index or sortie.id in progress.broken_off:
                    continue
                if in_flight or (_goes_on(programme) and not self.barred(sortie)):
                    promised |= set(_lanes(sortie))
        return frozenset(left - promised)


def can_change(programme: Programme) -> bool:
    """Whether its mission may be changed in flight at all: it flies its sortie, and nobody else has a hand in it."""
    return programme.phase is DronePhase.FLYING and programme.automatic and not programme.changing and programme.silent_s is None


def _in_the_air(programme: Programme, patrol_s: float, from_s: float, now_s: float) -> InTheAir | None:
    """After which lane it could go on otherwise, from this second of the patrol on."""
    heard_s, sortie = programme.state.heard_s, programme.progress.sortie
    last_leg = programme.progress.next_change_leg(from_s)
    fresh = heard_s is not None and now_s - heard_s <= programme.params.following.old_s
    if sortie is None or last_leg is None or not can_change(programme) or not fresh or sortie.id in programme.progress.broken_off:
        return None
    return InTheAir(sortie=sortie.id, last_leg=last_leg, lost_s=_tired_s(programme, sortie, patrol_s))


def _tired_s(programme: Programme, sortie: Sortie, patrol_s: float) -> float:
    """Endurance that a battery does not have when it is emptied faster than planned."""
    left_pct = programme.state.battery_remaining_pct
    kind = programme.plan.drone_type(programme.plan.drone(programme.drone).type)
    flown_s = patrol_s - programme.progress.delay_s
    planned_wh = sum(
        leg.energy_wh * min(1.0, (flown_s - leg.start_s) / (leg.end_s - leg.start_s)) for leg in sortie.legs if leg.start_s < flown_s
    )
    if left_pct is None or planned_wh < _TELLING_PART * kind.battery_wh:
        return 0.0
    drawn_wh = (100 - left_pct) / 100 * kind.battery_wh
    return kind.usable_endurance_s * max(0.0, 1.0 - planned_wh / drawn_wh) if drawn_wh > planned_wh else 0.0


#: A battery gauge in whole percent says nothing of a flight that has just begun.
_TELLING_PART = 0.1


def _is_bearable(old: Plan, new: Plan) -> bool:
    known = {(violation.rule, violation.subject) for violation in old.violations}
    return all(violation.rule in _BEARABLE or (violation.rule, violation.subject) in known for violation in new.violations)


def _goes_on(programme: Programme) -> bool:
    """Whether it will fly further sorties by itself."""
    grounded = programme.phase is DronePhase.DONE or (programme.phase is DronePhase.HELD and not programme.airborne)
    finished = programme.phase is DronePhase.DONE and programme.progress.sortie is None and programme.final is None
    return programme.drive is not Drive.OVER and (finished or not grounded)


def _progress(programmes: Mapping[str, Programme], patrol_s: float) -> Progress:
    begun: set[str] = set()
    broken: set[str] = set()
    swept: set[str] = set()
    stopped: dict[str, LatLon] = {}
    for programme in programmes.values():
        progress = programme.progress
        begun |= {sortie.id for sortie in progress.sorties[: progress.index + programme.under_way]}
        broken |= progress.broken_off
        swept |= progress.swept()
        stopped |= progress.stopped
    return Progress(
        now_s=patrol_s,
        begun=frozenset(begun),
        broken_off=frozenset(broken),
        swept=frozenset(swept),
        stopped={lane: place for lane, place in stopped.items() if lane not in swept},
        delay_s={drone: programme.progress.delay_s for drone, programme in programmes.items() if programme.under_way},
    )


def _lanes(sortie: Sortie) -> tuple[str, ...]:
    return tuple(leg.lane for leg in sortie.legs if leg.kind is LegKind.SWEEP and leg.lane is not None)


def _change(sortie: Sortie, old: Plan, new: Plan) -> SortieChange:
    earlier = version_in(old, sortie.drone, sortie)
    as_before = _lanes(replace(sortie, legs=common_legs(earlier, sortie))) if earlier is not None else ()
    lanes = _lanes(sortie)[len(as_before) :]
    return SortieChange(
        sortie=sortie.id,
        drone=sortie.drone,
        start_s=sortie.start_s,
        end_s=sortie.end_s,
        lanes=lanes,
        was=tuple(old_name(new, lane, old) for lane in lanes),
        instead_of=earlier.id if earlier is not None else "",
    )
