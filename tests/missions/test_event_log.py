from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

from mavlink_bridge.events import Armed, LaneFinished, Telemetry
from mavlink_bridge.vehicle_state import VehicleState
from missions.control.messages import Fix, PatrolEvent, Resumed
from missions.control.wire import decode_event
from missions.event_log import EventLog, LogParams
from missions.report.flight_events import FlightEvents, event_lines
from planner.geo import LatLon

PLACE = LatLon(lat_deg=47.5, lon_deg=19.0)


def telemetry(at_s: float, drone: str = "a", *, armed: bool = True) -> Telemetry:
    return Telemetry(drone=drone, at_s=at_s, state=VehicleState(heard_s=at_s, armed=armed, position=PLACE, position_s=at_s))


def fix(at_s: float, drone: str = "a") -> Fix:
    return Fix(drone=drone, at_s=at_s, lat_deg=PLACE.lat_deg, lon_deg=PLACE.lon_deg)


def lines(path: Path) -> list[PatrolEvent]:
    return [decode_event(line) for line in path.read_bytes().splitlines()]


def test_telemetry_is_thinned_for_each_drone_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with EventLog(path, LogParams(fix_s=1.0, state_s=2.0)) as log:
        for tenth in range(31):
            log.write(telemetry(tenth / 10))
            log.write(telemetry(tenth / 10, "b"))
    of_a = [event for event in lines(path) if getattr(event, "drone", "") == "a"]
    # the last is what was held back when the log was closed
    assert of_a == [telemetry(0.0), fix(1.0), telemetry(2.0), fix(3.0), telemetry(3.0)]
    assert len(lines(path)) == 2 * len(of_a)


def test_drone_at_rest_needs_no_fixes(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with EventLog(path, LogParams(fix_s=1.0, state_s=10.0)) as log:
        for second in range(11):
            log.write(telemetry(float(second), armed=False))
    assert [event.at_s for event in lines(path)] == [0.0, 10.0]


def test_last_telemetry_before_anything_else_happens_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "log"
    finished = LaneFinished(drone="a", at_s=0.55, lane="l", sortie="s")
    with EventLog(path) as log:
        for at_s in (0.0, 0.3, 0.5):
            log.write(telemetry(at_s))
        log.write(telemetry(0.5, "b"))
        log.write(finished)
    assert lines(path) == [telemetry(0.0), telemetry(0.5, "b"), telemetry(0.5), finished]


def test_last_telemetry_of_all_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with EventLog(path) as log:
        log.write(telemetry(0.0))
        log.write(telemetry(0.9))
    assert [event.at_s for event in lines(path)] == [0.0, 0.9]


def test_figures_are_kept_as_exactly_as_vehicles_say_them(tmp_path: Path) -> None:
    path = tmp_path / "log"
    said = replace(telemetry(0.123).state, position=LatLon(lat_deg=47.1234567, lon_deg=-19.7654321), alt_amsl_m=151.234, battery_v=11.127)
    with EventLog(path) as log:
        log.write(Telemetry(drone="a", at_s=0.123, state=said))
    assert lines(path) == [Telemetry(drone="a", at_s=0.123, state=said)]


def test_what_happened_is_in_the_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with EventLog(path) as log:
        log.write(Armed(drone="a", at_s=1.0))
        assert lines(path) == [Armed(drone="a", at_s=1.0)]


def test_process_that_is_killed_loses_nothing_that_was_written(tmp_path: Path) -> None:
    path = tmp_path / "log"
    program = f"""
        import os, pathlib, signal
        from mavlink_bridge.events import Armed
        from missions.event_log import EventLog
        with EventLog(pathlib.Path({str(path)!r})) as log:
            for second in range(100):
                log.write(Armed(drone="a", at_s=float(second)))
            os.kill(os.getpid(), signal.SIGKILL)
        """
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert [event.at_s for event in lines(path)] == [float(second) for second in range(100)]


def test_log_is_gone_on_with_after_a_line_that_was_torn(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with EventLog(path) as log:
        log.write(Armed(drone="a", at_s=1.0))
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:20])
    with EventLog(path) as log:
        log.write(Resumed(at_s=3.0, gap_s=2.0))
    assert path.read_bytes().startswith(whole)
    events = FlightEvents(event_lines(path))
    assert [event.at_s for event in events] == [1.0, 3.0]
    assert (events.unreadable_lines, events.torn_lines) == (1, 1)


def test_torn_last_line_is_told_from_one_that_was_damaged(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with EventLog(path) as log:
        log.write(Armed(drone="a", at_s=1.0))
    whole = path.read_bytes()
    path.write_bytes(b"rubbish\n" + whole + whole[:20])
    events = FlightEvents(event_lines(path))
    assert len(list(events)) == 1
    assert (events.unreadable_lines, events.torn_lines) == (2, 1)
