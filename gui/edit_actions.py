"""What is done to the open mission: undo and redo, draw, edit on the map, save."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from gui.actions import Action, Group, Menu, being
from gui.desk import Desk
from gui.models.map_model import Tool
from gui.models.shape_edit import Drawing, drawings


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
        history("edit.undo", "&Undo", editing.undo, tip="Take back the last change of the mission", keys="Ctrl+Z", enabled=undoable),
        history("edit.redo", "&Redo", editing.redo, tip="Make the change again that was taken back", keys="Ctrl+Y", enabled=redoable),
        draws(
            "edit.map",
            "&Edit on the map",
            edit,
            tip="Click an outline, drag its corners, press an edge for a new one, right click takes one away; drag bases",
            keys="Ctrl+D",
            checked=being(lambda: map_model.tool, Tool.EDIT),
        ),
        draws("edit.draw-keep-out", "Draw a &keep-out", partial(draw, new["keep-out"]), tip=_DRAW, keys="Ctrl+Alt+K"),
        draws("edit.draw-area", "Draw the &area", partial(draw, new["area"]), tip="In place of the one that is there", keys="Ctrl+Alt+A"),
        draws("edit.draw-priority", "Draw a &priority line", partial(draw, new["priority-line"]), tip=_PRIORITY, keys="Ctrl+Alt+I"),
        draws("edit.place-priority", "Place a p&riority", partial(draw, new["priority-place"]), tip=_PLACE, keys="Ctrl+Alt+O"),
        draws("edit.place-base", "Place a &base", partial(draw, new["base"]), tip="It belongs to whose ground it is on", keys="Ctrl+Alt+B"),
    )


_DRAW = "Click its corners, then Enter or a double click"
_PRIORITY = "A line that is patrolled beside the rest, its gaps kept shorter; its width and weight stand in the table of patrols"
_PLACE = "A tower, a crossing, another place that is seen beside the rest"


def save_actions(desk: Desk, ask_target: Callable[[], None]) -> tuple[Action, ...]:
    editing = desk.editing
    saving = Group(Menu.FILE, "save", enabled=lambda: editing.history is not None)
    return (
        saving(
            "file.save-mission",
            "Save &mission",
            lambda: editing.save() if editing.saveable else ask_target(),
            tip="Write the mission file and the shapes that were drawn",
            keys="Ctrl+Shift+S",
        ),
        saving(
            "file.save-mission-as",
            "Save mission in a &new folder…",
            ask_target,
            tip="A folder of its own with everything that the mission names",
            keys="Ctrl+Alt+S",
        ),
    )
