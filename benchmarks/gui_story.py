"""An operator's day in the desktop, played with mouse and keyboard: from the mission to the report, with a picture of each step.

`python -m benchmarks.gui_story --out DIR` plays it in light and dark, at 100 and 150 %, in real windows on virtual screens where
Xvfb is there, and tells of every text that is cut off and every control that lies on another. `tests/gui/test_story.py` plays it once.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path

from PyQt6.QtCore import QPoint, QSettings
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QSlider

from benchmarks.gui_hands import QtHands, XHands
from benchmarks.gui_operator import Operator
from gui.app import make_window
from gui.models.map_model import MapModel, Tool
from gui.models.shapes import Vertex
from gui.settings import Settings
from gui.views.theme import ThemeChoice
from gui.views.timeline_view import TimelineView
from mavlink_bridge.events import UploadOutcome
from missions.control.messages import DronePhase, PatrolState
from planner.geo import LatLon

FIRST_SIZE = (1280, 800)
THEMES, SCALES = ("light", "dark"), (1.0, 1.5)


# --- the day ---------------------------------------------------------------------------------------------------------


def play(operator: Operator, mission: Path, faults: Path, report: Path, *, speedup: int, effort: int = 1) -> None:
    """Everything from opening the mission to its report in this folder; `faults` cuts one drone's link."""
    for step in (open_mission, move_a_corner_and_undo):
        step(operator, mission)
    plan(operator, effort)
    look_at_the_timeline(operator)
    start_the_fleet(operator, faults, speedup)
    upload_and_launch(operator)
    lose_a_drone_and_accept(operator)
    bring_everyone_home(operator)
    replay_and_report(operator, report)
    operator.wait(lambda: not operator.desk.flight.control_running, "the end of mission control")


def open_mission(operator: Operator, mission: Path) -> None:
    operator.do("file.open")
    operator.answer_dialog(mission / "mission.toml")
    operator.wait(lambda: operator.desk.documents.current is not None and operator.desk.map.grounds, "the mission")
    operator.picture("mission")


