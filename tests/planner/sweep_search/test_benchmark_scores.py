"""The benchmarks' scores are read off the written points: every leg counts, only sweep legs see."""

from __future__ import annotations

import random
from typing import Any

import pytest
import shapely

from benchmarks import four_drones, mcpp
from benchmarks.swept_path import INSTANT_MPS2, points_of, scored
from planner.geo import LatLon, LocalFrame
from planner.sweep_search.solve import Leg, SweepRoutes
from planner.sweep_search.world import SweepTask

FIELD = shapely.box(0, 0, 100, 20)
WITH_HOLE = FIELD.difference(shapely.box(40, 5, 60, 15))


def test_two_lanes_see_a_field_two_swaths_wide() -> None:
    score = scored(FIELD, [(0, 5, "transit"), (100, 5, "sweep"), (100, 15, "transit"), (0, 15, "sweep")], 10.0)

    assert score.length_m == pytest.approx(210.0)
    assert score.ratio == pytest.approx(1.05)
    assert score.coverage == pytest.approx(1.0)
    assert score.outside_m == 0.0


def test_a_connecting_leg_is_flown_but_sees_nothing() -> None:
    score = scored(FIELD, [(0, 5, "sweep"), (100, 5, "transit")], 10.0)

    assert score.length_m == pytest.approx(100.0)
    assert score.coverage == 0.0


def test_ends_see_nothing_beyond_themselves() -> None:
    assert scored(FIELD, [(10, 5, "sweep"), (90, 5, "sweep")], 10.0).coverage == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("path", "outside_m"),
    [
        ([(0, 10, "sweep"), (100, 10, "sweep")], 20.0),
        ([(50, 2, "sweep"), (50, -3, "transit")], 3.0),
        ([(0, 5, "sweep"), (100, 5, "sweep")], 0.0),
        ([(0, -0.0005, "sweep"), (100, -0.0005, "sweep")], 0.0),
    ],
)
def test_metres_above_a_hole_or_outside_are_counted_from_a_millimetre_on(path: list[tuple[float, float, str]], outside_m: float) -> None:
    assert scored(WITH_HOLE, path, 10.0).outside_m == pytest.approx(outside_m, abs=0.01)


def test_a_length_measured_otherwise_takes_the_place_of_the_local_one() -> None:
    score = scored(FIELD, [(0, 5, "sweep"), (100, 5, "sweep")], 10.0, 300.0)

    assert score.length_m == 300.0
    assert score.ratio == pytest.approx(1.5)


def test_points_at_which_the_drone_already_is_are_left_out() -> None:
    route = (Leg(0, 0, False), Leg(9, 0, True), Leg(9, 0, False), Leg(9, 5, True))

    points = list(points_of(SweepRoutes((route,), (14.0,), 0.0)))

    assert points == [(0, 0, "transit"), (9, 0, "sweep"), (9, 5, "sweep")]


def region(frame: LocalFrame, *, hole: bool) -> dict[str, Any]:
    def ring(polygon: shapely.Polygon) -> list[list[float]]:
        points = [frame.point_to_geographic(east_m=east, north_m=north) for east, north in polygon.exterior.coords[:-1]]
        return [[point.lat_deg, point.lon_deg] for point in points]

    holes = [ring(shapely.box(150, 50, 250, 100))] if hole else []
    return {"id": "made up", "outer_lat_lon": ring(shapely.box(0, 0, 400, 160)), "holes_lat_lon": holes}


@pytest.mark.parametrize("lat_deg", [0.0, 41.0, -65.0])
def test_a_region_in_degrees_is_scored_in_geodesic_metres(lat_deg: float) -> None:
    frame = LocalFrame(LatLon(lat_deg=lat_deg, lon_deg=24.0))
    path = []
    for east_m, north_m, mode in [(0.01, 20, "transit"), (399.9, 20, "sweep"), (399.9, 60, "transit"), (0.01, 60, "sweep")]:
        point = frame.point_to_geographic(east_m=east_m, north_m=north_m)
        path.append((point.lat_deg, point.lon_deg, mode))

    score, holed = (mcpp.score_of(region(frame, hole=hole), path) for hole in (False, True))

    assert score.length_m == pytest.approx(839.8, abs=0.1)
    assert score.coverage == pytest.approx(0.5, abs=1e-3)
    assert score.ratio == pytest.approx(839.8 / 1600, rel=1e-3)
    assert score.outside_m == 0.0
    assert holed.outside_m == pytest.approx(100.0, abs=0.1)


def test_a_fleet_is_scored_by_each_route_from_stop_to_stop() -> None:
    task = SweepTask(
        ground=FIELD, flyable=FIELD, swath_m=10.0, speed_mps=1.0, acceleration_mps2=INSTANT_MPS2, depot=(0, 5), least_coverage=0.9
    )
    there: list[tuple[float, float, str]] = [(0, 5, "transit"), (90, 5, "sweep"), (0, 5, "transit")]
    away: list[tuple[float, float, str]] = [(0, 5, "transit"), (0, -4, "transit")]

    both, one = four_drones.scored(task, [there, away]), four_drones.scored(task, [there])

    assert one.route_s == pytest.approx((66.0,))
    assert one.coverage == pytest.approx(0.45)
    assert one.closed
    assert both.outside_m == pytest.approx(4.0, abs=0.01)
    assert both.route_s == pytest.approx((66.0, 6.0))
    assert not both.closed


def test_generated_areas_have_their_holes_apart_and_repeat_with_their_seed() -> None:
    for seed in range(3):
        area = four_drones.area(random.Random(seed))

        assert area.is_valid
        assert len(area.interiors) == four_drones.HOLES
        assert area.equals(four_drones.area(random.Random(seed)))
