"""A line to type into and a list of what it finds: every command by its name, or places to go to; over the map, never modal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from gui.models.palette import Entry, found
from gui.models.words import tr
from gui.views.theme import Theme

_WIDTH_PX, _ROWS = 560, 12
_ENTRY = Qt.ItemDataRole.UserRole
_TO_LIST = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)

Offer = Callable[[], Sequence[Entry]]
Typed = Callable[[str], Entry | None]


class CommandPalette(QFrame):
    """Enter runs what is picked, Esc or a click elsewhere closes."""

    def __init__(self, window: QWidget, *, commands: Offer, places: Offer, typed_place: Typed, theme: Theme) -> None:
        super().__init__(window)
        self.setObjectName("palette")
        self._commands, self._places, self._typed_place = commands, places, typed_place
        self._entries: Sequence[Entry] = ()
        self._also: Typed = _nothing
        self._line = QLineEdit()
        self._line.setObjectName("palette-line")
        self._line.setAccessibleName(tr("Command"))
        self._list = QListWidget()
        self._list.setObjectName("palette-list")
        self._list.setAccessibleName(tr("What was found"))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setUniformItemSizes(True)
        self._list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self._line)
        layout.addWidget(self._list)
        self._line.textChanged.connect(self._show)
        self._line.installEventFilter(self)
        self._list.itemClicked.connect(self._run)
        self.set_theme(theme)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        self.setStyleSheet(f"#palette {{ background: {theme.window}; border: 1px solid {theme.accent}; border-radius: 6px; }}")

    def offer_commands(self) -> None:
        self._open(tr("Type a command"), self._commands(), _nothing)

    def offer_places(self) -> None:
        self._open(tr("Type a position (47.5, 19.0 or 34T CT 50 48), a drone, a base or a violation"), self._places(), self._typed_place)

    def _open(self, hint: str, entries: Sequence[Entry], also: Typed) -> None:
        self._entries, self._also = entries, also
        self._line.setPlaceholderText(hint)
        self._line.setAccessibleName(hint)
        self._line.clear()
        self._show("")
        window = self.parentWidget()
        assert window is not None
        width_px = min(round(_WIDTH_PX * self.fontMetrics().height() / 16), window.width() - 40)
        self.setFixedWidth(width_px)
        self.adjustSize()
        self.move((window.width() - width_px) // 2, 70)
        self.show()
        self.raise_()
        self._line.setFocus(Qt.FocusReason.PopupFocusReason)

    def _show(self, typed: str) -> None:
        self._list.clear()
        place = self._also(typed)
        for entry in ([place] if place else []) + found(self._entries, typed):
            item = QListWidgetItem(f"{entry.title}    {entry.detail}" if entry.detail else entry.title)
            item.setData(_ENTRY, entry)
            self._list.addItem(item)
        self._list.setCurrentRow(0)
        rows = min(max(self._list.count(), 1), _ROWS)
        self._list.setFixedHeight((self._list.sizeHintForRow(0) if self._list.count() else self.fontMetrics().height() + 6) * rows + 8)
        self.adjustSize()

    def _run(self, item: QListWidgetItem) -> None:
        entry: Entry = item.data(_ENTRY)
        self._close()
        entry.run()

    def _close(self) -> None:
        self.hide()
        window = self.parentWidget()
        view = window.findChild(QWidget, "map") if window is not None else None
        if view is not None:
            view.setFocus()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() is QEvent.Type.FocusOut:
            self.hide()
        return (isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and self._key(event)) or super().eventFilter(
            watched, event
        )

    def _key(self, event: QKeyEvent) -> bool:
        match event.key():
            case Qt.Key.Key_Escape:
                self._close()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                item = self._list.currentItem()
                if item is not None:
                    self._run(item)
            case key if key in _TO_LIST:
                self._list.keyPressEvent(event)
            case _:
                return False
        return True


def _nothing(_typed: str) -> Entry | None:
    return None
