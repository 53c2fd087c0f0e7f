"""What a plan asks of each nation and each drone: sorties, kilometres, hours, energy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from planner.geo import path_length_m
from planner.model import Plan, Sortie


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """Work in a plan: horizontal length of all legs, time in the air, and energy."""

    sorties: int
    length_m: float
    airborne_s: float
    energy_wh: float


@dataclass(frozen=True, kw_only=True, slots=True)
class NationLoads:
    """One nation's work, in all and per drone; drones that stay on the ground are there too."""

    nation: str
    name: str
    total: Load
    drones: tuple[tuple[str, Load], ...]


def nation_loads(plan: Plan) -> tuple[NationLoads, ...]:
    """The work of every nation that has drones, in the plan's order."""
    found = []
    for nation in plan.nations:
        drones = tuple((drone.id, load_of(plan.sorties_of(drone.id))) for drone in plan.drones if drone.nation == nation.id)
        if drones:
            found.append(NationLoads(nation=nation.id, name=nation.name, total=_sum(load for _, load in drones), drones=drones))
    return tuple(found)


def total_load(loads: Iterable[NationLoads]) -> Load:
    """The work of all."""
    return _sum(nation.total for nation in loads)


def load_of(sorties: Sequence[Sortie]) -> Load:
    """The work of some sorties."""
    return Load(
        sorties=len(sorties),
        length_m=sum(path_length_m(leg.points) for sortie in sorties for leg in sortie.legs),
        airborne_s=sum(sortie.end_s - sortie.start_s for sortie in sorties),
        energy_wh=sum(sortie.energy_wh for sortie in sorties),
    )


def _sum(loads: Iterable[Load]) -> Load:
    loads = list(loads)
    return Load(
        sorties=sum(load.sorties for load in loads),
        length_m=sum(load.length_m for load in loads),
        airborne_s=sum(load.airborne_s for load in loads),
        energy_wh=sum(load.energy_wh for load in loads),
    )
