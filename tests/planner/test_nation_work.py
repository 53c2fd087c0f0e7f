"""One nation's work: every piece of ground it lays lanes over is flown once by a drone that can, or named with what it would take."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import replace

import pytest
import shapely

from planner import cost, overlay
from planner.airspace import build_airspace
from planner.model import MissionSpec, Objective, Patrol, Sensor, Wind
from planner.nation_work import NationWork, WorkParams, plan_nation
from planner.routes.routing import RoutingParams
from planner.routes.tour import TourParams
from planner.timetable.deconflict import working_heights
from planner.tracks.rates import sweep_rates
from tests.planner.missions import QUAD, WING, mission

PARAMS = WorkParams(tour=TourParams(moves=500), routing=RoutingParams(steps=500))
NARROW = replace(QUAD, id="narrow", sensor=Sensor(swath_m=40.0))
FIELD = shapely.box(0, 0, 600, 300)
CONCAVE = shapely.Polygon([(0, 0), (700, 0), (700, 400), (350, 120), (0, 400)])


def worked(spec: MissionSpec) -> NationWork:
    heights_m = working_heights(spec)
    airspace = build_airspace(spec, heights_m)
    return plan_nation(spec, airspace, "A", airspace.coverable, heights_m, PARAMS, 0, lambda: False)


def base_of(spec: MissionSpec) -> shapely.Point:
    return shapely.Point(build_airspace(spec).frame.point_to_local(spec.bases[0].location))


def flown_pieces(work: NationWork) -> Counter[int]:
    return Counter(state // 2 for sorties in work.routes.values() for sortie in sorties for state in sortie)


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param(mission(FIELD), id="a field"),
        pytest.param(mission(CONCAVE, drones_at_base=3), id="concave, three drones"),
        pytest.param(mission(CONCAVE, drone_types=(QUAD, WING)), id="two types"),
        pytest.param(mission(FIELD, bases={"A": [(-20.0, -20.0), (650.0, 320.0)]}), id="two bases"),
        pytest.param(replace(mission(FIELD), objective=Objective.TOTAL_TIME), id="least total time"),
        pytest.param(replace(mission(FIELD), wind=Wind(from_deg=200.0, speed_mps=6.0)), id="wind"),
    ],
)
def test_every_piece_is_flown_once_and_together_they_see_the_ground(spec: MissionSpec) -> None:
    work = worked(spec)

    assert flown_pieces(work) == Counter(range(len(work.pieces)))
    assert work.unserved == ()
    assert set(work.routes) == {drone.id for drone in spec.drones}
    ground = build_airspace(spec).coverable
    seen = overlay.union(piece.track.ground for piece in work.pieces)
    assert seen.intersection(ground).area >= 0.99 * ground.area


def test_no_drone_flies_a_lane_that_is_wider_than_it_sees() -> None:
    spec = mission(CONCAVE, drone_types=(QUAD, NARROW), drones_at_base=2)
    types = {drone.id: spec.drone_type(drone.type) for drone in spec.drones}

    work = worked(spec)

    for drone, sorties in work.routes.items():
        for sortie in sorties:
            assert all(work.pieces[state // 2].track.swath_m <= types[drone].swath_m + 1e-6 for state in sortie)


def test_no_sortie_asks_for_more_than_a_battery_holds() -> None:
    tired = replace(QUAD, endurance_s=380.0)
    spec = mission(FIELD, drone_types=(tired,))

    work = worked(spec)

    (sorties,) = work.routes.values()
    assert len(sorties) > 1
    usable_s = cost.usable_cruise_s(tired, 60.0)
    base = base_of(spec)
    for sortie in sorties:
        lines = [work.pieces[state // 2].track.line for state in sortie]
        swept_m = sum(line.length for line in lines)
        assert swept_m / tired.cruise_mps <= usable_s
        farthest_m = max(shapely.get_coordinates(line)[:, 0].max() for line in lines) - base.x
        assert 2 * farthest_m / tired.cruise_mps <= usable_s


def test_what_is_out_of_reach_is_named_with_what_it_takes_and_what_there_is() -> None:
    tired = replace(QUAD, endurance_s=420.0)
    spec = mission(shapely.box(0, 0, 3_000, 100), bases={"A": [(-20.0, 50.0)]}, drone_types=(tired,))

    work = worked(spec)

    assert work.unserved
    has_s = cost.usable_cruise_s(tired, 60.0) + cost.takeoff_s(tired, 60.0) + cost.landing_s(tired, 60.0)
    for each in work.unserved:
        found = re.fullmatch(r"drone (\S+) cannot reach it and return: needs (\d+) s, has (\d+) s", each.reason)
        assert found is not None
        assert found[1] in work.routes
        assert int(found[3]) == pytest.approx(has_s, abs=1)
        assert int(found[2]) > int(found[3])
        # What it is said to need is enough for the straight way there and back at full speed.
        assert int(found[2]) >= 2 * each.piece.track.line.distance(base_of(spec)) / tired.cruise_mps
    assert all(count == 1 for count in flown_pieces(work).values())


def test_a_nation_without_ground_has_nothing_to_fly() -> None:
    spec = mission(FIELD)

    work = plan_nation(spec, build_airspace(spec), "A", shapely.Polygon(), working_heights(spec), PARAMS, 0, lambda: False)

    assert work.pieces == ()
    assert list(work.routes.values()) == [()]


def test_the_same_seed_gives_the_same_routes() -> None:
    spec = mission(CONCAVE, drones_at_base=2)

    assert worked(spec).routes == worked(spec).routes


def test_overlap_narrows_the_spacing_and_a_turn_costs_its_time() -> None:
    spec = replace(mission(FIELD), patrols=(Patrol(side_overlap=0.2),))

    copter, wing = sweep_rates(spec, QUAD), sweep_rates(spec, WING)

    assert (copter.spacing_m, wing.spacing_m) == pytest.approx((40.0, 64.0))
    # 40 m from rest to rest at 2.5 m/s2 take 8 s, and stopping and starting at the lane's ends 4 s more.
    assert copter.turn_s == pytest.approx(12.0)
    # Half a circle of 40 m and 16 m back, at 18 m/s.
    assert wing.turn_s == pytest.approx((math.pi * 40 + 16) / 18)
    assert (copter.turn_radius_m, wing.turn_radius_m) == (0.0, 40.0)
