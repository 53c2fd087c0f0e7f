"""Rule `coverage`: what of the coverable ground the SWEEP legs see, worked out anew and held against what the plan states."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from planner.check.case import Case
from planner.check.findings import plan_finding
from planner.check.flown import FlownLeg
from planner.check.frames import Tile, placed
from planner.check.ground import Ground
from planner.check.shapes import areal, local_polygon, on_earth_m
from planner.geo import Geographic, LatLon, LocalFrame
from planner.model import DroneType, KeepOut, LegKind, Permission, Plan, Rule, Violation


@dataclass(frozen=True, kw_only=True, slots=True)
class CoverageFigures:
    """Ground in square metres. `overlap_m2` is coverable ground seen again, counted each time; never a fault."""

    area_m2: float
    coverable_m2: float
    covered_m2: float
    overlap_m2: float

    @property
    def coverage(self) -> float:
        """Part of the coverable ground that is covered; 1 when nothing is coverable."""
        return self.covered_m2 / self.coverable_m2 if self.coverable_m2 > 0 else 1.0

    @property
    def coverage_of_area(self) -> float:
        """Part of the whole area that is covered; 1 when there is no area."""
        return self.covered_m2 / self.area_m2 if self.area_m2 > 0 else 1.0


def check_coverage(case: Case) -> Iterator[Violation]:
    """Too little covered, a stated `coverable` that is not what is found, and stated coverages that are not."""
    pieces = case.covered if case.covered is not None else pieces_of(case)
    figures = _summed(pieces)
    least = case.plan.min_coverage
    if not figures.coverage >= least - case.params.coverage_rounding:
        missed_m2, place = max(((piece.hole_m2, piece.hole_at) for piece in pieces), key=lambda hole: hole[0], default=(0.0, None))
        text = (
            f"{figures.coverage:.2%} of the coverable ground is covered, {least:.2%} is asked for; the largest hole has {missed_m2:.0f} m2"
        )
        yield plan_finding(Rule.COVERAGE, "coverage", text, amount=least - figures.coverage, at=place)
    yield from _misstated_coverable(pieces, figures, case)
    for name, stated, found in (
        ("result.coverage", case.plan.result.coverage, figures.coverage),
        ("result.coverage_of_area", case.plan.result.coverage_of_area, figures.coverage_of_area),
    ):
        if not abs(stated - found) <= case.params.coverage_tolerance:
            yield plan_finding(Rule.COVERAGE, name, f"the plan states {stated:.4f}, it is {found:.4f}", amount=abs(stated - found))


def figures_of(case: Case) -> CoverageFigures:
    return _summed(pieces_of(case))


@dataclass(frozen=True, kw_only=True, slots=True)
class CoveredPiece:
    """One tile's part, and its largest hole."""

    figures: CoverageFigures
    misstated_m2: float
    hole_m2: float
    hole_at: LatLon | None


def _summed(pieces: Iterable[CoveredPiece]) -> CoverageFigures:
    parts = [piece.figures for piece in pieces]
    return CoverageFigures(
        area_m2=math.fsum(part.area_m2 for part in parts),
        coverable_m2=math.fsum(part.coverable_m2 for part in parts),
        covered_m2=math.fsum(part.covered_m2 for part in parts),
        overlap_m2=math.fsum(part.overlap_m2 for part in parts),
    )


def _misstated_coverable(pieces: Iterable[CoveredPiece], figures: CoverageFigures, case: Case) -> Iterator[Violation]:
    wrong_m2 = math.fsum(piece.misstated_m2 for piece in pieces)
    if wrong_m2 > case.params.coverage_tolerance * figures.coverable_m2:
        text = f"the stated coverable ground differs from what is found ({figures.coverable_m2:.0f} m2) in {wrong_m2:.0f} m2"
        yield plan_finding(Rule.COVERAGE, "coverable", text, amount=wrong_m2, unit="m2")


