"""A flight as JUnit XML, so that a build fails with the name of what did not happen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from mavlink_bridge.events import UploadOutcome
from missions.control.messages import FinalState, Verdict
from missions.errors import one_line
from missions.report.account import DroneAccount, FlightAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One promise; `failure` is empty when it was kept."""

    suite: str
    name: str
    failure: str = ""


def junit_bytes(account: FlightAccount) -> bytes:
    """One suite for each drone and one for the patrol as a whole."""
    cases = [*_patrol_cases(account), *(case for drone in account.drones for case in _drone_cases(account, drone))]
    root = ElementTree.Element("testsuites", name=one_line(account.plan.name), time=f"{account.duration_s:.3f}")
    for suite in dict.fromkeys(case.suite for case in cases):
        own = [case for case in cases if case.suite == suite]
        failures = sum(bool(case.failure) for case in own)
        element = ElementTree.SubElement(
            root, "testsuite", name=one_line(suite), tests=str(len(own)), failures=str(failures), errors="0", skipped="0"
        )
        for case in own:
            _add(element, case)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _add(suite: ElementTree.Element, case: Case) -> None:
    element = ElementTree.SubElement(suite, "testcase", classname=one_line(case.suite), name=one_line(case.name), time="0")
    if case.failure:
        ElementTree.SubElement(element, "failure", message=one_line(case.failure))


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
    )
    yield Case(
        suite=suite,
        name="separation kept",
        failure="; ".join(f"{' and '.join(encounter.drones)}: {encounter.horizontal_m:.0f} m" for encounter in losses),
    )
    yield Case(suite=suite, name="nothing forbidden", failure="; ".join(violation.text for violation in account.violations))
    yield Case(suite=suite, name="verdict", failure="; ".join(account.reasons))


def _drone_cases(account: FlightAccount, drone: DroneAccount) -> Iterator[Case]:
    record = account.records.get(drone.drone)
    finished = record.finished_lanes if record is not None else frozenset()
    armed = record is not None and bool(record.armed_times)
    lanes = dict.fromkeys(leg.lane for sortie in account.plan.sorties_of(drone.drone) for leg in sortie.legs if leg.lane is not None)
    verified, home = drone.upload is UploadOutcome.VERIFIED, drone.final is FinalState.HOME_DISARMED
    yield Case(suite=drone.drone, name="uploaded and verified", failure="" if verified else f"upload {drone.upload}")
    yield Case(suite=drone.drone, name="armed", failure="" if armed else "never armed")
    for lane in lanes:
        yield Case(suite=drone.drone, name=f"lane {lane}", failure="" if lane in finished else "was not flown to its end")
    yield Case(suite=drone.drone, name="landed home", failure="" if home else drone.final.replace("_", " "))
