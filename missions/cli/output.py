"""Where commands print: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from missions.errors import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from missions.canonical import Json

#: `--json`, the same for every command.
JsonFlag = Annotated[bool, typer.Option("--json", help="Print a machine-readable result on stdout, everything else on stderr.")]

ShowProgress = Callable[[str, float], None]


def print_json(document: Json) -> None:
    """A result for machines."""
    print(json.dumps(document, ensure_ascii=False, allow_nan=False), flush=True)


def print_note(text: str) -> None:
    """A line for people, beside the result."""
    print(one_line(text), file=sys.stderr)


def stdout_console() -> Console:
    """For tables and texts that are the result. Plain when stdout is no terminal."""
    from rich.console import Console

    return Console(soft_wrap=True, highlight=False, markup=False)


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table for people; columns whose head ends in a space are numbers, set to the right. Texts may wrap."""
    from rich import box
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD)
    for column in columns:
        number = column.endswith(" ")
        table.add_column(column.strip(), justify="right" if number else "left", no_wrap=number or column is columns[0])
    for row in rows:
        table.add_row(*row)
    console = stdout_console()
    console.print(table)
    console.file.flush()


@contextmanager
def progress_bar(title: str) -> Iterator[ShowProgress]:
    """Show a stage and a fraction (0..1) on stderr while the block runs; nothing when stderr is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _stage, _fraction: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=1.0)

        def show(stage: str, fraction: float) -> None:
            progress.update(task, completed=fraction, description=f"{title}: {stage}")

        yield show
