"""What can be found by typing a part of its name: commands, and places to go to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gui.models.coordinates import PositionFormat, parse_position, position_text
from gui.models.figures import violation_text
from gui.models.fleet import FleetModel
from gui.models.map_model import MapModel
from gui.models.words import tr
from planner.model import Plan


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """`detail` stands beside the title: a shortcut, or what kind of place it is."""

    title: str
    run: Callable[[], None]
    detail: str = ""


def found(entries: Iterable[Entry], typed: str) -> list[Entry]:
    """Those that hold every typed word, the ones that begin with it first; all when nothing is typed."""
    words = typed.lower().split()
    ranked = [(rank, index, entry) for index, entry in enumerate(entries) if (rank := _rank(entry, words)) is not None]
    return [entry for _, _, entry in sorted(ranked, key=lambda row: row[:2])]


def _rank(entry: Entry, words: list[str]) -> int | None:
    title = entry.title.lower()
    rank = 0
    for word in words:
        place = title.find(word)
        if place < 0:
            return None
        rank += 0 if place == 0 else 1 if title[place - 1] == " " else 2
    return rank


def places(map_model: MapModel, fleet: FleetModel, heads: Iterable[tuple[str, tuple[float, float]]], plan: Plan | None) -> list[Entry]:
    """Drones that have said where they are, bases, and the places of violations."""
    scene = map_model.scene
    if scene is None:
        return []
    return [
        *(Entry(title=drone, detail=tr("drone"), run=_going(map_model, place)) for drone, place in heads if drone in fleet.drones),
        *(Entry(title=base.id, detail=tr("base"), run=_going(map_model, (base.east_m, base.north_m))) for base in scene.bases),
        *(
            Entry(title=violation_text(plan.violations[mark.index]), detail=tr("violation"), run=_marking(map_model, mark.index))
            for mark in scene.marks
            if plan is not None
        ),
    ]


def typed_place(map_model: MapModel, typed: str) -> Entry | None:
    """The position that was typed, in degrees or MGRS; None when it is none."""
    point = parse_position(typed)
    if point is None or map_model.scene is None:
        return None
    title = f"{position_text(point)}  ({position_text(point, PositionFormat.MGRS)})"
    return Entry(title=title, detail=tr("position"), run=lambda: map_model.go_to_place(point))


def _going(map_model: MapModel, place: tuple[float, float]) -> Callable[[], None]:
    return lambda: map_model.go_to(east_m=place[0], north_m=place[1])


def _marking(map_model: MapModel, index: int) -> Callable[[], None]:
    return lambda: map_model.go_to_mark(index)
