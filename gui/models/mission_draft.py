"""A mission while it is edited: the tables of its file and the shapes they name; every change makes another draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gui.models.shapes import Shape, Vertex

#: The file that edited shapes are kept in, beside the mission file: files that others made are left as they are.
DRAWN_FILE = "drawn.geojson"

#: What is drawn as a priority counts for so much of ordinary ground where drones are too few for all intervals.
PRIORITY_WEIGHT = 2

#: Keys on the way to a value: names of tables, numbers of rows.
Path = tuple[str | int, ...]
Tables = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """Something with a place on the map: the key in the tables that names its shape, or a base's table."""

    path: Path
    title: str
    shape: Shape | None = None
    point: Vertex | None = None

    @property
    def kind(self) -> str:
        return str(self.path[0])


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MissionDraft:
    """`shapes` holds what the tables name, by the reference's text; those in `DRAWN_FILE` were edited or drawn here."""

    tables: Tables
    shapes: Mapping[str, Shape]

    def value(self, path: Path, default: object = None) -> Any:
        here: Any = self.tables
        for key in path:
            try:
                here = here[key]
            except (KeyError, IndexError, TypeError):
                return default
        return here

    def rows(self, name: str) -> list[Tables]:
        rows = self.tables.get(name, [])
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    @property
    def drawn(self) -> dict[str, Shape]:
        """The edited shapes that are in use, by their feature's id."""
        used = {str(self.value(path)) for path in shape_paths(self.tables)}
        return {ref.partition("#")[2]: shape for ref, shape in self.shapes.items() if ref in used and ref.startswith(f"{DRAWN_FILE}#")}

    @property
    def items(self) -> tuple[Item, ...]:
        """Lowest first on the map: territories, area, border, permissions, priorities, keep-outs, bases and places."""
        shapes = [(path, self.shapes.get(str(self.value(path)))) for path in shape_paths(self.tables)]
        found = [Item(path=path, title=_title(self, path), shape=shape) for path, shape in shapes if shape is not None]
        bases = [_item(("base", row), str(base.get("id", "base")), base) for row, base in enumerate(self.rows("base"))]
        places = [
            _item(("patrol", row, "place", number), str(place.get("id", f"{patrol.get('id', 'place')} {number + 1}")), place)
            for row, patrol in enumerate(self.rows("patrol"))
            for number, place in enumerate(_places(patrol))
        ]
        return (*found, *(item for item in (*bases, *places) if item.point is not None))

    # --- changes -----------------------------------------------------------------------------------------------------

    def with_value(self, path: Path, value: object) -> MissionDraft:
        """Another value at this key; None takes the key away."""
        return replace(self, tables=_changed(self.tables, path, value))

    def with_shape(self, path: Path, shape: Shape) -> MissionDraft:
        """Another shape for what is at this key; it is kept in the drawn file from now on."""
        reference = str(self.value(path, ""))
        if not reference.startswith(f"{DRAWN_FILE}#"):
            reference = f"{DRAWN_FILE}#{self._free_name(_name(self, path))}"
        return replace(self, tables=_changed(self.tables, path, reference), shapes={**self.shapes, reference: shape})

    def with_point(self, path: Path, vertex: Vertex) -> MissionDraft:
        """A base or a place somewhere else."""
        lon_deg, lat_deg = vertex
        return self.with_value((*path, "lat_deg"), lat_deg).with_value((*path, "lon_deg"), lon_deg)

    def with_row(self, table: str, row: Mapping[str, object]) -> MissionDraft:
        """One more table at the end of the list of this name."""
        return replace(self, tables={**self.tables, table: [*self.rows(table), dict(row)]})

    def without_row(self, table: str, row: int) -> MissionDraft:
        kept = [each for index, each in enumerate(self.rows(table)) if index != row]
        tables = {**self.tables, table: kept}
        if not kept:
            del tables[table]
        return replace(self, tables=tables)

    def with_keep_out(self, shape: Shape, *, buffer_m: float = 0.0) -> MissionDraft:
        name = self.free_id("keep_out", "keep-out")
        added = self.with_row("keep_out", {"id": name, "polygon": "", "buffer_m": buffer_m})
        return added.with_shape(("keep_out", len(added.rows("keep_out")) - 1, "polygon"), shape)

    def with_base(self, vertex: Vertex, nation: str) -> MissionDraft:
        lon_deg, lat_deg = vertex
        row = {"id": self.free_id("base", f"{nation.lower()}-base"), "nation": nation, "lat_deg": lat_deg, "lon_deg": lon_deg}
        return self.with_row("base", {**row, "elevation_m": 0})

    def with_priority_line(self, shape: Shape) -> MissionDraft:
        """A patrol along a line of its own, beside what is asked for already."""
        row = self._priority("priority", "line")
        added = self._asking().with_row("patrol", {**row, "line": ""})
        return added.with_shape(("patrol", len(added.rows("patrol")) - 1, "line"), shape)

    def with_priority_place(self, vertex: Vertex) -> MissionDraft:
        """One more place to be seen, in the last patrol of places if there is one."""
        lon_deg, lat_deg = vertex
        draft, place = self._asking(), {"lat_deg": lat_deg, "lon_deg": lon_deg}
        rows = [row for row, patrol in enumerate(draft.rows("patrol")) if patrol.get("kind") == "points"]
        if not rows:
            return draft.with_row("patrol", {**self._priority("places", "points"), "place": [place]})
        return draft.with_value(("patrol", rows[-1], "place"), [*_places(draft.rows("patrol")[rows[-1]]), place])

    def without_place(self, row: int, number: int) -> MissionDraft:
        """A patrol of places goes with its last one."""
        places = _places(self.rows("patrol")[row])
        kept = [place for index, place in enumerate(places) if index != number]
        return self.with_value(("patrol", row, "place"), kept) if kept else self.without_row("patrol", row)

    def _asking(self) -> MissionDraft:
        """Without any patrol all ground is swept; beside another that has to be said."""
        return self if self.rows("patrol") else self.with_row("patrol", {"id": "sweep", "kind": "sweep"})

    def _priority(self, stem: str, kind: str) -> dict[str, object]:
        """All patrols have an interval, or none has."""
        row: dict[str, object] = {"id": self.free_id("patrol", stem), "kind": kind, "weight": PRIORITY_WEIGHT}
        intervals_s = [patrol["interval_s"] for patrol in self.rows("patrol") if "interval_s" in patrol]
        return {**row, "interval_s": intervals_s[-1]} if intervals_s else row

    def free_id(self, table: str, stem: str) -> str:
        """An id that no row of this list has."""
        used = {row.get("id") for row in self.rows(table)}
        return next(name for number in range(1, len(used) + 2) if (name := f"{stem}-{number}") not in used)

    def _free_name(self, stem: str) -> str:
        used = {ref.partition("#")[2] for ref in self.shapes if ref.startswith(f"{DRAWN_FILE}#")}
        names = (stem, *(f"{stem}-{number}" for number in range(2, len(used) + 3)))
        return next(name for name in names if name not in used)