def pieces_of(case: Case) -> tuple[CoveredPiece, ...]:
    """What is seen, tile by tile."""
    named = [local_polygon(shape, case.grid.overview, case.params) for shape in (case.plan.area, case.plan.coverable)]
    sweeps = _Sweeps.of(case)
    return tuple(_piece(case, tile, sweeps) for tile in case.grid.meeting(shapely.union_all(named)))


#: How much further than its points a leg may reach in the overview frame, beside its swath.
_BEND_M = 1_000.0


@dataclass(frozen=True, eq=False, slots=True)
class _Sweeps:
    """All SWEEP legs that see anything: rows of longitude, latitude of each, how wide it sees, and its bounds in the overview frame."""

    degrees: list[NDArray[np.float64]]
    widths_m: NDArray[np.float64]
    bounds: NDArray[np.object_]

    @classmethod
    def of(cls, case: Case) -> _Sweeps:
        legs = [leg for leg in case.legs if _seen_width_m(leg) > 0]
        degrees, widths_m = [leg.degrees for leg in legs], np.array([_seen_width_m(leg) for leg in legs], dtype=np.float64)
        if not legs:
            return cls(degrees, widths_m, np.empty(0, dtype=np.object_))
        firsts = np.cumsum([0, *(len(rows) for rows in degrees[:-1])])
        points_m = placed(degrees, case.grid.overview)
        low_m, high_m = np.minimum.reduceat(points_m, firsts), np.maximum.reduceat(points_m, firsts)
        # Distances in the overview frame are never shorter than true, and less than doubled within 12,000 km of its origin.
        reach_m = 2 * widths_m[:, None] + _BEND_M
        return cls(degrees, widths_m, np.asarray(shapely.box(*(low_m - reach_m).T, *(high_m + reach_m).T)))

    def swaths(self, tile: Tile) -> NDArray[np.object_]:
        """Flat-capped swaths, in the tile's frame, of the legs that may reach into it."""
        everywhere = tile.square is None
        near = np.arange(len(self.degrees)) if everywhere else np.flatnonzero(shapely.intersects(tile.square, self.bounds))
        degrees = [self.degrees[index] for index in near.tolist()]
        number = np.repeat(np.arange(len(degrees)), [len(rows) for rows in degrees])
        lines = shapely.linestrings(placed(degrees, tile.frame), indices=number)
        return np.asarray(shapely.buffer(lines, self.widths_m[near] / 2, cap_style="flat", join_style="bevel"))


def _piece(case: Case, tile: Tile, sweeps: _Sweeps) -> CoveredPiece:
    ground = case.scene(tile).ground
    square = _square(case, tile)
    area = _within(ground.area, square)
    coverable = shapely.difference(area, shapely.union_all([polygon for _, polygon in ground.keep_outs]))
    coverable = areal(shapely.intersection(coverable, _visible(case.plan, ground, case)))
    stated = _within(local_polygon(case.plan.coverable, tile.frame, case.params), square)
    swaths = _reaching(sweeps.swaths(tile), coverable)
    grid_m = case.params.grid_m
    with np.errstate(divide="ignore", invalid="ignore"):  # of GEOS, on its own account
        covered = areal(shapely.intersection(shapely.union_all(swaths, grid_size=grid_m), coverable, grid_size=grid_m))
        holes = [hole for hole in shapely.get_parts(shapely.difference(coverable, covered, grid_size=grid_m)) if not hole.is_empty]
    largest = max(holes, key=lambda hole: hole.area, default=None)
    return CoveredPiece(
        figures=CoverageFigures(
            area_m2=area.area,
            coverable_m2=coverable.area,
            covered_m2=covered.area,
            overlap_m2=max(_area_within(swaths, coverable) - covered.area, 0.0),
        ),
        misstated_m2=shapely.symmetric_difference(stated, coverable).area,
        hole_m2=0.0 if largest is None else largest.area,
        hole_at=None if largest is None else _somewhere_in(largest, tile.frame),
    )


