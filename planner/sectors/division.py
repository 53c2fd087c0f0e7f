"""Cut the area into the nations' sectors as they agreed: by territory, by shares of the ground, or so that all finish together.

A nation's sector is its own ground, made larger into its neighbours' or smaller by them, each place going to whoever it is nearest
to of those that can see it (`frontiers`). So a sector grows from home, and nobody is given ground that it may not fly over.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from planner.airspace import Airspace
from planner.geo import polygons_of
from planner.model import MissionSpec
from planner.sectors.frontiers import Mesh, nearest_parts
from planner.sectors.partition import partition_by_territory

Floats = NDArray[np.float64]
#: From rows of east, north to what a square metre there takes.
SecondsAt = Callable[[Floats], Floats]


@dataclass(frozen=True, kw_only=True, slots=True)
class DivisionParams:
    """Weights are found in `steps` on `squares` of ground with places `per_square`, each step `shrink` times the last; `corrections`
    then make up for what the squares did not show, until shares are right to the part `close` of the agreed tolerance. Ground of
    less than `least_part` of the area does not count as a piece of a sector.
    """

    squares: int = 2_500
    per_square: int = 4
    steps: int = 300
    shrink: float = 0.97
    corrections: int = 4
    close: float = 0.1
    least_part: float = 1e-6


@dataclass(frozen=True, kw_only=True, slots=True)
class Division:
    """The sectors by nation, which tile the area (local metres), each nation's part of the work that was divided, and what a reader
    should know about it.
    """

    sectors: Mapping[str, BaseGeometry]
    parts: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def by_territory(airspace: Airspace) -> Division:
    """Each nation its own ground."""
    return Division(sectors=partition_by_territory(airspace.area, airspace.territory))


def by_shares(spec: MissionSpec, airspace: Airspace, sights: Mapping[str, BaseGeometry], params: DivisionParams | None = None) -> Division:
    """Sectors of the agreed parts of the coverable ground. `sights` is what each nation with drones can see."""
    agreed = {nation.id: nation.share or 0.0 for nation in spec.nations if nation.id in sights and nation.share}
    if len(agreed) < 2:
        return by_territory(airspace)
    cut = _between_nations(airspace, {nation: sights[nation] for nation in agreed}, params or DivisionParams())
    ones = {nation: np.ones(len(cut.ground_m2)) for nation in agreed}
    wanted = dict(agreed)
    best: Division | None = None
    for _ in range(cut.params.corrections + 1):
        sectors = cut.sectors(cut.weights({nation: ones[nation] / max(wanted[nation], 1e-9) for nation in agreed}))
        found = cut.parts(sectors)
        if best is None or _off(found, agreed) < _off(best.parts, agreed):
            best = Division(sectors=sectors, parts=found)
        if _off(found, agreed) < cut.params.close * spec.agreement.share_tolerance:
            break
        wanted = {nation: max(1e-6, wanted[nation] + agreed[nation] - found[nation]) for nation in agreed}
    assert best is not None
    return replace(best, notes=tuple(_share_notes(spec, cut, best, agreed)))


def by_effort(
    airspace: Airspace, sights: Mapping[str, BaseGeometry], seconds_per_m2: Mapping[str, SecondsAt], params: DivisionParams | None = None
) -> Division:
    """Sectors that take all nations equally long, as far as others can see the ground that is too much for one. `seconds_per_m2`
    tells what a nation's whole fleet takes for ground at places (rows of east, north).
    """
    if len(sights) < 2:
        return by_territory(airspace)
    cut = _between_nations(airspace, sights, params or DivisionParams())
    sectors = _equally_long(cut, seconds_per_m2)
    return Division(sectors=sectors, parts=cut.parts(sectors))


def among_bases(
    ground: BaseGeometry, places: Mapping[str, BaseGeometry], seconds_per_m2: Mapping[str, SecondsAt], params: DivisionParams | None = None
) -> Mapping[str, BaseGeometry]:
    """One nation's ground by base, each about as long to sweep for the drones that start there; it tiles the ground."""
    everywhere = dict.fromkeys(places, ground)
    return _equally_long(_Cut(ground, ground, {"": ground}, places, everywhere, params or DivisionParams()), seconds_per_m2)


def _equally_long(cut: _Cut, seconds_per_m2: Mapping[str, SecondsAt]) -> dict[str, BaseGeometry]:
    return cut.sectors(cut.weights({name: seconds_per_m2[name](cut.places) for name in cut.names}))


def _between_nations(airspace: Airspace, sights: Mapping[str, BaseGeometry], params: DivisionParams) -> _Cut:
    home = partition_by_territory(airspace.area, airspace.territory)
    near = {nation: _somewhere(airspace.territory[nation], airspace.flyable[nation]) for nation in sights}
    return _Cut(airspace.area, airspace.coverable, home, near, sights, params)


