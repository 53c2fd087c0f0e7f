"""Whole plans over hills: above the ground, within what drones climb, judged without a fault, honest about what is too steep."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from planner.check import check_plan
from planner.clearance import against_terrain
from planner.errors import PlannerError
from planner.geo import geodesic_m
from planner.model import AboveGround, DroneType, HeightBand, Leg, LegKind, MissionSpec, Patrol, PatrolKind, Plan, Rule, Sensor
from planner.pipeline import PlanParams, plan_mission
from planner.relief.surface import DEFAULTS
from planner.terrain import Terrain
from tests.planner.hills import Ground, cliff, hill, slope, terrain
from tests.planner.missions import HERE, QUAD, WING, keep_out, mission

FIELD = shapely.box(0, 0, 900, 400)
HILL = hill(450.0, 200.0, high_m=90.0, wide_m=200.0)
FLIGHT = frozenset(LegKind) - {LegKind.TAKEOFF, LegKind.LAND}


def over(spec: MissionSpec, ground: Ground) -> MissionSpec:
    """The mission on this ground, its bases too."""
    found = terrain(ground, reach_m=3_000.0)
    return replace(spec, terrain=found, bases=tuple(replace(base, elevation_m=height_m(found, base.location)) for base in spec.bases))


def height_m(ground: Terrain, place: object) -> float:
    return float(ground.height_m(np.array([place.lat_deg]), np.array([place.lon_deg]))[0])  # type: ignore[attr-defined]


@cache
def planned(ground: Ground | None, drone_type: DroneType = QUAD, drones: int = 2) -> Plan:
    spec = mission(FIELD, drone_types=(drone_type,), drones_at_base=drones)
    return plan_mission(spec if ground is None else over(spec, ground), "0" * 64, PlanParams(effort=1))


def legs(plan: Plan) -> list[Leg]:
    return [leg for sortie in plan.sorties for leg in sortie.legs if leg.kind in FLIGHT]


def clear_m(plan: Plan, ground: Ground) -> NDArray[np.float64]:
    """Heights above the made-up ground itself, every few metres of every leg."""
    found = []
    for sortie in plan.sorties:
        base_m = plan.base(sortie.start_base).elevation_m
        for leg in sortie.legs:
            if leg.kind in FLIGHT:
                rows = np.array([(*HERE.frame.point_to_local(point.ground), point.height_m + base_m) for point in leg.points])
                at = np.linspace(0, len(rows) - 1, 200 * (len(rows) - 1))
                east_m, north_m, above_sea_m = (np.interp(at, np.arange(len(rows)), column) for column in rows.T)
                found.append(above_sea_m - 200.0 - ground(east_m, north_m))
    return np.concatenate(found)


@pytest.mark.parametrize("ground", [HILL, slope(0.1), hill(450.0, 200.0, high_m=-70.0, wide_m=200.0)], ids=["hill", "slope", "hollow"])
def test_copters_keep_to_their_height_above_the_ground_and_see_it_all(ground: Ground) -> None:
    plan = planned(ground)
    assert check_plan(plan) == ()
    assert plan.result.coverage >= 0.99
    # cells are 30 m wide: between them the raster is not quite the ground
    assert clear_m(plan, ground).min() >= QUAD.height_above_home_m - 2.0
    assert clear_m(plan, ground).max() <= 120.0
    assert plan.notes[0].startswith("legs follow the ground: hills.tif")


def test_a_copter_climbs_a_cliff_slowly() -> None:
    ground = cliff(500.0, high_m=60.0)
    plan = planned(ground)
    assert check_plan(plan) == ()
    assert plan.result.coverage >= 0.99
    slow = [leg for leg in legs(plan) if leg.kind is LegKind.SWEEP and leg.end.height_m - leg.start.height_m > 30]
    assert slow
    for leg in slow:
        assert leg.end_s - leg.start_s >= (leg.end.height_m - leg.start.height_m) / QUAD.climb_mps - 0.01


def test_climbs_take_time_and_energy() -> None:
    hilly, flat = planned(HILL, drones=1), planned(slope(0.0), drones=1)
    assert sum(leg.end_s - leg.start_s for leg in legs(hilly)) > sum(leg.end_s - leg.start_s for leg in legs(flat))
    assert hilly.result.energy_wh > flat.result.energy_wh
    for leg in legs(hilly):
        way_m = sum(geodesic_m(a, b) for a, b in zip(leg.points[:-1], leg.points[1:], strict=True))
        assert leg.end_s - leg.start_s >= way_m / QUAD.cruise_mps - 1e-6


def test_level_ground_is_flown_as_over_flat_earth() -> None:
    level, flat = planned(slope(0.0), drones=1), planned(None, drones=1)
    assert {leg.path for leg in legs(level)} == {None}
    assert [len(plan.sorties) for plan in (level, flat)] == [len(flat.sorties)] * 2
    assert level.result.makespan_s == pytest.approx(flat.result.makespan_s, rel=0.02)
    assert {round(point.height_m, 2) for leg in legs(level) for point in leg.points} == {QUAD.height_above_home_m}


def test_layers_keep_their_distance_over_a_hill() -> None:
    plan = planned(HILL)
    low, high = sorted({round(sortie.legs[0].end.height_m) for sortie in plan.sorties})
    assert high - low >= plan.limits.min_vertical_separation_m + DEFAULTS.tolerance_m
    assert "separation" not in {violation.rule for violation in check_plan(plan)}


def test_planes_stay_off_what_is_too_steep_and_the_plan_says_so() -> None:
    ground = cliff(500.0, high_m=80.0)
    plan = planned(ground, WING)
    assert {violation.rule for violation in plan.violations} == {Rule.COVERAGE}
    assert any("too steep or too deep for wing" in part.reason for part in plan.unreachable)
    for leg in legs(plan):
        assert max(HERE.frame.point_to_local(point.ground)[0] for point in leg.points) < 500.0
        assert np.ptp([point.height_m for point in leg.points]) < 30.0


def test_nobody_flies_below_its_base_and_ground_too_far_below_it_is_named() -> None:
    for deep_m, is_seen in ((100.0, True), (160.0, False)):
        plan = planned(hill(450.0, 200.0, high_m=-deep_m, wide_m=100.0))
        assert min(point.height_m for leg in legs(plan) for point in leg.points) >= DEFAULTS.least_above_base_m - 0.01
        assert (plan.violations == ()) is is_seen
        assert any("too deep for quad" in part.reason for part in plan.unreachable) is not is_seen
        assert {violation.rule for violation in plan.violations} <= {Rule.COVERAGE}


def test_what_planes_cannot_follow_copters_see() -> None:
    wide_quad = replace(QUAD, sensor=Sensor(swath_m=80.0))
    spec = over(mission(FIELD, drone_types=(WING, wide_quad)), cliff(500.0, high_m=80.0))
    plan = plan_mission(spec, "0" * 64, PlanParams(effort=1))
    assert check_plan(plan) == ()
    assert plan.result.coverage >= 0.99


def test_a_working_height_that_leaves_the_ground_no_room_is_refused() -> None:
    with pytest.raises(PlannerError, match="lower its height_above_home_m"):
        planned(HILL, replace(QUAD, height_above_home_m=118.0))


def test_patrols_that_go_on_follow_the_ground() -> None:
    spec = over(mission(shapely.box(0, 0, 800, 300), drones_at_base=2), hill(400.0, 150.0, high_m=40.0, wide_m=150.0))
    spec = replace(spec, patrols=(Patrol(kind=PatrolKind.SWEEP, interval_s=2_400.0),), duration_s=7_200.0)
    plan = plan_mission(spec, "0" * 64, PlanParams(effort=1))
    assert check_plan(plan) == ()
    assert min(leg.above_ground.least_m for leg in legs(plan) if leg.above_ground) >= QUAD.height_above_home_m - 0.5


def test_what_a_leg_states_above_the_ground_is_held_to_the_terrain() -> None:
    plan, ground = planned(HILL), terrain(HILL, reach_m=3_000.0)
    assert against_terrain(plan, ground, least_m=QUAD.height_above_home_m - 1.0) == ()
    first = plan.sorties[0]
    lied = tuple(replace(leg, above_ground=AboveGround(least_m=60.0, most_m=200.0)) for leg in first.legs[1:2])
    told = replace(plan, sorties=(replace(first, legs=(first.legs[0], *lied, *first.legs[2:])), *plan.sorties[1:]))
    (found,) = against_terrain(told, ground, least_m=20.0)
    assert found.text.startswith("leg 2 states 60.0 to 200.0 m above the ground")
    assert any(violation.rule is Rule.ALTITUDE and "passes the 120 m" in violation.text for violation in check_plan(told))


def test_heights_above_ground_mean_nothing_in_a_plan_that_names_no_terrain() -> None:
    plan = replace(planned(HILL), terrain=None)
    rules = {violation.rule for violation in check_plan(plan)}
    assert rules == {Rule.ALTITUDE}


def test_a_band_in_height_is_held_above_the_base_over_hills_too() -> None:
    high = replace(keep_out(shapely.box(350, 150, 550, 250)), band=HeightBand(min_m=110.0, max_m=300.0))
    spec = replace(over(mission(FIELD, drones_at_base=1), HILL), keep_outs=(high,))
    plan = plan_mission(spec, "0" * 64, PlanParams(effort=1))
    assert check_plan(plan) == ()
