"""How high drones of a type fly over a terrain: a surface above the ground that all their legs keep to.

The height is that of the place alone, whichever leg leads over it and in whatever direction. So legs meet at their ends without
a step, the time of a leg does not depend on those before and after it, and drones in layers keep their distance in height.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from planner import cost
from planner.geo import LatLon, LocalFrame
from planner.model import Base, DroneType, MissionSpec, Wind
from planner.terrain import Terrain

_Floats = NDArray[np.float64]
_Steps = tuple[_Floats, _Floats, _Floats, _Floats]
#: Beyond its edge ground is taken to go on as it is there, so far.
_BEYOND_M = 50_000.0
#: Higher than any ground is above any other, and low enough for many of them to be added up.
_WALL_M = 1e5


@dataclass(frozen=True, kw_only=True, slots=True)
class SurfaceParams:
    """The surface's slopes are at most `slope_part` of what a drone climbs or descends at cruise: between the eight directions in which
    they are held down they are up to 8 % steeper, the rest is for profiles. Who can hover flies so many times slower
    where the ground leaves no other way. Profiles pass up to `tolerance_m` above the surface, which stays `spare_m` more below the
    limit. Layers get what the ground leaves of the room below the limit, for drones that can fly slower at least `layers_part` of
    it. Cells are made at least `least_cell_m` wide and at most `most_cells` many, on the safe side. Samples along a leg lie
    `sample_part` of a cell apart: a fold between two of them rises by a 16th of the cells' second difference (`fold_part`).
    What is shut is outlined to `outline_part` of a cell. Nobody flies lower than `least_above_base_m` above its base.
    """

    slope_part: float = 0.8
    slower: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0)
    tolerance_m: float = 3.0
    spare_m: float = 2.0
    layers_part: float = 0.5
    least_cell_m: float = 10.0
    most_cells: int = 1_000_000
    sample_part: float = 0.25
    fold_part: float = 1 / 16
    outline_part: float = 1.0
    least_above_base_m: float = 10.0

    @property
    def least_room_m(self) -> float:
        """What must lie between a working height and the limit above ground."""
        return self.tolerance_m + self.spare_m


DEFAULTS = SurfaceParams()


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class FlyingSurface:
    """Metres above sea level at which drones of a type fly when they work at its own height; others fly over or under it.

    Ground that is not known counts as high as the nearest that is, in its row or column. `too_steep` are cells over which drones of
    the type would come too high above the ground, for they cannot follow it, None where there are none. `steepest` is the slope that the
    type flies at cruise, `rises` that of the surface where it is less. Layers may reach up to `layers_m` above the surface. `ground_m` is
    the lowest ground of each cell, infinite where it is not known. Cells are the terrain's, `coarser` times as wide.
    """

    terrain: Terrain
    heights: Terrain
    ground_m: _Floats
    limit_m: float
    coarser: int
    steepest: float
    rises: float
    layers_m: float
    too_steep: NDArray[np.bool_] | None
    params: SurfaceParams

    @property
    def sample_m(self) -> float:
        """How far samples along a leg may lie apart."""
        return self.heights.step_m * self.params.sample_part

    def over(self, lat_deg: _Floats, lon_deg: _Floats) -> tuple[_Floats, _Floats]:
        """At many places, metres above sea level: where drones of the type fly, and the ground, NaN where it is not known."""
        rows, columns = self.terrain.cells(lat_deg, lon_deg)
        return self.heights.between_cells(*self._coarse(rows, columns)), self.terrain.between_cells(rows, columns)

    def over_place(self, place: LatLon) -> tuple[float, float]:
        """At one place."""
        (height_m,), (ground_m,) = (each.tolist() for each in self.over(np.array([place.lat_deg]), np.array([place.lon_deg])))
        return height_m, ground_m

    def barred(self, frame: LocalFrame, base_m: float) -> BaseGeometry:
        """Ground over which drones of the type from a base at this height cannot keep to the limit, local metres: too steep, or so far
        below the base that at their least height above it they are too high above the ground.
        """
        too_deep = self.ground_m < base_m + self.params.least_above_base_m + self.params.least_room_m - self.limit_m
        shut = too_deep if self.too_steep is None else too_deep | self.too_steep
        if not shut.any():
            return shapely.MultiPolygon()
        # Half a cell beside it heights lie between those of the cells in it and those outside. And it is wider still, so that its outline
        # needs no corner for each cell: ways around many corners take long to find.
        cell_m, part = self.heights.step_m, self.params.outline_part
        boxes = self._boxes(frame, shut, beyond=round(_BEYOND_M / cell_m))
        return shapely.simplify(shapely.union_all(shapely.buffer(boxes, (0.5 + part) * cell_m, join_style="mitre")), part * cell_m)

    def outside(self, frame: LocalFrame, ground: BaseGeometry, low_m: float, high_m: float, *, wider: bool) -> BaseGeometry:
        """Ground (local metres) around this one over which drones of the type are not at these heights above sea level; `wider` by a
        cell, or narrower.
        """
        west, south, east, north = ground.buffer(2 * self.heights.step_m).bounds
        around = shapely.get_coordinates(shapely.segmentize(shapely.box(west, south, east, north), self.heights.step_m))
        rows, columns = self._coarse(*self.terrain.cells(*frame.arrays_to_geographic(around[:, 0], around[:, 1])))
        heights_m = self.heights.heights_m.astype(np.float64)
        off = (heights_m < low_m) | (heights_m > high_m)
        window = np.zeros(off.shape, dtype=np.bool_)
        window[int(rows.min()) : int(rows.max()) + 2, int(columns.min()) : int(columns.max()) + 2] = True
        grown = _highest_around(off.astype(np.float64)) > 0 if wider else _highest_around((~off).astype(np.float64)) == 0
        if not (grown & window).any():
            return shapely.MultiPolygon()
        return shapely.union_all(shapely.buffer(self._boxes(frame, grown & window, beyond=0), 0.01, join_style="mitre"))

    def _boxes(self, frame: LocalFrame, cells: NDArray[np.bool_], *, beyond: int) -> NDArray[np.object_]:
        west, east, top, bottom = _stretches(cells, beyond=beyond)
        corners = [self.heights.places(*corner) for corner in ((top, west), (top, east), (bottom, east), (bottom, west))]
        return np.asarray(shapely.polygons(np.stack([np.column_stack(frame.arrays_to_local(*corner)) for corner in corners], axis=1)))

    def _coarse(self, rows: _Floats, columns: _Floats) -> tuple[_Floats, _Floats]:
        """Cells of the surface; places beyond its edge are taken for the nearest on it."""
        aside = (self.coarser - 1) / 2
        last_row, last_column = (size - 1 for size in self.heights.heights_m.shape)
        return np.clip((rows - aside) / self.coarser, 0.0, last_row), np.clip((columns - aside) / self.coarser, 0.0, last_column)


def surfaces(spec: MissionSpec) -> Mapping[str, FlyingSurface]:
    """For each drone type; none without a terrain. The strictest nation's greatest height counts, above ground."""
    if spec.terrain is None:
        return {}
    limit_m = limit_above_ground_m(spec)
    return {each.id: flying_surface(spec.terrain, each, spec.wind, limit_m=limit_m) for each in spec.drone_types}


