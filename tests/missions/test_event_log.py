from __future__ import annotations

from pathlib import Path

from mavlink_bridge.events import Armed, LaneFinished, Telemetry
from mavlink_bridge.vehicle_state import VehicleState
from missions.control.messages import PatrolEvent
from missions.control.wire import decode_event
from missions.event_log import EventLog


def telemetry(at_s: float, drone: str = "a") -> Telemetry:
    return Telemetry(drone=drone, at_s=at_s, state=VehicleState(heard_s=at_s))


def lines(path: Path) -> list[PatrolEvent]:
    return [decode_event(line) for line in path.read_bytes().splitlines()]


def test_telemetry_is_thinned_for_each_drone_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with EventLog(path, telemetry_s=1.0) as log:
        for tenth in range(31):
            log.write(telemetry(tenth / 10))
            log.write(telemetry(tenth / 10, "b"))
    assert [event.at_s for event in lines(path) if getattr(event, "drone", "") == "a"] == [0.0, 1.0, 2.0, 3.0]
    assert len(lines(path)) == 8


def test_last_telemetry_before_anything_else_happens_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "log"
    finished = LaneFinished(drone="a", at_s=0.55, lane="l", sortie="s")
    with EventLog(path, telemetry_s=1.0) as log:
        for at_s in (0.0, 0.3, 0.5):
            log.write(telemetry(at_s))
        log.write(telemetry(0.5, "b"))
        log.write(finished)
    assert lines(path) == [telemetry(0.0), telemetry(0.5, "b"), telemetry(0.5), finished]


def test_last_telemetry_of_all_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with EventLog(path, telemetry_s=1.0) as log:
        log.write(telemetry(0.0))
        log.write(telemetry(0.9))
    assert [event.at_s for event in lines(path)] == [0.0, 0.9]


def test_what_happened_is_in_the_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with EventLog(path) as log:
        log.write(Armed(drone="a", at_s=1.0))
        assert lines(path) == [Armed(drone="a", at_s=1.0)]
