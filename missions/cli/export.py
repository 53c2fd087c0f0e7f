"""`jointpatrol export`: a plan as files of other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from missions.cli.output import JsonFlag, print_json, print_note, stdout_console

_FORMATS: Final = "qgc-plan, wpl, fence, rally, geojson, gpkg, kml, kmz, gpx, wpml, litchi, script, f3548, ical, crew-sheet"
_EPILOG: Final = f"Formats: {_FORMATS}. What each cannot say is told when it is used."


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("export", epilog=_EPILOG)(export)


def export(
    plan_file: Annotated[str, typer.Argument(metavar="PLAN.json", help="A plan written by jointpatrol plan.")],
    format_name: Annotated[str, typer.Option("--format", "-f", metavar="FORMAT", help="What to write; see below.")],
    folder: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="Folder for the files, made if missing.")],
    force: Annotated[bool, typer.Option("--force", help="Write into a folder that is not empty.")] = False,
    json: JsonFlag = False,
) -> None:
    """Write a plan as mission files for other tools.

    One file a sortie, named after it; formats for maps also get the whole plan in one file. Exit code 1 when the plan has
    no sortie to write.
    """
    from missions.formats.export import export_plan, format_named
    from missions.plan_file import read_plan

    target = format_named(format_name)
    plan = read_plan(plan_file)
    remarks: list[str] = []
    written = export_plan(plan, target, folder, force=force, remark=remarks.append)
    losses = [*target.lost_of(plan), *remarks]
    if plan.violations:
        print_note(f"the plan has {len(plan.violations)} violations: see jointpatrol check")
    if losses:
        print_note(f"{target.name} does not say:")
    for loss in losses:
        print_note(f"- {loss}")
    if json:
        print_json({"format": target.name, "files": [str(path) for path in written], "losses": list(losses)})
    else:
        for path in written:
            stdout_console().print(str(path))
    if not plan.sorties:
        print_note("the plan has no sortie")
        raise typer.Exit(1)
