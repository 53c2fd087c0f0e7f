"""A flight as JUnit XML, so that a build fails with the name of what did not happen, its log and a picture of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from mavlink_bridge.events import LIFECYCLE, Alert, LinkLost, LinkRestored, ModeChanged, Said, UploadOutcome
from missions.control.messages import FinalState, PatrolEvent, Verdict
from missions.errors import one_line
from missions.folders import write_whole
from missions.report.account import DroneAccount, FlightAccount
from missions.report.energy import EnergySource
from missions.report.failure_picture import Failure, failure_picture
from missions.report.flight_events import EVENTS_FILE, FlightEvents, event_lines
from missions.report.sovereignty import intrusions
from planner.geo import LatLon, LocalFrame
from planner.model import Lane

PICTURE_FILE: Final = "failures.svg"

#: A flight within its plan's energy may draw so much more than planned: wind, and the model's own error; and hover so long
#: a sortie: autopilots spin up, and feel their way down over the last ten metres.
_ENERGY_MARGIN, _HOVERING_S = 0.1, 30.0
#: The last lines of a drone's log that stand beside a failure.
_LOG_LINES = 40
_LOGGED = (*LIFECYCLE, Alert, LinkLost, LinkRestored, ModeChanged, Said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One promise; `failure` is empty when it was kept. `place` is where it was not."""

    suite: str
    name: str
    failure: str = ""
    place: LatLon | None = None


def write_junit(account: FlightAccount, folder: Path, path: Path) -> None:
    """Write the XML there, and when anything failed its picture into the flight's folder. Raises InputError."""
    cases = junit_cases(account)
    failures = [Failure(text=f"{case.suite}: {case.name}: {case.failure}", place=case.place) for case in cases if case.failure]
    picture = folder / PICTURE_FILE
    if failures:
        write_whole(picture, failure_picture(account, failures))
    else:
        picture.unlink(missing_ok=True)
    logs = _logs(folder, account.zero_s) if failures else {}
    write_whole(path, _xml(account, cases, logs, picture if failures else None))


def junit_cases(account: FlightAccount) -> list[Case]:
    """The patrol's promises as a whole, then each drone's own."""
    return [*_patrol_cases(account), *(case for drone in account.drones for case in _drone_cases(account, drone))]


def _xml(account: FlightAccount, cases: Sequence[Case], logs: Mapping[str, Sequence[str]], picture: Path | None) -> bytes:
    root = ElementTree.Element("testsuites", name=one_line(account.plan.name), time=f"{account.duration_s:.3f}")
    for suite in dict.fromkeys(case.suite for case in cases):
        own = [case for case in cases if case.suite == suite]
        failures = sum(bool(case.failure) for case in own)
        element = ElementTree.SubElement(
            root, "testsuite", name=one_line(suite), tests=str(len(own)), failures=str(failures), errors="0", skipped="0"
        )
        for case in own:
            _add(element, case)
        if failures:
            # Jenkins and GitLab show what stands in such brackets beside the suite.
            shown = [f"[[ATTACHMENT|{picture}]]"] if picture is not None else []
            ElementTree.SubElement(element, "system-out").text = "\n".join([*shown, *logs.get(suite, ())])
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _add(suite: ElementTree.Element, case: Case) -> None:
    element = ElementTree.SubElement(suite, "testcase", classname=one_line(case.suite), name=one_line(case.name), time="0")
    if case.failure:
        where = f"{case.place.lat_deg:.6f}, {case.place.lon_deg:.6f}" if case.place is not None else ""
        ElementTree.SubElement(element, "failure", message=one_line(case.failure)).text = where or None


def _logs(folder: Path, zero_s: float) -> dict[str, list[str]]:
    """What each drone did and said last, patrol seconds first."""
    logs: dict[str, list[str]] = {}
    for event in FlightEvents(event_lines(folder / EVENTS_FILE)):
        if isinstance(event, _LOGGED):
            lines = logs.setdefault(event.drone or "patrol", [])
            lines.append(f"{event.at_s - zero_s:8.1f} s  {type(event).__name__}  {_words(event)}".rstrip())
            del lines[:-_LOG_LINES]
    return logs


