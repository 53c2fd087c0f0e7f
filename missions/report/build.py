"""Build a report from a flight's folder: read the plan and the log, reckon up, write report.json and report.html."""

from __future__ import annotations

import hashlib
import shlex
from pathlib import Path
from typing import Final

from missions.errors import InputError
from missions.folders import write_whole
from missions.plan_file import parse_plan
from missions.report.account import FlightAccount
from missions.report.document import report_bytes
from missions.report.flight_events import EVENTS_FILE, read_flight_events
from missions.report.page import report_page
from missions.report.params import ReportParams
from missions.report.reckoning import reckon
from planner.check import check_plan

PLAN_FILE: Final = "plan.json"
REPORT_JSON: Final = "report.json"
REPORT_HTML: Final = "report.html"

_DEFAULTS = ReportParams()


def build_report(folder: Path, params: ReportParams = _DEFAULTS) -> FlightAccount:
    """Write the report of the flight in this folder, from its plan.json and flight.jsonl alone, and return its figures.

    The same folder gives the same report.json whenever it is built. The plan is checked again. Raises InputError when
    the folder is not a flight's, or cannot be written to.
    """
    account = account_of(folder, params)
    command = f"jointpatrol report {shlex.quote(folder.resolve().name)}"
    files = {REPORT_JSON: report_bytes(account), REPORT_HTML: report_page(account, params, command=command).encode()}
    try:
        for name, content in files.items():
            write_whole(folder / name, content)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", file=str(folder), mend="check its permissions") from error
    return account


def account_of(folder: Path, params: ReportParams = _DEFAULTS) -> FlightAccount:
    """The figures of the flight in this folder; nothing is written. Raises InputError."""
    content = _plan_content(folder)
    plan = parse_plan(content, str(folder / PLAN_FILE))
    logged = read_flight_events(folder / EVENTS_FILE)
    return reckon(plan, hashlib.sha256(content).hexdigest(), logged, check_plan(plan), params)


def _plan_content(folder: Path) -> bytes:
    if not folder.is_dir():
        raise InputError("is not a folder", file=str(folder), mend="give the folder that fly wrote")
    try:
        return (folder / PLAN_FILE).read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}", file=str(folder / PLAN_FILE), mend="give the folder that fly wrote"
        ) from error
