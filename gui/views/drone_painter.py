"""Paints the drones: a pointed symbol in flight, a small one on the ground, hollow when stale, crossed out when lost; their labels.

A frame of a thousand drones has a few milliseconds: what has not changed since the last frame is kept, symbol by symbol, and all
are stamped in one call. Labels keep their side of the drone for a quarter of a second before room is looked for anew.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from PyQt6.QtCore import QElapsedTimer, QPointF, Qt
from PyQt6.QtGui import QColor, QPainter, QPolygonF

from gui.models.drone_symbols import DroneSymbol, symbol_of
from gui.models.drone_view import DEFAULT_FRESHNESS, DroneView, Freshness
from gui.models.fleet import FleetModel
from gui.models.tracks import Spot, Tracks
from gui.models.viewport import Viewport
from gui.views.name_painter import NameAtlas, NamePainter
from gui.views.pens import pen
from gui.views.sprites import SpriteSheet, Stamp
from gui.views.theme import NationStyle, Theme

_SIDE_PX, _RING_PX = 34, 40
_DART = ((0.0, -12.0), (8.5, 9.5), (0.0, 5.0), (-8.5, 9.5))
#: More labels than this are only clutter: those of selected and troubled drones stay.
MAX_LABELS = 300
_LAYOUT_MS = 250
#: So many labels are laid out in one frame, so that none takes long.
_LAID_OUT_AT_ONCE = 40
_MARGIN_PX = 40.0


class _Look(StrEnum):
    FLYING = "flying"
    GROUNDED = "grounded"
    STALE = "stale"
    LOST = "lost"


_SELECTED = "selected"


@dataclass(slots=True)
class _Kept:
    """What a drone's symbol was made of, how long it stays so if nothing is heard, and the symbol; None when out of view."""

    drone: DroneView
    head: Spot
    until_s: float
    symbol: DroneSymbol | None
    fragment: QPainter.PixmapFragment | None


@dataclass(slots=True)
class _Label:
    """Where a label stands beside its drone, and its picture beside the symbol that it was made for."""

    right_px: float
    down_px: float
    symbol: DroneSymbol | None = None
    fragment: QPainter.PixmapFragment | None = None


class DronePainter:
    """For one theme and device pixel ratio."""

    def __init__(self, theme: Theme, styles: Mapping[str, NationStyle], ratio: float) -> None:
        self._theme = theme
        draws = {f"{look}/{nation}": partial(_draw, look, style, theme) for nation, style in styles.items() for look in _Look}
        self._sprites = SpriteSheet(draws, side_px=_SIDE_PX, ratio=ratio)
        self._rings = SpriteSheet({_SELECTED: partial(_ring, theme)}, side_px=_RING_PX, ratio=ratio)
        self._atlas = NameAtlas(ratio)
        self._kept: dict[str, _Kept] = {}
        self._shown: list[_Kept] = []
        self._for: tuple[Viewport, frozenset[str]] | None = None
        self._labels: dict[str, _Label] = {}
        self._names: NamePainter | None = None
        self._coming: dict[str, _Label] = {}
        self._waiting: list[DroneSymbol] = []
        self._laid_out = QElapsedTimer()

    def look(self, fleet: FleetModel, tracks: Tracks, viewport: Viewport, selected: frozenset[str], *, now_s: float) -> None:
        """Bring the symbols up to date; what is painted next is this instant."""
        if self._for != (viewport, selected):
            self._for, self._kept = (viewport, selected), {}
            self._labels = {}
            self._laid_out.invalidate()
        ranks: tuple[list[_Kept], list[_Kept], list[_Kept]] = ([], [], [])
        heads, kept = tracks.heads, self._kept
        for name, drone in fleet.drones.items():
            head = heads.get(name)
            if head is None:
                continue
            known = kept.get(name)
            if known is None or known.drone is not drone or known.head is not head or now_s >= known.until_s:
                known = kept[name] = self._made(drone, head, viewport, name in selected, now_s)
            symbol = known.symbol
            if symbol is not None:
                ranks[2 if symbol.selected else 1 if symbol.airborne else 0].append(known)
        if len(kept) > len(fleet.drones):
            self._kept = {name: each for name, each in kept.items() if name in fleet.drones}
        self._shown = [*ranks[0], *ranks[1], *ranks[2]]

    def _made(self, drone: DroneView, head: Spot, viewport: Viewport, selected: bool, now_s: float) -> _Kept:
        x_px, y_px = viewport.to_screen(east_m=head[0], north_m=head[1])
        inside = -_MARGIN_PX <= x_px <= viewport.width_px + _MARGIN_PX and -_MARGIN_PX <= y_px <= viewport.height_px + _MARGIN_PX
        if not inside:
            return _Kept(drone, head, math.inf, None, None)
        symbol = symbol_of(drone, x_px, y_px, selected=selected, now_s=now_s)
        stamp = Stamp(symbol=f"{_look(symbol)}/{symbol.nation}", x_px=x_px, y_px=y_px, turn_deg=symbol.heading_deg or 0.0)
        return _Kept(drone, head, _until_s(drone, symbol, now_s), symbol, self._sprites.fragment(stamp))

    def paint(self, painter: QPainter) -> None:
        rings = [each.symbol for each in self._shown if each.symbol is not None and each.symbol.selected]
        self._rings.stamp(painter, [Stamp(symbol=_SELECTED, x_px=symbol.x_px, y_px=symbol.y_px) for symbol in rings])
        self._sprites.draw(painter, [each.fragment for each in self._shown if each.fragment is not None])

    # --- labels ------------------------------------------------------------------------------------------------------

    @property
    def wants_layout(self) -> bool:
        """Whether room for names is to be looked for again."""
        return not self._laid_out.isValid() or self._laid_out.elapsed() >= _LAYOUT_MS

    def keep_free(self, names: NamePainter) -> None:
        """No name is to lie on a drone."""
        for each in self._shown[-MAX_LABELS:]:
            if each.symbol is not None:
                names.keep_free(each.symbol.x_px - 7, each.symbol.y_px - 7, 14, 14)

    def lay_out(self, names: NamePainter, *, wanted: bool) -> None:
        """Find room beside the drones: first for those that are picked or in trouble. None when labels are off."""
        self._laid_out.restart()
        shown = [each.symbol for each in self._shown if each.symbol is not None] if wanted else []
        first = sorted(shown, key=lambda symbol: (not symbol.selected, not _in_trouble(symbol), not symbol.airborne))
        self._names, self._coming, self._waiting = names, {}, first[:MAX_LABELS]
        if not self._labels:
            self._go_on(MAX_LABELS)

    def _go_on(self, number: int) -> None:
        """Lay out some more; when all are, they take the place of those that are shown."""
        if self._names is None:
            return
        now, self._waiting = self._waiting[:number], self._waiting[number:]
        for symbol in now:
            place = self._names.room_beside(symbol.label, symbol.x_px, symbol.y_px, distance_px=11.0)
            if place is not None:
                self._coming[symbol.drone] = _Label(place[0] - symbol.x_px, place[1] - symbol.y_px)
        if not self._waiting:
            self._labels, self._names = self._coming, None

    def label(self, painter: QPainter) -> None:
        """The names where room was found for them, beside the drones as they are now."""
        self._go_on(_LAID_OUT_AT_ONCE)
        fragments = []
        font_key, theme = painter.font().toString(), self._theme
        for drone, label in self._labels.items():
            known = self._kept.get(drone)
            symbol = None if known is None else known.symbol
            if symbol is None:
                continue
            if label.symbol is not symbol or label.fragment is None:
                colour = theme.bad if _in_trouble(symbol) else theme.map_text
                place = (symbol.x_px + label.right_px, symbol.y_px + label.down_px)
                label.symbol, label.fragment = symbol, self._atlas.fragment(symbol.label, font_key, colour, theme.map_halo, place)
            fragments.append(label.fragment)
        self._atlas.draw(painter, fragments)