def _words(event: PatrolEvent) -> str:
    return one_line(next((str(getattr(event, name)) for name in ("text", "reason", "lane", "name") if getattr(event, name, "")), ""))


def _patrol_cases(account: FlightAccount) -> Iterator[Case]:
    plan, suite = account.plan, "patrol"
    losses = [encounter for encounter in account.encounters if encounter.is_loss]
    yield Case(suite=suite, name="not called off", failure="it was" if account.verdict is Verdict.INTERRUPTED else "")
    yield Case(
        suite=suite,
        name="coverage reached",
        failure=""
        if account.flown.coverage >= plan.min_coverage
        else f"covered {account.flown.coverage:.4f} of the coverable ground, {plan.min_coverage:g} were asked for",
        place=next((piece.place for piece in account.missed.pieces if piece.promised), None),
    )
    yield Case(
        suite=suite,
        name="separation kept",
        failure="; ".join(f"{' and '.join(encounter.drones)}: {encounter.horizontal_m:.0f} m" for encounter in losses),
        place=losses[0].place if losses else None,
    )
    yield Case(suite=suite, name="nothing forbidden", failure="; ".join(violation.text for violation in account.violations))
    yield Case(suite=suite, name="verdict", failure="; ".join(account.reasons))


def _drone_cases(account: FlightAccount, drone: DroneAccount) -> Iterator[Case]:
    record = account.records.get(drone.drone)
    finished = record.finished_lanes if record is not None else frozenset()
    armed = record is not None and bool(record.armed_times)
    lanes = dict.fromkeys(leg.lane for sortie in account.plan.sorties_of(drone.drone) for leg in sortie.legs if leg.lane is not None)
    by_id = {lane.id: lane for lane in account.plan.lanes}
    verified, home = drone.upload is UploadOutcome.VERIFIED, drone.final is FinalState.HOME_DISARMED
    last = record.last_place(account.frame) if record is not None else None
    yield Case(suite=drone.drone, name="uploaded and verified", failure="" if verified else f"upload {drone.upload}")
    yield Case(suite=drone.drone, name="armed", failure="" if armed else "never armed")
    for lane in lanes:
        flown = lane in finished
        place = None if flown else _middle(by_id.get(lane), account.frame)
        yield Case(suite=drone.drone, name=f"lane {lane}", failure="" if flown else "was not flown to its end", place=place)
    own = list(intrusions(account, drone))
    yield Case(
        suite=drone.drone,
        name="sovereignty kept",
        failure="; ".join(intrusion.text for intrusion in own),
        place=own[0].place if own else None,
    )
    yield Case(suite=drone.drone, name="landed home", failure="" if home else drone.final.replace("_", " "), place=None if home else last)
    yield Case(suite=drone.drone, name="energy within plan", failure=_too_much(account, drone))


def _too_much(account: FlightAccount, drone: DroneAccount) -> str:
    planned_wh, flown = drone.planned.energy.wh, drone.flown.energy
    hover_w = account.plan.drone_type(account.plan.drone(drone.drone).type).power_hover_w
    most_wh = planned_wh * (1.0 + _ENERGY_MARGIN) + drone.sorties_flown * _HOVERING_S * hover_w / 3600.0
    if flown.source in (EnergySource.NONE, EnergySource.MODEL) or flown.wh <= most_wh:
        return ""
    return f"drew {flown.wh:.1f} Wh, {planned_wh:.1f} Wh were planned"


def _middle(lane: Lane | None, frame: LocalFrame) -> LatLon | None:
    if lane is None:
        return None
    (east_m, north_m), (to_east_m, to_north_m) = frame.point_to_local(lane.start), frame.point_to_local(lane.end)
    return frame.point_to_geographic(east_m=(east_m + to_east_m) / 2, north_m=(north_m + to_north_m) / 2)
