"""Fences of sorties: legs inside, other nations' ground outside, keep-outs shut, few vertices."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from missions.formats.fence import fence_writer
from missions.formats.fences import Fence, Fences
from missions.formats.rally import rally_writer
from missions.formats.writing import unremarked
from planner.geo import Geographic, LatLon, geodesic_m
from planner.model import Base, HeightBand, KeepOut, Permission, Sortie, Validity
from tests.missions.formats.reading import read_wpl
from tests.missions.sample_patrol import MIDDLE, Ground, sample_plan

PLACES = [MIDDLE, LatLon(lat_deg=-34.6, lon_deg=-58.4), LatLon(lat_deg=70.0, lon_deg=25.0), LatLon(lat_deg=-16.8, lon_deg=180.0)]


@pytest.fixture(params=PLACES, ids=["Hungary", "south and west", "far north", "across the antimeridian"])
def ground(request: pytest.FixtureRequest) -> Ground:
    return Ground(request.param)


def local(ground: Ground, ring: Polygon) -> BaseGeometry:
    return ground.frame.ground(Geographic(ring))


def track_of(ground: Ground, sortie: Sortie) -> LineString:
    return LineString([ground.frame.point_to_local(point.ground) for leg in sortie.legs for point in leg.points])


def inclusion_of(ground: Ground, fence: Fence) -> BaseGeometry:
    assert fence.inclusion is not None
    return local(ground, fence.inclusion)


def test_legs_lie_inside_and_the_neighbours_ground_outside(ground: Ground) -> None:
    plan = sample_plan(middle=ground.frame.origin)
    for sortie in plan.sorties:
        fence = Fences(plan, pytest.fail).of(sortie)
        inclusion = inclusion_of(ground, fence)
        assert inclusion.covers(track_of(ground, sortie))
        territory = ground.frame.ground(plan.nation(sortie.nation).territory)
        border = ground.frame.line(plan.border) if plan.border else Polygon()
        allowed = territory.difference(border.buffer(plan.position_uncertainty_m))
        # a metre is forgiven around legs, as the checker does
        assert allowed.union(track_of(ground, sortie).buffer(1.0)).buffer(0.01).covers(inclusion)
        assert sum(len(ring.exterior.coords) - 1 for _, ring in fence.polygons) <= 70


def test_a_winding_border_is_simplified_to_what_an_autopilot_holds_and_never_crossed() -> None:
    ground = Ground(MIDDLE)
    plan = sample_plan()
    east = [(30.0 + 25.0 * ((step * 7919) % 13) / 13, -5000.0 + 10.0 * step) for step in range(1001)]
    territory = Polygon([*east, (-5000.0, 5000.0), (-5000.0, -5000.0)])
    nations = (replace(plan.nations[0], territory=ground.frame.to_geographic(territory)), *plan.nations[1:])
    plan = replace(plan, nations=nations, border=None)
    remarks: list[str] = []
    fence = Fences(plan, remarks.append).of(plan.sorties[0])
    inclusion = inclusion_of(ground, fence)
    assert not remarks
    assert territory.union(track_of(ground, plan.sorties[0]).buffer(1.0)).buffer(0.01).covers(inclusion)
    assert inclusion.covers(track_of(ground, plan.sorties[0]))


def test_a_permission_opens_the_neighbours_ground_while_it_holds_for_the_whole_sortie() -> None:
    ground, plan = Ground(MIDDLE), sample_plan()
    lent = Permission(id="lent", host="BRE", guest="ALD", polygon=ground.box(-10.0, -2000.0, 300.0, 2000.0))
    probe = shapely.Point(200.0, 0.0)
    sortie = plan.sorties[0]

    def opens(permission: Permission) -> bool:
        return inclusion_of(ground, Fences(replace(plan, permissions=(permission,)), pytest.fail).of(sortie)).covers(probe)

    assert opens(lent)
    assert not opens(replace(lent, guest="BRE", host="ALD"))
    assert not opens(replace(lent, validity=Validity(to_s=sortie.end_s - 1.0)))
    assert not opens(replace(lent, band=HeightBand(max_m=50.0)))


def test_an_enclave_in_the_airspace_is_shut_out() -> None:
    ground, plan = Ground(MIDDLE), sample_plan()
    hole = shapely.box(-800.0, 320.0, -700.0, 400.0)
    territory = shapely.box(-5000.0, -5000.0, 0.0, 5000.0).difference(hole)
    nations = (replace(plan.nations[0], territory=ground.frame.to_geographic(territory)), *plan.nations[1:])
    fence = Fences(replace(plan, nations=nations), pytest.fail).of(plan.sorties[0])
    assert any(local(ground, ring).buffer(0.01).covers(hole) for ring in fence.exclusions)


def test_a_sortie_outside_its_airspace_gets_no_inclusion_and_that_is_said() -> None:
    plan = sample_plan()
    swapped = (replace(plan.nations[0], territory=plan.nations[1].territory), *plan.nations[1:])
    remarks: list[str] = []
    fence = Fences(replace(plan, nations=swapped), remarks.append).of(plan.sorties[0])
    assert fence.inclusion is None
    assert fence.exclusions
    assert any("no inclusion fence" in text for text in remarks)


def test_a_keep_out_passed_below_is_no_fence_and_that_is_said() -> None:
    ground, plan = Ground(MIDDLE), sample_plan()
    above = KeepOut(id="airway", polygon=ground.box(-600.0, -400.0, -500.0, 400.0), band=HeightBand(min_m=100.0))
    remarks: list[str] = []
    fence = Fences(replace(plan, keep_outs=(*plan.keep_outs, above)), remarks.append).of(plan.sorties[0])
    track = track_of(ground, plan.sorties[0])
    assert not any(local(ground, ring).intersects(track) for ring in fence.exclusions)
    assert any("airway" in text for text in remarks)


def test_a_keep_out_of_many_corners_is_drawn_larger_with_few() -> None:
    ground, plan = Ground(MIDDLE), sample_plan()
    round_one = shapely.Point(-1500.0, 900.0).buffer(150.0, quad_segs=64)
    zone = KeepOut(id="round", polygon=ground.frame.to_geographic(round_one))
    fence = Fences(replace(plan, keep_outs=(zone,)), pytest.fail).of(plan.sorties[0])
    (ring,) = fence.exclusions
    assert len(ring.exterior.coords) - 1 <= 24
    assert local(ground, ring).buffer(0.05).covers(round_one)


def test_a_keep_out_as_large_as_a_country_is_drawn_as_far_as_the_inclusion_reaches() -> None:
    ground, plan = Ground(MIDDLE), sample_plan()
    coast = [(400.0 * number, 100.0 + 250.0 * (number % 2)) for number in range(-60, 60)]
    country = Polygon([*coast, (24_000.0, 40_000.0), (-24_000.0, 40_000.0)])
    zone = KeepOut(id="country", polygon=ground.frame.to_geographic(country))
    fence = Fences(replace(plan, keep_outs=(zone,)), pytest.fail).of(plan.sorties[0])
    free = inclusion_of(ground, fence).difference(shapely.union_all([local(ground, ring) for ring in fence.exclusions]))
    assert fence.exclusions
    assert free.intersection(country).area < 1.0
    assert free.buffer(0.01).covers(track_of(ground, plan.sorties[0]))
    assert sum(len(ring.exterior.coords) - 1 for _, ring in fence.polygons) <= 69


def test_fence_file_has_the_vertex_count_of_each_polygon_in_each_row() -> None:
    plan = sample_plan()
    rows = read_wpl(fence_writer(plan, pytest.fail).sortie(plan.sorties[0]))
    inclusion = [row for row in rows if row.command == 5001]
    exclusion = [row for row in rows if row.command == 5002]
    assert inclusion
    assert exclusion
    assert rows == [*inclusion, *exclusion]
    for polygon in (inclusion, exclusion):
        assert {row.p1 for row in polygon} == {float(len(polygon))}
        assert {row.frame for row in polygon} == {3}


def test_rally_file_begins_with_the_start_base() -> None:
    ground, plan = Ground(MIDDLE), sample_plan()
    far = Base(id="a-far", nation="ALD", location=ground.place(-3000.0, 0.0))
    rows = read_wpl(rally_writer(replace(plan, bases=(far, *plan.bases)), unremarked).sortie(plan.sorties[0]))
    assert [(row.command, row.z) for row in rows] == [(5100, 60.0)] * 2
    first = LatLon(lat_deg=rows[0].lat_deg, lon_deg=rows[0].lon_deg)
    assert geodesic_m(first, plan.base("ald-west").location) < 0.01


@pytest.mark.parametrize(("loader", "writer"), [("Fence", fence_writer), ("Rally", rally_writer)])
def test_mavproxys_loaders_read_every_row(loader: str, writer: object, tmp_path: Path) -> None:
    plan = sample_plan()
    content = (fence_writer if writer is fence_writer else rally_writer)(plan, unremarked).sortie(plan.sorties[0])
    path = tmp_path / "items.waypoints"
    path.write_bytes(content)
    # importing mavwp selects a MAVLink dialect for the whole process, so it gets one of its own
    script = (
        "import os, sys; os.environ['MAVLINK20'] = '1'; from pymavlink import mavwp;"
        f"loader = mavwp.MissionItemProtocol_{loader}(); loader.load(sys.argv[1]);"
        "print([(item.command, item.param1, item.x, item.y) for item in map(loader.item, range(loader.count()))])"
    )
    read = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True).stdout
    assert read.strip() == str([(row.command, row.p1, row.lat_deg, row.lon_deg) for row in read_wpl(content)])
