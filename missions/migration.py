"""Rewrite a mission or plan file of an older schema in the present one; comments of missions stay, the old file is kept beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import tomlkit
import tomlkit.exceptions

from missions.errors import InputError
from missions.folders import write_all
from missions.geojson_file import parse_json
from missions.lonlat_shapes import ShapeError
from missions.mission_file import mission_bytes, parse_tables, read_mission
from missions.plan_file import plan_bytes
from missions.plan_reader import plan_from_document
from missions.schema_versions import MISSION_SCHEMA, MISSION_STEPS, PLAN_STEPS, Document, Steps, migrate, stated_schema
from planner.model import SCHEMA


@dataclass(frozen=True, slots=True)
class Migrated:
    """What was changed, and where the old file is; nothing, and nowhere, for a file of the newest schema."""

    told: list[str]
    kept: Path | None


def migrate_mission_file(path: Path, *, steps: Steps = MISSION_STEPS) -> Migrated:
    """Bring a mission file to the newest schema. Raises InputError, and leaves the file as it was when the result is no sound mission."""
    data, file = mission_bytes(path), str(path)
    # for its errors, which name the line
    version = stated_schema(parse_tables(data, file), file, newest=MISSION_SCHEMA)
    try:
        document: Document = tomlkit.parse(data.decode("utf-8-sig"))
    except tomlkit.exceptions.TOMLKitError as error:
        raise InputError(f"is not TOML: {error}", file=file, mend="correct the file") from error
    told = migrate(document, file, newest=MISSION_SCHEMA, steps=steps)
    if version == MISSION_SCHEMA:
        return Migrated([], None)
    content = tomlkit.dumps(document).encode()
    read_mission(content, file=file, folder=path.parent)
    return Migrated(told, _replaced(path, data, content, version))


def migrate_plan_file(path: Path, *, steps: Steps = PLAN_STEPS) -> Migrated:
    """Bring a plan file to the newest schema. Raises InputError, as `migrate_mission_file`."""
    file = str(path)
    try:
        data = path.read_bytes()
        document = parse_json(data)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=file, mend="check the name and its permissions") from error
    except ShapeError as error:
        raise InputError(error.text, file=file, mend="give a plan written by jointpatrol plan") from error
    version = stated_schema(document, file, newest=SCHEMA)
    assert isinstance(document, Mapping)
    changed = dict(document)
    told = migrate(changed, file, newest=SCHEMA, steps=steps)
    if version == SCHEMA:
        return Migrated([], None)
    return Migrated(told, _replaced(path, data, plan_bytes(plan_from_document(changed, file)), version))


def _replaced(path: Path, old: bytes, new: bytes, version: int) -> Path:
    kept = path.with_name(f"{path.stem}.schema-{version}{path.suffix}")
    if kept.exists():
        raise InputError("is there already", file=str(kept), mend="move it away: the old file would be kept under this name")
    try:
        write_all({kept: old, path: new})
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", file=str(path), mend="check the folder's permissions") from error
    return kept
