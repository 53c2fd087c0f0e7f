"""A patrol over a hill, planned from a raster and flown by embedded vehicles: above the ground, and with its camera on all lanes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from mavlink_bridge.enums import MavCmd
from mavlink_bridge.events import Telemetry
from mavlink_bridge.mission_items import sortie_mission
from missions.control.messages import PatrolEvent, Verdict
from missions.failsafes import ceiling_m, differences
from missions.fly import FlightEnd, FlightOrder, fly
from missions.vehicles import Embedded
from planner.errors import PlannerError
from planner.geo import geodesic_m
from planner.heights_home import safe_m
from planner.model import LegKind, Plan, Sensor
from planner.pipeline import PlanParams, plan_mission
from planner.replanning.flown_so_far import Progress
from planner.replanning.replan import replan
from tests.planner.hills import hill, terrain
from tests.planner.missions import QUAD, mission

CAMERA = replace(QUAD, sensor=Sensor(swath_m=50.0, trigger_distance_m=20.0))
GROUND = terrain(hill(150.0, 100.0, high_m=60.0, wide_m=120.0), cell_m=15.0, reach_m=1_500.0)


def hilly_plan() -> Plan:
    spec = mission(shapely.box(0, 0, 300, 100), drone_types=(CAMERA,))
    ground_m = GROUND.height_m(*(np.array([getattr(spec.bases[0].location, name)]) for name in ("lat_deg", "lon_deg")))
    bases = (replace(spec.bases[0], elevation_m=float(ground_m[0])),)
    return plan_mission(replace(spec, terrain=GROUND, bases=bases, min_coverage=0.95), "0" * 64, PlanParams(effort=1))


PLAN = hilly_plan()


def test_lanes_in_many_points_are_one_lane_with_its_camera_on_all_the_way() -> None:
    assert PLAN.violations == ()
    for sortie in PLAN.sorties:
        made = sortie_mission(PLAN, sortie)
        swept = [leg for leg in sortie.legs if leg.kind is LegKind.SWEEP]
        assert [span.lane for span in made.spans] == list(dict.fromkeys(leg.lane for leg in swept))
        assert max(span.end_seq - span.start_seq for span in made.spans) > 1
        for span in made.spans:
            orders = {item.param1 for item in made.items[span.start_seq : span.end_seq] if item.command == MavCmd.DO_SET_CAM_TRIGG_DIST}
            assert orders == {20.0}


def test_a_flight_over_a_hill_passes_and_keeps_above_the_ground(tmp_path: Path) -> None:
    seen: list[Telemetry] = []

    def watch(event: PatrolEvent) -> None:
        if isinstance(event, Telemetry) and event.state.armed:
            seen.append(event)

    async def bounded() -> FlightEnd:
        async with asyncio.timeout(60):
            return await fly(FlightOrder(plan=PLAN, vehicles=Embedded(), folder=tmp_path), watchers=[watch])

    account = asyncio.run(bounded()).account
    assert account is not None
    assert (account.verdict, account.reasons) == (Verdict.PASS, ())
    base = PLAN.bases[0]
    away = [each.state for each in seen if each.state.position and geodesic_m(each.state.position, base.location) > 60.0]
    places = np.array([(state.position.lat_deg, state.position.lon_deg, state.alt_amsl_m) for state in away if state.position])
    above_ground_m = places[:, 2] - GROUND.height_m(places[:, 0], places[:, 1])
    assert len(above_ground_m) > 50
    assert above_ground_m.min() > QUAD.height_above_home_m - 3.0
    assert above_ground_m.max() < 120.0
    assert np.ptp(places[:, 2]) > 15.0


def test_who_comes_home_straight_does_so_above_the_hill() -> None:
    (drone,) = PLAN.drones
    height_m = safe_m(PLAN, drone)
    assert height_m is not None
    assert height_m > 80.0
    wanted = {each.name: each.wants for each in differences(PLAN, drone, {"RTL_ALT": 1500.0, "RTL_ALTITUDE": 200.0})}
    assert wanted["RTL_ALT"] >= 100 * height_m
    assert "RTL_ALTITUDE" not in wanted
    assert ceiling_m(PLAN, drone) > height_m


def test_new_legs_over_ground_that_a_plan_does_not_know_are_refused() -> None:
    with pytest.raises(PlannerError, match="plan the mission again"):
        replan(PLAN, Progress(now_s=0.0), withdrawn=[PLAN.drones[0].id])
