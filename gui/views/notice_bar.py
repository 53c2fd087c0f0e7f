"""What the program has to say or ask: a bar in the window, with text that can be copied and a button for each answer."""

from __future__ import annotations

from functools import partial

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy

from gui.models.notices import Choice, Notice, NoticeLevel, Notices
from gui.models.words import tr
from gui.views.hold_button import HoldButton
from gui.views.theme import Theme

#: What needs no answer goes by itself.
INFO_MS = 8_000
_SIGNS = {NoticeLevel.INFO: "i", NoticeLevel.QUESTION: "?", NoticeLevel.ERROR: "!"}


class NoticeBar(QFrame):
    """Hidden while there is nothing. No answer has the keyboard: none is given by a key that was meant for something else."""

    def __init__(self, notices: Notices, *, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("notice-bar")
        self._notices = notices
        self._theme = theme
        self._shown: Notice | None = None
        self._buttons: list[QPushButton] = []
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(12, 7, 8, 7)
        self._sign = QLabel()
        self._text = QLabel()
        self._text.setObjectName("notice-text")
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._layout.addWidget(self._sign)
        self._layout.addWidget(self._text, 1)
        self._passing = QTimer(self)
        self._passing.setSingleShot(True)
        self._passing.setInterval(INFO_MS)
        self._passing.timeout.connect(self._pass)
        notices.changed.connect(self._refresh)
        self._refresh()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._paint()

    def _refresh(self) -> None:
        notice = self._notices.front
        if notice is not self._shown or notice is None:
            self._shown = notice
            self._fill(notice)
        self._paint()
        self.setVisible(notice is not None)

    def _fill(self, notice: Notice | None) -> None:
        for button in self._buttons:
            self._layout.removeWidget(button)
            # it lives until the event loop comes round, and must not be pressed or seen till then
            button.hide()
            button.setObjectName("")
            button.deleteLater()
        self._buttons = []
        self._passing.stop()
        if notice is None:
            return
        if notice.level is NoticeLevel.INFO and not notice.choices:
            self._passing.start()
        self._sign.setText(_SIGNS[notice.level])
        self._text.setText(notice.text)
        self.setAccessibleName(notice.text)
        for choice in notice.choices:
            self._add_choice(choice, partial(self._notices.choose, notice, choice))
        if notice.level is not NoticeLevel.QUESTION:
            if notice.details:
                self._add(tr("Copy"), partial(self._copy, f"{notice.text}\n{notice.details}"))
            self._add(tr("Close"), partial(self._notices.drop, notice.topic))

    def _pass(self) -> None:
        if self._shown is not None:
            self._notices.drop(self._shown.topic)

    def _add_choice(self, choice: Choice, run: partial[None]) -> None:
        if not choice.hold:
            self._add(choice.title, run)
            return
        button = HoldButton(choice.title, theme=self._theme)
        button.setToolTip(tr("Hold for a moment"))
        button.held.connect(run)
        self._put(button, choice.title)

    def _add(self, title: str, run: partial[None]) -> None:
        button = QPushButton(title)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked: run())
        self._put(button, title)

    def _put(self, button: QPushButton, title: str) -> None:
        button.setObjectName(f"choice-{title}")
        self._buttons.append(button)
        self._layout.addWidget(button)

    def _copy(self, text: str) -> None:
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None
        clipboard.setText(text)

    def _paint(self) -> None:
        for button in self._buttons:
            if isinstance(button, HoldButton):
                button.set_theme(self._theme)
        if self._shown is None:
            return
        colours = {NoticeLevel.INFO: self._theme.accent, NoticeLevel.QUESTION: self._theme.warning, NoticeLevel.ERROR: self._theme.bad}
        colour = colours[self._shown.level]
        self.setStyleSheet(f"#notice-bar {{ background: {self._theme.base}; border: none; border-left: 6px solid {colour}; }}")
        self._sign.setStyleSheet(f"color: {colour}; font-weight: 800; font-size: 15pt; padding: 0 6px;")