def _somewhere_in(hole: BaseGeometry, frame: LocalFrame) -> LatLon:
    point = hole.representative_point()
    return frame.point_to_geographic(east_m=point.x, north_m=point.y)


def _square(case: Case, tile: Tile) -> BaseGeometry | None:
    """What the tile answers for, in its own frame. Neighbours share their edges' points, so nothing counts twice."""
    if tile.square is None:
        return None
    dense = shapely.segmentize(tile.square, case.params.tile_side_m / 256)
    return tile.frame.to_local(Geographic(case.grid.overview.to_geographic(dense).geometry))


def _within(shape: BaseGeometry, square: BaseGeometry | None) -> BaseGeometry:
    return shape if square is None else shapely.intersection(shape, square)


def _reaching(swaths: NDArray[np.object_], coverable: BaseGeometry) -> list[BaseGeometry]:
    return [swaths[index] for index in sorted(shapely.STRtree(swaths).query(coverable))]


def _seen_width_m(leg: FlownLeg) -> float:
    """The stated swath, but never more than the sensor sees: claiming more covers nothing more."""
    if leg.leg.kind is not LegKind.SWEEP or leg.leg.swath_m is None or not leg.leg.swath_m > 0:
        return 0.0
    return on_earth_m(min(leg.leg.swath_m, leg.seen_swath_m))


def _area_within(swaths: list[BaseGeometry], coverable: BaseGeometry) -> float:
    if not swaths:
        return 0.0
    shapely.prepare(coverable)
    shapes = np.array(swaths)
    whole = shapely.contains_properly(coverable, shapes)
    return float(shapely.area(shapes[whole]).sum() + shapely.area(shapely.intersection(shapes[~whole], coverable)).sum())


def _visible(plan: Plan, ground: Ground, case: Case) -> BaseGeometry:
    """Ground within half the widest swath of a nation's drones from where that nation may fly, for any nation."""
    seen = []
    for nation in plan.nations:
        fleet = _fleet(plan, nation.id)
        if fleet:
            reach_m = on_earth_m(max(drone_type.swath_m for drone_type in fleet)) / 2
            seen.append(_flyable(nation.id, fleet, ground, case).buffer(reach_m))
    return shapely.union_all(seen)


def _fleet(plan: Plan, nation_id: str) -> list[DroneType]:
    flown = {drone.type for drone in plan.drones if drone.nation == nation_id}
    return [drone_type for drone_type in plan.drone_types if drone_type.id in flown]


def _flyable(nation_id: str, fleet: list[DroneType], ground: Ground, case: Case) -> BaseGeometry:
    """Where one of the nation's drones may be at its working height at some time of the plan."""
    return shapely.union_all(
        [_flyable_at(height_m, nation_id, ground, case) for height_m in sorted({each.height_above_home_m for each in fleet})]
    )


def _flyable_at(height_m: float, nation_id: str, ground: Ground, case: Case) -> BaseGeometry:
    open_to = [ground.own[nation_id], *(polygon for permission, polygon in ground.guest[nation_id] if _admits(permission, height_m))]
    closed = [
        polygon.buffer(on_earth_m(keep_out.buffer_m), quad_segs=case.params.quad_segs)
        for keep_out, polygon in ground.keep_outs
        if _bars(keep_out, height_m)
    ]
    airspace = shapely.difference(shapely.union_all(open_to), shapely.union_all(closed))
    return shapely.intersection(airspace, ground.area) if case.plan.stay_inside else airspace


def _admits(permission: Permission, height_m: float) -> bool:
    return permission.band.min_m <= height_m <= permission.band.max_m and permission.validity.to_s > 0


def _bars(keep_out: KeepOut, height_m: float) -> bool:
    """A keep-out that begins later or ends can be waited for, one above or below can be passed."""
    return keep_out.band.min_m <= height_m <= keep_out.band.max_m and keep_out.validity.from_s <= 0 and math.isinf(keep_out.validity.to_s)