def top_m(surface: FlyingSurface | None, drone_type: DroneType, base: Base, height_m: float) -> float:
    """How high above a base a drone takes off that works at this height: above its base over flat earth, else above the ground."""
    if surface is None:
        return height_m
    return surface.over_place(base.location)[0] - base.elevation_m + height_m - drone_type.height_above_home_m


def too_steep(spec: MissionSpec, frame: LocalFrame) -> Mapping[str, BaseGeometry]:
    """Ground that some type cannot follow, local metres, by the reason in words."""
    limit_m, least_m = limit_above_ground_m(spec), DEFAULTS.least_above_base_m
    top_m = max(base.elevation_m for base in spec.bases)
    why = f"climbing as it can, and {least_m:g} m above its base at least, it would pass {limit_m:g} m above the ground"
    barred = {name: surface.barred(frame, top_m) for name, surface in surfaces(spec).items()}
    return {f"too steep or too deep for {name}: {why}": ground for name, ground in barred.items() if not ground.is_empty}


def limit_above_ground_m(spec: MissionSpec) -> float:
    return min(nation.policy.max_height_m for nation in spec.nations)


@lru_cache(maxsize=16)
def flying_surface(
    terrain: Terrain, drone_type: DroneType, wind: Wind, *, limit_m: float, params: SurfaceParams = DEFAULTS
) -> FlyingSurface:
    """The lowest surface that is nowhere nearer to the ground than the type's working height and no steeper than it flies at cruise.

    Where that is more above the ground than `limit_m`, less what layers need, drones that hover fly lower and slower; for others the
    place is too steep.
    """
    coarser = _coarser(terrain, params)
    ground, lowest_m, highest_m = _cells(terrain, coarser)
    height_m = drone_type.height_above_home_m
    floor_m, top_m = highest_m + height_m, lowest_m + limit_m - params.least_room_m
    steps_m = (ground.steps_m(0, 1), ground.steps_m(1, 0), ground.steps_m(1, 1), ground.steps_m(1, -1))
    steepest = cost.steepest(drone_type, wind)
    slope = steepest * params.slope_part
    flown_m = above(floor_m, steps_m, slope)
    layers_m = _for_layers(drone_type, float((top_m - flown_m).min()), limit_m, params)
    top_m = top_m - layers_m
    too_high: NDArray[np.bool_] = flown_m > top_m
    if too_high.any() and drone_type.hovers:
        flown_m = _slower(floor_m, top_m, steps_m, [slope * each for each in params.slower])
    shut = None
    if too_high.any() and not drone_type.hovers:
        flown_m, shut = _around(floor_m, top_m, steps_m, slope)
    flown_m += _folds(flown_m, params)
    if not too_high.any() or shut is not None:
        flown_m = above(flown_m, steps_m, slope, shut)
    return FlyingSurface(
        terrain=terrain,
        heights=replace(ground, heights_m=flown_m.astype(np.float32)),
        ground_m=lowest_m,
        limit_m=limit_m,
        coarser=coarser,
        steepest=steepest,
        rises=min(steepest, float(_steepness(flown_m, steps_m).max())),
        layers_m=layers_m,
        too_steep=shut,
        params=params,
    )


