"""Geometry files of strangers: what can be read is read, what cannot is told by its place."""

from __future__ import annotations

import json
import math
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from missions.geojson_file import geojson_features, parse_json
from missions.geometry_files import Reference, read_features, select
from missions.lonlat_shapes import ShapeError
from tests.missions.mission_folders import box_ring, line_feature, polygon_feature, write_features

SQUARE = box_ring(19.0, 47.4, 19.1, 47.5)
OTHER = box_ring(19.1, 47.4, 19.2, 47.5)


def write_gdal(path: Path, driver: str, *, crs: str, geometry: shapely.Polygon, names: list[str], layer: str | None = None) -> Path:
    pyogrio.raw.write(
        path,
        geometry=np.array([geometry.wkb] * len(names), dtype=object),
        field_data=[np.array(names, dtype=object)],
        fields=["name"],
        geometry_type="Polygon",
        crs=crs,
        driver=driver,
        **({} if layer is None else {"layer": layer, "append": path.exists()}),
    )
    return path


def _read(reference: Reference) -> BaseGeometry:
    return select(read_features(reference.path), reference.feature)


@pytest.mark.parametrize("name", ["by-id", "by-property", "by-nation", "by-name"])
def test_a_feature_is_found_by_id_by_property_by_nation_and_by_name(name: str, tmp_path: Path) -> None:
    write_features(
        tmp_path / "a.geojson",
        polygon_feature(SQUARE, "by-id"),
        polygon_feature(SQUARE, None, id="by-property"),
        polygon_feature(SQUARE, None, nation="by-nation"),
        polygon_feature(SQUARE, None, name="by-name"),
        polygon_feature(OTHER, "other"),
    )
    assert _read(Reference.parse(f"a.geojson#{name}", tmp_path)).bounds == (19.0, 47.4, 19.1, 47.5)


def test_an_id_goes_before_a_name(tmp_path: Path) -> None:
    write_features(tmp_path / "a.geojson", polygon_feature(OTHER, None, name="X"), polygon_feature(SQUARE, "X"))
    assert _read(Reference.parse("a.geojson#X", tmp_path)).bounds[0] == 19.0


def test_two_features_of_one_name_are_told_with_what_names_there_are(tmp_path: Path) -> None:
    write_features(tmp_path / "a.geojson", polygon_feature(OTHER, "X"), polygon_feature(SQUARE, "X"), polygon_feature(SQUARE, "Y"))
    with pytest.raises(ShapeError, match="2 features named 'X'") as caught:
        _read(Reference.parse("a.geojson#X", tmp_path))
    assert "X, X, Y" in caught.value.mend


def test_a_star_unites_all_features(tmp_path: Path) -> None:
    write_features(tmp_path / "a.geojson", polygon_feature(SQUARE), polygon_feature(OTHER))
    assert _read(Reference.parse("a.geojson#*", tmp_path)).bounds == (19.0, 47.4, 19.2, 47.5)


def test_a_hash_in_a_file_name_is_part_of_it(tmp_path: Path) -> None:
    write_features(tmp_path / "a#1.geojson", polygon_feature(SQUARE))
    assert _read(Reference.parse("a#1.geojson", tmp_path)).bounds[0] == 19.0


@pytest.mark.parametrize(("suffix", "driver"), [("gpkg", "GPKG"), ("shp", "ESRI Shapefile"), ("fgb", "FlatGeobuf")])
def test_other_formats_are_converted_from_their_reference_system(suffix: str, driver: str, tmp_path: Path) -> None:
    to_utm = pyproj.Transformer.from_crs(4326, 32634, always_xy=True)
    utm = shapely.transform(shapely.Polygon(SQUARE), lambda p: np.column_stack(to_utm.transform(p[:, 0], p[:, 1])))
    path = write_gdal(tmp_path / f"a.{suffix}", driver, crs="EPSG:32634", geometry=utm, names=["village"])
    found = _read(Reference.parse(f"{path.name}#village", tmp_path))
    assert shapely.equals_exact(shapely.normalize(found), shapely.normalize(shapely.Polygon(SQUARE)), tolerance=1e-9)


def test_kml_is_read_by_name(tmp_path: Path) -> None:
    ring = " ".join(f"{lon},{lat},100" for lon, lat in SQUARE)
    outline = f"<outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs>"
    place = f"<Placemark><name>village</name><Polygon>{outline}</Polygon></Placemark>"
    text = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{place}</Document></kml>'
    (tmp_path / "a.kml").write_text(text, encoding="utf-8")
    assert _read(Reference.parse("a.kml#village", tmp_path)).bounds == (19.0, 47.4, 19.1, 47.5)


