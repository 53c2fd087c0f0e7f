"""Elevation rasters are read where they lie, in metres above the sea, and what cannot be trusted is one clear error."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import rasterio.warp
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st

from missions.cli import main
from missions.elevation import Stated, Window, read_elevation
from missions.errors import InputError
from missions.mission_file import load_mission
from missions.plan_file import write_plan
from missions.spec_hash import spec_sha256
from planner.clearance import against_terrain, terrain_notes
from planner.geo import LatLon, LocalFrame
from planner.model import LegKind
from planner.terrain import Terrain, TerrainSource
from tests.missions.mission_folders import training_folder
from tests.missions.sample_patrol import MIDDLE, sample_plan

AROUND = Window(18.98, 47.49, 19.02, 47.51)


def slope_m(lat_deg: Any, lon_deg: Any) -> Any:
    """A plane, so that what lies between cells is known."""
    return 200.0 + 1000.0 * (lat_deg - 47.5) + 500.0 * (lon_deg - 19.0)


def north_up(west: float, north: float, step: float) -> Affine:
    return Affine(step, 0.0, west, 0.0, -step, north)


def at(transform: Affine, column: Any, row: Any) -> tuple[Any, Any]:
    return transform.c + transform.a * column + transform.b * row, transform.f + transform.d * column + transform.e * row


def write_raster(
    path: Path, *, crs: str | None = "EPSG:4326", factor: float = 1.0, nodata: float | None = None, bands: int = 1, **more: Any
) -> Path:
    """The slope on 100 x 80 cells around the sample patrol."""
    transform = more.pop("transform", north_up(18.95, 47.54, 0.001))
    columns, rows = np.meshgrid(np.arange(100) + 0.5, np.arange(80) + 0.5)
    lon_deg, lat_deg = at(transform, columns, rows)
    heights = more.pop("heights", (slope_m(lat_deg, lon_deg) * factor).astype(np.float32))
    unit = more.pop("unit", None)
    shape = {
        "driver": "GTiff",
        "height": 80,
        "width": 100,
        "count": bands,
        "dtype": heights.dtype,
        "transform": transform,
        "nodata": nodata,
    }
    with rasterio.open(path, "w", crs=crs, **shape, **more) as file:
        for band in range(1, bands + 1):
            file.write(heights, band)
        if unit:
            file.units = (unit,)
    return path


def height_at(terrain: Terrain, lat_deg: float, lon_deg: float) -> float:
    return float(terrain.height_m(np.array([lat_deg]), np.array([lon_deg]))[0])


def test_heights_lie_where_the_raster_says_and_between_its_cells(tmp_path: Path) -> None:
    terrain = read_elevation(write_raster(tmp_path / "dem.tif", unit="m"), window=AROUND)
    for lat_deg, lon_deg in ((47.5, 19.0), (47.4913, 18.9871), (47.5099, 19.0199)):
        assert height_at(terrain, lat_deg, lon_deg) == pytest.approx(slope_m(lat_deg, lon_deg), abs=0.01)
    assert terrain.source.sha256 == hashlib.sha256((tmp_path / "dem.tif").read_bytes()).hexdigest()
    assert math.isnan(height_at(terrain, 47.9, 19.0))
    assert terrain.heights_m.size < 80 * 100


def test_a_raster_in_metres_lies_where_gdal_puts_it(tmp_path: Path) -> None:
    rows, columns = np.mgrid[0:80, 0:100]
    heights = (columns * 10 + rows).astype(np.int16)
    path = write_raster(tmp_path / "utm.tif", crs="EPSG:32634", transform=north_up(350_000, 5_266_000, 100), heights=heights)
    terrain = read_elevation(path)
    for row, column in ((0, 0), (40, 50), (79, 99)):
        x, y = 350_000 + (column + 0.5) * 100, 5_266_000 - (row + 0.5) * 100
        ((lon_deg,), (lat_deg,)) = rasterio.warp.transform("EPSG:32634", "EPSG:4326", [x], [y])
        assert height_at(terrain, lat_deg, lon_deg) == pytest.approx(heights[row, column], abs=0.01)
    assert terrain.step_m == pytest.approx(100.0, rel=0.01)


def test_an_ascii_grid_by_hand_is_read_once_its_system_is_said(tmp_path: Path) -> None:
    head = "ncols 3\nnrows 2\nxllcorner 19\nyllcorner 47\ncellsize 1\nNODATA_value -9999\n"
    (tmp_path / "grid.asc").write_text(head + "10 20 30\n40 50 -9999\n")
    with pytest.raises(InputError, match="which reference system"):
        read_elevation(tmp_path / "grid.asc")
    terrain = read_elevation(tmp_path / "grid.asc", stated=Stated(crs="EPSG:4326"))
    assert [height_at(terrain, lat, lon) for lat, lon in ((48.5, 19.5), (47.5, 20.5), (48.0, 20.0))] == [10.0, 50.0, 30.0]
    assert math.isnan(height_at(terrain, 47.5, 21.5))
    assert any("16.7%" in remark for remark in terrain.source.remarks)


def test_a_broken_system_beside_a_grid_does_not_matter_once_another_is_said(tmp_path: Path) -> None:
    (tmp_path / "grid.asc").write_text("ncols 2\nnrows 2\nxllcorner 19\nyllcorner 47\ncellsize 1\n10 20\n40 50\n")
    (tmp_path / "grid.prj").write_text('GEOGCS["\0{{GCS_WGS_1984",DATUM["D_WGS_1984"')
    assert height_at(read_elevation(tmp_path / "grid.asc", stated=Stated(crs="EPSG:4326")), 48.5, 19.5) == 10.0
    with pytest.raises(InputError, match="reference system"):
        read_elevation(tmp_path / "grid.asc")


@given(lon_deg=st.floats(179.5, 180.5), lat_deg=st.floats(-17.0, -16.5))
def test_the_antimeridian_is_nothing_to_a_terrain(lon_deg: float, lat_deg: float) -> None:
    _, columns = np.mgrid[0:20, 0:20]
    source = TerrainSource(file="x", sha256="", crs="EPSG:4326", unit="m", datum="")
    terrain = Terrain(
        heights_m=(columns * 10.0).astype(np.float32), x0=179.0, y0=-16.0, column_x=0.1, column_y=0.0, row_x=0.0, row_y=-0.1, source=source
    )
    heights_m = [height_at(terrain, lat_deg, each) for each in (lon_deg, lon_deg - 360)]
    assert heights_m == pytest.approx([(lon_deg - 179.0) * 100] * 2, abs=0.01)


def test_a_turned_raster_is_read_where_it_lies(tmp_path: Path) -> None:
    across, down = 0.0008 * math.cos(0.5), 0.0008 * math.sin(0.5)
    turned = Affine(across, down, 18.97, down, -across, 47.50)
    terrain = read_elevation(write_raster(tmp_path / "turned.tif", transform=turned))
    lon_deg, lat_deg = at(turned, 40.5, 30.5)
    assert height_at(terrain, lat_deg, lon_deg) == pytest.approx(slope_m(lat_deg, lon_deg), abs=0.01)


def test_feet_become_metres_whether_the_file_or_the_user_says_so(tmp_path: Path) -> None:
    own = read_elevation(write_raster(tmp_path / "own.tif", factor=1 / 0.3048, unit="ft"))
    said = read_elevation(write_raster(tmp_path / "said.tif", factor=1 / 0.3048), stated=Stated(unit="ft"))
    assert height_at(own, 47.5, 19.0) == pytest.approx(200.0, abs=0.01) == height_at(said, 47.5, 19.0)
    assert own.source.unit == "ft"


def test_what_is_not_stated_is_said(tmp_path: Path) -> None:
    silent = read_elevation(write_raster(tmp_path / "silent.tif"))
    assert silent.source.datum == "not stated"
    assert [remark.split(" is not stated")[0] for remark in silent.source.remarks] == [
        "what its heights are above",
        "the unit of its heights",
    ]
    telling = read_elevation(write_raster(tmp_path / "telling.tif", crs="EPSG:4326+5773", unit="m"))
    assert (telling.source.datum, telling.source.remarks) == ("EGM96 height", ())


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "nowhere": ({"crs": None}, "which reference system"),
    "elsewhere": ({"transform": north_up(10.0, 50.0, 0.001)}, "does not cover 47.4900..47.5100 N"),
    "part": ({"transform": north_up(19.0, 47.54, 0.001)}, "does not cover"),
    "picture": ({"bands": 3}, "3 bands"),
    "undeclared": ({"heights": np.full((80, 100), -32768, np.int16)}, "no ground on Earth"),
    "empty": ({"heights": np.full((80, 100), -9999, np.float32), "nodata": -9999.0}, "no height"),
    "ellipsoid": ({"crs": "EPSG:4979"}, "above the ellipsoid"),
    "fathoms": ({"unit": "fathom"}, "'fathom'"),
    "complex": ({"heights": np.zeros((80, 100), np.complex64)}, "complex64"),
}


@pytest.mark.parametrize(("how", "text"), BAD.values(), ids=BAD)
def test_what_cannot_be_trusted_is_one_error_that_names_the_file(how: dict[str, Any], text: str, tmp_path: Path) -> None:
    path = write_raster(tmp_path / "dem.tif", **how)
    with pytest.raises(InputError, match=text) as refused:
        read_elevation(path, window=AROUND)
    assert refused.value.file == str(path)
    assert refused.value.mend


@pytest.mark.parametrize("content", [b"", b"II*\0", b"no raster", b'<VRTDataset rasterXSize="2" rasterYSize="2"></VRTDataset>'])
def test_what_is_no_raster_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "dem.tif").write_bytes(content)
    with pytest.raises(InputError, match="no elevation raster"):
        read_elevation(tmp_path / "dem.tif")
    with pytest.raises(InputError, match="is no file"):
        read_elevation(tmp_path / "missing.tif")


@pytest.mark.parametrize(
    ("stored", "text"), [({}, "3,600,000,000 cells"), ({"tiled": True, "blockxsize": 8192, "blockysize": 8192}, "blocks too large")]
)
def test_a_small_file_that_would_fill_the_memory_is_refused(stored: dict[str, Any], text: str, tmp_path: Path) -> None:
    shape = {"driver": "GTiff", "height": 60_000, "width": 60_000, "count": 1, "dtype": "float32", "sparse_ok": True, "compress": "deflate"}
    with rasterio.open(tmp_path / "bomb.tif", "w", crs="EPSG:4326", transform=north_up(18.0, 48.0, 1e-4), **shape, **stored):
        pass
    with pytest.raises(InputError, match=text):
        read_elevation(tmp_path / "bomb.tif")


def hill(top_m: float) -> Terrain:
    """150 m everywhere, but for a hill in the middle of the sample patrol."""
    east_m, north_m = np.meshgrid(np.arange(-2000.0, 2001.0, 20.0), np.arange(2000.0, -2001.0, -20.0))
    heights_m = 150.0 + (top_m - 150.0) * (np.hypot(east_m + 300, north_m) < 100)
    frame = LocalFrame(MIDDLE)
    corner, beside, below = (frame.point_to_geographic(east_m=x, north_m=y) for x, y in ((-2000, 2000), (-1980, 2000), (-2000, 1980)))
    return Terrain(
        heights_m=heights_m.astype(np.float32),
        x0=corner.lon_deg,
        y0=corner.lat_deg,
        column_x=beside.lon_deg - corner.lon_deg,
        column_y=beside.lat_deg - corner.lat_deg,
        row_x=below.lon_deg - corner.lon_deg,
        row_y=below.lat_deg - corner.lat_deg,
        source=TerrainSource(file="hill.tif", sha256="ab" * 32, crs="EPSG:4326", unit="m", datum="EGM96 height"),
    )


def test_legs_that_pass_low_over_a_hill_are_found_where_it_is() -> None:
    plan = sample_plan(elevation_m=150.0)
    assert against_terrain(plan, hill(top_m=150.0), least_m=20.0) == ()
    found = against_terrain(plan, hill(top_m=195.0), least_m=20.0)
    frame = LocalFrame(MIDDLE)
    assert found
    for violation in found:
        assert violation.rule == "altitude"
        east_m, north_m = frame.point_to_local(LatLon(lat_deg=violation.lat_deg or 0.0, lon_deg=violation.lon_deg or 0.0))
        assert math.hypot(east_m + 300, north_m) < 130
        sortie = next(sortie for sortie in plan.sorties if sortie.id == violation.subject)
        leg = sortie.legs[int(violation.text.split()[1]) - 1]
        assert leg.kind not in (LegKind.TAKEOFF, LegKind.LAND)
        assert leg.start_s <= (violation.at_s or 0.0) <= leg.end_s
        # legs fly at 60 m above 150 m: 15 m above the hill
        assert violation.amount == pytest.approx(5.0, abs=0.5)


def test_a_mission_names_its_terrain_and_bases_lie_on_it(tmp_path: Path) -> None:
    folder = training_folder(tmp_path / "m")
    bare = load_mission(folder)
    text = (folder / "mission.toml").read_text(encoding="utf-8")
    flat = "\n".join(line for line in text.splitlines() if not line.startswith("elevation_m"))
    west, south, east, north = bare.area.geometry.buffer(0.2).bounds
    transform = north_up(west, north, max((east - west) / 100, (north - south) / 80))
    heights = np.full((80, 100), 321, np.int16)
    write_raster(folder / "dem.tif", transform=transform, heights=heights, unit="m")
    (folder / "mission.toml").write_text(flat + '\n[terrain]\nfile = "dem.tif"\ndatum = "EGM2008"\n', encoding="utf-8")
    spec = load_mission(folder)
    assert {base.elevation_m for base in spec.bases} == {321.0}
    assert spec.terrain is not None
    assert spec.terrain.source.datum == "EGM2008"
    assert spec_sha256(spec) != spec_sha256(bare)
    assert next(iter(terrain_notes(bare, ()))).startswith("flat earth")
    notes = list(terrain_notes(spec, sample_plan().sorties[:0]))
    assert notes[0].startswith("legs follow the ground")
    assert spec.terrain.source.sha256[:12] in notes[0]


def test_a_raster_is_imported_into_a_mission_and_a_plan_is_held_to_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raster = write_raster(tmp_path / "dem.tif")
    assert main(["import", str(raster), "-o", str(tmp_path / "none")]) == 2
    assert main(["new", str(tmp_path / "m"), "--at", "47.5,19.0", "--size-m", "800"]) == 0
    capsys.readouterr()
    before = (tmp_path / "m" / "mission.toml").read_text(encoding="utf-8")
    assert main(["import", str(raster), "-o", str(tmp_path / "m"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {Path(file).name for file in told["files"]} == {"dem.tif", "mission.toml"}
    assert any("taken as metres" in remark for remark in told["repairs"])
    assert (tmp_path / "m" / "mission.toml").read_text(encoding="utf-8").startswith(before)
    spec = load_mission(tmp_path / "m")
    assert spec.terrain is not None
    assert [base.elevation_m for base in spec.bases] == pytest.approx(
        [slope_m(base.location.lat_deg, base.location.lon_deg) for base in spec.bases], abs=0.1
    )
    assert main(["import", str(raster), "-o", str(tmp_path / "m"), "--force"]) == 2
    plan = sample_plan(elevation_m=180.0)
    write_plan(plan, tmp_path / "plan.json")
    capsys.readouterr()
    assert main(["check", str(tmp_path / "plan.json"), "--terrain", str(raster), "--clearance-m", "45", "--json"]) == 1
    rules = {violation["rule"] for violation in json.loads(capsys.readouterr().out)["violations"]}
    assert rules == {"altitude"}
    assert main(["check", str(tmp_path / "plan.json"), "--terrain", str(raster), "--clearance-m", "15"]) == 0
