from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from gui.models.map_scene import MapScene
from gui.models.scene_building import scene_of
from missions.mission_file import load_mission
from planner.geo import LatLon
from planner.model import LegKind, Rule, Violation
from tests.missions.sample_patrol import sample_plan


@pytest.fixture(scope="module")
def scene() -> MapScene:
    return scene_of(sample_plan())


def test_everything_is_in_metres_around_the_area(scene: MapScene) -> None:
    assert scene.area.area == pytest.approx(2000 * 600, rel=1e-3)
    assert scene.bounds.east_m - scene.bounds.west_m == pytest.approx(2400, abs=1)  # from base to base
    assert [patch.nation for patch in scene.sectors] == ["ALD", "BRE"]
    assert sum(patch.geometry.area for patch in scene.sectors) == pytest.approx(scene.area.area, rel=1e-6)


def test_border_band_is_the_uncertainty_to_both_sides(scene: MapScene) -> None:
    assert scene.border_band is not None
    assert scene.border is not None
    assert scene.border_band.area == pytest.approx(scene.border.length * 2 * 2.0, rel=1e-3)


def test_keep_out_is_shown_with_its_buffer(scene: MapScene) -> None:
    (keep_out,) = scene.keep_outs
    west_m, _, east_m, _ = keep_out.grown.bounds
    assert east_m - west_m == pytest.approx(20 + 2 * 15, abs=0.1)
    assert keep_out.inner.label == "mast"


def test_every_lane_and_every_flown_metre_is_there(scene: MapScene) -> None:
    plan = sample_plan()
    assert sum(len(lines.segments) for lines in scene.lanes) == len(plan.lanes)
    flown_m = sum(
        float(np.hypot(*np.diff(track.points, axis=0).T).sum()) for route in scene.routes for track in route.tracks if len(track.points) > 1
    )
    assert flown_m == pytest.approx(plan.result.length_m, rel=1e-4)


def test_sweeping_is_told_from_getting_there(scene: MapScene) -> None:
    first = scene.routes[0]
    assert [track.sweeping for track in first.tracks] == [False, True, False, True, False, True, False]
    assert sum(leg.kind is LegKind.SWEEP for leg in sample_plan().sorties[0].legs) == 3


def test_a_violation_with_a_place_gets_a_mark_that_knows_its_row() -> None:
    nowhere = Violation(rule=Rule.COVERAGE, subject="area", amount=0.1, unit="1", text="too little")
    placed = replace(nowhere, rule=Rule.SPEED, lat_deg=47.5, lon_deg=19.0)
    (mark,) = scene_of(replace(sample_plan(), violations=(nowhere, placed))).marks
    assert mark.index == 1
    assert (mark.east_m, mark.north_m) == pytest.approx((0, 0), abs=1)


def test_across_the_antimeridian_the_scene_is_whole() -> None:
    scene = scene_of(sample_plan(middle=LatLon(lat_deg=-17.0, lon_deg=180.0)))
    assert scene.bounds.east_m - scene.bounds.west_m == pytest.approx(2400, abs=1)
    assert all(np.abs(track.points).max() < 1500 for route in scene.routes for track in route.tracks)


def test_a_mission_without_a_plan_shows_whose_ground_is_whose() -> None:
    scene = scene_of(load_mission("training"))
    assert [patch.label for patch in scene.sectors] == ["Aldermark", "Brevia"]
    assert shapely.union_all([patch.geometry for patch in scene.sectors]).area == pytest.approx(scene.area.area, rel=1e-3)
    assert scene.routes == ()