def _for_layers(drone_type: DroneType, left_m: float, limit_m: float, params: SurfaceParams) -> float:
    """How far up layers may reach, where the ground leaves so much below the limit."""
    room_m = limit_m - params.least_room_m - drone_type.height_above_home_m
    return max(0.0, min(left_m, room_m), params.layers_part * room_m if drone_type.hovers else 0.0)


def _coarser(terrain: Terrain, params: SurfaceParams) -> int:
    """How many of the terrain's cells become one, in a row and in a column."""
    by_width = np.ceil(params.least_cell_m / terrain.step_m - 1e-9)
    by_count = np.ceil(np.sqrt(terrain.heights_m.size / params.most_cells))
    rows, columns = terrain.heights_m.shape
    return int(max(1, min(max(by_width, by_count), rows, columns)))


def _cells(terrain: Terrain, coarser: int) -> tuple[Terrain, _Floats, _Floats]:
    """The grid with its lowest and highest ground around each cell's middle. What is not known has no limit above it."""
    known = terrain.heights_m.astype(np.float64)
    highest_m = _pooled(_filled(known), coarser)
    lowest_m = -_pooled(np.where(np.isnan(known), -np.inf, -known), coarser)
    aside = (coarser - 1) / 2
    grid = replace(
        terrain,
        heights_m=highest_m.astype(np.float32),
        x0=terrain.x0 + aside * (terrain.column_x + terrain.row_x),
        y0=terrain.y0 + aside * (terrain.column_y + terrain.row_y),
        **{name: getattr(terrain, name) * coarser for name in ("column_x", "column_y", "row_x", "row_y")},
    )
    return grid, lowest_m, highest_m


