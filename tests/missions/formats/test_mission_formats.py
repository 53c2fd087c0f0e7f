"""Files for autopilots hold exactly the mission that an upload sends, read back by readers of their own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from mavlink_bridge.enums import MavCmd
from mavlink_bridge.mission_items import sortie_mission
from missions.formats.features import grown_keep_out
from missions.formats.qgc_plan import qgc_plan_writer
from missions.formats.wpl import sortie_wpl
from missions.formats.writing import unremarked
from planner.geo import Geographic, LatLon, LocalFrame, geodesic_m
from planner.model import LegKind, Plan, Sortie
from tests.missions.formats.reading import QgcPlan, read_qgc_plan, read_wpl
from tests.missions.sample_patrol import sample_plan, with_sorties

CENTIMETRE = 0.01


def sortie_qgc_plan(plan: Plan, sortie: Sortie) -> bytes:
    return qgc_plan_writer(plan, unremarked).sortie(sortie)


PLACES = {
    "Hungary": LatLon(lat_deg=47.5, lon_deg=19.0),
    "south and west": LatLon(lat_deg=-34.6, lon_deg=-58.4),
    "far north": LatLon(lat_deg=70.0, lon_deg=25.0),
    "across the antimeridian": LatLon(lat_deg=-16.8, lon_deg=180.0),
}


@pytest.fixture(params=list(PLACES.values()), ids=list(PLACES))
def plan(request: pytest.FixtureRequest) -> Plan:
    return sample_plan(middle=request.param)


def waypoints(sortie: Sortie) -> list[LatLon]:
    """Where the sortie goes, take-off and landing included: the places that items must name."""
    return [leg.end.ground for leg in sortie.legs]


def apart_m(a: LatLon, b: LatLon) -> float:
    return geodesic_m(a, b)


def test_wpl_waypoints_lie_within_a_centimetre_of_the_plan(plan: Plan) -> None:
    for sortie in plan.sorties:
        rows = [row for row in read_wpl(sortie_wpl(plan, sortie)) if row.frame != 2][1:]
        places = [LatLon(lat_deg=row.lat_deg, lon_deg=row.lon_deg) for row in rows]
        assert len(places) == len(waypoints(sortie))
        assert max(map(apart_m, places, waypoints(sortie))) < CENTIMETRE
        assert [row.z for row in rows] == [leg.end.height_m for leg in sortie.legs]


def test_wpl_row_0_is_home_above_sea_level(plan: Plan) -> None:
    sortie = plan.sorties[0]
    home = read_wpl(sortie_wpl(plan, sortie))[0]
    base = plan.base(sortie.start_base)
    assert (home.current, home.frame, home.command, home.z) == (1, 0, 16, base.elevation_m)
    assert apart_m(LatLon(lat_deg=home.lat_deg, lon_deg=home.lon_deg), base.location) < CENTIMETRE


def test_wpl_holds_every_item_of_the_upload(plan: Plan) -> None:
    sortie = plan.sorties[0]
    rows, items = read_wpl(sortie_wpl(plan, sortie)), sortie_mission(plan, sortie).items
    assert [(row.seq, row.command, row.p1, row.p2, row.p3) for row in rows] == [
        (item.seq, item.command, item.param1, item.param2, item.param3) for item in items
    ]
    assert {row.frame for row in rows} <= {0, 2, 3}
    assert [row.current for row in rows] == [1] + [0] * (len(rows) - 1)
    assert [(round(row.lat_deg * 1e7), round(row.lon_deg * 1e7)) for row in rows if row.frame != 2] == [
        (item.x, item.y) for item in items if item.frame != 2
    ]


def test_wpl_is_read_by_pymavlink(tmp_path: Path) -> None:
    plan = sample_plan()
    path = tmp_path / "mission.waypoints"
    path.write_bytes(sortie_wpl(plan, plan.sorties[0]))
    # importing mavwp selects a MAVLink dialect for the whole process, so it gets one of its own
    script = (
        "import sys; from pymavlink import mavwp; loader = mavwp.MAVWPLoader(); loader.load(sys.argv[1]);"
        "print([(item.seq, item.command, item.frame, item.x, item.y) for item in map(loader.wp, range(loader.count()))])"
    )
    read = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True).stdout
    assert read.strip() == str([(row.seq, row.command, row.frame, row.lat_deg, row.lon_deg) for row in read_wpl(path.read_bytes())])


def test_qgc_plan_waypoints_lie_within_a_centimetre_of_the_plan(plan: Plan) -> None:
    for sortie in plan.sorties:
        items = [item for item in read_qgc_plan(sortie_qgc_plan(plan, sortie)).mission.items if item.frame != 2]
        places = [LatLon(lat_deg=item.params[4] or 0.0, lon_deg=item.params[5] or 0.0) for item in items]
        assert max(map(apart_m, places, waypoints(sortie))) < CENTIMETRE
        assert [item.Altitude for item in items] == [item.params[6] for item in items] == [leg.end.height_m for leg in sortie.legs]
        assert {item.AltitudeMode for item in items} == {1}


def test_qgc_plan_holds_every_item_of_the_upload_but_home(plan: Plan) -> None:
    sortie = plan.sorties[0]
    mission = read_qgc_plan(sortie_qgc_plan(plan, sortie)).mission
    home, *items = sortie_mission(plan, sortie).items
    assert [(item.doJumpId, item.command, item.params[:4]) for item in mission.items] == [
        (item.seq, item.command, [item.param1, item.param2, item.param3, item.param4]) for item in items
    ]
    assert mission.items[0].command == MavCmd.NAV_TAKEOFF
    assert mission.plannedHomePosition[2] == home.z
    assert mission.cruiseSpeed == 10.0
    assert (mission.firmwareType, mission.vehicleType) == (3, 2)


def fence_in(plan: Plan, document: QgcPlan) -> BaseGeometry:
    rings = [
        shapely.Polygon([(lon_deg, lat_deg) for lat_deg, lon_deg in fence.polygon])
        for fence in document.geoFence.polygons
        if not fence.inclusion
    ]
    frame = LocalFrame.around([plan.area])
    return shapely.union_all([frame.to_local(Geographic(ring)) for ring in rings])


def test_qgc_fence_is_the_grown_keep_out_and_never_beyond_it(plan: Plan) -> None:
    document = read_qgc_plan(sortie_qgc_plan(plan, plan.sorties[0]))
    (keep_out,) = plan.keep_outs
    frame = LocalFrame.around([plan.area])
    forbidden = frame.to_local(keep_out.polygon).buffer(keep_out.buffer_m, quad_segs=256)
    fence = fence_in(plan, document)
    assert [polygon.inclusion for polygon in document.geoFence.polygons] == [True, False]
    assert fence.difference(forbidden.buffer(CENTIMETRE)).area == 0
    # corners are cut inwards by at most 2 % of the buffer
    assert forbidden.buffer(-0.02 * keep_out.buffer_m - CENTIMETRE).difference(fence).area == 0
    assert len(document.geoFence.polygons[1].polygon) <= 20


def test_qgc_rally_points_are_the_bases_of_the_drones_own_nation(plan: Plan) -> None:
    for sortie in plan.sorties:
        points = read_qgc_plan(sortie_qgc_plan(plan, sortie)).rallyPoints.points
        own = [base for base in plan.bases if base.nation == sortie.nation]
        assert [height_m for _, _, height_m in points] == [60.0] * len(own)
        places = [LatLon(lat_deg=lat_deg, lon_deg=lon_deg) for lat_deg, lon_deg, _ in points]
        assert max(map(apart_m, places, [base.location for base in own])) < CENTIMETRE


def test_qgc_fence_leaves_the_hole_of_a_keep_out_closed() -> None:
    plan = sample_plan()
    (keep_out,) = plan.keep_outs
    shell = shapely.box(19.01, 47.51, 19.02, 47.52)
    ring = Geographic(shell.difference(shapely.box(19.014, 47.514, 19.016, 47.516)))
    plan = replace(plan, keep_outs=(replace(keep_out, polygon=ring),))
    fence = fence_in(plan, read_qgc_plan(sortie_qgc_plan(plan, plan.sorties[0])))
    assert fence.covers(LocalFrame.around([plan.area]).to_local(Geographic(shapely.Point(19.015, 47.515))))


def test_grown_keep_out_without_buffer_is_the_polygon_itself() -> None:
    (keep_out,) = sample_plan().keep_outs
    bare = replace(keep_out, buffer_m=0.0)
    assert grown_keep_out(bare) is bare.polygon


def test_a_hold_is_written_with_its_seconds() -> None:
    plan = sample_plan()
    sortie = plan.sorties[0]
    take_off, transit, *others = sortie.legs
    hold = replace(transit, kind=LegKind.HOLD, start=transit.end, end=transit.end, start_s=transit.end_s, end_s=transit.end_s + 7.2)
    held = replace(sortie, legs=(take_off, transit, hold, *others))
    rows = read_wpl(sortie_wpl(with_sorties(plan, [held]), held))
    assert [row.p1 for row in rows if row.command == MavCmd.NAV_WAYPOINT and row.p1] == [8.0]