def shape_paths(tables: Tables) -> list[Path]:
    """Every key that names a shape, lowest on the map first."""
    rows = {name: tables.get(name, []) for name in ("nation", "permission", "patrol", "keep_out")}
    count = {name: len(value) if isinstance(value, list) else 0 for name, value in rows.items()}
    paths: list[Path] = [
        *(("nation", row, "territory") for row in range(count["nation"])),
        ("area", "polygon"),
        ("area", "border"),
        *(("permission", row, "polygon") for row in range(count["permission"])),
        *(("patrol", row, "line") for row in range(count["patrol"])),
        *(("keep_out", row, "polygon") for row in range(count["keep_out"])),
    ]
    draft = MissionDraft(tables=tables, shapes={})
    return [path for path in paths if isinstance(draft.value(path), str)]


def _places(patrol: Tables) -> list[Tables]:
    places = patrol.get("place", [])
    return [place for place in places if isinstance(place, dict)] if isinstance(places, list) else []


def _item(path: Path, title: str, table: Tables) -> Item:
    """Something at a point; without one when the table does not say where it is."""
    lon_deg, lat_deg = table.get("lon_deg"), table.get("lat_deg")
    known = isinstance(lon_deg, int | float) and isinstance(lat_deg, int | float)
    return Item(path=path, title=title, point=(float(lon_deg), float(lat_deg)) if known else None)  # type: ignore[arg-type]  # both known


def _title(draft: MissionDraft, path: Path) -> str:
    match path:
        case ("area", key):
            return "area" if key == "polygon" else "border"
        case (table, int() as row, _):
            named = draft.value((table, row, "id"), f"{table}-{row + 1}")
            return f"territory {named}" if table == "nation" else str(named)
        case _:
            return str(path[-1])


def _name(draft: MissionDraft, path: Path) -> str:
    """What an edited shape is called in the drawn file."""
    return _title(draft, path).replace(" ", "-")


def _changed(tables: Any, path: Path, value: object) -> Any:
    """A copy along the path; tables that are missing on the way are made."""
    key, rest = path[0], path[1:]
    if isinstance(key, int):
        return [_leaf_or_deeper(each, rest, value) if index == key else each for index, each in enumerate(tables)]
    inner = _leaf_or_deeper(tables.get(key, {}), rest, value)
    if inner is None or (rest and inner == {}):
        return {name: each for name, each in tables.items() if name != key}
    return {**tables, key: inner}


def _leaf_or_deeper(inner: Any, rest: Path, value: object) -> Any:
    return _changed(inner, rest, value) if rest else value
