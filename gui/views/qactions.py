"""The list of actions as Qt knows them: one QAction each, and menus made of them."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QMenuBar, QWidget

from gui.actions import Action, Menu


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
            if action.checked is not None:
                made.setChecked(action.checked())

    def fill(self, bar: QMenuBar) -> None:
        """All menus, a line between groups."""
        for menu in Menu:
            shown = bar.addMenu(menu.value)
            assert shown is not None
            shown.setToolTipsVisible(True)
            group = None
            for action in self._actions:
                if action.menu is menu:
                    if group not in (None, action.group):
                        shown.addSeparator()
                    group = action.group
                    shown.addAction(self._by_id[action.id])


def made_action(action: Action, parent: QWidget) -> QAction:
    """A QAction that the parent owns; asked once whether it can be done now."""
    made = QAction(action.title, parent)
    made.setObjectName(action.id)
    made.setShortcut(QKeySequence(action.shortcut))
    made.setCheckable(action.checked is not None)
    keys = f" ({made.shortcut().toString(QKeySequence.SequenceFormat.NativeText)})" if action.shortcut else ""
    made.setToolTip(f"{action.tip or action.title.replace('&', '')}{keys}")
    # the checked argument of `triggered` is none of the action's business
    made.triggered.connect(lambda _checked: action.run())
    made.setEnabled(action.enabled())
    return made
