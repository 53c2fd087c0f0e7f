"""Small symbols drawn once, in every direction, into one picture; then stamped by the thousand without turning a pixel."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PyQt6 import sip
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QImage, QPainter, QPixmap

#: Directions that a symbol is drawn in: none is shown more than half a step of 5.6 degrees off.
DIRECTIONS = 64

Draw = Callable[[QPainter], None]
"""Draws a symbol around (0, 0), pointing up, in logical pixels."""

Floats = NDArray[np.float64]
_Fragments: TypeAlias = "sip.array[QPainter.PixmapFragment | None]"


@dataclass(kw_only=True, slots=True)
class Stamp:
    """One symbol on the screen, logical pixels; turned clockwise."""

    symbol: str
    x_px: float
    y_px: float
    turn_deg: float = 0.0


def stamp_pieces(painter: QPainter, sheet: QPixmap, middles_px: Floats, boxes: Floats, scale: float) -> None:
    """Paint pieces of a sheet in one call, later ones on top: a row of `middles_px` and of `boxes` (left, top, width, height) for each."""
    number = len(boxes)
    if not number:
        return
    pieces, rows = _fragments(1 << (number - 1).bit_length())
    some = rows[:number]
    some[:, :2], some[:, 2:6], some[:, 6:8], some[:, 8], some[:, 9] = middles_px, boxes, scale, 0.0, 1.0
    rows[number:] = 0.0  # without width nothing is painted
    painter.drawPixmapFragments(pieces, sheet)


@cache
def _fragments(number: int) -> tuple[_Fragments, Floats]:
    """So many of Qt's fragments, and their ten doubles each: x, y, box, scales, rotation, opacity.

    Kept for good: PyQt6 never gives back the array's own memory (PyQt6-sip 13.13), which was 4 MB in an hour of flight.
    """
    pieces: _Fragments = sip.array(QPainter.PixmapFragment, number)  # type: ignore[call-arg]  # not in the stubs
    return pieces, np.frombuffer(memoryview(pieces), dtype=np.float64).reshape(-1, 10)  # type: ignore[arg-type]


class SpriteSheet:
    """A row for each symbol, a column for each direction, in square cells of `side_px`, for one device pixel ratio."""

    def __init__(self, symbols: Mapping[str, Draw], *, side_px: int, ratio: float) -> None:
        self._cell = math.ceil(side_px * ratio)
        self._ratio = ratio
        self.rows = {name: index for index, name in enumerate(symbols)}
        self._sheet = QPixmap(self._cell * DIRECTIONS, self._cell * max(1, len(symbols)))
        self._sheet.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._sheet)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row, draw in enumerate(symbols.values()):
            for column in range(DIRECTIONS):
                self._draw(painter, draw, row, column)
        painter.end()
        self._boxes, self._shifts_px = self._cropped()

    def _draw(self, painter: QPainter, draw: Draw, row: int, column: int) -> None:
        painter.save()
        painter.setClipRect(QRectF(column * self._cell, row * self._cell, self._cell, self._cell))
        painter.translate((column + 0.5) * self._cell, (row + 0.5) * self._cell)
        painter.scale(self._ratio, self._ratio)
        painter.rotate(360.0 / DIRECTIONS * column)
        draw(painter)
        painter.restore()

    def _cropped(self) -> tuple[Floats, Floats]:
        """By row and column the box around what is drawn there, and how far its middle is from the cell's.

        Blending air costs as much as ink.
        """
        cell, (rows, columns) = self._cell, (self._sheet.height() // self._cell, DIRECTIONS)
        ink = _alpha(self._sheet).reshape(rows, cell, columns, cell).transpose(0, 2, 1, 3) > 0
        top, bottom = _span(np.logical_or.reduce(ink, axis=3))
        left, right = _span(np.logical_or.reduce(ink, axis=2))
        cells_x, cells_y = np.arange(columns)[None, :] * cell, np.arange(rows)[:, None] * cell
        boxes = np.stack([cells_x + left, cells_y + top, right - left, bottom - top], axis=-1).astype(np.float64)
        shifts_px = np.stack([(left + right - cell) / 2, (top + bottom - cell) / 2], axis=-1) / self._ratio
        return boxes, shifts_px

    def stamp(self, painter: QPainter, stamps: Iterable[Stamp]) -> None:
        """All of them, later ones on top."""
        listed = list(stamps)
        places_px = np.array([(stamp.x_px, stamp.y_px) for stamp in listed]).reshape(-1, 2)
        turns_deg = np.array([stamp.turn_deg for stamp in listed])
        self.stamp_rows(painter, np.array([self.rows[stamp.symbol] for stamp in listed], dtype=np.intp), places_px, turns_deg)

    def stamp_rows(self, painter: QPainter, rows: NDArray[np.intp], places_px: Floats, turns_deg: Floats) -> None:
        """The symbols in these rows of the sheet, at these places."""
        columns = np.rint(turns_deg / 360.0 * DIRECTIONS).astype(np.intp) % DIRECTIONS
        stamp_pieces(painter, self._sheet, places_px + self._shifts_px[rows, columns], self._boxes[rows, columns], 1.0 / self._ratio)


def _alpha(picture: QPixmap) -> NDArray[np.uint8]:
    image = picture.toImage().convertToFormat(QImage.Format.Format_Alpha8)
    bits = image.constBits()
    assert bits is not None
    lines = np.frombuffer(bits.asstring(image.sizeInBytes()), dtype=np.uint8).reshape(image.height(), image.bytesPerLine())
    return lines[:, : image.width()]


def _span(filled: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Along the last axis, the first that is filled and the one after the last; all of it where none is."""
    length, some = filled.shape[-1], filled.any(axis=-1)
    first = np.where(some, filled.argmax(axis=-1), 0)
    last = np.where(some, length - filled[..., ::-1].argmax(axis=-1), length)
    return first, last
