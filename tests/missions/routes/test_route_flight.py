"""Exported files are flown as they stand, by the vehicle alone: same coverage as the plan's own upload, same lists on board."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import shapely
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from mavlink_bridge.enums import MissionType
from mavlink_bridge.events import ListEnded, Uploaded, UploadOutcome
from mavlink_bridge.list_work import Airspace
from mavlink_bridge.messages import MissionItemInt
from mavlink_bridge.mission_items import SortieMission, items_match, sortie_mission
from missions.cli import main
from missions.formats.registry import FORMATS
from missions.formats.writing import unremarked
from missions.routes.read import is_route, parse_route
from missions.routes.route import FencePolygon, Route, fence_items, rally_items, upload_items
from missions.routes.route_flight import DRONE, RouteFlight, against_route, fly_mission, fly_route, vehicle_config
from missions.vehicles import Embedded, open_simulated
from planner.geo import LatLon, LocalFrame
from planner.model import Plan
from tests.missions.sample_patrol import LANE_SPACING_M, sample_plan, with_sorties

FILES = ["qgc-plan", "wpl", "script"]
#: A pace, however high, for positions several times a second: unpaced vehicles tell one, and lanes' ends are then metres uncertain.
VEHICLE = Embedded(speedup=1000.0)


@pytest.fixture(scope="module")
def plan() -> Plan:
    """One sortie of two lanes."""
    plan = sample_plan()
    sortie = plan.sorties[0]
    end = next(index for index, leg in enumerate(sortie.legs) if leg.lane == sortie.legs[4].lane)
    home = sortie.legs[-2:]
    way_home = replace(home[0], start=sortie.legs[end].end)
    return with_sorties(plan, [replace(sortie, legs=(*sortie.legs[: end + 1], way_home, home[1]))])


def exported(plan: Plan, name: str) -> bytes:
    return FORMATS[name].prepare(plan, unremarked).sortie(plan.sorties[0])


def flown(route: Route, tmp_path: Path) -> RouteFlight:
    return asyncio.run(fly_route(route, VEHICLE, tmp_path))


def seen(plan: Plan, flight: RouteFlight) -> float:
    """The part of what the sortie's lanes are to see that was seen on the way from where each begins to where it ends."""
    frame = LocalFrame.around([plan.area])
    way = [Point(frame.point_to_local(point.place.ground)) for point in flight.track]
    found, to_see, here = [], [], 0
    for leg in [leg for leg in plan.sorties[0].legs if leg.lane is not None]:
        lane = LineString([frame.point_to_local(leg.start.ground), frame.point_to_local(leg.end.ground)])
        start, end = (Point(corner) for corner in lane.coords)
        first = min(range(here, len(way)), key=partial(_apart_m, way, start))
        here = min(range(first, len(way)), key=partial(_apart_m, way, end))
        # what lies between two of them was flown as well
        near = LineString(way[max(first - 1, 0) : here + 2])
        found.append(strip(substring(near, near.project(start), near.project(end))))
        to_see.append(strip(lane))
    wanted = shapely.union_all(to_see)
    return float(shapely.union_all(found).intersection(wanted).area / wanted.area)


def _apart_m(way: Sequence[Point], place: Point, index: int) -> float:
    return way[index].distance(place)


def strip(way: BaseGeometry) -> BaseGeometry:
    # what wobbles by less than a metre where it turns would turn the strip's whole end
    return way.simplify(1.0).buffer(LANE_SPACING_M / 2, cap_style="flat")


def test_exported_files_are_flown_with_the_coverage_of_the_plans_own_upload(plan: Plan, tmp_path: Path) -> None:
    routes = {name: parse_route(exported(plan, name), name) for name in FILES}
    config = vehicle_config(routes["wpl"])
    own = asyncio.run(fly_mission(sortie_mission(plan, plan.sorties[0]), Airspace(), config, VEHICLE, tmp_path))
    wanted = seen(plan, own)
    assert wanted > 0.98
    for name, route in routes.items():
        assert bool(route.fences) is (name != "wpl")
        flight = flown(route, tmp_path)
        assert (flight.upload, flight.failure) == (UploadOutcome.VERIFIED, ""), name
        assert seen(plan, flight) == pytest.approx(wanted, abs=0.002), name
        assert flight.duration_s == pytest.approx(own.duration_s, abs=3.0), name
        told = against_route(route, flight, swath_m=LANE_SPACING_M)
        assert told.deviation_m < 2.0
        assert told.coverage is not None
        assert told.coverage > 0.99


