"""The `gui` command, found by the command line through the entry point group `jointpatrol.commands`."""

from __future__ import annotations

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add `jointpatrol gui`."""
    app.command("gui")(gui)


def gui(
    document: Annotated[str | None, typer.Argument(metavar="[MISSION_or_PLAN]", help="what to open", show_default=False)] = None,
) -> None:
    """The desktop: draw, plan, fly and watch."""
    # Qt takes long to import, and every other command reads this module as well
    from gui.app import run

    raise typer.Exit(run(document))
