"""Build a report from a flight's folder: read the plan and the log, reckon up, write report.json and report.html."""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Final

from mavlink_bridge.events import Alert, AlertLevel
from missions.errors import InputError
from missions.folders import write_whole
from missions.plan_file import parse_plan
from missions.plan_versions import PLAN_FILE
from missions.report.account import FlightAccount
from missions.report.cost import NO_TARIFF, Tariff
from missions.report.document import report_bytes
from missions.report.flight_events import EVENTS_FILE, FlightEvents, event_lines
from missions.report.page import report_page
from missions.report.params import ReportParams
from missions.report.reckoning import reckon
from planner.check import check_plan

REPORT_JSON: Final = "report.json"
REPORT_HTML: Final = "report.html"
REPORT_PDF: Final = "report.pdf"

_DEFAULTS = ReportParams()


def build_report(folder: Path, params: ReportParams = _DEFAULTS, *, tariff: Tariff = NO_TARIFF, as_pdf: bool = False) -> FlightAccount:
    """Write the report of the flight in this folder, from its plan.json and flight.jsonl alone, and return its figures.

    The same folder gives the same report.json whenever it is built. The plan is checked again. Raises InputError when
    the folder is not a flight's, or cannot be written to.
    """
    account = account_of(folder, params)
    command = f"jointpatrol report {shlex.quote(folder.resolve().name)}"
    files = {REPORT_JSON: report_bytes(account), REPORT_HTML: report_page(account, params, command=command, tariff=tariff).encode()}
    if as_pdf:
        # loads what draws PDF, which nobody else needs
        from missions.report.pdf import report_pdf

        files[REPORT_PDF] = report_pdf(account, params, command=command, tariff=tariff)
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
    events = FlightEvents(event_lines(folder / EVENTS_FILE))
    account = reckon(plan, hashlib.sha256(content).hexdigest(), events, check_plan(plan), params)
    if events.unreadable_lines and not events.events:
        raise InputError("holds no event", file=str(folder / EVENTS_FILE), mend="is this a flight's log?")
    return _with_damage(account, events)


def _with_damage(account: FlightAccount, events: FlightEvents) -> FlightAccount:
    """What a killed mission control was just writing nobody had been told of; any other line that cannot be read is missed."""
    damaged = events.unreadable_lines - events.torn_lines
    found = (
        (events.torn_lines, AlertLevel.INFO, "torn when mission control stopped in the middle of it"),
        (damaged, AlertLevel.WARNING, "of the log could not be read"),
    )
    alerts = (
        Alert(drone="", at_s=account.duration_s, level=level, rule="log", text=f"{f'{lines} lines' if lines > 1 else 'a line'} {text}")
        for lines, level, text in found
        if lines
    )
    return replace(account, alerts=(*account.alerts, *alerts))


def _plan_content(folder: Path) -> bytes:
    if not folder.is_dir():
        raise InputError("is not a folder", file=str(folder), mend="give the folder that fly wrote")
    try:
        return (folder / PLAN_FILE).read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}", file=str(folder / PLAN_FILE), mend="give the folder that fly wrote"
        ) from error
