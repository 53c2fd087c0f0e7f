from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QAction, QImage
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QCheckBox, QFileDialog, QLabel, QLineEdit, QSlider, QWidget

from gui.models.basemap import land_around, own_layer
from gui.models.graticule import graticule
from gui.models.map_layers import Layer
from gui.models.map_model import Tool
from gui.models.palette import Entry, found
from gui.models.viewport import Viewport
from gui.settings import Settings
from missions.errors import InputError
from planner.geo import LatLon, LocalFrame, geodesic_m
from tests.gui.conftest import Desktop
from tests.gui.test_window import answer_file_dialog

FORTY_NINTH = LocalFrame(LatLon(lat_deg=49.0, lon_deg=-98.0))
LEFT = Qt.MouseButton.LeftButton


# --- what is read ----------------------------------------------------------------------------------------------------


def country_at(frame: LocalFrame, lat_deg: float, lon_deg: float) -> list[str]:
    place = shapely.Point(frame.point_to_local(LatLon(lat_deg=lat_deg, lon_deg=lon_deg)))
    return [piece.name for piece in land_around(frame).pieces if piece.geometry.intersects(place)]


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg", "country"),
    [(49.1, -98.0, ["Canada"]), (48.9, -98.0, ["United States"]), (-17.6, 178.0, ["Fiji"]), (40.0, -40.0, [])],
)
def test_the_shipped_land_knows_its_countries(lat_deg: float, lon_deg: float, country: list[str]) -> None:
    assert country_at(LocalFrame(LatLon(lat_deg=lat_deg, lon_deg=lon_deg)), lat_deg, lon_deg) == country


def test_a_border_along_a_parallel_stays_on_it_in_metres() -> None:
    # seven degrees away, where a straight line in metres would be 14 km off
    assert country_at(FORTY_NINTH, 49.05, -105.0) == ["Canada"]
    assert country_at(FORTY_NINTH, 48.95, -105.0) == ["United States"]


def test_land_is_there_on_both_sides_of_the_antimeridian() -> None:
    for lon_deg in (179.9, -179.9):
        frame = LocalFrame(LatLon(lat_deg=67.0, lon_deg=lon_deg))
        assert country_at(frame, 67.0, 179.0) == country_at(frame, 67.0, -179.0) == ["Russia"]


def write_lines(path: Path) -> Path:
    line = {"type": "LineString", "coordinates": [[19.0, 47.5], [19.05, 47.5]]}
    tower = {"type": "Point", "coordinates": [19.02, 47.505]}
    features = [{"type": "Feature", "properties": {"name": name}, "geometry": shape} for name, shape in (("road", line), ("tower", tower))]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_own_files_are_read_by_the_missions_readers(tmp_path: Path) -> None:
    frame = LocalFrame(LatLon(lat_deg=47.5, lon_deg=19.0))
    layer = own_layer(write_lines(tmp_path / "things.geojson"), frame)
    assert [piece.name for piece in layer.pieces] == ["road", "tower"]
    assert layer.pieces[0].geometry.length == pytest.approx(3764, abs=5)
    with pytest.raises(InputError, match=r"nothing\.gpkg: does not exist"):
        own_layer(tmp_path / "nothing.gpkg", frame)


# --- graticule -------------------------------------------------------------------------------------------------------


def test_graticule_lines_lie_at_round_degrees() -> None:
    view = Viewport(metres_per_px=100.0, width_px=1000, height_px=600)
    lines = graticule(view, FORTY_NINTH)
    assert {line.name for line in lines if not line.meridian} == {"48°50′N", "49°N", "49°10′N"}
    for line in lines:
        lat_deg, lon_deg = FORTY_NINTH.arrays_to_geographic(line.points[:, 0], line.points[:, 1])
        fixed = lon_deg if line.meridian else lat_deg
        assert np.allclose(fixed, fixed[0], atol=1e-9)
        assert (fixed[0] * 12) == pytest.approx(round(fixed[0] * 12), abs=1e-6)  # five minutes


def test_the_whole_world_has_no_graticule() -> None:
    assert graticule(Viewport(metres_per_px=20_000.0, width_px=1900, height_px=1000), FORTY_NINTH) == ()


# --- in the window ---------------------------------------------------------------------------------------------------


def test_own_geometry_is_added_faded_hidden_and_taken_out(desktop: Desktop, plan_file: Path, settings: Settings) -> None:
    desktop.open(plan_file)
    view = desktop.find(QWidget, "map")
    plain = view.grab().toImage()
    desktop.find(QAction, "view.add-ground").trigger()
    answer_file_dialog(desktop, write_lines(desktop.folder / "things.geojson"))
    desktop.wait(lambda: len(desktop.desk.map.grounds) == 2)
    with_lines = view.grab().toImage()
    assert with_lines != plain
    desktop.find(QAction, "view.dock.layers").trigger()
    desktop.find(QSlider, "opacity-things").setValue(40)
    assert view.grab().toImage() not in (with_lines, plain)
    settings.keep_map(desktop.desk.map)
    desktop.click("layer-things")
    assert view.grab().toImage() == plain
    desktop.desk.ground.remove(desktop.desk.map.own_layers[0].path)
    assert len(desktop.desk.map.grounds) == 1
    settings.restore_map(desktop.desk.map)
    assert [(layer.title, layer.opacity) for layer in desktop.desk.map.own_layers] == [("things", 0.4)]