def _filled(known_m: _Floats) -> _Floats:
    """Unknown cells get the higher of the nearest known heights in their row and in their column."""
    if not np.isnan(known_m).any():
        return known_m
    filled = np.fmax(_nearest_in_row(known_m), _nearest_in_row(known_m.T).T)
    while np.isnan(filled).any():
        filled = np.fmax(_nearest_in_row(filled), _nearest_in_row(filled.T).T)
    return filled


def _nearest_in_row(known_m: _Floats) -> _Floats:
    number = np.broadcast_to(np.arange(known_m.shape[1]), known_m.shape)
    is_known = ~np.isnan(known_m)
    before = np.maximum.accumulate(np.where(is_known, number, -1), axis=1)
    after = np.minimum.accumulate(np.where(is_known, number, known_m.shape[1])[:, ::-1], axis=1)[:, ::-1]
    is_after = (before < 0) | ((after < known_m.shape[1]) & (after - number < number - before))
    nearest = np.where(is_after, np.minimum(after, known_m.shape[1] - 1), before)
    return np.take_along_axis(known_m, nearest, axis=1)


def _pooled(heights_m: _Floats, coarser: int) -> _Floats:
    """The highest of each so many cells and of those around them: between the middles of two such cells nothing is higher."""
    if coarser == 1:
        return heights_m
    rows, columns = (-(-size // coarser) for size in heights_m.shape)
    padded = np.pad(heights_m, ((0, rows * coarser - heights_m.shape[0]), (0, columns * coarser - heights_m.shape[1])), mode="edge")
    return _highest_around(padded.reshape(rows, coarser, columns, coarser).max(axis=(1, 3)))


def _highest_around(cells: _Floats) -> _Floats:
    wide = np.pad(cells, 1, mode="edge")
    rows, columns = cells.shape
    shifted = [wide[down : down + rows, along : along + columns] for down in range(3) for along in range(3)]
    highest: _Floats = np.maximum.reduce(shifted)
    return highest


def above(heights_m: _Floats, steps_m: _Steps, slope: float, shut: NDArray[np.bool_] | None = None) -> _Floats:
    """The least heights not below these that change by no more than `slope` from cell to cell, along rows, columns and diagonals.

    `steps_m` are by row: along it, to the row below, and to that row's next and last column. What is `shut` keeps its heights, and no
    other's are held up across it. Without that two passes are enough (Rosenfeld and Pfaltz 1966, "Sequential operations in digital
    picture processing").
    """
    closed = np.zeros(heights_m.shape, dtype=np.bool_) if shut is None else shut
    found = np.where(closed, -np.inf, heights_m)
    while True:
        before = found.copy()
        _two_passes(found, steps_m, slope, closed)
        if shut is None or np.array_equal(found, before):
            return np.where(closed, heights_m, found)


def _two_passes(found: _Floats, steps_m: _Steps, slope: float, closed: NDArray[np.bool_]) -> None:
    along_m, down_m, next_m, last_m = steps_m
    number = np.arange(found.shape[1])
    ramps_m: _Floats = slope * along_m[:, None] * number + _WALL_M * np.cumsum(closed, axis=1)
    for row in range(len(found)):
        if row:
            _raise(found[row], found[row - 1], slope, down_m[row - 1], next_m[row - 1], last_m[row - 1])
        _level(found[row], ramps_m[row], closed[row])
    for row in range(len(found) - 2, -1, -1):
        _raise(found[row], found[row + 1], slope, down_m[row], last_m[row], next_m[row])
        _level(found[row], ramps_m[row], closed[row])


def _raise(row: _Floats, beside: _Floats, slope: float, straight_m: float, right_m: float, left_m: float) -> None:
    """A row held up by the one beside it; `right_m` is how far a cell there is from the one to its right here."""
    np.maximum(row, beside - slope * straight_m, out=row)
    np.maximum(row[1:], beside[:-1] - slope * right_m, out=row[1:])
    np.maximum(row[:-1], beside[1:] - slope * left_m, out=row[:-1])


def _level(row: _Floats, ramp_m: _Floats, closed: NDArray[np.bool_]) -> None:
    """A row held up by its own cells."""
    row[closed] = -np.inf
    from_left = np.maximum.accumulate(row + ramp_m) - ramp_m
    from_right = np.maximum.accumulate((row - ramp_m)[::-1])[::-1] + ramp_m
    np.maximum(row, np.maximum(from_left, from_right), out=row)
    row[closed] = -np.inf


def _slower(floor_m: _Floats, top_m: _Floats, steps_m: _Steps, slopes: list[float]) -> _Floats:
    """Between floor and top everywhere, each place no steeper than need be: the flattest surface above the floor where it stays under
    the top, else under the flattest below the top, where that stays above the same with the next slope.
    """
    flown_m = np.minimum(above(floor_m, steps_m, slopes[-1]), top_m)
    for slope in reversed(slopes):
        under = -above(-top_m, steps_m, slope)
        flown_m = np.minimum(above(floor_m, steps_m, slope), np.maximum(under, flown_m))
    return flown_m


def _around(floor_m: _Floats, top_m: _Floats, steps_m: _Steps, slope: float) -> tuple[_Floats, NDArray[np.bool_]]:
    """The surface for who cannot fly slower, and what is shut to it because it would come out above the top.

    Shut are flanks, so that who stays off a mountain need not fly as high as its top beforehand: where the surface is too high and the
    floor itself is too steep; where it nowhere is, all that is too high.
    """
    too_steep = _steepness(floor_m, steps_m) > slope
    shut = np.zeros(floor_m.shape, dtype=np.bool_)
    flown_m = above(floor_m, steps_m, slope)
    while (too_high := (flown_m > top_m) & ~shut).any():
        shut |= too_high & too_steep if (too_high & too_steep).any() else too_high
        flown_m = above(floor_m, steps_m, slope, shut)
    return flown_m, shut


def _steepness(heights_m: _Floats, steps_m: _Steps) -> _Floats:
    """The steeper of the ways to the neighbours in the row and in the column."""
    along = np.abs(np.diff(heights_m, axis=1)) / steps_m[0][:, None]
    down = np.abs(np.diff(heights_m, axis=0)) / steps_m[1][:-1, None]
    steeper_along = np.maximum(np.pad(along, ((0, 0), (0, 1))), np.pad(along, ((0, 0), (1, 0))))
    steeper_down = np.maximum(np.pad(down, ((0, 1), (0, 0))), np.pad(down, ((1, 0), (0, 0))))
    return np.hypot(steeper_along, steeper_down)


def _folds(heights_m: _Floats, params: SurfaceParams) -> _Floats:
    """By how much lines between samples may cut into the surface where it is folded."""
    folds = np.zeros(heights_m.shape)
    for axis in (0, 1):
        if heights_m.shape[axis] > 2:
            bent = np.abs(np.diff(heights_m, n=2, axis=axis))
            folds = np.maximum(folds, np.pad(bent, [(1, 1) if each == axis else (0, 0) for each in (0, 1)]))
    return np.minimum(_highest_around(folds) * params.fold_part, params.spare_m / 2)


def _stretches(cells: NDArray[np.bool_], *, beyond: int) -> tuple[_Floats, _Floats, _Floats, _Floats]:
    """The sides of boxes around true cells, each so long as they follow each other in a row: first and last column, and row. Those at
    the grid's edge reach so many cells beyond it.
    """
    rows, columns = cells.shape
    edges = np.diff(np.pad(cells, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    at, begins = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    west, east = begins - 0.5 - beyond * (begins == 0), ends - 0.5 + beyond * (ends == columns)
    return west, east, at - 0.5 - beyond * (at == 0), at + 0.5 + beyond * (at == rows - 1)
