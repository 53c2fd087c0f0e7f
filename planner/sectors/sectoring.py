"""Which sectors a mission's agreement means: the mode it names, and for `balanced` a few drafts that correct the estimate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from planner.airspace import Airspace, nation_types
from planner.model import MissionSpec, PartitionMode
from planner.sectors.allotment import sight
from planner.sectors.bands import is_long
from planner.sectors.division import Division, by_effort, by_shares, by_territory
from planner.sectors.effort import scaled, seconds_per_m2, seconds_per_m2_along

#: From sectors to when each nation's last drone is home, seconds: a draft.
Drafts = Callable[[Mapping[str, BaseGeometry]], Mapping[str, float]]


@dataclass(frozen=True, kw_only=True, slots=True)
class SectorParams:
    """`drafts` are flown to balance, fewer when nations finish within the part `alike` of each other."""

    drafts: int = 3
    alike: float = 0.03


def divide(
    spec: MissionSpec,
    airspace: Airspace,
    finish_s: Drafts,
    params: SectorParams | None = None,
    *,
    slower: Mapping[str, float] | None = None,
) -> Division:
    """The sectors by nation; they tile the area. Where GEOS fails on them each nation keeps its own ground, and a note says so. `slower` is
    how many times as long as estimated nations take for ground that is long, where no drafts are flown.
    """
    try:
        return _divided(spec, airspace, finish_s, params or SectorParams(), slower or {})
    except shapely.GEOSException:
        mode = spec.agreement.partition.value
        note = f"sectors are by territory: the geometry library failed to cut the area by {mode}"
        return replace(by_territory(airspace), notes=(note,))


def _divided(spec: MissionSpec, airspace: Airspace, finish_s: Drafts, params: SectorParams, slower: Mapping[str, float]) -> Division:
    overlap = max((patrol.side_overlap for patrol in spec.patrols), default=0.0)
    active = [nation.id for nation in spec.nations if nation_types(spec, nation.id)]
    sights = {nation: sight(spec, nation, airspace.flyable[nation], overlap) for nation in active}
    match spec.agreement.partition:
        case PartitionMode.TERRITORY:
            return by_territory(airspace)
        case PartitionMode.EQUIDISTANCE:
            note = "sectors are notional: every place belongs to the nation whose coast is nearest, no agreement says so"
            return replace(by_territory(airspace), notes=(note,))
        case PartitionMode.SHARES:
            return by_shares(spec, airspace, sights)
        case PartitionMode.BALANCED:
            return _balanced(spec, airspace, sights, finish_s, params, slower)


def _balanced(
    spec: MissionSpec,
    airspace: Airspace,
    sights: Mapping[str, BaseGeometry],
    finish_s: Drafts,
    params: SectorParams,
    slower: Mapping[str, float],
) -> Division:
    """Sectors by estimate, drafted; whoever is home later than the others is taken to be slower than estimated, and so on. The
    estimate is good enough for ground that is long, where drafts would take longer than the plan.
    """
    if is_long(airspace.area):
        fleets = {nation: [drone for drone in spec.drones if drone.nation == nation] for nation in sights}
        estimates = {nation: seconds_per_m2_along(spec, airspace.frame, fleets[nation]) for nation in sights}
        return by_effort(airspace, sights, {nation: scaled(estimate, slower.get(nation, 1.0)) for nation, estimate in estimates.items()})
    factors = dict.fromkeys(sights, 1.0)
    tried: list[tuple[float, Division, Mapping[str, float]]] = []
    for _ in range(params.drafts):
        efforts = {nation: scaled(_seconds_per_m2(spec, airspace, nation), factors[nation]) for nation in sights}
        division = by_effort(airspace, sights, efforts)
        home_s = {nation: seconds for nation, seconds in finish_s(division.sectors).items() if seconds > 0}
        last_s = max(home_s.values(), default=0.0)
        tried.append((last_s, division, home_s))
        if len(home_s) < 2 or min(home_s.values()) >= (1 - params.alike) * last_s:
            break
        mean_s = sum(home_s.values()) / len(home_s)
        factors = {nation: factor * home_s.get(nation, mean_s) / mean_s for nation, factor in factors.items()}
    _, best, finished_s = min(tried, key=lambda each: each[0])
    return replace(best, notes=_balance_notes(finished_s, params))


def _seconds_per_m2(spec: MissionSpec, airspace: Airspace, nation: str) -> Callable[..., NDArray[np.float64]]:
    return seconds_per_m2(spec, airspace.frame, [drone for drone in spec.drones if drone.nation == nation])


def _balance_notes(home_s: Mapping[str, float], params: SectorParams) -> tuple[str, ...]:
    if len(home_s) < 2 or min(home_s.values()) >= (1 - 3 * params.alike) * max(home_s.values()):
        return ()
    last = max(home_s, key=lambda nation: home_s[nation])
    others = ", ".join(sorted(set(home_s) - {last}))
    return (f"balanced as far as permissions and drones allow: {last} works longest, {others} cannot take over enough of its ground",)