def _until_s(drone: DroneView, symbol: DroneSymbol, now_s: float) -> float:
    """When the symbol looks otherwise if nothing more is heard: it grows stale, or its age is a second more."""
    if drone.heard_s is None or symbol.freshness in (Freshness.NEVER, Freshness.OVER):
        return math.inf
    if symbol.freshness is Freshness.LIVE:
        return drone.heard_s + DEFAULT_FRESHNESS.stale_after_s
    return now_s + 1.0 - (now_s - drone.heard_s) % 1.0


def _in_trouble(symbol: DroneSymbol) -> bool:
    return symbol.freshness in (Freshness.STALE, Freshness.LOST)


def _look(symbol: DroneSymbol) -> _Look:
    match symbol.freshness:
        case Freshness.LOST | Freshness.NEVER:
            return _Look.LOST
        case Freshness.STALE:
            return _Look.STALE
        case Freshness.LIVE | Freshness.OVER:
            return _Look.FLYING if symbol.airborne else _Look.GROUNDED


def _draw(look: _Look, style: NationStyle, theme: Theme, painter: QPainter) -> None:
    dart = QPolygonF([QPointF(x, y) for x, y in _DART])
    match look:
        case _Look.FLYING:
            painter.setPen(pen(theme.map_halo, 2.0))
            painter.setBrush(style.colour)
            painter.drawPolygon(dart)
        case _Look.GROUNDED:
            painter.scale(0.7, 0.7)
            painter.setPen(pen(theme.map_text, 1.4))
            painter.setBrush(style.colour)
            painter.drawPolygon(dart)
        case _Look.STALE:
            _hollow(painter, dart, style.colour, theme)
        case _Look.LOST:
            _hollow(painter, dart, QColor(theme.stale), theme)
            painter.setPen(pen(theme.bad, 2.4))
            painter.drawLine(QPointF(-9, -9), QPointF(9, 9))
            painter.drawLine(QPointF(-9, 9), QPointF(9, -9))


def _hollow(painter: QPainter, shape: QPolygonF, colour: QColor, theme: Theme) -> None:
    painter.setPen(pen(theme.map_halo, 4.5))
    painter.setBrush(QColor(theme.map_halo))
    painter.drawPolygon(shape)
    painter.setPen(pen(colour, 1.8, Qt.PenStyle.DotLine))
    painter.drawPolygon(shape)


def _ring(theme: Theme, painter: QPainter) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen(theme.map_halo, 4.0))
    painter.drawEllipse(QPointF(0, 0), 16.5, 16.5)
    painter.setPen(pen(theme.accent, 2.2))
    painter.drawEllipse(QPointF(0, 0), 16.5, 16.5)
