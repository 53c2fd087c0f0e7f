"""Paints the drones: a pointed symbol in flight, a small one on the ground, hollow when stale, crossed out when lost; their labels.

A frame of thousands of drones has a few milliseconds: symbols and labels are arrays from what was heard to what Qt stamps, in one call
each. Labels keep their side of the drone for a quarter of a second before room is looked for anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from PyQt6.QtCore import QElapsedTimer, QPointF, Qt
from PyQt6.QtGui import QColor, QPainter, QPolygonF

from gui.models.fleet import FleetModel
from gui.models.swarm import Look, Swarm
from gui.models.tracks import Tracks
from gui.models.viewport import Viewport
from gui.views.name_painter import NameAtlas, NamePainter
from gui.views.pens import pen
from gui.views.sprites import Draw, Floats, SpriteSheet
from gui.views.theme import NationStyle, Theme

_SIDE_PX, _RING_PX = 34, 40
_DART = ((0.0, -12.0), (8.5, 9.5), (0.0, 5.0), (-8.5, 9.5))
#: When more drones than this are in view, their symbols are so much smaller: they would hide each other.
_CROWD, _SMALL = 2000, 0.6
#: More labels than this find no room: those of selected and troubled drones come first.
MAX_LABELS = 1000
_LAYOUT_MS = 250
#: So many labels are laid out in one frame, so that none takes long.
_LAID_OUT_AT_ONCE = 40
_MARGIN_PX = 40.0
_LABEL_AWAY_PX, _KEPT_FREE_PX = 11.0, 7.0
_NO_ROWS = np.zeros(0, dtype=np.intp)


@dataclass(slots=True)
class _Label:
    """Where a name stands beside its drone (its left top corner), and its box in the atlas."""

    beside_px: tuple[float, float]
    box: tuple[float, float, float, float]


#: The labels as `stamp` takes them: rows of the swarm, places beside these, boxes in the atlas.
_Stamps = tuple[list[int], Floats, Floats]


class DronePainter:
    """For one theme and device pixel ratio."""

    def __init__(self, swarm: Swarm, theme: Theme, styles: Mapping[str, NationStyle], ratio: float) -> None:
        self._swarm = swarm
        self._theme = theme
        draws = {f"{nation}/{look.name}": partial(_draw, look, style, theme) for nation, style in styles.items() for look in Look}
        self._sprites = SpriteSheet(draws, side_px=_SIDE_PX, ratio=ratio)
        self._small_draws = {name: partial(_scaled, draw, _SMALL) for name, draw in draws.items()}
        self._rings = SpriteSheet({"selected": partial(_ring, theme)}, side_px=_RING_PX, ratio=ratio)
        self._atlas = NameAtlas(ratio)
        self._ratio = ratio
        self._fleet: list[str] | None = None
        self._first_sprites = _NO_ROWS
        self._for: tuple[Viewport, frozenset[str]] | None = None
        self._now_s = 0.0
        self._places_px = np.zeros((0, 2))
        self._shown = _NO_ROWS
        self._changed: list[int] = []
        self._labels: dict[int, _Label] = {}
        self._names: NamePainter | None = None
        self._coming: dict[int, _Label] = {}
        self._stamps: _Stamps | None = None
        self._edition = 0
        self._waiting: list[int] = []
        self._laid_out = QElapsedTimer()

    def look(self, fleet: FleetModel, tracks: Tracks, viewport: Viewport, selected: frozenset[str], *, now_s: float) -> None:
        """Bring the symbols up to date; what is painted next is this instant."""
        self._now_s = now_s
        self._changed = self._swarm.follow(fleet, tracks, now_s)
        if self._for != (viewport, selected) or self._fleet is not self._swarm.names:
            self._for, self._fleet = (viewport, selected), self._swarm.names
            first = [self._sprites.rows[f"{nation}/{Look(0).name}"] for nation in self._swarm.nations]
            self._first_sprites = np.array(first, dtype=np.intp)
            self._labels, self._coming, self._names, self._waiting, self._stamps = {}, {}, None, [], None
            self._laid_out.invalidate()
        x_px, y_px = self._swarm.places_px(viewport)
        self._places_px = np.stack([x_px, y_px], axis=-1)
        before, self._shown = self._shown, self._swarm.shown(x_px, y_px, viewport, selected, margin_px=_MARGIN_PX)
        if len(self._shown) and not len(before):  # the first of them: their names do not wait for the next layout
            self._laid_out.invalidate()

    @cached_property
    def _small_sprites(self) -> SpriteSheet:
        """Few operators ever have a crowd."""
        return SpriteSheet(self._small_draws, side_px=math.ceil(_SIDE_PX * _SMALL), ratio=self._ratio)

    def paint(self, painter: QPainter) -> None:
        swarm, shown = self._swarm, self._shown
        assert self._for is not None
        picked = np.array(swarm.rows_of(self._for[1]), dtype=np.intp)
        picked = picked[np.isin(picked, shown)]
        self._rings.stamp_rows(painter, np.zeros(len(picked), dtype=np.intp), self._places_px[picked], np.zeros(len(picked)))
        sprites = self._small_sprites if len(shown) > _CROWD else self._sprites
        sprites.stamp_rows(painter, self._first_sprites[shown] + swarm.looks[shown], self._places_px[shown], swarm.heading_deg[shown])

    # --- labels ------------------------------------------------------------------------------------------------------

    @property
    def wants_layout(self) -> bool:
        """Whether room for names is to be looked for again."""
        return not self._laid_out.isValid() or self._laid_out.elapsed() >= _LAYOUT_MS

    def keep_free(self, names: NamePainter) -> None:
        """No name is to lie on a drone."""
        names.keep_free(self._places_px[self._shown[-MAX_LABELS:]], _KEPT_FREE_PX)

    def lay_out(self, names: NamePainter, *, wanted: bool) -> None:
        """Find room beside the drones: first for those that are picked or in trouble. None when labels are off."""
        self._laid_out.restart()
        self._names, self._coming = names, {}
        self._waiting = self._by_importance()[:MAX_LABELS].tolist() if wanted else []

    def _by_importance(self) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        swarm, shown = self._swarm, self._shown
        assert self._for is not None
        unpicked = np.ones(len(swarm.names), dtype=np.int8)
        unpicked[swarm.rows_of(self._for[1])] = 0
        rank = 4 * unpicked + 2 * (swarm.looks < Look.STALE) + ~swarm.airborne
        return shown[np.argsort(rank[shown], kind="stable")]

    def _go_on(self, font_key: str) -> None:
        """Lay out some more; when all are, they take the place of those that are shown."""
        if self._names is None:
            return
        number = _LAID_OUT_AT_ONCE if self._labels else MAX_LABELS
        now, self._waiting = self._waiting[:number], self._waiting[number:]
        for row in now:
            x_px, y_px = self._places_px[row].tolist()
            place = self._names.room_beside(self._swarm.label(row, self._now_s), x_px, y_px, distance_px=_LABEL_AWAY_PX)
            if place is not None:
                self._coming[row] = _Label((place[0] - x_px, place[1] - y_px), self._box(row, font_key))
        if not self._waiting:
            self._labels, self._coming, self._names, self._stamps = self._coming, {}, None, None

    def label(self, painter: QPainter) -> None:
        """The names where room was found for them, beside the drones as they are now."""
        font_key = painter.font().toString()
        self._read_again(self._changed, font_key)
        self._go_on(font_key)
        if self._edition != self._atlas.edition:  # it was begun again: boxes before that are void
            self._edition = self._atlas.edition
            self._read_again([*self._labels, *self._coming], font_key)
        if self._labels:
            rows, beside_px, boxes = self._stamps = self._stamps or self._label_arrays()
            self._atlas.stamp(painter, self._places_px[rows] + beside_px, boxes)

    def _label_arrays(self) -> _Stamps:
        labels = self._labels.values()
        return list(self._labels), np.array([label.beside_px for label in labels]), np.array([label.box for label in labels])

    def _read_again(self, rows: Iterable[int], font_key: str) -> None:
        """These may say something else than before."""
        for row in rows:
            for labels in (self._labels, self._coming):
                label = labels.get(row)
                if label is not None:
                    before, label.box = label.box, self._box(row, font_key)
                    width_px = before[2]
                    if label.box != before:
                        self._stamps = None
                    if label.beside_px[0] < 0 and label.box[2] != width_px:  # it ends beside its drone, however long it has become
                        label.beside_px = (-_LABEL_AWAY_PX - label.box[2] / self._ratio, label.beside_px[1])

    def _box(self, row: int, font_key: str) -> tuple[float, float, float, float]:
        colour = self._theme.bad if self._swarm.in_trouble(row) else self._theme.map_text
        return self._atlas.box(self._swarm.label(row, self._now_s), font_key, colour, self._theme.map_halo)


def _draw(look: Look, style: NationStyle, theme: Theme, painter: QPainter) -> None:
    dart = QPolygonF([QPointF(x, y) for x, y in _DART])
    match look:
        case Look.FLYING:
            painter.setPen(pen(theme.map_halo, 2.0))
            painter.setBrush(style.colour)
            painter.drawPolygon(dart)
        case Look.GROUNDED:
            painter.scale(0.7, 0.7)
            painter.setPen(pen(theme.map_text, 1.4))
            painter.setBrush(style.colour)
            painter.drawPolygon(dart)
        case Look.STALE:
            _hollow(painter, dart, style.colour, theme)
        case Look.LOST:
            _hollow(painter, dart, QColor(theme.stale), theme)
            painter.setPen(pen(theme.bad, 2.4))
            painter.drawLine(QPointF(-9, -9), QPointF(9, 9))
            painter.drawLine(QPointF(-9, 9), QPointF(9, -9))


def _scaled(draw: Draw, scale: float, painter: QPainter) -> None:
    painter.scale(scale, scale)
    draw(painter)


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
