"""What is exported and read back is the same mission, fence and rally points: same commands, places within a centimetre."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mavlink_bridge.enums import MavCmd
from mavlink_bridge.mission_items import sortie_mission
from missions.errors import InputError
from missions.formats.fences import Fences
from missions.formats.registry import FORMATS
from missions.formats.writing import unremarked
from missions.routes.read import is_route, parse_route
from missions.routes.route import FenceCircle, FencePolygon, Route, upload_items
from planner.geo import LatLon, geodesic_m
from planner.model import Plan, Sortie, VehicleKind
from tests.missions.sample_patrol import MIDDLE, sample_plan

CENTIMETRE = 0.01
PLACES = [MIDDLE, LatLon(lat_deg=-34.6, lon_deg=-58.4), LatLon(lat_deg=70.0, lon_deg=25.0), LatLon(lat_deg=-16.8, lon_deg=180.0)]


@pytest.fixture(params=PLACES, ids=["Hungary", "south and west", "far north", "across the antimeridian"])
def plan(request: pytest.FixtureRequest) -> Plan:
    return sample_plan(middle=request.param)


def exported(plan: Plan, name: str, sortie: Sortie) -> bytes:
    return FORMATS[name].prepare(plan, unremarked).sortie(sortie)


@pytest.mark.parametrize("name", ["qgc-plan", "wpl"])
@pytest.mark.parametrize("kind", list(VehicleKind))
def test_a_mission_read_back_is_uploaded_as_the_plan_itself_is(name: str, kind: VehicleKind, plan: Plan) -> None:
    camera = replace(plan.drone_types[0].sensor, trigger_distance_m=22.5)
    plan = replace(plan, drone_types=tuple(replace(each, kind=kind, sensor=camera) for each in plan.drone_types))
    for sortie in plan.sorties:
        data = exported(plan, name, sortie)
        assert is_route(data)
        assert upload_items(parse_route(data, "sortie")) == sortie_mission(plan, sortie).items


@pytest.mark.parametrize("name", ["qgc-plan", "fence"])
def test_a_fence_read_back_is_the_sorties(name: str, plan: Plan) -> None:
    sortie = plan.sorties[0]
    zones = parse_route(exported(plan, name, sortie), "sortie").fences
    promised = list(Fences(plan, unremarked).of(sortie).polygons)
    assert len(zones) == len(promised)
    for zone, (inclusion, ring) in zip(zones, promised, strict=True):
        assert isinstance(zone, FencePolygon)
        assert zone.inclusion is inclusion
        corners = [LatLon(lat_deg=lat_deg, lon_deg=lon_deg) for lon_deg, lat_deg in ring.exterior.coords[:-1]]
        assert max(map(geodesic_m, zone.ring, corners)) < CENTIMETRE


@pytest.mark.parametrize("name", ["qgc-plan", "rally"])
def test_rally_points_read_back_are_the_bases(name: str, plan: Plan) -> None:
    sortie = plan.sorties[0]
    (point,) = parse_route(exported(plan, name, sortie), "sortie").rally
    assert geodesic_m(point, plan.base(sortie.start_base).location) < CENTIMETRE
    assert point.height_m == 60.0


def test_windows_line_ends_comments_and_spaces_are_read(plan: Plan) -> None:
    data = exported(plan, "wpl", plan.sorties[0])
    head, *rows = data.decode().splitlines()
    other = "\r\n".join([head, "# from the office", "", *(row.replace("\t", "  ") for row in rows), ""])
    assert parse_route(b"\xef\xbb\xbf" + other.encode(), "w").items == parse_route(data, "w").items


def test_home_as_mission_planner_writes_it_is_taken_and_told() -> None:
    text = "QGC WPL 110\r\n0\t1\t0\t0\t0\t0\t0\t0\t47.5\t19.0\t120.0\t1\r\n1\t0\t3\t16\t0\t0\t0\t0\t47.6\t19.1\t50\t1\r\n"
    route = parse_route(text.encode(), "w")
    assert route.home is not None
    assert (route.home.lat_deg, route.home.height_m) == (47.5, 120.0)
    assert [row.seq for row in route.items] == [1]
    assert "command 0" in route.repairs[0]


def simple(
    command: int, place: Sequence[float | None], jump_id: int, *, params: Sequence[float | None] = (0, 0, 0, None)
) -> dict[str, Any]:
    frame = 2 if command >= 100 else 3
    return {
        "type": "SimpleItem",
        "command": command,
        "frame": frame,
        "autoContinue": True,
        "doJumpId": jump_id,
        "params": [*params, *place],
    }


def qgc_plan(items: Sequence[dict[str, Any]], **others: Any) -> bytes:
    mission = {"version": 2, "items": list(items), "plannedHomePosition": [47.5, 19.0, 120.0], "firmwareType": 3, "vehicleType": 2}
    document = {"fileType": "Plan", "version": 1, "groundStation": "QGroundControl", "mission": mission, **others}
    return json.dumps(document).encode()


def survey(items: Sequence[dict[str, Any]], *, version: int = 5, kind: str = "survey") -> dict[str, Any]:
    """A survey as QGroundControl saves it: its settings, and the simple items it came to."""
    return {
        "type": "ComplexItem",
        "complexItemType": kind,
        "version": version,
        "angle": 0,
        "entryLocation": 0,
        "flyAlternateTransects": False,
        "splitConcavePolygons": False,
        "polygon": [[47.5, 19.0], [47.51, 19.0], [47.51, 19.01], [47.5, 19.01]],
        "TransectStyleComplexItem": {
            "version": 2,
            "CameraCalc": {"CameraName": "Manual (no camera specs)", "version": 2},
            "Items": list(items),
            "VisualTransectPoints": [[47.5, 19.0], [47.51, 19.0]],
        },
    }


def test_a_survey_is_the_items_that_it_was_expanded_to() -> None:
    camera = simple(206, (0, 0, 0), 4, params=(25, 0, 1, 0))
    transects = [simple(16, (47.5, 19.0, 50), 2), simple(16, (47.51, 19.0, 50), 3), camera]
    items = [simple(22, (47.5, 19.0, 50), 1), survey(transects), simple(20, (0, 0, 0), 5)]
    route = parse_route(qgc_plan(items), "p")
    assert [(row.seq, row.command) for row in route.items] == [(1, 22), (2, 16), (3, 16), (4, 206), (5, 20)]
    assert len(route.surveys[0]) == 4
    assert [item.seq for item in upload_items(route)] == [0, 1, 2, 3, 4, 5]
    assert upload_items(route)[2].x == 475000000


def test_jumps_name_the_item_they_mean_after_expansion() -> None:
    transects = [simple(16, (47.5, 19.0, 50), 2), simple(16, (47.51, 19.0, 50), 3)]
    items = [
        simple(22, (47.5, 19.0, 50), 1),
        survey(transects),
        simple(16, (47.52, 19.0, 50), 9),
        simple(177, (0, 0, 0), 10, params=(9, 2, 0, 0)),
    ]
    jump = parse_route(qgc_plan(items), "p").items[-1]
    assert jump.params[:2] == (4.0, 2.0)


def test_circles_of_a_fence_are_read() -> None:
    circle = {"circle": {"center": [47.5, 19.0], "radius": 80.0}, "inclusion": False, "version": 1}
    data = qgc_plan([simple(22, (47.5, 19.0, 50), 1)], geoFence={"version": 2, "circles": [circle], "polygons": []})
    assert parse_route(data, "p").fences == (FenceCircle(False, LatLon(lat_deg=47.5, lon_deg=19.0), 80.0),)


def test_an_old_fence_loses_its_return_point_and_its_closing_vertex() -> None:
    text = "47.505 19.005\n47.5 19.0\n47.51 19.0\n47.51 19.01\n47.5 19.0\n"
    (fence,) = parse_route(text.encode(), "f").fences
    assert isinstance(fence, FencePolygon)
    assert len(fence.ring) == 3


def test_old_rally_files_are_read() -> None:
    (point,) = parse_route(b"RALLY 47.5 19.0 60.0 40.0 0.0 0\n", "r").rally
    assert (point.lat_deg, point.height_m) == (47.5, 60.0)


BAD = {
    "a plan of version 2": (qgc_plan([]).replace(b'"version": 1', b'"version": 2'), "version"),
    "a plan without mission": (b'{"fileType": "Plan", "version": 1}', "mission"),
    "a mission of version 1": (qgc_plan([]).replace(b'"version": 2', b'"version": 1'), "mission.version"),
    "a survey of version 9": (qgc_plan([survey([], version=9)]), "mission.items[0].version"),
    "a complex item that nobody knows": (qgc_plan([survey([], kind="Mystery")]), "mission.items[0].complexItemType"),
    "a survey without items": (
        qgc_plan([survey([])]).replace(b'"Items"', b'"Lost"'),
        "mission.items[0].TransectStyleComplexItem.Items",
    ),
    "a waypoint without a place": (qgc_plan([simple(16, (None, None, 50), 1)]), "mission.items[0].params"),
    "a place outside the world": (qgc_plan([simple(16, (147.5, 19.0, 50), 1)]), "mission.items[0].params"),
    "a jump to nowhere": (qgc_plan([simple(177, (0, 0, 0), 1, params=(7, 1, 0, 0))]), "item 1"),
    "an unknown frame": (b"QGC WPL 110\n0\t1\t9\t16\t0\t0\t0\t0\t47\t19\t0\t1\n", "line 2"),
    "eleven fields": (b"QGC WPL 110\n0\t1\t0\t16\t0\t0\t0\t0\t47\t19\t0\n", "line 2"),
    "an old version": (b"QGC WPL 100\n", "line 1"),
    "words for numbers": (b"QGC WPL 110\n0\t1\t0\t16\t0\t0\t0\t0\tnan\t19\t0\t1\n", "line 2"),
    "a fence that ends too soon": (b"QGC WPL 110\n0\t0\t3\t5001\t3\t0\t0\t0\t47\t19\t0\t1\n", "item 0"),
    "JSON that is none": (b'{"fileType": "Plan",', None),
    "something else": (b"hello", None),
}


@pytest.mark.parametrize(("data", "key"), BAD.values(), ids=BAD)
def test_what_is_malformed_is_told_with_its_place(data: bytes, key: str | None) -> None:
    with pytest.raises(InputError) as caught:
        parse_route(data, "file")
    assert (caught.value.file, caught.value.key) == ("file", key)
    assert caught.value.mend


def test_a_fence_alone_cannot_be_flown() -> None:
    with pytest.raises(InputError, match="no mission items"):
        upload_items(Route())


numbers = st.floats(-90, 90).map(lambda value: round(value, 7))
coordinates = st.tuples(numbers, numbers, st.floats(0, 500).map(lambda value: round(value, 2)))


@settings(max_examples=60, deadline=None)
@given(places=st.lists(coordinates, min_size=1, max_size=30), make=st.sampled_from(["plan", "wpl"]))
def test_any_waypoints_come_back_as_they_were(places: list[tuple[float, float, float]], make: str) -> None:
    def as_plan() -> bytes:
        return qgc_plan([simple(16, place, index) for index, place in enumerate(places, start=1)])

    def as_wpl() -> bytes:
        rows = [f"{i}\t0\t3\t16\t0\t0\t0\t0\t{lat:.8f}\t{lon:.8f}\t{z:.2f}\t1" for i, (lat, lon, z) in enumerate(places, start=1)]
        return "\n".join(["QGC WPL 110", "0\t1\t0\t16\t0\t0\t0\t0\t1\t1\t0\t1", *rows]).encode()

    makers: dict[str, Callable[[], bytes]] = {"plan": as_plan, "wpl": as_wpl}
    route = parse_route(makers[make](), "f")
    assert [(place.lat_deg, place.lon_deg, place.height_m) for place in route.places] == places
    assert [(item.x, item.y) for item in upload_items(route)[1:]] == [(round(lat * 1e7), round(lon * 1e7)) for lat, lon, _ in places]
    assert {item.command for item in upload_items(route)} == {MavCmd.NAV_WAYPOINT}
