from __future__ import annotations

import json
from pathlib import Path

from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QFileDialog

from planner.geo import LatLon, LocalFrame
from planner.model import MissionSpec
from tests.gui.conftest import Desktop
from tests.gui.test_window import answer_file_dialog


def opened(desktop: Desktop, *, after: object) -> MissionSpec:
    documents = desktop.desk.documents
    desktop.wait(lambda: documents.current is not after and documents.current is not None)
    assert documents.current is not None
    assert documents.current.spec is not None
    return documents.current.spec


def test_a_mission_is_begun_from_a_border_and_kept_where_the_operator_says(desktop: Desktop, tmp_path: Path) -> None:
    border = tmp_path / "river.geojson"
    border.write_text(json.dumps({"type": "LineString", "coordinates": [[19.0, 47.5], [19.02, 47.5]]}))
    desktop.keys("Ctrl+N")
    answer_file_dialog(desktop, border)
    spec = opened(desktop, after=None)
    assert (spec.name, spec.border is not None, len(spec.nations)) == ("river", True, 2)
    assert not desktop.desk.editing.saveable
    desktop.find(QAction, "file.save-mission").trigger()
    answer_file_dialog(desktop, tmp_path / "mine" / "mission.toml")
    desktop.wait((tmp_path / "mine" / "mission.toml").exists)
    desktop.wait(lambda: desktop.desk.editing.saveable)


def test_a_mission_is_begun_in_the_middle_of_the_map(desktop: Desktop) -> None:
    new_here = desktop.find(QAction, "file.new-here")
    assert not new_here.isEnabled()
    desktop.open("training")
    view, before = desktop.desk.map, desktop.desk.documents.current
    view.go_to(east_m=500.0, north_m=-300.0)
    assert view.scene is not None
    middle = view.scene.frame.point_to_geographic(east_m=500.0, north_m=-300.0)
    new_here.trigger()
    spec = opened(desktop, after=before)
    assert LocalFrame(LatLon(lat_deg=middle.lat_deg, lon_deg=middle.lon_deg)).to_local(spec.area).area > 3.9e6
    assert desktop.desk.editing.valid
    assert not desktop.window.findChildren(QFileDialog)


def test_a_file_without_ground_says_why(desktop: Desktop, tmp_path: Path) -> None:
    empty = tmp_path / "empty.geojson"
    empty.write_text(json.dumps({"type": "FeatureCollection", "features": []}))
    desktop.desk.new_missions.begin_from(empty)
    desktop.wait(lambda: "No mission was begun" in desktop.notice)
