"""Whether a drone may take off now: never before the plan's spacing, never into others' way, whatever is late.

A plan on time is free of conflicts. In flight everybody is late by a different amount, so a launch is held until the drone
before it at the base left long enough ago and the forecast (the plan's own courses, each shifted by how late its drone is)
stays apart for the whole sortie. Who does not follow the plan any more must not be over the base.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from missions.control.itinerary import Course, Itinerary, Minima, conflict_s, itinerary
from missions.control.params import ControlParams
from planner.geo import LatLon, LocalFrame, geodesic_m
from planner.model import Base, Plan, Sortie


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Somebody in the air, or about to be. `sortie` is None when the plan no longer tells where it goes.

    `inbound` is on its way to a landing: how long that takes, the plan knows least of all.
    """

    drone: str
    position: LatLon | None
    amsl_m: float | None
    sortie: Sortie | None
    delay_s: float = 0.0
    inbound: bool = False


@dataclass(slots=True)
class _Departure:
    sortie: Sortie
    asked_s: float
    departed_s: float | None = None


@dataclass(slots=True)
class LaunchGate:
    """Instants are patrol seconds."""

    plan: Plan
    frame: LocalFrame
    params: ControlParams
    minima: Minima
    _itineraries: dict[str, Itinerary] = field(default_factory=dict)
    _last: dict[str, _Departure] = field(default_factory=dict)
    _latency_s: float | None = None

    @property
    def latency_s(self) -> float:
        """How long after the command a drone begins to climb, as the last one showed."""
        return self._latency_s if self._latency_s is not None else self.params.usual_launch_s

    def launched(self, sortie: Sortie, patrol_s: float) -> None:
        """The launch command was given."""
        self._last[sortie.start_base] = _Departure(sortie, patrol_s)

    def departed(self, sortie: Sortie, patrol_s: float) -> None:
        """Its take-off has begun."""
        departure = self._last.get(sortie.start_base)
        if departure is not None and departure.sortie is sortie and departure.departed_s is None:
            departure.departed_s = patrol_s
            self._latency_s = patrol_s - departure.asked_s

    def given_up(self, sortie: Sortie) -> None:
        """The launch failed: the next one need not wait for it."""
        departure = self._last.get(sortie.start_base)
        if departure is not None and departure.sortie is sortie and departure.departed_s is None:
            del self._last[sortie.start_base]

    def hindrance(self, sortie: Sortie, patrol_s: float, due_s: float, traffic: Sequence[Traffic]) -> str:
        """Why the sortie may not be launched now; empty when it may. It was due at `due_s`."""
        others = [other for other in traffic if other.drone != sortie.drone]
        patient = patrol_s - due_s < self.params.launch_patience_s
        foreseen = [other for other in others if patient and other.sortie is not None]
        unforeseen = [other for other in others if other.inbound or other not in foreseen]
        return (
            self._too_soon_after_the_one_before(sortie, patrol_s)
            or self._over_the_base(sortie, unforeseen)
            or self._forecast(sortie, patrol_s, foreseen)
        )

    def _too_soon_after_the_one_before(self, sortie: Sortie, patrol_s: float) -> str:
        before = self._last.get(sortie.start_base)
        if before is None:
            return ""
        if before.departed_s is None:
            return f"{before.sortie.drone} is about to take off from {sortie.start_base}"
        planned_s = sortie.start_s - before.sortie.start_s
        return f"{before.sortie.drone} took off just before" if patrol_s - before.departed_s < planned_s else ""

    def _over_the_base(self, sortie: Sortie, traffic: Sequence[Traffic]) -> str:
        base = self.plan.base(sortie.start_base)
        top_m = base.elevation_m + max(point.height_m for leg in sortie.legs[:1] for point in leg.points)
        near = (other.drone for other in traffic if self._in_column(other, base, top_m))
        return next((f"{drone} is over {base.id}" for drone in near), "")

    def _in_column(self, other: Traffic, base: Base, top_m: float) -> bool:
        limits = self.plan.limits
        if other.position is None or other.amsl_m is None or other.amsl_m >= top_m + limits.min_vertical_separation_m:
            return False
        radius_m = self.params.approach_m if other.inbound else limits.min_separation_m
        return geodesic_m(other.position, base.location) < radius_m

    def _forecast(self, sortie: Sortie, patrol_s: float, traffic: Sequence[Traffic]) -> str:
        """Whether it would meet anybody, be it in the air at once or as late as the last one was."""
        for latency_s in dict.fromkeys((0.0, self.latency_s)):
            ours = Course(itinerary=self._itinerary(sortie), delay_s=patrol_s + latency_s - sortie.start_s)
            for other in traffic:
                assert other.sortie is not None
                theirs = Course(itinerary=self._itinerary(other.sortie), delay_s=other.delay_s)
                meet_s = conflict_s(ours, theirs, from_s=patrol_s, minima=self.minima)
                if meet_s is not None:
                    return f"it would meet {other.drone} in {meet_s - patrol_s:.0f} s"
        return ""

    def _itinerary(self, sortie: Sortie) -> Itinerary:
        if sortie.id not in self._itineraries:
            self._itineraries[sortie.id] = itinerary(self.plan, sortie, self.frame)
        return self._itineraries[sortie.id]
