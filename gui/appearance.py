"""Light or dark, and how large letters are: the operator's choice, the system's wish, and who must know when it changes."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication

from gui.models.observable import Changed
from gui.settings import Settings
from gui.views.theme import Theme, ThemeChoice, palette_of, style_sheet, theme_for


class Appearance:
    """Owns the application's palette and style; views that paint themselves ask for `theme` on `changed`."""

    def __init__(self, application: QApplication, settings: Settings) -> None:
        self.changed = Changed()
        self._application = application
        self._settings = settings
        self.choice = settings.theme
        self.font_percent = settings.font_percent
        self._first_points = application.font().pointSizeF()
        application.setStyle("Fusion")
        hints = application.styleHints()
        assert hints is not None
        self._hints = hints
        hints.colorSchemeChanged.connect(self._system_changed)
        self._apply()

    @property
    def theme(self) -> Theme:
        return theme_for(self.choice, system_is_dark=self._hints.colorScheme() is Qt.ColorScheme.Dark)

    def choose(self, choice: ThemeChoice) -> None:
        self.choice = self._settings.theme = choice
        self._apply()

    @property
    def language(self) -> str:
        return self._settings.language

    @language.setter
    def language(self, code: str) -> None:
        self._settings.language = code

    def scale_font(self, percent: int) -> None:
        """Letters of so many hundredths of the system's size."""
        self.font_percent = self._settings.font_percent = percent
        self._apply()

    def _system_changed(self, _scheme: Qt.ColorScheme) -> None:
        if self.choice is ThemeChoice.SYSTEM:
            self._apply()

    def _apply(self) -> None:
        font = self._application.font()
        font.setPointSizeF(self._first_points * self.font_percent / 100)
        self._application.setFont(font)
        self._application.setPalette(palette_of(self.theme))
        self._application.setStyleSheet(style_sheet(self.theme))
        self.changed.emit()
