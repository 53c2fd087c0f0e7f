"""What is done to the open mission: undo and redo, draw, edit on the map, save."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from gui.actions import Action, Group, Menu, being
from gui.desk import Desk
from gui.models.map_model import Tool
from gui.models.shape_edit import Drawing, drawings
from gui.models.words import tr


def edit_actions(desk: Desk) -> tuple[Action, ...]:
    editing, map_model = desk.editing, desk.map

    def undoable() -> bool:
        return desk.can_edit() and editing.history is not None and bool(editing.history.undo_text)

    def redoable() -> bool:
        return desk.can_edit() and editing.history is not None and bool(editing.history.redo_text)

    def edit() -> None:
        map_model.take_tool(Tool.LOOK if map_model.tool is Tool.EDIT else Tool.EDIT)

    def draw(begin: Callable[[], Drawing]) -> None:
        map_model.draw(begin())

    history, draws = Group(Menu.EDIT, "history"), Group(Menu.EDIT, "draw", enabled=desk.can_edit)
    new = drawings(lambda: editing.draft, editing.do)
    return (
        history(
            "edit.undo", tr("&Undo"), editing.undo, tip=tr("Take back the last change of the mission"), keys="Ctrl+Z", enabled=undoable
        ),
        history(
            "edit.redo", tr("&Redo"), editing.redo, tip=tr("Make the change again that was taken back"), keys="Ctrl+Y", enabled=redoable
        ),
        draws(
            "edit.map",
            tr("&Edit on the map"),
            edit,
            tip=tr("Click an outline, drag its corners, press an edge for a new one, right click takes one away; drag bases"),
            keys="Ctrl+D",
            checked=being(lambda: map_model.tool, Tool.EDIT),
        ),
        draws("edit.draw-keep-out", tr("Draw a &keep-out"), partial(draw, new["keep-out"]), tip=_DRAW, keys="Ctrl+Alt+K"),
        draws(
            "edit.draw-area",
            tr("Draw the &area"),
            partial(draw, new["area"]),
            tip=tr("In place of the one that is there"),
            keys="Ctrl+Alt+A",
        ),
        draws("edit.draw-priority", tr("Draw a &priority line"), partial(draw, new["priority-line"]), tip=_PRIORITY, keys="Ctrl+Alt+I"),
        draws("edit.place-priority", tr("Place a p&riority"), partial(draw, new["priority-place"]), tip=_PLACE, keys="Ctrl+Alt+O"),
        draws(
            "edit.place-base",
            tr("Place a &base"),
            partial(draw, new["base"]),
            tip=tr("It belongs to whose ground it is on"),
            keys="Ctrl+Alt+B",
        ),
    )


_DRAW = tr("Click its corners, then Enter or a double click")
_PRIORITY = tr("A line that is patrolled beside the rest, its gaps kept shorter; its width and weight stand in the table of patrols")
_PLACE = tr("A tower, a crossing, another place that is seen beside the rest")


def save_actions(desk: Desk, ask_target: Callable[[], None]) -> tuple[Action, ...]:
    editing = desk.editing
    saving = Group(Menu.FILE, "save", enabled=lambda: editing.history is not None)
    return (
        saving(
            "file.save-mission",
            tr("Save &mission"),
            lambda: editing.save() if editing.saveable else ask_target(),
            tip=tr("Write the mission file and the shapes that were drawn"),
            keys="Ctrl+Shift+S",
        ),
        saving(
            "file.save-mission-as",
            tr("Save mission in a &new folder…"),
            ask_target,
            tip=tr("A folder of its own with everything that the mission names"),
            keys="Ctrl+Alt+S",
        ),
    )
