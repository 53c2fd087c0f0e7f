"""What counts as an upload, and which sortie a flight was of, when missions are changed in the air and drones called home."""

from __future__ import annotations

from mavlink_bridge.events import Airborne, Armed, Disarmed, FleetEvent, Landed, Uploaded, UploadOutcome
from missions.control.messages import DronePhase, DroneProgress, Fix
from missions.report.drone_record import DroneRecord, DroneRecorder
from planner.geo import LatLon, LocalFrame

FRAME = LocalFrame(LatLon(lat_deg=47.5, lon_deg=19.0))


def uploaded(sortie: str, at_s: float, outcome: UploadOutcome = UploadOutcome.VERIFIED) -> Uploaded:
    return Uploaded(drone="d", at_s=at_s, sortie=sortie, outcome=outcome)


def record(*events: FleetEvent | Fix | DroneProgress) -> DroneRecord:
    recorder = DroneRecorder("d")
    for event in events:
        recorder.take(event)
    return recorder.record(FRAME)


UP = (uploaded("d-s1", 1.0), Armed(drone="d", at_s=2.0), Airborne(drone="d", at_s=3.0))
DOWN = (Landed(drone="d", at_s=9.0), Disarmed(drone="d", at_s=10.0))


def test_version_that_was_put_on_board_in_the_air_is_the_sortie_that_was_flown() -> None:
    found = record(*UP, uploaded("d-s1-r1", 5.0), *DOWN)
    assert [span.sortie for span in found.airtimes] == ["d-s1-r1"]
    assert found.uploads == {"d-s1": UploadOutcome.VERIFIED, "d-s1-r1": UploadOutcome.VERIFIED}


def test_version_that_could_not_be_put_on_board_was_not_flown() -> None:
    found = record(*UP, uploaded("d-s1-r1", 5.0, UploadOutcome.FAILED), *DOWN)
    assert [span.sortie for span in found.airtimes] == ["d-s1"]


def test_way_home_is_no_sortie() -> None:
    found = record(*UP, uploaded("d-s1-home", 5.0), *DOWN)
    assert [span.sortie for span in found.airtimes] == ["d-s1"]
    assert set(found.uploads) == {"d-s1"}


def test_upload_that_ends_after_the_drone_was_called_off_is_nobodys_failure() -> None:
    called_off = DroneProgress(at_s=11.0, drone="d", phase=DronePhase.DONE, recalled=True)
    found = record(*UP, *DOWN, called_off, uploaded("d-s2", 12.0, UploadOutcome.UNKNOWN))
    assert found.uploads == {"d-s1": UploadOutcome.VERIFIED}