def test_all_layers_of_a_geopackage_are_searched(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    write_gdal(path, "GPKG", crs="EPSG:4326", geometry=shapely.Polygon(SQUARE), names=["first"], layer="one")
    write_gdal(path, "GPKG", crs="EPSG:4326", geometry=shapely.Polygon(OTHER), names=["second"], layer="two")
    assert [feature.label for feature in read_features(path)] == ["first", "second"]


def test_geojson_with_an_old_reference_system_is_converted(tmp_path: Path) -> None:
    ring = [[2115070.0, 6017370.0], [2126202.0, 6017370.0], [2126202.0, 6033830.0], [2115070.0, 6017370.0]]
    document = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}},
        "features": [polygon_feature([(x, y) for x, y in ring])],
    }
    (tmp_path / "a.geojson").write_text(json.dumps(document), encoding="utf-8")
    west_deg, south_deg, _, _ = _read(Reference.parse("a.geojson", tmp_path)).bounds
    radius_m = 6_378_137.0  # of the sphere of EPSG:3857
    assert west_deg == pytest.approx(math.degrees(2115070.0 / radius_m))
    assert south_deg == pytest.approx(math.degrees(math.atan(math.sinh(6017370.0 / radius_m))))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.geojson", b"{", "not JSON"),
        ("a.geojson", b"[" * 100_000, "nested too deeply"),
        ("a.geojson", b'{"type": "Polygon", "coordinates": [[[NaN, 1]]]}', "NaN is not JSON"),
        ("a.geojson", b'{"type": "Polygon", "coordinates": [[[1, 2], [3, "4"], [5, 6]]]}', "coordinates[0][1] is not a position"),
        ("a.geojson", b'{"type": "Polygon", "coordinates": [[[1, 2], [3, 4]]]}', "2 positions"),
        ("a.geojson", b'{"type": "Polygon", "coordinates": [[[1, 2], [3, 1e300], [5, 6]]]}', "no coordinate"),
        ("a.geojson", b'{"type": "Circle"}', "type 'Circle'"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": []}', "no feature"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [3]}', "features[0] is not a GeoJSON object"),
        ("a.gpkg", b"hello", "cannot be read"),
        ("a.kml", b"<kml", "cannot be read"),
        ("a.vrt", b"<OGRVRTDataSource/>", "virtual"),
        ("missing.gpkg", None, "does not exist"),
    ],
)
def test_what_cannot_be_read_is_told(name: str, content: bytes | None, words: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ShapeError) as caught:
        _read(Reference.parse(name, tmp_path))
    assert words in caught.value.text
    assert caught.value.mend


def test_an_address_is_no_file(tmp_path: Path) -> None:
    for name in ("https://example.org/a.geojson", "/vsicurl/https://example.org/a.geojson", "a\0b.geojson", "x" * 5000):
        with pytest.raises(ShapeError, match="does not exist"):
            _read(Reference.parse(name, tmp_path))


def test_an_archive_is_no_geometry(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(ShapeError):
        _read(Reference.parse("a.zip", tmp_path))


def test_heights_are_dropped() -> None:
    document = {"type": "Feature", "properties": None, "geometry": {"type": "LineString", "coordinates": [[1, 2, 300], [3, 4, 300]]}}
    (feature,) = geojson_features(document)
    assert not feature.geometry.has_z


JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["Feature", "Polygon", "LineString"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "features", "geometry", "coordinates", "properties", "id", "geometries"]), inner, max_size=5
        )
    ),
    max_leaves=20,
)


@given(JSON_VALUES)
def test_any_json_is_features_or_a_told_defect(document: Any) -> None:
    try:
        features = geojson_features(document)
    except ShapeError as error:
        assert error.text
    else:
        assert all(not feature.geometry.is_empty for feature in features)


@given(st.binary(max_size=60))
def test_any_bytes_are_json_or_a_told_defect(data: bytes) -> None:
    try:
        parse_json(data)
    except ShapeError as error:
        assert "JSON" in error.text


def test_a_line_feature_keeps_its_names() -> None:
    (feature,) = geojson_features({"type": "FeatureCollection", "features": [line_feature([(1, 2), (3, 4)], "L", name="line")]})
    assert feature.names == ("L", None, None, "line")


_GPX = '<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="47" lon="19"><time>%s</time></wpt></gpx>'
_KML = (
    '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><TimeSpan><end>%s</end></TimeSpan>'
    "<Point><coordinates>19,47</coordinates></Point></Placemark></Document></kml>"
)


@pytest.mark.parametrize(
    ("name", "text"), [("a.gpx", _GPX % "20361-06-01T00:00:00Z"), ("a.kml", _KML % "2026-06-01T06:05:26.1e308Z")], ids=["year", "second"]
)
def test_a_date_beyond_dates_is_told_as_damage(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ShapeError, match="is damaged"):
        read_features(tmp_path / name)


@pytest.mark.parametrize("suffix", [".kml", ".gpx", ".gml", ".xml"])
def test_entities_are_never_expanded(suffix: str, tmp_path: Path) -> None:
    entities = '<!ENTITY a0 "aaaaaaaaaa">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    path = tmp_path / f"bomb{suffix}"
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE kml [{entities}]><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark>'
        "<name>&a9;</name><Point><coordinates>19,47</coordinates></Point></Placemark></Document></kml>"
    )
    with pytest.raises(ShapeError):
        read_features(path)


def test_a_reference_system_with_a_broken_name_is_told_as_damage(tmp_path: Path) -> None:
    path = write_gdal(tmp_path / "a.shp", "ESRI Shapefile", crs="EPSG:4326", geometry=shapely.box(19, 47, 20, 48), names=["a"])
    named = path.with_suffix(".prj").read_bytes().replace(b"GCS_WGS_1984", b"GCS_WGS_\xc48", 1)
    path.with_suffix(".prj").write_bytes(named)
    with pytest.raises(ShapeError, match="is damaged"):
        read_features(path)


def test_a_reference_system_that_nobody_knows_costs_no_search(tmp_path: Path) -> None:
    path = tmp_path / "a.shp"
    shapes = np.array([shapely.to_wkb(shapely.box(19, 47, 19.1, 47.1))])
    pyogrio.raw.write(path, shapes, [], [], crs="EPSG:4326", geometry_type="Polygon", driver="ESRI Shapefile")
    prj = path.with_suffix(".prj")
    prj.write_text(prj.read_text().replace("GCS_WGS_1984", "GC").replace("Greenwich", "Greenwic\nh"))
    started_s = time.process_time()
    (feature,) = read_features(path)
    # GDAL's own search takes one or two
    assert time.process_time() - started_s < 0.9
    assert feature.geometry.bounds == pytest.approx((19, 47, 19.1, 47.1))