@pytest.mark.parametrize("name", FILES)
def test_what_a_vehicle_reads_back_is_what_the_file_says(name: str, plan: Plan, tmp_path: Path) -> None:
    route = parse_route(exported(plan, name), name)
    sent = {MissionType.MISSION: upload_items(route), MissionType.FENCE: fence_items(route), MissionType.RALLY: rally_items(route)}

    async def read_back() -> dict[str, tuple[MissionItemInt, ...]]:
        lists: dict[str, tuple[MissionItemInt, ...]] = {}
        async with open_simulated([vehicle_config(route)], Embedded(), tmp_path) as opened:
            fleet = opened.fleet()
            mission = SortieMission(sortie=name, items=sent[MissionType.MISSION], spans=())
            fleet.upload(DRONE, mission, Airspace(fence=sent[MissionType.FENCE], rally=sent[MissionType.RALLY]))
            while len(lists) < len(sent):
                for event in await fleet.step():
                    if isinstance(event, Uploaded):
                        assert event.outcome is UploadOutcome.VERIFIED, event.reason
                        for kind in sent:
                            fleet.download_list(DRONE, kind)
                    if isinstance(event, ListEnded):
                        lists[event.kind] = event.items
        return lists

    for kind, items in asyncio.run(read_back()).items():
        assert items_match(sent[MissionType[kind.upper()]], items) == ()


def test_a_route_that_leaves_its_own_fence_is_not_flown_to_its_end(plan: Plan, tmp_path: Path) -> None:
    route = parse_route(exported(plan, "wpl"), "wpl")
    assert route.home is not None
    lat_deg, lon_deg = route.home.lat_deg, route.home.lon_deg
    corners = [(-0.002, -0.002), (-0.002, 0.002), (0.002, 0.002), (0.002, -0.002)]
    ring = tuple(LatLon(lat_deg=lat_deg + north, lon_deg=lon_deg + east) for north, east in corners)
    flight = flown(replace(route, fences=(FencePolygon(True, ring),)), tmp_path)
    assert flight.upload is UploadOutcome.VERIFIED
    assert "fence" in flight.failure.lower()


def test_a_script_is_the_route_that_it_uploads(plan: Plan) -> None:
    script, plan_file = (parse_route(exported(plan, name), name) for name in ("script", "qgc-plan"))
    assert is_route(exported(plan, "script"))
    assert upload_items(script) == upload_items(plan_file) == sortie_mission(plan, plan.sorties[0]).items
    assert fence_items(script) == fence_items(plan_file)
    assert [item.x for item in rally_items(script)] == [item.x for item in rally_items(plan_file)]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"version": 2}, "version"),
        ({"steps": {}}, "steps"),
        ({"steps": [{"do": "dance"}]}, "steps[0].do"),
        ({"steps": [{"do": "upload", "mission_type": 7, "items": []}]}, "steps[0].mission_type"),
        ({"steps": [{"do": "upload", "mission_type": 0, "items": [{"seq": 1}]}]}, "steps[0].items[0].seq"),
    ],
    ids=["version", "no steps", "unknown step", "unknown list", "numbering"],
)
def test_a_malformed_script_is_told_with_its_place(
    change: dict[str, object], key: str, plan: Plan, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "sortie.script.json"
    path.write_text(json.dumps(json.loads(exported(plan, "script")) | change))
    assert main(["fly", str(path), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["key"] == key


@pytest.mark.parametrize("options", [["--vehicles", "links.toml"], ["--dry-run"], ["--junit", "out.xml"]], ids=["real", "dry run", "junit"])
def test_options_of_patrols_are_refused_for_a_route(options: list[str], plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "sortie.plan"
    path.write_bytes(exported(plan, "qgc-plan"))
    assert main(["fly", str(path), *options]) == 2


def test_a_fence_alone_is_not_flown(plan: Plan, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sortie.fence"
    path.write_bytes(exported(plan, "fence"))
    assert main(["fly", str(path)]) == 2
    assert "no place" in capsys.readouterr().err
