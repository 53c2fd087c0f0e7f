"""What has been seen: the one code that measures coverage, planned or flown.

Covered ground is the union of the swaths of sweep legs (flat caps) within the coverable ground; turns and transits never
count. `check` recomputes the same by its own code.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from planner import overlay
from planner.geo import Geographic, LatLon, LocalFrame
from planner.model import LegKind, Plan

#: Missed pieces smaller than this are rounding, not ground.
_SLIVER_M2 = 1.0
#: And so is what is narrower than this.
_SLIT_M = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """A stretch flown or planned with the sensor on: who, on which lane, along which points, how wide."""

    drone: str
    nation: str
    lane: str
    swath_m: float
    points: tuple[LatLon, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageReport:
    """How much of the coverable ground was seen, by whom, and where not.

    `missed` is empty or polygons, in geographic coordinates. `nation_coverage` is per sector: covered / coverable there,
    by whomever. `nation_covered_m2` and `drone_covered_m2` count what each one saw itself (overlaps count for each).
    """

    area_m2: float
    coverable_m2: float
    covered_m2: float
    coverage: float
    coverage_of_area: float
    missed: Geographic
    nation_coverage: Mapping[str, float]
    nation_covered_m2: Mapping[str, float]
    drone_covered_m2: Mapping[str, float]


def swath(frame: LocalFrame, sweep: Sweep) -> BaseGeometry:
    """The ground that a sweep sees, local metres."""
    line = shapely.LineString([(point.lon_deg, point.lat_deg) for point in sweep.points])
    return swath_along(frame.to_local(Geographic(line)), sweep.swath_m)


def swath_along(line: BaseGeometry, width_m: float) -> BaseGeometry:
    """Ground within half the width of a local line, ends cut flat."""
    return line.buffer(width_m / 2, cap_style="flat", join_style="mitre", mitre_limit=1.2)


def planned_sweeps(plan: Plan) -> tuple[Sweep, ...]:
    """The sweep legs of a plan."""
    return tuple(
        Sweep(
            drone=sortie.drone,
            nation=sortie.nation,
            lane=leg.lane or "",
            swath_m=leg.swath_m or 0.0,
            points=tuple(point.ground for point in leg.points),
        )
        for sortie in plan.sorties
        for leg in sortie.legs
        if leg.kind is LegKind.SWEEP
    )


def planned_coverage(plan: Plan) -> CoverageReport:
    """What the plan promises to see."""
    return coverage_report(plan, planned_sweeps(plan))


def flown_coverage(plan: Plan, sweeps: Iterable[Sweep]) -> CoverageReport:
    """What was seen along flown tracks, measured as `planned_coverage` measures promises."""
    return coverage_report(plan, tuple(sweeps))


def coverage_report(plan: Plan, sweeps: Iterable[Sweep]) -> CoverageReport:
    """The figures for these sweeps over the plan's area."""
    frame = LocalFrame.around([plan.area])
    area, coverable = frame.ground(plan.area), frame.ground(plan.coverable)
    seen_by_drone: dict[tuple[str, str], list[BaseGeometry]] = defaultdict(list)
    for sweep in sweeps:
        if len(sweep.points) >= 2 and sweep.swath_m > 0:
            seen_by_drone[sweep.nation, sweep.drone].append(swath(frame, sweep))
    by_drone = {owner: overlay.union(grounds) for owner, grounds in seen_by_drone.items()}
    nations = dict.fromkeys(nation for nation, _ in by_drone)
    by_nation = {nation: overlay.union(ground for (owner, _), ground in by_drone.items() if owner == nation) for nation in nations}
    covered = overlay.intersection(coverable, overlay.union(by_nation.values()))
    return CoverageReport(
        area_m2=area.area,
        coverable_m2=coverable.area,
        covered_m2=covered.area,
        coverage=_ratio(covered.area, coverable.area),
        coverage_of_area=_ratio(covered.area, area.area),
        missed=frame.to_geographic(without_slivers(overlay.difference(coverable, covered))),
        nation_coverage=_coverage_by_sector(plan, frame, coverable, covered),
        nation_covered_m2={nation: overlay.intersection(coverable, ground).area for nation, ground in by_nation.items()},
        drone_covered_m2={drone: overlay.intersection(coverable, ground).area for (_, drone), ground in by_drone.items()},
    )


def _coverage_by_sector(plan: Plan, frame: LocalFrame, coverable: BaseGeometry, covered: BaseGeometry) -> dict[str, float]:
    figures = {}
    for sector in plan.sectors:
        ground = overlay.intersection(frame.ground(sector.polygon), coverable)
        figures[sector.nation] = _ratio(overlay.intersection(ground, covered).area, ground.area)
    return figures


def without_slivers(geometry: BaseGeometry) -> shapely.MultiPolygon:
    """Without specks, and without the slits that rounding leaves between swaths side by side.

    Slits would join pieces far from each other, and their rings cross themselves as soon as they are projected again.
    """
    opened = geometry.buffer(-_SLIT_M / 2, join_style="mitre").buffer(_SLIT_M / 2, join_style="mitre")
    parts = [part for part in shapely.get_parts(opened) if part.geom_type == "Polygon" and part.area > _SLIVER_M2]
    return shapely.MultiPolygon(parts)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 1.0
