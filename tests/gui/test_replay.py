from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QAction
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QFrame, QLabel, QSlider

from gui.models.drone_view import Freshness
from gui.models.fleet import FleetModel
from gui.models.flight_record import FlightRecord, load_record
from gui.models.tracks import Tracks
from mavlink_bridge.events import Alert, AlertLevel, Telemetry
from missions.control.messages import DronePhase, DroneProgress, Fix, PlanChanged
from missions.control.wire import encode
from missions.errors import InputError
from missions.event_log import fix_of
from missions.plan_file import write_plan
from planner.geo import LocalFrame
from planner.model import LegKind, Plan
from tests.gui.conftest import Desktop
from tests.missions.control.plans import layered_plan, only
from tests.missions.report.sample_flight import ZERO_S, FlightOptions, fly

LEFT = Qt.MouseButton.LeftButton
ALERT_S = ZERO_S + 200.0


def write_flight(folder: Path, plan: Plan) -> Path:
    """As `fly` leaves one: every third position whole, the others in brief; an alert, and a plan that was accepted."""
    folder.mkdir()
    write_plan(plan, folder / "plan.json")
    write_plan(only(plan, "ald-west-1"), folder / "plan-1.json")
    alert = Alert(drone="ald-west-2", at_s=ALERT_S, level=AlertLevel.WARNING, rule="battery", text="battery low")
    lines, whole = [], 0
    sortie = plan.sorties[0]
    lane = next(leg for leg in sortie.legs if leg.kind is LegKind.SWEEP)
    sweeps = DroneProgress(
        at_s=ZERO_S + lane.start_s, drone=sortie.drone, phase=DronePhase.FLYING, sortie=sortie.id, leg=lane.kind, lane=lane.lane
    )
    told = [*fly(plan, FlightOptions()), alert, sweeps, PlanChanged(at_s=ZERO_S + 400, proposal=1)]
    for event in sorted(told, key=lambda event: event.at_s):
        brief: Fix | None = None
        if isinstance(event, Telemetry):
            whole += 1
            brief = fix_of(event) if whole % 3 and event.state.armed else None
        lines.append(encode(brief or event))
    (folder / "flight.jsonl").write_bytes(b"".join(lines))
    return folder


@pytest.fixture(scope="module")
def flight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_flight(tmp_path_factory.mktemp("flights") / "flown", layered_plan())


@pytest.fixture(scope="module")
def record(flight: Path) -> FlightRecord:
    return load_record(flight)


# --- the record ------------------------------------------------------------------------------------------------------


def test_a_seek_shows_what_playing_through_shows(record: FlightRecord) -> None:
    at_s = record.start_s + 0.6 * (record.end_s - record.start_s)
    index = record.index_at(at_s)
    played, sought = FleetModel(), FleetModel()
    played.reset(record.plans[0].plan.drones)
    played.apply(record.events[:index], now_s=None)
    begin, picture = record.picture_before(index)
    assert 0 < index - begin < 2000
    sought.show(picture)
    sought.apply(record.events[begin:index], now_s=None)
    assert sought.picture() == played.picture()


def test_trails_are_those_that_a_live_map_would_have_drawn(record: FlightRecord) -> None:
    at_s = record.start_s + 0.6 * (record.end_s - record.start_s)
    live = Tracks()
    live.restart(LocalFrame.around([record.plans[0].plan.area]))
    moved = {}
    for event in record.events[: record.index_at(at_s)]:
        if isinstance(event, Telemetry) and event.state.position is not None:
            moved.setdefault(event.drone, []).append(event.state.position)
    live.extend(moved)
    assert live.heads
    for drone, trail in live.trails.items():
        head, recorded = record.tracks[drone].at(at_s)
        assert head == pytest.approx(live.heads[drone])
        assert np.allclose(recorded.corners, trail.corners)


def test_brief_fixes_become_telemetry_with_heading_and_speed(record: FlightRecord) -> None:
    assert not any(isinstance(event, Fix) for event in record.events)
    moving = [event.state for event in record.events if isinstance(event, Telemetry) and (event.state.groundspeed_mps or 0) > 5]
    assert len(moving) > 100
    assert all(state.heading_deg is not None for state in moving)


def test_a_folder_that_is_no_flight_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"plan\.json"):
        load_record(tmp_path)
    write_plan(layered_plan(), tmp_path / "plan.json")
    (tmp_path / "flight.jsonl").write_bytes(b"")
    with pytest.raises(InputError, match="holds no event"):
        load_record(tmp_path)


