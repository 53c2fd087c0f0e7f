"""`jointpatrol compare`: two patrols beside each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from missions.cli.output import JsonFlag, print_json, print_table, stdout_console
from missions.errors import InputError

if TYPE_CHECKING:
    from missions.report.comparison import Comparison


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("compare")(compare)


def compare(
    first: Annotated[Path, typer.Argument(metavar="DIR_A", help="A folder that fly wrote.")],
    second: Annotated[Path, typer.Argument(metavar="DIR_B", help="Another one.")],
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="FILE.html", help="Also write a page.")] = None,
    json: JsonFlag = False,
) -> None:
    """Compare two flown patrols: coverage, time, way, energy, nations and segments.

    Reckons both up again from their plans and logs. Differences are the second less the first.
    """
    from missions.folders import write_whole
    from missions.report.build import account_of
    from missions.report.comparison import compare as compared
    from missions.report.comparison_page import comparison_document, comparison_page

    comparison = compared(account_of(first), account_of(second))
    names = (first.resolve().name, second.resolve().name)
    if out is not None:
        page = comparison_page(comparison, names=names, command=f"jointpatrol compare {names[0]} {names[1]} -o {out.name}")
        try:
            write_whole(out, page.encode())
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror}", file=str(out), key="--out", mend="choose another place") from error
    if json:
        print_json(comparison_document(comparison))
        return
    _print(comparison, names)
    if out is not None:
        stdout_console().print(str(out))


def _print(comparison: Comparison, names: tuple[str, str]) -> None:
    verdicts = ("verdict", comparison.first.verdict.value, comparison.second.verdict.value, "")
    rows = [verdicts, *((figure.name, *figure.texts) for figure in comparison.patrol)]
    print_table("", ("", f"{names[0]} ", f"{names[1]} ", "difference "), rows)
