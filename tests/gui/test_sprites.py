from __future__ import annotations

import sys

import numpy as np
from PyQt6.QtGui import QColor, QPainter, QPixmap
from PyQt6.QtWidgets import QApplication

from gui.views.sprites import stamp_pieces


def stamped(sheet: QPixmap, places_px: list[tuple[float, float]]) -> set[tuple[int, int]]:
    """The pixels that are not blank any more."""
    picture = QPixmap(60, 20)
    picture.fill(QColor("white"))
    painter = QPainter(picture)
    stamp_pieces(painter, sheet, np.array(places_px), np.tile([0.0, 0.0, 2.0, 2.0], (len(places_px), 1)), 1.0)
    painter.end()
    image = picture.toImage()
    return {(x, y) for x in range(60) for y in range(20) if QColor(image.pixel(x, y)) != QColor("white")}


def test_fewer_pieces_than_last_time_leave_none_of_the_last_time(qapp: QApplication) -> None:
    assert qapp is not None
    sheet = QPixmap(2, 2)
    sheet.fill(QColor("black"))
    assert len(stamped(sheet, [(10.0 * k + 5, 10.0) for k in range(5)])) == 5 * 4
    assert stamped(sheet, [(10.0 * k + 5, 10.0) for k in range(3)]) == {
        (10 * k + 5 + x, 10 + y) for k in range(3) for x in (-1, 0) for y in (-1, 0)
    }


def test_stamping_again_and_again_keeps_no_memory(qapp: QApplication) -> None:
    assert qapp is not None
    sheet, picture, places_px, boxes = QPixmap(2, 2), QPixmap(60, 20), np.array([[5.0, 5.0]]), np.array([[0.0, 0.0, 2.0, 2.0]])
    painter = QPainter(picture)
    stamp_pieces(painter, sheet, places_px, boxes, 1.0)
    before = sys.getallocatedblocks()
    for _ in range(400):
        stamp_pieces(painter, sheet, places_px, boxes, 1.0)
    assert sys.getallocatedblocks() - before < 200
    painter.end()
