"""GeoJSON and KML as GDAL reads them: the right place within a centimetre, the right height, everything there."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import shapely

from missions.formats.export import exported_files
from missions.formats.geojson import geojson_writers
from missions.formats.kml import kml_writers
from missions.formats.registry import FORMATS
from missions.formats.writing import unremarked
from planner.geo import Geographic, LatLon, geodesic_area_m2, geodesic_m
from planner.model import HeightBand, Leg, Permission, Plan, Sortie, Unreachable, Validity
from tests.missions.formats.reading import Row, all_rows, read_with_gdal
from tests.missions.sample_patrol import sample_plan

CENTIMETRE = 0.01


def plan_geojson(plan: Plan) -> bytes:
    return exported_files(plan, FORMATS["geojson"])["plan.geojson"]


def sortie_geojson(plan: Plan, sortie: Sortie) -> bytes:
    return geojson_writers(plan, unremarked).sortie(sortie)


def plan_kml(plan: Plan) -> bytes:
    return exported_files(plan, FORMATS["kml"])["plan.kml"]


def sortie_kml(plan: Plan, sortie: Sortie) -> bytes:
    return kml_writers(plan, unremarked).sortie(sortie)


KML = "{http://www.opengis.net/kml/2.2}"


@pytest.fixture
def plan() -> Plan:
    return sample_plan()


def of_kind(rows: list[Row], kind: str) -> list[Row]:
    return [row for row in rows if row.fields["kind"] == kind]


def assert_legs_are_there(rows: list[Row], legs: list[Leg], *, elevation_m: float) -> None:
    assert [row.fields["leg"] for row in rows] == [leg.kind for leg in legs]
    for row, leg in zip(rows, legs, strict=True):
        points = shapely.get_coordinates(row.geometry, include_z=True).tolist()
        assert len(points) == len(leg.points)
        for (lon_deg, lat_deg, z_m), promised in zip(points, leg.points, strict=True):
            assert geodesic_m(LatLon(lat_deg=lat_deg, lon_deg=lon_deg), promised) < CENTIMETRE
            assert z_m == pytest.approx(elevation_m + promised.height_m, abs=CENTIMETRE)


def test_geojson_of_a_plan_holds_everything_that_has_a_place(plan: Plan, tmp_path: Path) -> None:
    (rows,) = read_with_gdal(plan_geojson(plan), tmp_path / "plan.geojson").values()
    legs = [leg for sortie in plan.sorties for leg in sortie.legs]
    assert Counter(row.fields["kind"] for row in rows) == {
        "area": 1,
        "border": 1,
        "sector": 2,
        "keep_out": 1,
        "keep_out_buffer": 1,
        "base": 2,
        "lane": len(plan.lanes),
        "leg": len(legs),
    }
    assert_legs_are_there(of_kind(rows, "leg"), legs, elevation_m=150.0)
    for row, lane in zip(of_kind(rows, "lane"), plan.lanes, strict=True):
        (lon_deg, lat_deg), _ = shapely.get_coordinates(row.geometry).tolist()
        assert geodesic_m(LatLon(lat_deg=lat_deg, lon_deg=lon_deg), lane.start) < CENTIMETRE
        assert (row.fields["name"], row.fields["nation"], row.fields["swath_m"]) == (lane.id, lane.nation, lane.swath_m)


def test_geojson_of_a_sortie_holds_its_legs_with_their_times(plan: Plan, tmp_path: Path) -> None:
    sortie = plan.sorties[1]
    (rows,) = read_with_gdal(sortie_geojson(plan, sortie), tmp_path / "sortie.geojson").values()
    legs = of_kind(rows, "leg")
    assert_legs_are_there(legs, list(sortie.legs), elevation_m=150.0)
    assert [row.fields["start_s"] for row in legs] == [leg.start_s for leg in sortie.legs]
    assert [row.fields["lane"] for row in legs if row.fields["leg"] == "SWEEP"] == ["ALD-3", "ALD-4", "ALD-5"]
    assert [row.fields["name"] for row in of_kind(rows, "base")] == ["ald-west"]


def test_geojson_tells_heights_and_times_of_permissions_and_why_ground_is_unreachable(plan: Plan, tmp_path: Path) -> None:
    permission = Permission(
        id="p1", host="BRE", guest="ALD", polygon=plan.sectors[1].polygon, band=HeightBand(max_m=90.0), validity=Validity(from_s=60.0)
    )
    blind = Unreachable(polygon=plan.sectors[0].polygon, reason="no drone may fly near it")
    plan = replace(plan, permissions=(permission,), unreachable=(blind,))
    (rows,) = read_with_gdal(plan_geojson(plan), tmp_path / "plan.geojson").values()
    (row,) = of_kind(rows, "permission")
    assert {name: row.fields[name] for name in ("host", "guest", "max_m", "from_s")} == {
        "host": "BRE",
        "guest": "ALD",
        "max_m": 90.0,
        "from_s": 60.0,
    }
    assert [row.fields["reason"] for row in of_kind(rows, "unreachable")] == ["no drone may fly near it"]


def test_kml_is_read_by_gdal_with_every_leg_in_its_place(plan: Plan, tmp_path: Path) -> None:
    layers = read_with_gdal(plan_kml(plan), tmp_path / "plan.kml")
    for sortie in plan.sorties:
        assert_legs_are_there(layers[sortie.id], list(sortie.legs), elevation_m=150.0)
    assert len(layers["Lanes"]) == len(plan.lanes)
    (row,) = [row for row in layers["Area"] if row.fields["kind"] == "area"]
    assert geodesic_area_m2(Geographic(shapely.force_2d(row.geometry))) == pytest.approx(geodesic_area_m2(plan.area), rel=1e-6)


def test_kml_of_a_sortie_holds_its_legs(plan: Plan, tmp_path: Path) -> None:
    sortie = plan.sorties[2]
    rows = list(all_rows(read_with_gdal(sortie_kml(plan, sortie), tmp_path / "sortie.kml")))
    assert_legs_are_there(of_kind(rows, "leg"), list(sortie.legs), elevation_m=150.0)


@pytest.mark.parametrize(("elevation_m", "mode"), [(150.0, "absolute"), (0.0, "relativeToGround")])
def test_kml_legs_are_above_the_sea_unless_the_base_has_no_elevation(elevation_m: float, mode: str) -> None:
    plan = sample_plan(elevation_m=elevation_m)
    root = ElementTree.fromstring(sortie_kml(plan, plan.sorties[0]))
    modes = {line.findtext(f"{KML}altitudeMode") for line in root.iter(f"{KML}LineString")}
    assert modes == {mode}


def test_kml_styles_that_are_used_are_defined(plan: Plan) -> None:
    root = ElementTree.fromstring(plan_kml(plan))
    defined = {f"#{style.get('id')}" for style in root.iter(f"{KML}Style")}
    used = {element.text for element in root.iter(f"{KML}styleUrl")}
    assert used <= defined
    assert len({style.findtext(f"{KML}LineStyle/{KML}color") for style in root.iter(f"{KML}Style")}) >= 4


def test_kml_survives_names_that_are_no_xml() -> None:
    plan = sample_plan()
    nasty = 'A <b>&amp;"\x00\x0b\U0001f6a9'
    zones = tuple(replace(zone, id=nasty) for zone in plan.keep_outs)
    root = ElementTree.fromstring(plan_kml(replace(plan, name=nasty, keep_outs=zones)))
    assert root.findtext(f"{KML}Document/{KML}name") == 'A <b>&amp;"\ufffd\ufffd\U0001f6a9'


def test_kml_draws_holes(plan: Plan, tmp_path: Path) -> None:
    ring = Geographic(shapely.box(19.01, 47.51, 19.02, 47.52).difference(shapely.box(19.014, 47.514, 19.016, 47.516)))
    plan = replace(plan, keep_outs=(replace(plan.keep_outs[0], polygon=ring, buffer_m=0.0),))
    (row,) = read_with_gdal(plan_kml(plan), tmp_path / "plan.kml")["Keep-outs"]
    assert shapely.force_2d(row.geometry).equals_exact(ring.geometry, 1e-9, normalize=True)


@pytest.mark.parametrize("extension", ["geojson", "kml"])
def test_across_the_antimeridian_ground_is_cut_and_none_is_lost(extension: str, tmp_path: Path) -> None:
    plan = sample_plan(middle=LatLon(lat_deg=-16.8, lon_deg=180.0))
    writer = plan_geojson if extension == "geojson" else plan_kml
    rows = list(all_rows(read_with_gdal(writer(plan), tmp_path / f"plan.{extension}")))
    for row in rows:
        for part in shapely.get_parts(row.geometry):
            west_deg, _, east_deg, _ = part.bounds
            assert -180 <= west_deg <= east_deg <= 180
            assert east_deg - west_deg < 1
    (area,) = of_kind(rows, "area")
    assert len(shapely.get_parts(area.geometry)) == 2
    assert geodesic_area_m2(Geographic(shapely.force_2d(area.geometry))) == pytest.approx(geodesic_area_m2(plan.area), rel=1e-6)


def test_geojson_is_the_same_bytes_every_time(plan: Plan) -> None:
    assert plan_geojson(plan) == plan_geojson(sample_plan())
