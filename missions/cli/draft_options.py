"""What the commands that write a mission to begin with have in common: options, writing, telling."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from missions.cli.output import print_json, print_note, stdout_console
from missions.errors import InputError

if TYPE_CHECKING:
    from missions.draft import Draft

NationsOption = Annotated[
    str, typer.Option("--nations", metavar="A,B", help="Ids of one or two nations, for the left and the right of the border.")
]
DronesOption = Annotated[int, typer.Option("--drones", min=1, max=100, help="Drones of each nation.")]
HeightOption = Annotated[float, typer.Option("--height-m", min=5, max=1000, help="Working height above the bases.")]
StartOption = Annotated[str | None, typer.Option("--start", metavar="UTC", help="Such as 2026-06-01T06:00Z; else tomorrow at six.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Write into a folder that is not empty.")]
UncertaintyOption = Annotated[float, typer.Option("--uncertainty-m", min=0, max=100_000, help="How wrong the border's position may be.")]
HalfWidthOption = Annotated[float, typer.Option("--half-width-m", min=10, max=100_000, help="To each side of a border without an area.")]


def begun_draft(
    folder: Path, nations: str, start: str | None, *, drones: int, height_m: float, half_width_m: float, uncertainty_m: float
) -> Draft:
    """A draft called as its folder, of what both commands are told alike. Raises InputError."""
    from missions.draft import Draft

    return Draft(
        name=folder.resolve().name,
        start=start_time(start),
        nations=nation_ids(nations),
        drones=drones,
        height_m=height_m,
        half_width_m=half_width_m,
        position_uncertainty_m=uncertainty_m,
    )


def write_draft(draft: Draft, folder: Path, *, force: bool, json: bool, repairs: list[str]) -> None:
    """Write the mission's folder, and read it as `plan` will. Raises InputError."""
    from missions.draft import draft_files
    from missions.folders import write_into
    from missions.mission_file import load_mission

    written = write_into(folder, draft_files(draft), force=force)
    # a mission that cannot be planned is told at once, with the line to correct
    load_mission(folder)
    tell_written(written, repairs, json)


def tell_written(files: list[Path], repairs: list[str], json: bool) -> None:
    """Files on stdout, repairs on stderr."""
    for repair in repairs:
        print_note(repair)
    if json:
        print_json({"files": [str(file) for file in files], "repairs": list(repairs)})
        return
    for file in files:
        stdout_console().print(str(file))


def nation_ids(text: str) -> tuple[str, ...]:
    """The ids in `--nations`. Raises InputError."""
    from missions.tables import ID_PATTERN

    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if not ID_PATTERN.fullmatch(name) or names.count(name) > 1:
            raise InputError(f"{name!r} is not an id of its own", key="--nations", value=text, mend="give one or two, such as ALD,BRE")
    return names


def start_time(text: str | None) -> datetime:
    """The moment in `--start`, or tomorrow at six. Raises InputError."""
    if text is None:
        tomorrow = datetime.now(tz=UTC) + timedelta(days=1)
        return tomorrow.replace(hour=6, minute=0, second=0, microsecond=0)
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{text!r} is not a time", key="--start", value=text, mend="write it as 2026-06-01T06:00Z") from error
    return given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)