def move_a_corner_and_undo(operator: Operator, _mission: Path) -> None:
    desk, view = operator.desk, operator.find("map")
    operator.do("edit.map")
    before = desk.editing.draft
    assert before is not None
    border = next(item for item in before.items if item.title == "border")
    assert border.shape is not None
    ring = border.shape.rings[0]
    place = pixel(desk.map, ring[len(ring) // 2])
    hands = operator.hands
    hands.move(view, place)
    hands.click(view, place)
    hands.move(view, place)
    hands.press(view, place)
    for step in (8, 16, 24):
        hands.move(view, place - QPoint(0, step))
    hands.release(view, place - QPoint(0, 24))
    operator.wait(lambda: desk.editing.checked and desk.editing.draft is not before, "the moved corner")
    operator.do("view.dock.mission")
    operator.picture("moved-corner")
    operator.do("edit.undo")
    operator.wait(lambda: desk.editing.checked and desk.editing.draft is before, "undo")
    operator.do("edit.map")
    assert desk.map.tool is Tool.LOOK


def plan(operator: Operator, effort: int) -> None:
    planning = operator.desk.planning
    operator.do("help.palette")
    line = operator.find("palette-line")
    operator.wait(line.isVisible, "the palette")
    operator.hands.write(line, f"effort {effort}")
    operator.picture("palette")
    operator.hands.keys(line, "Return")
    operator.wait(lambda: planning.effort == effort, "the effort")
    operator.do("plan.start")
    operator.wait(lambda: planning.progress is not None or not planning.busy, "progress")
    operator.picture("planning")
    operator.wait(lambda: not planning.busy and operator.desk.documents.unsaved, "the plan")
    operator.do("view.dock.plan")
    operator.picture("plan")
    operator.do("view.dock.plans")
    operator.picture("plans")


def look_at_the_timeline(operator: Operator) -> None:
    operator.do("view.dock.timeline")
    view = operator.find("timeline")
    assert isinstance(view, TimelineView)
    operator.wait(view.isVisible, "the timeline")
    current = operator.desk.documents.current
    assert current is not None
    assert current.plan is not None
    sortie = current.plan.sorties[0].id
    area = view.viewport()
    assert area is not None
    operator.hands.click(area, view.bar_box(sortie).center().toPoint())
    operator.wait(lambda: operator.desk.map.sortie == sortie, "the picked sortie")
    operator.picture("timeline")
    operator.hands.click(area, QPoint(area.width() - 4, area.height() - 4))


def start_the_fleet(operator: Operator, faults: Path, speedup: int) -> None:
    desk = operator.desk
    desk.simulation.set_speedup(speedup)
    desk.simulation.set_faults(faults)
    operator.do("view.dock.connect")
    operator.picture("connect")
    operator.do("fly.simulate")
    operator.wait(lambda: desk.flight.attached, "mission control")
    operator.do("view.dock.fleet")
    operator.wait(lambda: all(drone.phase is DronePhase.READY for drone in desk.fleet.drones.values()), "the fleet to be ready")


def upload_and_launch(operator: Operator) -> None:
    fleet = operator.desk.fleet
    operator.do("fly.upload")
    operator.wait(lambda: all(drone.upload is UploadOutcome.VERIFIED for drone in fleet.drones.values()), "verified uploads")
    operator.do("fly.start")
    operator.wait(lambda: "whole patrol" in operator.notice, "the question")
    operator.picture("uploaded")
    operator.click("choice-Fly the patrol")
    operator.wait(lambda: any(drone.phase is DronePhase.FLYING for drone in fleet.drones.values()), "a drone in flight")
    QTest.qWait(800)
    operator.picture("flying")


def lose_a_drone_and_accept(operator: Operator) -> None:
    fleet = operator.desk.fleet
    operator.wait(lambda: any(drone.link_lost for drone in fleet.drones.values()), "the lost link")
    operator.picture("link-lost")
    # whoever is out of touch is counted on no longer: what it leaves is offered to the others
    operator.desk.selection.pick(drone.id for drone in fleet.drones.values() if drone.link_lost)
    operator.do("fly.withdraw")
    operator.wait(lambda: "Withdraw" in operator.notice, "the question")
    operator.picture("withdraw")
    asked = operator.notice
    operator.hold("choice-Hold to withdraw", until=lambda: operator.notice != asked)
    operator.let_go("choice-Hold to withdraw")
    operator.do("select.everyone")
    operator.wait(lambda: fleet.proposal is not None, "a proposal")
    operator.do("select.seen")
    operator.wait(operator.desk.orders.can_decide, "a proposal to decide on")
    QTest.qWait(200)
    operator.picture("proposal")
    before = _plan(operator)
    while _plan(operator) is before:
        # a proposal that came too late is taken back, and another one follows
        operator.do("fly.accept")
        if "Accept proposal" in operator.notice:
            operator.click("choice-Accept all the same")
        operator.wait(lambda: fleet.proposal is None, "the decision")
        operator.wait(lambda: fleet.proposal is not None or _plan(operator) is not before, "the accepted plan")
    operator.picture("accepted")


def bring_everyone_home(operator: Operator) -> None:
    fleet = operator.desk.fleet
    operator.hold("everyone-home", until=lambda: fleet.patrol_state in (PatrolState.RECALLING, PatrolState.FINISHED))
    operator.picture("everyone-home")
    operator.let_go("everyone-home")
    operator.wait(lambda: fleet.ended is not None, "the patrol's end")
    operator.picture("ended")


def replay_and_report(operator: Operator, report: Path) -> None:
    replay = operator.desk.replay
    operator.click("choice-Replay")
    operator.wait(lambda: replay.active, "the replay")
    record = replay.record
    assert record is not None
    scrubber = operator.find("replay-scrubber")
    assert isinstance(scrubber, QSlider)
    operator.hands.click(scrubber, QPoint(scrubber.width() // 3, scrubber.height() // 2))
    operator.do("replay.play")
    at_s = replay.at_s
    operator.wait(lambda: replay.at_s > at_s, "the replay to play")
    operator.picture("replay")
    operator.do("replay.play")
    operator.do("view.layer.revisit")
    operator.picture("last-seen")
    operator.do("view.layer.revisit")
    operator.do("replay.export-report")
    operator.answer_dialog(report)
    operator.wait(lambda: "report" in operator.notice and "Building" not in operator.notice, "the report")
    assert (report / "report.html").exists(), operator.notice
    operator.picture("report")


def _plan(operator: Operator) -> object:
    document = operator.desk.documents.current
    return None if document is None else document.plan


def pixel(model: MapModel, vertex: Vertex) -> QPoint:
    """Where on the map this longitude and latitude are."""
    assert model.scene is not None
    east_m, north_m = model.scene.frame.point_to_local(LatLon(lat_deg=vertex[1], lon_deg=vertex[0]))
    x_px, y_px = model.viewport.to_screen(east_m=east_m, north_m=north_m)
    return QPoint(round(x_px), round(y_px))


FAULTS = """schema = 1

[[fault]]
kind = "link_cut"
drones = ["{drone}"]
from_s = {from_s}
"""


# --- in every look ---------------------------------------------------------------------------------------------------


def _play_once(arguments: argparse.Namespace) -> int:
    application = QApplication(["jointpatrol"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))
        settings.theme = ThemeChoice(arguments.theme)
        window, desk = make_window(application, settings, state_folder=folder / "state", flights_in=folder)
        window.resize(*FIRST_SIZE)
        window.show()
        window.activateWindow()
        QTest.qWaitForWindowActive(window)
        pictures: Path = arguments.out / f"{arguments.theme}-{round(100 * arguments.scale)}"
        pictures.mkdir(parents=True, exist_ok=True)
        faults = folder / "faults.toml"
        faults.write_text(FAULTS.format(drone=arguments.lose, from_s=arguments.lose_at))
        hands = XHands() if application.platformName() == "xcb" and shutil.which("xdotool") else QtHands()
        operator = Operator(window, desk, pictures, patience_s=arguments.patience, hands=hands)
        try:
            play(operator, arguments.mission, faults, folder / "report", speedup=arguments.speedup)
        finally:
            desk.flight.leave()
            desk.close()
    for defect in operator.defects:
        print(f"{arguments.theme} at {arguments.scale:g}: {defect}", flush=True)
    print(f"{arguments.theme} at {arguments.scale:g}: {operator.taken} pictures in {pictures}", flush=True)
    return 1 if operator.defects else 0


def _screen() -> tuple[list[str], dict[str, str]]:
    """A virtual screen with a window manager where these are to be had, else Qt's own without a screen."""
    if not all(map(shutil.which, ("xvfb-run", "xdotool", "openbox"))):
        print("no real window: xvfb, xdotool and openbox are not all installed", file=sys.stderr)
        return [], {"QT_QPA_PLATFORM": "offscreen"}
    server = ["xvfb-run", "-a", "-s", "-screen 0 2560x1600x24"]
    return [*server, "sh", "-c", 'openbox & exec "$@"', "sh"], {"QT_QPA_PLATFORM": "xcb"}


def main() -> int:
    parser = argparse.ArgumentParser(description="Play an operator's day in the desktop and take pictures.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--mission", type=Path, default=Path("missions/scenarios/training"))
    parser.add_argument("--lose", default="ald-west-1", help="the drone whose link is cut")
    parser.add_argument("--lose-at", type=float, default=600.0, help="when, s of vehicle time")
    parser.add_argument("--speedup", type=int, default=60)
    parser.add_argument("--patience", type=float, default=240.0, help="the longest that anything may take, s")
    parser.add_argument("--theme", choices=THEMES, help="only this one")
    parser.add_argument("--scale", type=float, choices=SCALES, help="only this one")
    parser.add_argument("--here", action="store_true", help="on the screen there is")
    parser.add_argument("--require-window", action="store_true", help="fail where there is none to be had")
    arguments = parser.parse_args()
    looks = list(product([arguments.theme] if arguments.theme else THEMES, [arguments.scale] if arguments.scale else SCALES))
    if arguments.here and len(looks) == 1:
        return _play_once(arguments)
    screen, platform = _screen()
    if arguments.require_window and not screen:
        return 2
    worst = 0
    for theme, scale in looks:
        look = ["--theme", theme, "--scale", f"{scale}", "--here"]
        again = [*screen, sys.executable, "-m", "benchmarks.gui_story", *sys.argv[1:], *look]
        environment = {**os.environ, **platform, "QT_SCALE_FACTOR": f"{scale}"}
        worst = max(worst, subprocess.run(again, env=environment, check=False).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
