"""Ways to share a nation's ground among its types of drone: generators of candidates, which the routes then decide between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from planner.model import DroneType
from planner.sectors.partition import bands, part_before

#: Parts of the ground smaller than this are not worth a cut.
_LEAST_PART = 0.01
#: Types that see at least this part of what the widest sees may share lanes; below it too many lanes would be laid.
_ALIKE = 0.6
#: Who reaches less than this part of what the strongest does may hinder more than help: then that one alone is a candidate too.
_SHORT_OF_BREATH = 0.5
#: Ground so many times as long as it is wide is cut beside bases, which leaves no smaller part of it than this.
_SLENDER = 6.0
_STUB = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class TypeGroup:
    """A nation's drones of one type: what they can do together, and where they start on average (metres)."""

    drone_type: DroneType
    count: int
    place: tuple[float, float]

    @property
    def strength(self) -> float:
        """Ground swept per second of a day, battery swaps counted."""
        flown_s = self.drone_type.usable_endurance_s
        return self.count * self.drone_type.swath_m * self.drone_type.cruise_mps * flown_s / (flown_s + self.drone_type.battery_swap_s)

    @property
    def reach_m(self) -> float:
        return self.drone_type.usable_endurance_s * self.drone_type.cruise_mps


#: Which type lays its lanes over which ground. Wider-seeing types may still serve the lanes of narrower ones.
Arrangement = tuple[tuple[DroneType, BaseGeometry], ...]


def arrangements(ground: BaseGeometry, groups: Sequence[TypeGroup]) -> Iterator[Arrangement]:
    """Candidates, the plainest first. With one type there is one."""
    if len(groups) == 1 or ground.is_empty:
        yield tuple((group.drone_type, ground if index == 0 else shapely.Polygon()) for index, group in enumerate(groups))
        return
    ordered = sorted(groups, key=lambda group: part_before(ground, group.place))
    yield side_by_side(ground, ordered)
    yield side_by_side(ground, ordered[::-1])
    yield nested(ground, groups)
    strongest = max(groups, key=lambda group: (group.strength, group.drone_type.id))
    if any(group.reach_m < _SHORT_OF_BREATH * strongest.reach_m for group in groups):
        yield ((strongest.drone_type, ground),)
    swaths_m = [group.drone_type.swath_m for group in groups]
    if min(swaths_m) >= _ALIKE * max(swaths_m):
        yield for_anyone(ground, groups)


def side_by_side(ground: BaseGeometry, groups: Sequence[TypeGroup]) -> Arrangement:
    """One band each along the ground, as wide as the group is strong."""
    total = sum(group.strength for group in groups)
    cuts = [float(part) for part in accumulate(group.strength / total for group in groups)][:-1]
    return tuple((group.drone_type, band) for group, band in zip(groups, bands(ground, cuts), strict=True))


def nested(ground: BaseGeometry, groups: Sequence[TypeGroup]) -> Arrangement:
    """The type of least reach sweeps around its own base, the next around that, and so on outwards."""
    inner_first = sorted(groups, key=lambda group: (group.reach_m, group.drone_type.id))
    total = sum(group.strength for group in groups)
    first = last = float(np.clip(part_before(ground, inner_first[0].place), 0.0, 1.0))
    edges: list[tuple[float, float, DroneType]] = []
    for group in inner_first:
        part = group.strength / total
        new_first = min(max(0.0, first - part / 2), max(0.0, 1.0 - (last - first) - part))
        new_last = min(1.0, new_first + (last - first) + part)
        edges += [(new_first, first, group.drone_type), (last, new_last, group.drone_type)]
        first, last = new_first, new_last
    kept = sorted((start, end, drone_type.id, drone_type) for start, end, drone_type in edges if end - start > _LEAST_PART)
    cuts = [start for start, _, _, _ in kept[1:]]
    return tuple((drone_type, band) for (_, _, _, drone_type), band in zip(kept, bands(ground, cuts), strict=True))


def for_anyone(ground: BaseGeometry, groups: Sequence[TypeGroup]) -> Arrangement:
    """Lanes as narrow as the type that sees least needs them, so that every drone can serve every lane."""
    narrowest = min((group.drone_type for group in groups), key=lambda drone_type: (drone_type.swath_m, drone_type.id))
    return ((narrowest, ground),)


def beside_bases(arrangement: Arrangement, bases: Sequence[tuple[float, float]]) -> Arrangement:
    """Long ground cut across where a base lies beside it: lanes are straight, a border is not, and a sortie sweeps to one side."""
    found: list[tuple[DroneType, BaseGeometry]] = []
    for drone_type, part in arrangement:
        before = {part_before(part, base) for base in bases} if _is_slender(part) else set()
        found += [(drone_type, ground) for ground in bands(part, sorted(cut for cut in before if _STUB < cut < 1 - _STUB))]
    return tuple(found)


def _is_slender(ground: BaseGeometry) -> bool:
    if ground.is_empty:
        return False
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(ground))
    sides_m = np.hypot(*np.diff(corners[:3], axis=0).T)
    return bool(sides_m.max() > _SLENDER * sides_m.min())
