"""`jointpatrol report`: build a flight's report again from its log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from missions.cli.output import JsonFlag, print_json, print_note, stdout_console

if TYPE_CHECKING:
    from missions.report.account import FlightAccount


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report")(report)


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that fly wrote.")],
    numbers: Annotated[Path | None, typer.Option("--numbers", metavar="OUT", help="Also write the numbers as CSV and GeoPackage.")] = None,
    as_pdf: Annotated[bool, typer.Option("--pdf", help="Also write report.pdf, for paper.")] = False,
    per_hour: Annotated[float, typer.Option("--per-hour", min=0, help="Cost of an hour in the air.")] = 0.0,
    per_km: Annotated[float, typer.Option("--per-km", min=0, help="Cost of a kilometre.")] = 0.0,
    per_sortie: Annotated[float, typer.Option("--per-sortie", min=0, help="Cost of a sortie.")] = 0.0,
    per_kwh: Annotated[float, typer.Option("--per-kwh", min=0, help="Cost of a kilowatt-hour.")] = 0.0,
    currency: Annotated[str, typer.Option("--currency", help="What these costs are in, such as EUR.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Write numbers into a folder that is not empty.")] = False,
    json: JsonFlag = False,
) -> None:
    """Build a flight's report again.

    Reads plan.json and flight.jsonl in the folder and nothing else, checks the plan again, and replaces report.json,
    report.html and (with --pdf) report.pdf. Costs are reckoned when a tariff is given. Exit code 1 when the patrol did not pass.
    """
    from missions.control.messages import Verdict
    from missions.folders import require_ours, write_into
    from missions.report.build import REPORT_HTML, REPORT_PDF, build_report
    from missions.report.cost import Tariff
    from missions.report.document import report_document
    from missions.report.numbers import number_files

    if numbers is not None:
        require_ours(numbers, force=force)
    tariff = Tariff(currency=currency, per_hour=per_hour, per_km=per_km, per_sortie=per_sortie, per_kwh=per_kwh)
    account = build_report(folder, tariff=tariff, as_pdf=as_pdf)
    written = [] if numbers is None else write_into(numbers, number_files(account), force=force)
    if json:
        print_json(report_document(account))
    else:
        stdout_console().print(_summary(account))
        for path in (folder / REPORT_HTML, *([folder / REPORT_PDF] if as_pdf else []), *written):
            stdout_console().print(str(path))
    for reason in account.reasons:
        print_note(f"- {reason}")
    raise typer.Exit(0 if account.verdict is Verdict.PASS else 1)


def _summary(account: FlightAccount) -> str:
    from missions.errors import one_line

    nearest_m = account.min_separation_m
    parts = [
        f"{one_line(account.plan.name)}: {account.verdict.value}",
        f"covered {account.flown.coverage:.2%} of the coverable ground, planned {account.planned.coverage:.2%}",
        f"{sum(bool(times.flown) for times in account.sorties)} of {len(account.sorties)} sorties flown",
        "no two drones near each other" if nearest_m is None else f"closest two drones came: {nearest_m:.0f} m",
    ]
    return "; ".join(parts)
