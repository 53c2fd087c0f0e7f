"""Coverage as the planner measures it: what counts, whose it is, and that the checker finds the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely

from planner import coverage
from planner.check import measure_coverage
from planner.coverage import Sweep, flown_coverage, planned_coverage, without_slivers
from planner.geo import Geographic, LatLon
from planner.model import LegKind, Plan
from tests.planner.plan_builder import Setting, build

SETTING = Setting()
HONEST = build(SETTING)


def sweep(west_m: float, east_m: float, north_m: float, *, swath_m: float = 50.0, drone: str = "w1", nation: str = "W") -> Sweep:
    points = (SETTING.place(west_m, north_m), SETTING.place(east_m, north_m))
    return Sweep(drone=drone, nation=nation, lane="x", swath_m=swath_m, points=points)


@pytest.mark.parametrize("lat_deg", [0.0, 47.5, 70.0])
@pytest.mark.parametrize("lon_deg", [19.0, 180.0])
def test_the_checker_measures_the_same(lat_deg: float, lon_deg: float) -> None:
    plan = build(Setting(origin=LatLon(lat_deg=lat_deg, lon_deg=lon_deg)))
    if lon_deg == 180.0:
        plan = without_keep_out_hole(plan)

    report, figures = planned_coverage(plan), measure_coverage(plan)

    assert report.covered_m2 == pytest.approx(figures.covered_m2, rel=1e-6)
    assert report.coverable_m2 == pytest.approx(figures.coverable_m2, rel=1e-6)
    assert report.area_m2 == pytest.approx(figures.area_m2, rel=1e-6)
    assert report.coverage == pytest.approx(figures.coverage, rel=1e-6)


def without_keep_out_hole(plan: Plan) -> Plan:
    return replace(plan, keep_outs=(), coverable=plan.area)


def test_only_sweeps_count() -> None:
    idle = tuple(
        replace(sortie, legs=tuple(replace(leg, kind=LegKind.TRANSIT) if leg.kind is LegKind.SWEEP else leg for leg in sortie.legs))
        for sortie in HONEST.sorties
    )

    assert planned_coverage(replace(HONEST, sorties=idle)).covered_m2 == 0


def test_a_swath_is_cut_flat_at_its_ends_and_to_the_coverable_ground() -> None:
    inside = flown_coverage(HONEST, [sweep(100, 200, 0)])
    across = flown_coverage(HONEST, [sweep(250, 400, 0)])

    assert inside.covered_m2 == pytest.approx(100 * 50, rel=1e-4)
    assert across.covered_m2 == pytest.approx(50 * 50, rel=1e-4)


def test_what_two_saw_counts_once_in_all_and_once_for_each() -> None:
    sweeps = [sweep(100, 200, 0, drone="e1", nation="E"), sweep(150, 250, 0, drone="e2", nation="E")]

    report = flown_coverage(HONEST, sweeps)

    assert report.covered_m2 == pytest.approx(150 * 50, rel=1e-4)
    assert report.drone_covered_m2 == {"e1": pytest.approx(5000, rel=1e-4), "e2": pytest.approx(5000, rel=1e-4)}
    assert report.nation_covered_m2 == {"E": pytest.approx(7500, rel=1e-4)}


def test_a_sector_is_covered_by_whomever() -> None:
    report = flown_coverage(HONEST, [sweep(-300, 300, 0, swath_m=400.0, drone="w1", nation="W")])

    assert report.nation_coverage == {"W": pytest.approx(1.0), "E": pytest.approx(1.0)}
    assert report.missed.is_empty


def test_missed_ground_is_where_nobody_swept() -> None:
    report = flown_coverage(HONEST, [sweep(-300, 300, -50, swath_m=300.0)])

    missed = SETTING.frame.ground(report.missed)
    assert missed.area == pytest.approx(600 * 100, rel=1e-3)
    assert missed.bounds == pytest.approx((-300, 100, 300, 200), abs=0.1)


def test_sweeps_without_length_or_width_see_nothing() -> None:
    here = SETTING.place(0, 0)
    nothing = [
        replace(sweep(0, 100, 0), points=(here,)),
        replace(sweep(0, 100, 0), points=(here, here)),
        sweep(0, 100, 0, swath_m=0.0),
    ]

    assert flown_coverage(HONEST, nothing).covered_m2 == 0


def test_nothing_to_cover_is_covered() -> None:
    nothing = replace(HONEST, coverable=replace(HONEST.coverable, geometry=shapely.MultiPolygon()))

    report = flown_coverage(nothing, [])

    assert report.coverage == 1.0
    assert report.coverage_of_area == 0.0


def test_slits_and_specks_are_no_ground() -> None:
    ground = shapely.union_all([shapely.box(0, 0, 100, 100), shapely.box(100, 50, 300, 50.05), shapely.box(300, 0, 300.8, 0.8)])

    assert without_slivers(ground).area == pytest.approx(10_000, rel=1e-6)


def test_a_bent_sweep_sees_no_further_out_than_its_swath() -> None:
    line = shapely.LineString([(0, 0), (100, 0), (100, 100)])

    seen = coverage.swath_along(line, 20.0)

    assert seen.difference(line.buffer(10.0 * 1.25)).is_empty
    assert seen.covers(shapely.Point(95, 50))


def test_a_sector_that_meets_the_coverable_ground_along_an_edge_and_in_a_part_is_measured() -> None:
    frame = SETTING.frame

    def ground(*boxes: tuple[float, float, float, float]) -> Geographic:
        return frame.to_geographic(shapely.union_all([shapely.box(*each) for each in boxes]))

    # The left part of the sector touches the coverable ground in a line only.
    touching = replace(HONEST.sectors[0], nation="W", polygon=ground((-300, -200, -200, 200), (0, -200, 100, 200)))
    plan = replace(HONEST, coverable=ground((-200, -200, -150, 200), (50, -200, 100, 200)), sectors=(touching,))

    assert flown_coverage(plan, [sweep(50, 100, 0, swath_m=40.0)]).nation_coverage == {"W": pytest.approx(0.1, rel=1e-3)}
    assert flown_coverage(plan, []).nation_coverage == {"W": 0.0}
