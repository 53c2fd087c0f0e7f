"""Sorties that are flown many times: written once for each drone, then copied with names, lanes and times of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from planner import cost
from planner.geo import LocalFrame, geodesic_m
from planner.model import Base, Drone, DroneType, Lane, Leg, LegKind, Sortie, Wind
from planner.relief.surface import FlyingSurface
from planner.revisit.rounds import TeamRound
from planner.timetable.later_launches import Course, CourseSampler
from planner.timetable.schedule import DroneDay, LegWriter, shifted


@dataclass(frozen=True, slots=True)
class Flight:
    """A sortie that takes off at 0, with its lanes and where it is when."""

    sortie: Sortie
    lanes: tuple[Lane, ...]
    course: Course

    @property
    def first_seen_s(self) -> float:
        """When it sees something for the first time."""
        return next((leg.start_s for leg in self.sortie.legs if leg.kind is LegKind.SWEEP), self.sortie.end_s)


@dataclass(slots=True)
class Hangar:
    """Writes each flight of each drone once, and numbers what is flown."""

    frame: LocalFrame
    wind: Wind
    sampler: CourseSampler
    surfaces: Mapping[str, FlyingSurface] = field(default_factory=dict)
    _written: dict[tuple[str, int, int, int, float], Flight] = field(default_factory=dict)
    _lanes: dict[str, int] = field(default_factory=dict)
    _sorties: dict[str, int] = field(default_factory=dict)

    def flight(self, each: TeamRound, drone: Drone, base: Base, height_m: float, number: int, rounds: int, hold_s: float = 0.0) -> Flight:
        """The `number`-th sortie of the round, gone round so many times by this drone, which waits so long on its way."""
        name = (drone.id, each.key, number, rounds, hold_s)
        if name not in self._written:
            day = DroneDay(
                drone=drone,
                drone_type=each.team.drone_type,
                base=base,
                base_index=each.work.bases.index(drone.base),
                height_m=height_m,
                ways=each.work.ways[drone.type],
                surface=self.surfaces.get(drone.type),
            )
            writer = LegWriter(self.frame, self.wind, drone.nation)
            sortie = writer.sortie(day, 1, each.sorties[number] * rounds, each.work.pieces)
            if hold_s > 0:
                sortie = _held(sortie, hold_s, each.team.drone_type)
            self._written[name] = Flight(sortie, tuple(writer.lanes), self.sampler.course(sortie))
        return self._written[name]

    def launched(self, flight: Flight, at_s: float) -> tuple[Sortie, tuple[Lane, ...]]:
        """The flight at its time, under a name of its own, on lanes of its own: every visit counts for itself."""
        nation, drone = flight.sortie.nation, flight.sortie.drone
        first = self._lanes.get(nation, 0)
        names = {lane.id: f"{nation}-{first + place:03d}" for place, lane in enumerate(flight.lanes, start=1)}
        self._lanes[nation] = first + len(names)
        self._sorties[drone] = self._sorties.get(drone, 0) + 1
        moved = shifted(flight.sortie, at_s)
        legs = tuple(replace(leg, lane=names[leg.lane]) if leg.lane is not None else leg for leg in moved.legs)
        lanes = tuple(replace(lane, id=names[lane.id]) for lane in flight.lanes)
        return replace(moved, id=f"{drone}-s{self._sorties[drone]}", legs=legs), lanes


def _held(sortie: Sortie, hold_s: float, drone_type: DroneType) -> Sortie:
    """The sortie with a wait where a lane ends farthest from the base: there it is in nobody's way."""
    home = sortie.legs[0].start
    lanes = [index for index, leg in enumerate(sortie.legs) if leg.kind is LegKind.SWEEP]
    last = max(lanes, key=lambda index: geodesic_m(home, sortie.legs[index].end))
    before, after = sortie.legs[: last + 1], sortie.legs[last + 1 :]
    at, from_s = before[-1].end, before[-1].end_s
    energy_wh = cost.energy_wh(drone_type, LegKind.HOLD, hold_s)
    hold = Leg(kind=LegKind.HOLD, start=at, end=at, start_s=from_s, end_s=from_s + hold_s, energy_wh=energy_wh)
    later = [replace(leg, start_s=leg.start_s + hold_s, end_s=leg.end_s + hold_s) for leg in after]
    return replace(sortie, legs=(*before, hold, *later), end_s=sortie.end_s + hold_s, energy_wh=sortie.energy_wh + energy_wh)


def lasts(flight: Flight, drone_type: DroneType) -> bool:
    """Whether a battery lasts for it."""
    sortie = flight.sortie
    return sortie.end_s <= drone_type.usable_endurance_s and sortie.energy_wh <= drone_type.usable_energy_wh
