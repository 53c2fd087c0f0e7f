"""Files for other programs, each read by a reader that shares nothing with its writer."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely
from lxml import etree
from shapely.geometry import Point, Polygon

from mavlink_bridge.enums import MavCmd
from mavlink_bridge.mission_items import sortie_mission
from missions.formats.export import exported_files
from missions.formats.registry import FORMATS
from missions.utc import at_utc
from planner.geo import Geographic, LatLon, geodesic_m, path_length_m
from planner.model import LegKind, Plan, Sortie, VehicleKind
from tests.missions.formats.reading import read_with_gdal
from tests.missions.sample_patrol import MIDDLE, Ground, sample_plan, with_sorties

CENTIMETRE = 0.01
KML = "{http://www.opengis.net/kml/2.2}"
WPML = "{http://www.dji.com/wpmz/1.0.2}"
GX = "{http://www.google.com/kml/ext/2.2}"
PLACES = [MIDDLE, LatLon(lat_deg=-34.6, lon_deg=-58.4), LatLon(lat_deg=-16.8, lon_deg=180.0)]


@pytest.fixture(params=PLACES, ids=["Hungary", "south and west", "across the antimeridian"])
def plan(request: pytest.FixtureRequest) -> Plan:
    return sample_plan(middle=request.param)


def of_sortie(plan: Plan, name: str, sortie: Sortie) -> bytes:
    return exported_files(plan, FORMATS[name])[f"{sortie.id}.{FORMATS[name].extension}"]


def whole(plan: Plan, name: str) -> bytes:
    return exported_files(plan, FORMATS[name])[f"plan.{FORMATS[name].extension}"]


def ends(sortie: Sortie) -> list[LatLon]:
    return [leg.end.ground for leg in sortie.legs]


def between_take_off_and_landing(sortie: Sortie) -> list[LatLon]:
    return [leg.end.ground for leg in sortie.legs if leg.kind not in (LegKind.TAKEOFF, LegKind.LAND)]


def assert_same_places(found: list[LatLon], promised: list[LatLon]) -> None:
    assert len(found) == len(promised)
    assert max(map(geodesic_m, found, promised)) < CENTIMETRE


def test_gpx_routes_have_every_leg_with_its_height_and_time(plan: Plan, tmp_path: Path) -> None:
    layers = read_with_gdal(whole(plan, "gpx"), tmp_path / "plan.gpx")
    assert [row.fields["name"] for row in layers["routes"]] == [sortie.id for sortie in plan.sorties]
    assert [row.fields["name"] for row in layers["waypoints"]] == [base.id for base in plan.bases]
    sortie = plan.sorties[0]
    (route,) = read_with_gdal(of_sortie(plan, "gpx", sortie), tmp_path / "sortie.gpx")["routes"]
    points = layers["route_points"][: len(sortie.legs) + 1]
    assert_same_places([LatLon(lat_deg=row.geometry.y, lon_deg=row.geometry.x) for row in points[1:]], ends(sortie))
    assert [row.fields["ele"] for row in points[1:]] == pytest.approx([150.0 + leg.end.height_m for leg in sortie.legs], abs=CENTIMETRE)
    assert len(route.geometry.coords) == len(points)
    for row, leg in zip(points[1:], sortie.legs, strict=True):
        told = datetime.fromisoformat(str(row.fields["time"])).replace(tzinfo=UTC)
        assert abs(told - at_utc(plan.start_utc, leg.end_s)) < timedelta(seconds=1)


def test_geopackage_has_a_typed_layer_for_each_kind_of_thing(plan: Plan, tmp_path: Path) -> None:
    layers = read_with_gdal(whole(plan, "gpkg"), tmp_path / "plan.gpkg")
    assert {name: len(rows) for name, rows in layers.items()} == {
        "area": 1,
        "border": 1,
        "sectors": 2,
        "permissions": 0,
        "keep_outs": 1,
        "keep_out_buffers": 1,
        "unreachable": 0,
        "bases": 2,
        "lanes": len(plan.lanes),
        "legs": sum(len(sortie.legs) for sortie in plan.sorties),
        "sorties": len(plan.sorties),
        "fences": len(layers["fences"]),
    }
    for row, sortie in zip(layers["sorties"], plan.sorties, strict=True):
        assert (row.fields["name"], row.fields["drone"], row.fields["start_s"]) == (sortie.id, sortie.drone, sortie.start_s)
        assert row.fields["length_m"] == pytest.approx(sum(path_length_m(leg.points) for leg in sortie.legs))
        assert row.geometry.geom_type == "MultiLineString"
    legs = [leg for sortie in plan.sorties for leg in sortie.legs]
    for row, leg in zip(layers["legs"], legs, strict=True):
        *_, (lon_deg, lat_deg, height_m) = shapely.get_coordinates(row.geometry, include_z=True).tolist()
        assert geodesic_m(LatLon(lat_deg=lat_deg, lon_deg=lon_deg), leg.end) < CENTIMETRE
        assert height_m == pytest.approx(150.0 + leg.end.height_m)
        assert row.fields["energy_wh"] == leg.energy_wh
    for sortie in plan.sorties:
        of_it = [row for row in layers["fences"] if row.fields["name"] == sortie.id]
        assert sum(bool(row.fields["inclusion"]) for row in of_it) == 1


def test_geopackage_says_its_reference_system_and_where_its_layers_lie(tmp_path: Path) -> None:
    import pyogrio

    plan = sample_plan()
    path = tmp_path / "plan.gpkg"
    path.write_bytes(whole(plan, "gpkg"))
    info = pyogrio.read_info(path, layer="legs")
    assert info["crs"] == "EPSG:4326"
    assert info["geometry_type"] == "MultiLineString Z"
    west, south, east, north = info["total_bounds"]
    assert west < 19.0 < east
    assert south < 47.5 < north
    assert dict(zip(info["fields"], info["dtypes"], strict=True))["start_utc"].startswith("datetime64")


def test_geopackage_of_a_sortie_holds_its_legs(plan: Plan, tmp_path: Path) -> None:
    sortie = plan.sorties[1]
    layers = read_with_gdal(of_sortie(plan, "gpkg", sortie), tmp_path / "sortie.gpkg")
    assert [row.fields["leg"] for row in layers["legs"]] == [leg.kind.value for leg in sortie.legs]
    assert [row.fields["name"] for row in layers["bases"]] == [sortie.start_base]


def test_kmz_is_the_kml_in_an_archive(plan: Plan, tmp_path: Path) -> None:
    archive = zipfile.ZipFile(io.BytesIO(whole(plan, "kmz")))
    assert archive.namelist() == ["doc.kml"]
    assert archive.read("doc.kml") == whole(plan, "kml")
    assert read_with_gdal(whole(plan, "kmz"), tmp_path / "plan.kmz")


def test_kml_tour_takes_the_flights_time_and_ends_when_it_lands() -> None:
    plan = sample_plan()
    sortie = plan.sorties[0]
    root = etree.fromstring(of_sortie(plan, "kml", sortie))
    (tour,) = root.iter(f"{GX}Tour")
    seconds = [float(element.text) for element in tour.iter(f"{GX}duration")]
    assert sum(seconds) == pytest.approx((sortie.end_s - sortie.start_s) / 30, abs=0.1 * len(seconds))
    last = [element.text for element in tour.iter(f"{KML}end")][-1]
    assert datetime.fromisoformat(last) == pytest.approx(at_utc(plan.start_utc, sortie.end_s), abs=timedelta(seconds=0.001))
    spans = list(root.iter(f"{KML}TimeSpan"))
    assert len(spans) == len(sortie.legs)


def test_wpml_is_read_as_dji_says(plan: Plan) -> None:
    for sortie in plan.sorties:
        archive = zipfile.ZipFile(io.BytesIO(of_sortie(plan, "wpml", sortie)))
        assert archive.namelist() == ["wpmz/template.kml", "wpmz/waylines.wpml"]
        for name in archive.namelist():
            root = etree.fromstring(archive.read(name))
            (config,) = root.iter(f"{WPML}missionConfig")
            assert [etree.QName(child).localname for child in config] == [
                "flyToWaylineMode",
                "finishAction",
                "exitOnRCLost",
                "executeRCLostAction",
                "takeOffSecurityHeight",
                "globalTransitionalSpeed",
                "droneInfo",
                "payloadInfo",
            ]
            placemarks = list(root.iter(f"{KML}Placemark"))
            assert [int(mark.findtext(f"{WPML}index")) for mark in placemarks] == list(range(len(placemarks)))
            places = [mark.findtext(f"{KML}Point/{KML}coordinates").split(",") for mark in placemarks]
            assert_same_places(
                [LatLon(lat_deg=float(lat), lon_deg=float(lon)) for lon, lat in places], between_take_off_and_landing(sortie)
            )
            height = "executeHeight" if name.endswith("wpml") else "height"
            assert {mark.findtext(f"{WPML}{height}") for mark in placemarks} == {"60.00"}


def test_wpml_says_when_a_speed_has_to_change() -> None:
    plan = sample_plan()
    fast = replace(plan, drone_types=tuple(replace(each, cruise_mps=22.0) for each in plan.drone_types))
    remarks: list[str] = []
    exported_files(fast, FORMATS["wpml"], remarks.append)
    assert len(remarks) == len(plan.sorties)
    assert "22 m/s" in remarks[0]


def test_litchi_rows_are_the_waypoints(plan: Plan) -> None:
    for sortie in plan.sorties:
        rows = list(csv.DictReader(io.StringIO(of_sortie(plan, "litchi", sortie).decode())))
        assert all(None not in row and None not in row.values() for row in rows)
        assert len(rows[0]) == 46
        places = [LatLon(lat_deg=float(row["latitude"]), lon_deg=float(row["longitude"])) for row in rows]
        assert_same_places(places, between_take_off_and_landing(sortie))
        assert {row["altitude(m)"] for row in rows} == {"60.00"}
        assert {row["speed(m/s)"] for row in rows} == {"10"}


def test_photos_by_distance_are_asked_for_along_lanes_only() -> None:
    plan = sample_plan()
    types = tuple(replace(kind, sensor=replace(kind.sensor, trigger_distance_m=25.0)) for kind in plan.drone_types)
    plan = replace(plan, drone_types=types)
    sortie = plan.sorties[0]
    inner = [leg for leg in sortie.legs if leg.kind not in (LegKind.TAKEOFF, LegKind.LAND)]
    # Each waypoint ends a leg, and says how the next one is flown.
    sweeps = [leg.kind is LegKind.SWEEP for leg in inner[1:]] + [False]
    rows = csv.DictReader(io.StringIO(of_sortie(plan, "litchi", sortie).decode()))
    assert [row["photo_distinterval"] for row in rows] == ["25" if sweep else "-1" for sweep in sweeps]
    archive = zipfile.ZipFile(io.BytesIO(of_sortie(plan, "wpml", sortie)))
    for name in archive.namelist():
        groups = list(etree.fromstring(archive.read(name)).iter(f"{WPML}actionGroup"))
        indices = [(int(g.findtext(f"{WPML}actionGroupStartIndex")), int(g.findtext(f"{WPML}actionGroupEndIndex"))) for g in groups]
        assert indices == [(number, number + 1) for number, sweep in enumerate(sweeps) if sweep]
        assert {g.findtext(f"{WPML}actionTrigger/{WPML}actionTriggerParam") for g in groups} == {"25"}


def test_litchi_says_when_there_are_too_many_waypoints() -> None:
    plan = sample_plan()
    sortie = plan.sorties[0]
    take_off, *flown, land = sortie.legs
    long = with_sorties(plan, [replace(sortie, legs=(take_off, *flown * 20, land))])
    remarks: list[str] = []
    exported_files(long, FORMATS["litchi"], remarks.append)
    assert any("Litchi flies 99" in text for text in remarks)


@pytest.mark.parametrize(("kind", "mode"), [(VehicleKind.COPTER, 4.0), (VehicleKind.PLANE, 10.0)])
def test_a_script_uploads_what_fly_uploads_and_starts_as_fly_does(kind: VehicleKind, mode: float) -> None:
    plan = sample_plan()
    plan = replace(plan, drone_types=tuple(replace(each, kind=kind) for each in plan.drone_types))
    sortie = plan.sorties[3]
    script = json.loads(of_sortie(plan, "script", sortie))
    fence, rally, mission, wait, *commands, landed = script["steps"]
    assert [step["mission_type"] for step in (fence, rally, mission)] == [1, 2, 0]
    items = sortie_mission(plan, sortie).items
    assert [(item["seq"], item["command"], item["frame"], item["x"], item["y"], item["z"]) for item in mission["items"]] == [
        (item.seq, item.command, item.frame, item.x, item.y, item.z) for item in items
    ]
    assert {item["command"] for item in rally["items"]} == {5100}
    assert {item["command"] for item in fence["items"]} == {5001, 5002}
    assert datetime.fromisoformat(wait["utc"]) == pytest.approx(at_utc(plan.start_utc, sortie.start_s), abs=timedelta(seconds=0.001))
    assert [(step["command"], step["param1"], step["param2"]) for step in commands] == [
        (MavCmd.DO_SET_MODE, 1.0, mode),
        (MavCmd.COMPONENT_ARM_DISARM, 1.0, 0.0),
        (MavCmd.MISSION_START, 0.0, 0.0),
    ]
    assert landed == {"do": "wait_for", "state": "disarmed"}
    assert script["system_id"] == plan.drone(sortie.drone).system_id


def volumes_of(document: dict[str, Any]) -> list[list[dict[str, Any]]]:
    return [intent["details"]["volumes"] for intent in document["operational_intents"]]


def test_f3548_volumes_hold_their_legs_in_space_and_time(plan: Plan) -> None:
    ground = Ground(LatLon(lat_deg=plan.bases[0].location.lat_deg, lon_deg=plan.bases[0].location.lon_deg))
    document = json.loads(whole(plan, "f3548"))
    assert "not compliant" in document["notice"]
    for sortie, volumes in zip(plan.sorties, volumes_of(document), strict=True):
        for leg, volume in zip(sortie.legs, volumes, strict=True):
            vertices = volume["volume"]["outline_polygon"]["vertices"]
            outline = ground.frame.ground(Geographic(Polygon([(vertex["lng"], vertex["lat"]) for vertex in vertices])))
            assert len(vertices) >= 3
            for point in leg.points:
                assert outline.buffer(-29.9).covers(Point(ground.frame.point_to_local(point.ground)))
            lower, upper = (volume["volume"][f"altitude_{end}"]["value"] for end in ("lower", "upper"))
            assert lower <= 150.0 + min(point.height_m for point in leg.points)
            assert upper >= 150.0 + max(point.height_m for point in leg.points)
            begin, end = (datetime.fromisoformat(volume[name]["value"]) for name in ("time_start", "time_end"))
            assert begin <= at_utc(plan.start_utc, leg.start_s) < at_utc(plan.start_utc, leg.end_s) <= end


def unfolded(content: bytes) -> list[str]:
    text = content.decode()
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return text.replace("\r\n ", "").split("\r\n")


def test_calendar_has_an_event_a_sortie_with_its_launch_and_landing() -> None:
    plan = sample_plan()
    lines = unfolded(whole(plan, "ical"))
    assert (lines[0], lines[-2], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR", "")
    starts = [line.removeprefix("DTSTART:") for line in lines if line.startswith("DTSTART:")]
    assert starts == [f"{at_utc(plan.start_utc, sortie.start_s):%Y%m%dT%H%M%SZ}" for sortie in plan.sorties]
    uids = [line for line in lines if line.startswith("UID:")]
    assert len(set(uids)) == len(plan.sorties)
    # a name from a stranger ends no line and begins no property
    assert "X-WR-CALNAME:Sample <border> & more" in lines
    named = unfolded(whole(replace(plan, name="a; b, c\\ d\r\nBEGIN:VALARM őőőőőőőőőőőőőőőőőőőőőőőőőőőőőőőőőőőőőőőőőőő"), "ical"))
    assert not any(line.startswith("BEGIN:VALARM") for line in named)
    assert any(line.startswith("X-WR-CALNAME:a\\; b\\, c\\\\ d BEGIN:VALARM ő") for line in named)


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_format_gives_the_same_bytes_again(name: str) -> None:
    plan = sample_plan()
    assert exported_files(plan, FORMATS[name]) == exported_files(sample_plan(), FORMATS[name])


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_format_says_what_it_cannot(name: str) -> None:
    assert FORMATS[name].lost_of(sample_plan())


@pytest.mark.parametrize("name", ["kml", "gpx", "wpml"])
def test_xml_is_well_formed_whatever_ids_say(name: str) -> None:
    plan = sample_plan()
    nasty = '<&"\x00\ud800]]>'
    sorties = [replace(sortie, id=f"{nasty}{sortie.id}") for sortie in plan.sorties]
    for content in exported_files(replace(with_sorties(plan, sorties), name=nasty), FORMATS[name]).values():
        parts = [zipfile.ZipFile(io.BytesIO(content)).read("wpmz/template.kml")] if name == "wpml" else [content]
        for part in parts:
            assert etree.fromstring(part) is not None


@pytest.mark.parametrize("writer", [FORMATS[name] for name in ("kml", "kmz", "wpml", "gpkg")], ids=lambda entry: entry.name)
def test_binary_and_xml_files_name_no_machine(writer: Any) -> None:
    check: Callable[[bytes], object] = re.compile(rb"/home/|/work/|/root/").search
    assert not any(check(content) for content in exported_files(sample_plan(), writer).values())