def _off(found: Mapping[str, float], agreed: Mapping[str, float]) -> float:
    return max(abs(found[nation] - share) for nation, share in agreed.items())


class _Cut:
    """What does not change while weights are looked for: places all over the ground, who can see them, how far they are from what
    each claimant is near to. `home` tiles the area; on its own part of it a claimant counts as at home wherever it is.
    """

    def __init__(
        self,
        area: BaseGeometry,
        coverable: BaseGeometry,
        home: Mapping[str, BaseGeometry],
        near: Mapping[str, BaseGeometry],
        sights: Mapping[str, BaseGeometry],
        params: DivisionParams,
    ) -> None:
        self.params, self.names, self.area = params, list(sights), area
        self._coverable, self._home = coverable, home
        self._sights = {name: area if seen is area else polygons_of(seen.intersection(area)) for name, seen in sights.items()}
        self.mesh = Mesh.over(area, about=params.squares)
        self._away_m = {name: self.mesh.distances_m(near[name]) for name in sights}
        self.places = self.mesh.scattered(self.mesh.corners, params.per_square)
        points = shapely.points(self.places)
        # Bases of one nation see the same ground.
        within = {id(ground): shapely.intersects(_prepared(ground), points) for ground in self._sights.values()}
        self._can = np.stack([within[id(self._sights[nation])] for nation in self.names])
        at_home = [shapely.intersects(_prepared(home.get(name, shapely.Polygon())), points) for name in self.names]
        away_m = [self.mesh.scattered(self._away_m[nation], params.per_square) for nation in self.names]
        self._cost_m = np.where(self._can, np.where(at_home, 0.0, away_m), np.inf)
        self.ground_m2 = np.repeat(_coverable_m2(self.mesh, coverable) / params.per_square, params.per_square)

    def weights(self, efforts: Mapping[str, Floats]) -> dict[str, float]:
        """Weights (metres) for which the nations' efforts, per square metre at each place, are as equal as can be."""
        loads = np.stack([efforts[nation] for nation in self.names]) * self.ground_m2
        seen = np.flatnonzero(self._can.any(axis=0) & (self.ground_m2 > 0))
        cost_m, loads = self._cost_m[:, seen], loads[:, seen]
        weights = np.zeros(len(self.names))
        west, south, east, north = self.area.bounds
        step_m = math.hypot(east - west, north - south) / 2
        best, kept = math.inf, weights
        for _ in range(self.params.steps):
            holder = np.argmin(cost_m - weights[:, None], axis=0)
            load = np.bincount(holder, loads[holder, np.arange(len(seen))], minlength=len(self.names))
            mean = float(load.mean())
            worst = float(np.abs(load - mean).max())
            if worst < best:
                best, kept = worst, weights
            if worst <= 1e-9 * mean:
                break
            weights = weights + step_m * (mean - load) / max(worst, 1e-12)
            step_m *= self.params.shrink
        return {nation: float(weight) for nation, weight in zip(self.names, kept - kept.mean(), strict=True)}

    def sectors(self, weights: Mapping[str, float]) -> dict[str, BaseGeometry]:
        """The sectors for these weights; ground that nobody sees stays with whose it is."""
        found: dict[str, list[BaseGeometry]] = {name: [] for name in (*self._home, *self.names)}
        for home, ground in self._home.items():
            for piece, able in self._by_sight(ground):
                if not able:
                    found[home].append(piece)
                    continue
                for nation, part in self._claimed(piece, home, able, weights).items():
                    found[nation].append(part)
        return self._in_one_piece({nation: polygons_of(shapely.union_all(parts)) for nation, parts in found.items()})

    def parts(self, sectors: Mapping[str, BaseGeometry]) -> dict[str, float]:
        """Each nation's part of the coverable ground that can be seen."""
        own_m2 = {nation: sectors[nation].intersection(self._coverable).intersection(self._sights[nation]).area for nation in self.names}
        whole_m2 = sum(own_m2.values())
        return {nation: own / whole_m2 if whole_m2 > 0 else 0.0 for nation, own in own_m2.items()}

    def within_sight(self, nation: str) -> float:
        """The part of the ground that the nation can see at all."""
        return self._part_of_seen(self._sights[nation])

    def alone(self, nation: str) -> float:
        """The part of the ground that no other nation can see."""
        others = shapely.union_all([self._sights[other] for other in self.names if other != nation])
        return self._part_of_seen(self._sights[nation].difference(others))

    def pieces(self, sector: BaseGeometry) -> int:
        least_m2 = self.params.least_part * self.area.area
        return sum(part.area > least_m2 for part in shapely.get_parts(sector))

    def _part_of_seen(self, ground: BaseGeometry) -> float:
        seen = self._coverable.intersection(shapely.union_all(list(self._sights.values())))
        return float(ground.intersection(self._coverable).area / seen.area) if seen.area > 0 else 0.0

    def _by_sight(self, ground: BaseGeometry) -> list[tuple[BaseGeometry, tuple[str, ...]]]:
        pieces: list[tuple[BaseGeometry, tuple[str, ...]]] = [(ground, ())]
        for nation in self.names:
            sight = self._sights[nation]
            if sight is self.area:
                pieces = [(piece, (*able, nation)) for piece, able in pieces]
                continue
            split = [
                (polygons_of(part), names)
                for piece, able in pieces
                for part, names in ((piece.intersection(sight), (*able, nation)), (piece.difference(sight), able))
            ]
            pieces = [(part, names) for part, names in split if part.area > 0]
        return pieces

    def _claimed(self, piece: BaseGeometry, home: str, able: Sequence[str], weights: Mapping[str, float]) -> dict[str, BaseGeometry]:
        if home in able:
            able = [home, *(nation for nation in able if nation != home and weights[nation] > weights[home])]
        at_home = np.zeros(len(self.mesh.corners))
        costs = {name: (at_home if name == home else self._away_m[name]) - weights[name] for name in able}
        return nearest_parts(piece, self.mesh, costs)

    def _in_one_piece(self, sectors: dict[str, BaseGeometry]) -> dict[str, BaseGeometry]:
        """Outlying pieces of a sector go to a neighbour that can see all of them."""
        for nation in self.names:
            pieces = sorted(shapely.get_parts(sectors[nation]), key=lambda part: -part.area)
            kept = pieces[:1]
            for piece in pieces[1:]:
                taker = self._neighbour(piece, nation, sectors)
                if taker is None:
                    kept.append(piece)
                else:
                    sectors[taker] = polygons_of(shapely.union(sectors[taker], piece))
            sectors[nation] = polygons_of(shapely.union_all(kept))
        return sectors

    def _neighbour(self, piece: BaseGeometry, nation: str, sectors: Mapping[str, BaseGeometry]) -> str | None:
        """Whoever else sees it all and has the longest frontier with it."""
        rim, seen = piece.buffer(0.01), piece.intersection(self._coverable)
        able = [other for other in self.names if other != nation and seen.difference(self._sights[other]).area <= 1e-6 * seen.area]
        shared = {other: rim.intersection(sectors[other]).area for other in able}
        taker = max(shared, key=lambda other: shared[other], default=None)
        return taker if taker is not None and shared[taker] > 0 else None