# --- in the window ---------------------------------------------------------------------------------------------------


def replaying(desktop: Desktop, flight: Path) -> FlightRecord:
    desktop.desk.replay.open(flight)
    desktop.wait(lambda: desktop.desk.replay.active)
    record = desktop.desk.replay.record
    assert record is not None
    return record


def test_a_flight_is_played_scrubbed_and_its_report_exported(desktop: Desktop, flight: Path) -> None:
    record = replaying(desktop, flight)
    assert desktop.find(QFrame, "replay-bar").isVisible()
    scrubber = desktop.find(QSlider, "replay-scrubber")
    QTest.mouseClick(scrubber, LEFT, pos=QPoint(scrubber.width() // 2, scrubber.height() // 2))
    replay = desktop.desk.replay
    half_s = (record.start_s + record.end_s) / 2
    assert replay.at_s == pytest.approx(half_s, rel=0.02)
    assert desktop.desk.tracks.heads.keys() <= desktop.desk.fleet.drones.keys()
    desktop.keys("Ctrl+Space")
    desktop.wait(lambda: replay.at_s > half_s + 5)
    desktop.keys("Ctrl+Space")
    assert not replay.playing
    at_s = replay.at_s
    desktop.keys("Ctrl+Left")
    assert replay.at_s == pytest.approx(at_s - 10)
    assert "of 0:" in desktop.find(QLabel, "replay-time").text()
    desktop.desk.reports.export(flight, desktop.folder / "report")
    desktop.wait((desktop.folder / "report" / "drones.csv").exists)
    assert json.loads((desktop.folder / "report" / "report.json").read_text())["verdict"] in ("pass", "fail")
    assert (desktop.folder / "report" / "report.html").stat().st_size > 10_000


def test_alerts_are_gone_to_and_an_accepted_plan_is_shown_from_its_time_on(desktop: Desktop, flight: Path) -> None:
    record = replaying(desktop, flight)
    desktop.keys("Ctrl+Shift+Right")
    assert desktop.desk.replay.at_s == ALERT_S
    assert [row.text for row in desktop.desk.fleet.alerts.rows] == ["battery low"]
    number = len(record.plans[0].plan.sorties)
    for at_s, sorties in ((record.end_s, 1), (ALERT_S, number)):
        desktop.desk.replay.seek(at_s)
        document = desktop.desk.documents.current
        assert document is not None
        assert document.plan is not None
        assert len(document.plan.sorties) == sorties
    assert desktop.desk.replay.active


def test_two_flights_are_compared_on_a_page(desktop: Desktop, flight: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(desktop.desk.reports, "_open_place", opened.append)
    other = tmp_path / "other"
    shutil.copytree(flight, other)
    desktop.desk.reports.compare(flight, other)
    desktop.wait(lambda: opened)
    assert "compared-with-flown" in opened[0]
    assert Path(opened[0]).stat().st_size > 10_000


def test_a_parked_drone_is_not_stale_only_because_the_log_keeps_little_of_it(desktop: Desktop, flight: Path) -> None:
    record = replaying(desktop, flight)
    desktop.desk.replay.seek((record.start_s + record.end_s) / 2)
    heard = [drone for drone in desktop.desk.fleet.drones.values() if drone.state is not None]
    assert {drone.freshness(desktop.desk.now_s() + 60.0) for drone in heard} == {Freshness.LIVE}


def test_ground_is_seen_as_far_as_it_was_flown(desktop: Desktop, flight: Path) -> None:
    record = replaying(desktop, flight)
    seen = desktop.desk.tracks.seen
    desktop.desk.replay.seek(record.start_s)
    assert seen.stretches == []
    desktop.desk.replay.seek(record.end_s)
    assert len(seen.stretches) == len(record.seen) > 0


def test_another_document_ends_the_replay_and_nothing_can_be_ordered_in_one(desktop: Desktop, flight: Path, plan_file: Path) -> None:
    replaying(desktop, flight)
    for action in ("fly.start", "fly.launch", "fly.recall", "edit.draw-area"):
        assert not desktop.find(QAction, action).isEnabled()
    desktop.open(plan_file)
    assert not desktop.desk.replay.active
    assert not desktop.find(QFrame, "replay-bar").isVisible()
    assert all(drone.state is None for drone in desktop.desk.fleet.drones.values())
