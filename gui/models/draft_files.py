"""Drafts on disk: read from a mission file, written back with its comments kept, and kept aside until they are saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from gui.models.mission_draft import DRAWN_FILE, MissionDraft, shape_paths
from gui.models.shapes import Shape
from missions.draft import features_geojson
from missions.errors import InputError
from missions.folders import write_whole
from missions.geojson_file import Feature
from missions.geometry_files import Reference, read_features, select
from missions.lonlat_shapes import ShapeError
from missions.mission_file import MISSION_FILE_NAME, mission_bytes, parse_tables, read_tables
from planner.model import MissionSpec

_SOURCE_FILE = "source.txt"


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftPlace:
    """Where a draft's mission file is, and the geometry files beside it that were read already."""

    file: Path
    known: dict[Path, list[Feature]] = field(default_factory=dict, compare=False)

    @property
    def folder(self) -> Path:
        return self.file.parent


def load_draft(place: DraftPlace) -> MissionDraft:
    """What the file says, checked or not: only TOML it must be. Shapes that cannot be read are left out. Raises InputError."""
    tables = parse_tables(mission_bytes(place.file), str(place.file))
    assert isinstance(tables, dict)
    return MissionDraft(tables=tables, shapes=_shapes(tables, place))


def checked_spec(draft: MissionDraft, place: DraftPlace) -> MissionSpec:
    """The mission that the draft stands for, by the readers of the command line. Raises their InputError."""
    drawn = [Feature((name, None, None, None), shape.geometry) for name, shape in draft.drawn.items()]
    place.known[place.folder / DRAWN_FILE] = drawn
    return read_tables(draft.tables, file=str(place.file), folder=place.folder, known=place.known)


def save_draft(draft: MissionDraft, place: DraftPlace, file: Path) -> None:
    """Write mission file and drawn shapes; elsewhere than they were, with the geometry files that they name. Raises InputError, OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.parent.resolve() != place.folder.resolve():
        _copy_geometry(draft, place, file.parent)
    if draft.drawn:
        write_whole(file.parent / DRAWN_FILE, _drawn_bytes(draft))
    write_whole(file, _text(draft, place.file).encode())


def keep_aside(draft: MissionDraft, place: DraftPlace, folder: Path) -> None:
    """A copy that survives this program; the mission's own files stay untouched."""
    import tomlkit

    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / DRAWN_FILE, _drawn_bytes(draft))
    write_whole(folder / MISSION_FILE_NAME, tomlkit.dumps(dict(draft.tables)).encode())
    write_whole(folder / _SOURCE_FILE, str(place.file.resolve()).encode())


def kept_source(folder: Path) -> Path | None:
    """The mission file whose edits were kept there and never saved."""
    try:
        return Path((folder / _SOURCE_FILE).read_text(encoding="utf-8")) if (folder / MISSION_FILE_NAME).is_file() else None
    except OSError:
        return None


def load_kept(folder: Path, place: DraftPlace) -> MissionDraft:
    """What was kept aside, for the mission file in its own place. Raises InputError."""
    tables = parse_tables(mission_bytes(folder / MISSION_FILE_NAME), str(folder / MISSION_FILE_NAME))
    assert isinstance(tables, dict)
    try:
        drawn = read_features(folder / DRAWN_FILE)
    except ShapeError as error:
        raise InputError(error.text, file=str(folder / DRAWN_FILE), mend=error.mend) from error
    place.known[place.folder / DRAWN_FILE] = drawn
    return MissionDraft(tables=tables, shapes=_shapes(tables, place))


def forget_kept(folder: Path) -> None:
    for name in (MISSION_FILE_NAME, DRAWN_FILE, _SOURCE_FILE):
        (folder / name).unlink(missing_ok=True)


def _shapes(tables: Mapping[str, Any], place: DraftPlace) -> dict[str, Shape]:
    draft = MissionDraft(tables=tables, shapes={})
    found = {str(draft.value(path)): _shape(str(draft.value(path)), place) for path in shape_paths(tables)}
    return {text: shape for text, shape in found.items() if shape is not None}


def _shape(text: str, place: DraftPlace) -> Shape | None:
    reference = Reference.parse(text, place.folder)
    try:
        if reference.path not in place.known:
            place.known[reference.path] = read_features(reference.path)
        return Shape.of(_flat(select(place.known[reference.path], reference.feature)))
    except ShapeError:
        return None  # the check says what is wrong with it


def _flat(geometry: BaseGeometry) -> BaseGeometry:
    parts = shapely.get_parts(geometry)
    return shapely.GeometryCollection(shapely.get_parts(parts).tolist())


def _drawn_bytes(draft: MissionDraft) -> bytes:
    return features_geojson((name, {}, shape.geometry) for name, shape in draft.drawn.items())


def _copy_geometry(draft: MissionDraft, place: DraftPlace, folder: Path) -> None:
    """As plain files beside each other, so that the folder can be given away; a Shapefile's siblings come along."""
    terrain = draft.tables.get("terrain", {})
    heights = {str(terrain["file"])} if isinstance(terrain, Mapping) and "file" in terrain else set()
    for text in heights | {str(draft.value(path)) for path in shape_paths(draft.tables)}:
        source = Reference.parse(text, place.folder).path
        if text.startswith(f"{DRAWN_FILE}#") or not source.is_file() or Path(text).is_absolute():
            continue
        for each in source.parent.glob(f"{source.stem}.*"):
            target = folder / source.relative_to(place.folder).parent / each.name
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, each.read_bytes())


def _text(draft: MissionDraft, file: Path) -> str:
    """The file's own text with what has changed in it; comments and order stay."""
    import tomlkit

    document = tomlkit.parse(mission_bytes(file).decode("utf-8-sig"))
    _take_over(document, draft.tables)
    return tomlkit.dumps(document)


def _take_over(into: Any, values: Mapping[str, Any]) -> None:
    for key in [key for key in into if key not in values]:
        del into[key]
    for key, value in values.items():
        if key not in into:
            into[key] = _new(value)
        elif isinstance(value, dict):
            _take_over(into[key], value)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            _take_over_rows(into, key, value)
        elif into[key] != value:
            into[key] = value


def _take_over_rows(into: Any, key: str, rows: list[dict[str, Any]]) -> None:
    """Rows are told apart by their id, so that one that goes does not take its neighbour's comments along."""
    before = into[key]
    names = [row.get("id") for row in rows]
    for index in reversed([index for index, row in enumerate(before) if row.get("id") is not None and row.get("id") not in names]):
        if len(before) > len(rows):
            del before[index]
    while len(before) > len(rows):
        del before[len(before) - 1]
    for index, row in enumerate(rows):
        if index < len(before):
            _take_over(before[index], row)
        else:
            before.append(_new(row))


def _new(value: Any) -> Any:
    import tomlkit

    if isinstance(value, list) and value and isinstance(value[0], dict):
        tables = tomlkit.aot()
        for row in value:
            tables.append(_new(row))
        return tables
    if isinstance(value, dict):
        table = tomlkit.table()
        for key, inner in value.items():
            table[key] = tomlkit.inline_table() if isinstance(inner, dict) else inner
            if isinstance(inner, dict):
                table[key].update(inner)
        return table
    return value