def test_a_file_that_cannot_be_read_says_so_and_is_forgotten(desktop: Desktop, plan_file: Path) -> None:
    desktop.open(plan_file)
    (desktop.folder / "bad.geojson").write_text("{")
    desktop.desk.ground.add(desktop.folder / "bad.geojson")
    desktop.wait(lambda: "is not JSON" in desktop.notice)
    assert desktop.desk.map.own_layers == ()


def test_layers_are_switched_and_faded(desktop: Desktop, plan_file: Path) -> None:
    desktop.open(plan_file)
    desktop.find(QAction, "view.dock.layers").trigger()
    view = desktop.find(QWidget, "map")
    desktop.wait(desktop.find(QCheckBox, "layer-routes").isVisible)
    before = view.grab().toImage()
    desktop.find(QSlider, "opacity-Routes").setValue(50)
    assert desktop.desk.map.look_of_layers.opacity(Layer.ROUTES) == 0.5
    assert view.grab().toImage() != before
    desktop.click("layer-routes")
    assert Layer.ROUTES not in desktop.desk.map.layers
    desktop.keys("Alt+2")
    assert Layer.GRATICULE in desktop.desk.map.layers


def test_measuring_by_clicks_tells_length_and_course(desktop: Desktop, plan_file: Path) -> None:
    desktop.open(plan_file)
    view = desktop.find(QWidget, "map")
    desktop.keys("Ctrl+M")
    for place in (QPoint(200, 200), QPoint(300, 200)):
        QTest.mouseMove(view, place)
        QTest.mouseClick(view, LEFT, pos=place)
    (leg,) = desktop.desk.map.measure.legs
    assert leg.length_m == pytest.approx(100 * desktop.desk.map.viewport.metres_per_px, rel=0.01)
    assert leg.course_deg == pytest.approx(90.0, abs=0.1)
    desktop.wait(lambda: leg.text(desktop.desk.units.now) in desktop.find(QLabel, "status-doing").text())
    QTest.keyClick(view, Qt.Key.Key_Escape)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert desktop.desk.map.tool is Tool.LOOK


def test_go_to_a_typed_position_and_to_a_base(desktop: Desktop, plan_file: Path) -> None:
    desktop.open(plan_file)
    line = desktop.find(QLineEdit, "palette-line")
    for typed, place in (
        ("47 30.3 N 18 59.4 E".replace(" 30.3 ", "°30.3'").replace(" 59.4 ", "°59.4'"), (47.505, 18.99)),
        ("ald-west", None),
    ):
        desktop.keys("Ctrl+G")
        QTest.keyClicks(line, typed)
        QTest.keyClick(line, Qt.Key.Key_Return)
        assert not line.isVisible()
        view, scene = desktop.desk.map.viewport, desktop.desk.map.scene
        assert scene is not None
        middle = scene.frame.point_to_geographic(east_m=view.centre_east_m, north_m=view.centre_north_m)
        base = desktop.desk.documents.current.content.bases[0].location if desktop.desk.documents.current else middle
        assert geodesic_m(middle, LatLon(lat_deg=place[0], lon_deg=place[1]) if place else base) < 1


def test_a_command_is_found_by_a_part_of_its_name(desktop: Desktop, plan_file: Path) -> None:
    desktop.open(plan_file)
    desktop.keys("Ctrl+K")
    line = desktop.find(QLineEdit, "palette-line")
    QTest.keyClicks(line, "dark theme")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert desktop.settings.theme.value == "dark"


def test_what_begins_with_the_typed_word_comes_first() -> None:
    entries = [Entry(title=title, run=lambda: None) for title in ("Unpause", "All pause", "Pause all", "Other")]
    assert [entry.title for entry in found(entries, "pause")] == ["Pause all", "All pause", "Unpause"]


def test_the_map_is_saved_as_a_picture(desktop: Desktop, plan_file: Path) -> None:
    desktop.open(plan_file)
    desktop.keys("Ctrl+Shift+E")
    assert desktop.find(QFileDialog, "file-dialog").acceptMode() is QFileDialog.AcceptMode.AcceptSave
    shown = desktop.find(QWidget, "map").grab().toImage()
    answer_file_dialog(desktop, desktop.folder / "map.png")
    desktop.wait(lambda: "Saved" in desktop.notice)
    assert QImage(str(desktop.folder / "map.png")).size() == shown.size()
