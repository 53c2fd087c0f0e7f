"""Notice when lanes are nobody's any more, have the rest of the patrol planned anew, and keep the proposal until it is decided on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import shapely

from missions.control.actions import Replan
from missions.control.drive import Drive
from missions.control.messages import CloseArea, DronePhase, ReplanProposed, SortieChange, StandingRule
from missions.control.programme import Programme
from planner.flown_so_far import Progress
from planner.geo import Geographic, LatLon, LocalFrame
from planner.model import KeepOut, LegKind, Plan, Rule, Sortie

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

    def is_stale(self, programmes: Iterable[Programme]) -> bool:
        """Whether a sortie has begun since that the proposal does not have."""
        kept = {sortie.id for sortie in self.plan.sorties}
        begun = ((programme.progress.sortie, programme.progress.broken_off) for programme in programmes if programme.under_way)
        return any(sortie is not None and sortie.id not in kept | broken_off for sortie, broken_off in begun)


@dataclass(slots=True)
class Retasking:
    """One patrol's. `due` says when a plan is to be computed, `proposed` what came of it."""

    rule: StandingRule
    frame: LocalFrame
    open: Proposal | None = None
    closed: tuple[KeepOut, ...] = ()
    number: int = 0
    _computing: bool = False
    _planned_closures: int = 0
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

    def due(self, plan: Plan, programmes: Mapping[str, Programme], patrol_s: float) -> Replan | None:
        """What to compute, when lanes have become nobody's since the last time."""
        if self.rule is StandingRule.NEVER or self._computing or self.open is not None:
            return None
        left = self._orphans(programmes.values())
        if left <= self._known:
            return None
        self._known = self._known | left
        self._computing = True
        out = tuple(sorted(drone for drone, programme in programmes.items() if not _goes_on(programme)))
        return Replan(plan=plan, progress=_progress(programmes, patrol_s), withdrawn=out, closed=self.closed[self._planned_closures :])

    def proposed(self, old: Plan, new: Plan, now_s: float) -> ReplanProposed:
        """The proposal as people see it."""
        self._computing = False
        self.number += 1
        before = {sortie.id: sortie for sortie in old.sorties}
        after = {sortie.id for sortie in new.sorties}
        told = ReplanProposed(
            at_s=now_s,
            proposal=self.number,
            added=tuple(_change(sortie) for sortie in new.sorties if sortie.id not in before),
            shortened=tuple(sortie.id for sortie in new.sorties if sortie.id in before and len(sortie.legs) < len(before[sortie.id].legs)),
            dropped=tuple(sortie for sortie in before if sortie not in after),
            uncovered=tuple(each.reason for each in new.unreachable if each not in old.unreachable),
            violations=tuple(violation.text for violation in new.violations),
            coverage=new.result.coverage,
            makespan_s=new.result.makespan_s,
        )
        self.open = Proposal(number=self.number, plan=new, told=told, bearable=_is_bearable(old, new))
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


def _change(sortie: Sortie) -> SortieChange:
    return SortieChange(sortie=sortie.id, drone=sortie.drone, start_s=sortie.start_s, end_s=sortie.end_s, lanes=_lanes(sortie))
