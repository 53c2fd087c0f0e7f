"""`jointpatrol migrate`: a mission or plan file of an older schema, rewritten in the present one."""

from __future__ import annotations

from typing import Annotated

import typer

from missions.cli.output import JsonFlag, print_json, print_note, stdout_console


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("migrate")(migrate)


def migrate(
    what: Annotated[str, typer.Argument(metavar="MISSION_or_PLAN", help="A mission file, its folder, or a plan.json.")],
    json: JsonFlag = False,
) -> None:
    """Rewrite a file of an older schema in the present one.

    Comments stay; the old file is kept beside it, its schema in its name. A file of the newest schema is left as it is.
    """
    from pathlib import Path

    from missions.migration import migrate_mission_file, migrate_plan_file
    from missions.plan_source import is_plan
    from missions.scenario_library import find_mission

    path = Path(what) if is_plan(what) else find_mission(what)
    done = migrate_plan_file(path) if is_plan(what) else migrate_mission_file(path)
    if json:
        print_json({"file": str(path), "changes": done.told, "kept": None if done.kept is None else str(done.kept)})
        return
    for change in done.told:
        print_note(change)
    if done.kept is None:
        print_note(f"{path} is of the newest schema: nothing to do")
    else:
        print_note(f"the old file is kept as {done.kept}")
        stdout_console().print(str(path))
