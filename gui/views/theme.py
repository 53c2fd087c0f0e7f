"""Light and dark: every colour of the desktop by name, the palette made of them, and how nations are told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QPalette

from gui.models.figures import Tone
from missions.palette import nation_colours
from planner.model import Nation


class ThemeChoice(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, kw_only=True, slots=True)
class Theme:
    """Colours as CSS text."""

    dark: bool
    window: str
    base: str
    alternate: str
    text: str
    muted: str
    button: str
    edge: str
    accent: str
    on_accent: str
    good: str
    warning: str
    bad: str
    danger: str
    on_danger: str
    map_ground: str
    map_sea: str
    map_coast: str
    map_area: str
    map_text: str
    map_halo: str
    border_line: str
    keep_out: str
    stale: str
    traffic: str
    priority: str

    def tone(self, tone: Tone) -> QColor:
        match tone:
            case Tone.NORMAL:
                return QColor(self.text)
            case Tone.MUTED:
                return QColor(self.muted)
            case Tone.GOOD:
                return QColor(self.good)
            case Tone.WARNING:
                return QColor(self.warning)
            case Tone.BAD:
                return QColor(self.bad)


LIGHT = Theme(
    dark=False,
    window="#f0f1f3",
    base="#ffffff",
    alternate="#f6f7f9",
    text="#1b1f24",
    muted="#646c76",
    button="#e6e8eb",
    edge="#c3c8cf",
    accent="#0b63b0",
    on_accent="#ffffff",
    good="#1a7431",
    warning="#8f5200",
    bad="#b3141f",
    danger="#b3141f",
    on_danger="#ffffff",
    map_ground="#eceae4",
    map_sea="#d3e2ec",
    map_coast="#a9a294",
    map_area="#fbfaf7",
    map_text="#23272d",
    map_halo="#ffffff",
    border_line="#2b1a4a",
    keep_out="#c81e2d",
    stale="#6b7078",
    traffic="#8a1c9c",
    priority="#b3147a",
)
DARK = Theme(
    dark=True,
    window="#23272c",
    base="#1a1d21",
    alternate="#20242a",
    text="#e4e7eb",
    muted="#98a1ac",
    button="#30363d",
    edge="#454c55",
    accent="#4ea1e8",
    on_accent="#0c1116",
    good="#5fce7d",
    warning="#f0ad4e",
    bad="#ff7b7f",
    danger="#d63540",
    on_danger="#ffffff",
    map_ground="#15181b",
    map_sea="#0c1c2a",
    map_coast="#4a525b",
    map_area="#21262b",
    map_text="#e4e7eb",
    map_halo="#101214",
    border_line="#e8dcff",
    keep_out="#ff5a66",
    stale="#8a929c",
    traffic="#e59bff",
    priority="#ff8fd0",
)


def theme_for(choice: ThemeChoice, *, system_is_dark: bool) -> Theme:
    match choice:
        case ThemeChoice.LIGHT:
            return LIGHT
        case ThemeChoice.DARK:
            return DARK
        case ThemeChoice.SYSTEM:
            return DARK if system_is_dark else LIGHT


def palette_of(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for target, colour in {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.base,
        role.AlternateBase: theme.alternate,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.button,
        role.ButtonText: theme.text,
        role.BrightText: theme.bad,
        role.ToolTipBase: theme.base,
        role.ToolTipText: theme.text,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Light: theme.base,
        role.Midlight: theme.button,
        role.Mid: theme.edge,
        role.Dark: theme.edge,
        role.Accent: theme.accent,
    }.items():
        palette.setColor(target, QColor(colour))
    for target in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, target, QColor(theme.muted))
    return palette


def style_sheet(theme: Theme) -> str:
    """The few things a palette cannot say."""
    return f"""
    QToolTip {{ color: {theme.text}; background: {theme.base}; border: 1px solid {theme.edge}; padding: 3px; }}
    QToolBar {{ border: none; border-bottom: 1px solid {theme.edge}; spacing: 4px; padding: 4px; }}
    QStatusBar {{ border-top: 1px solid {theme.edge}; }}
    QStatusBar::item {{ border: none; }}
    QHeaderView::section {{ background: {theme.button}; color: {theme.text}; border: none;
        border-right: 1px solid {theme.edge}; border-bottom: 1px solid {theme.edge}; padding: 4px 6px; }}
    QToolButton[scope="true"] {{ border: 1px solid {theme.edge}; border-radius: 4px; padding: 3px 10px; background: {theme.button}; }}
    QToolButton[scope="true"]:hover {{ border-color: {theme.accent}; }}
    QToolButton[scope="true"]:checked {{ background: {theme.accent}; color: {theme.on_accent}; border-color: {theme.accent}; }}
    QTableView::item {{ padding: 0 7px; }}
    QListView::item {{ padding: 3px 0; }}
    QListView {{ padding: 0 4px; background: {theme.base}; }}
    QTableView, QListView, QTreeView {{ border: 1px solid {theme.edge}; gridline-color: {theme.edge}; }}
    """


@dataclass(frozen=True, kw_only=True, slots=True)
class NationStyle:
    """A colour, and a hatching for those who cannot tell it from another."""

    colour: QColor
    pattern: Qt.BrushStyle


_PATTERNS = (
    Qt.BrushStyle.BDiagPattern,
    Qt.BrushStyle.FDiagPattern,
    Qt.BrushStyle.HorPattern,
    Qt.BrushStyle.VerPattern,
    Qt.BrushStyle.DiagCrossPattern,
    Qt.BrushStyle.CrossPattern,
)


def nation_styles(nations: Sequence[Nation], theme: Theme) -> dict[str, NationStyle]:
    """By nation id: the product's colours, lighter on dark ground so that lines stay readable."""
    colours = nation_colours(nations)
    return {
        nation.id: NationStyle(colour=_readable(QColor(colours[nation.id].css), theme), pattern=_PATTERNS[index % len(_PATTERNS)])
        for index, nation in enumerate(nations)
    }


def _readable(colour: QColor, theme: Theme) -> QColor:
    return colour.lighter(135) if theme.dark else colour.darker(115)