def _prepared(ground: BaseGeometry) -> BaseGeometry:
    shapely.prepare(ground)
    return ground


def _somewhere(territory: BaseGeometry, flyable: BaseGeometry) -> BaseGeometry:
    """What a nation's ground is near to: its territory, or when it has none here where it may fly."""
    return territory if not territory.is_empty else flyable if not flyable.is_empty else shapely.Point(0, 0)


#: Squares of a mesh that are cut with the ground at once: with so small a part of it that it has few corners.
_AT_ONCE = 32


def _coverable_m2(mesh: Mesh, coverable: BaseGeometry) -> Floats:
    squares = np.asarray(shapely.polygons(mesh.corners[mesh.squares]))
    shapely.prepare(coverable)
    whole = shapely.covers(coverable, squares)
    inside = np.where(whole, shapely.area(squares), 0.0)
    cut = np.flatnonzero(~whole)
    for numbers in np.array_split(cut, max(1, len(cut) // _AT_ONCE)):
        near = shapely.intersection(coverable, shapely.box(*shapely.total_bounds(squares[numbers]))) if len(numbers) else coverable
        inside[numbers] = shapely.area(shapely.intersection(near, squares[numbers]))
    return np.asarray(inside, dtype=np.float64)


def _share_notes(spec: MissionSpec, cut: _Cut, division: Division, agreed: Mapping[str, float]) -> list[str]:
    tolerance = spec.agreement.share_tolerance
    notes = []
    for nation, share in agreed.items():
        found = division.parts[nation]
        if abs(found - share) > tolerance:
            notes.append(f"{nation}'s sector has {found:.1%} of the ground, {share:.1%} is agreed: {_why_off(cut, nation, found, share)}")
        pieces = cut.pieces(division.sectors[nation])
        if pieces > 1 and pieces > len(shapely.get_parts(cut.area)):
            notes.append(f"{nation}'s sector is in {pieces} pieces: no other nation that borders on them can see all of them")
    return notes


def _why_off(cut: _Cut, nation: str, found: float, share: float) -> str:
    most, least = cut.within_sight(nation), cut.alone(nation)
    if found < share and most < share:
        return f"by its territory and permissions its drones see {most:.1%} at most"
    if found > share and least > share:
        return f"no other nation may fly where {least:.1%} could be seen from"
    return "no sectors in one piece came nearer, by the territories and permissions of all"
