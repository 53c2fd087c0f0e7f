"""The list of actions as Qt knows them: one QAction each, and menus made of them."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QMenu, QMenuBar, QWidget

from gui.actions import Action, Menu
from gui.models.palette import Entry


class QActions:
    """Owns the QActions; `refresh` asks every action whether it can be done now."""

    def __init__(self, actions: Sequence[Action], parent: QWidget) -> None:
        self._actions = tuple(actions)
        self._by_id = {action.id: made_action(action, parent) for action in actions}
        for made in self._by_id.values():
            parent.addAction(made)
        self.refresh()

    def __getitem__(self, action_id: str) -> QAction:
        return self._by_id[action_id]

    def refresh(self) -> None:
        for action in self._actions:
            made = self._by_id[action.id]
            made.setEnabled(action.enabled())
            if action.live_title is not None:
                title = action.live_title()
                made.setText(title)
                made.setVisible(bool(title))
            if action.checked is not None:
                made.setChecked(action.checked())

    def entries(self) -> list[Entry]:
        """What can be done now, for the command palette."""
        return [
            Entry(title=_palette_title(action), detail=_keys(self._by_id[action.id]), run=self._by_id[action.id].trigger)
            for action in self._actions
            if action.enabled()
        ]

    def fill(self, bar: QMenuBar) -> None:
        """All menus, a line between groups, groups with a title of their own as menus in the menu."""
        for menu in Menu:
            shown = _menu(bar.addMenu(menu.text))
            below: dict[str, QMenu] = {}
            group = None
            for action in self._actions:
                if action.menu is menu:
                    if group not in (None, action.group) and not (action.submenu and below):
                        shown.addSeparator()
                    group = action.group
                    if action.submenu and action.submenu not in below:
                        below[action.submenu] = _menu(shown.addMenu(action.submenu))
                    below.get(action.submenu, shown).addAction(self._by_id[action.id])


def _menu(made: QMenu | None) -> QMenu:
    assert made is not None
    made.setToolTipsVisible(True)
    return made


def _palette_title(action: Action) -> str:
    menu = action.menu.text.replace("&", "")
    return ": ".join((menu, *([action.submenu.replace("&", "")] if action.submenu else []), action.name))


def _keys(made: QAction) -> str:
    return made.shortcut().toString(QKeySequence.SequenceFormat.NativeText)


def made_action(action: Action, parent: QWidget) -> QAction:
    """A QAction that the parent owns; asked once whether it can be done now."""
    made = QAction(action.title, parent)
    made.setObjectName(action.id)
    made.setShortcut(QKeySequence(action.shortcut))
    made.setCheckable(action.checked is not None)
    keys = f" ({_keys(made)})" if action.shortcut else ""
    made.setToolTip(f"{action.tip or action.name}{keys}")
    # the checked argument of `triggered` is none of the action's business
    made.triggered.connect(lambda _checked: action.run())
    made.setEnabled(action.enabled())
    return made
