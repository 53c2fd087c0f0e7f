"""The `gui` command, found by the command line through the entry point group `jointpatrol.commands`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from gui.system_libraries import ensure_qt_can_start
from missions.errors import InputError


def register(app: typer.Typer) -> None:
    """Add `jointpatrol gui`."""
    app.command("gui")(gui)


def gui(
    document: Annotated[
        str | None,
        typer.Argument(metavar="MISSION_or_PLAN", help="What to open: a file, its folder or a scenario's name.", show_default=False),
    ] = None,
    attach: Annotated[
        Path | None,
        typer.Option("--attach", metavar="DIR", help="Attach to the patrol that runs with this report folder.", show_default=False),
    ] = None,
) -> None:
    """The desktop: draw, plan, fly and watch."""
    if document is not None and attach is not None:
        raise InputError(
            "give either a document or --attach", key="--attach", value=str(attach), mend="a running patrol brings its plan along"
        )
    ensure_qt_can_start(os.environ)
    # Qt takes long to import, and every other command reads this module as well
    from PyQt6.QtWidgets import QApplication

    from gui.language import APPLICATION, ORGANISATION, chosen, take_up, user_settings

    application = QApplication(["jointpatrol"])
    application.setApplicationName(APPLICATION)
    application.setOrganizationName(ORGANISATION)
    application.setApplicationDisplayName("jointpatrol")
    take_up(application, chosen(user_settings()))
    # words are made when their modules are loaded, so only now
    from gui.app import run

    raise typer.Exit(run(application, document, attach))
