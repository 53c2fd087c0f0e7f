"""Alerts, newest first: colour, sign and words say how bad; what nobody has read yet is bold."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QAbstractListModel, QModelIndex, Qt
from PyQt6.QtGui import QFont, QPainter, QPaintEvent, QPalette
from PyQt6.QtWidgets import QListView

from gui.models.alerts import AlertLog, AlertRow
from gui.models.figures import Tone
from gui.models.state_words import LEVELS
from gui.models.text import duration_text
from gui.models.words import tr
from gui.views.theme import Theme
from mavlink_bridge.events import AlertLevel

_TONES = {AlertLevel.INFO: Tone.NORMAL, AlertLevel.WARNING: Tone.WARNING, AlertLevel.CRITICAL: Tone.BAD}
_SIGNS = {AlertLevel.INFO: "i", AlertLevel.WARNING: "!", AlertLevel.CRITICAL: "!!"}

_LEAST_PX = 160


class AlertListModel(QAbstractListModel):
    def __init__(self, alerts: AlertLog, *, theme: Theme) -> None:
        super().__init__()
        self._alerts = alerts
        self._theme = theme
        alerts.changed.connect(self._reset)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._reset()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._alerts.rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._alerts.rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return alert_text(row)
            case Qt.ItemDataRole.ToolTipRole:
                return (
                    f"{LEVELS[row.level]}: {row.text}"
                    if row.seen
                    else tr("{level}: {text} (click to acknowledge)", level=LEVELS[row.level], text=row.text)
                )
            case Qt.ItemDataRole.ForegroundRole:
                return self._theme.tone(Tone.MUTED if row.seen else _TONES[row.level])
            case Qt.ItemDataRole.FontRole:
                font = QFont()
                font.setBold(not row.seen)
                return font
            case _:
                return None

    def acknowledge(self, index: QModelIndex) -> None:
        """The operator has read this one."""
        self._alerts.mark_seen(index.row())

    def _reset(self) -> None:
        self.beginResetModel()
        self.endResetModel()


class AlertList(QListView):
    def __init__(self, model: AlertListModel) -> None:
        super().__init__()
        self.setObjectName("alert-list")
        self.setAccessibleName(tr("Alerts"))
        self.setModel(model)
        self.setWordWrap(True)
        self.setMinimumWidth(_LEAST_PX)
        self.setSpacing(2)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.clicked.connect(model.acknowledge)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        model, viewport = self.model(), self.viewport()
        if model is not None and viewport is not None and model.rowCount() == 0:
            painter = QPainter(viewport)
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            painter.drawText(viewport.rect(), Qt.AlignmentFlag.AlignCenter, tr("No alerts"))
            painter.end()


def alert_text(row: AlertRow) -> str:
    """When, how bad, who, what, and how often in a row."""
    who = f"{row.drone}: " if row.drone else ""
    often = f"  (x{row.count})" if row.count > 1 else ""
    return f"{duration_text(row.at_s)}  {_SIGNS[row.level]}  {who}{row.text}{often}"
