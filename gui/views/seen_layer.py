"""Seen ground on the map: a tint where drones have swept, or its age as heat with a legend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PyQt6.QtCore import QLineF, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QFontMetricsF, QLinearGradient, QPainter, QPen

from gui.models.fleet import FleetModel
from gui.models.seen import SeenGround, Stretch
from gui.models.text import duration_text
from gui.models.tracks import Spot
from gui.models.viewport import Viewport
from gui.models.words import tr
from gui.views.hatching import mixed
from gui.views.pens import faded, pen
from gui.views.scene_paths import to_screen
from gui.views.theme import NationStyle, Theme
from planner.model import LegKind

_SEEN_OPACITY, _HEAT_OPACITY = 0.22, 0.62
#: Fresh to old; readable without telling red from green (after Viridis, reversed in lightness).
_HEAT = ("#fde725", "#7ad151", "#22a884", "#2a788e", "#414487", "#440154")
#: The oldest colour stands for at least this age.
_SHORTEST_SCALE_S = 300.0
_EDGE_PX, _LEGEND_PX = 14.0, 150.0


def paint_seen(painter: QPainter, viewport: Viewport, stretches: Sequence[Stretch], theme: Theme, *, opacity: float) -> None:
    """All in one tint; where two swaths lie over each other it is deeper."""
    painter.save()
    painter.setOpacity(opacity)
    _bands(painter, viewport, stretches, faded(theme.good, _SEEN_OPACITY))
    painter.restore()


def paint_heat(painter: QPainter, viewport: Viewport, stretches: Sequence[Stretch], *, now_s: float, opacity: float) -> None:
    """How long ago ground was seen last: what is newer lies on top."""
    scale_s = heat_scale_s(stretches, now_s)
    ages: list[list[Stretch]] = [[] for _ in _HEAT]
    for stretch in sorted(stretches, key=lambda stretch: stretch.at_s):
        part = (now_s - stretch.at_s) / scale_s
        ages[min(max(int(part * len(_HEAT)), 0), len(_HEAT) - 1)].append(stretch)
    painter.save()
    painter.setOpacity(opacity)
    for colour, some in reversed(list(zip(_HEAT, ages, strict=True))):
        _bands(painter, viewport, some, faded(colour, _HEAT_OPACITY))
    painter.restore()


def heat_scale_s(stretches: Sequence[Stretch], now_s: float) -> float:
    """The age at the end of the scale: of the first stretch."""
    return max(_SHORTEST_SCALE_S, now_s - stretches[0].at_s) if stretches else _SHORTEST_SCALE_S


def paint_heat_legend(painter: QPainter, theme: Theme, scale_s: float) -> None:
    """In the upper left corner."""
    metrics = QFontMetricsF(painter.font())
    box = QRectF(_EDGE_PX - 7, _EDGE_PX - 7, _LEGEND_PX + 14, 2 * metrics.height() + 20)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(faded(theme.map_halo, 0.8))
    painter.drawRoundedRect(box, 4, 4)
    bar = QRectF(_EDGE_PX, _EDGE_PX + metrics.height(), _LEGEND_PX, 8)
    gradient = QLinearGradient(bar.topLeft(), bar.topRight())
    for index, colour in enumerate(_HEAT):
        gradient.setColorAt(index / (len(_HEAT) - 1), QColor(colour))
    painter.fillRect(bar, QBrush(gradient))
    painter.setPen(QColor(theme.map_text))
    painter.drawText(
        QRectF(bar.left(), _EDGE_PX - 4, bar.width(), metrics.height()), Qt.AlignmentFlag.AlignLeft, tr("Last seen, h:mm:ss ago")
    )
    below = QRectF(bar.left(), bar.bottom() + 1, bar.width(), metrics.height())
    painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "0")
    painter.drawText(below, Qt.AlignmentFlag.AlignRight, duration_text(scale_s))


# bound once: thousands of drones are asked, and asking an enum's class for a member takes a microsecond (Python 3.11)
_SWEEP = LegKind.SWEEP


def paint_footprints(
    painter: QPainter, viewport: Viewport, fleet: FleetModel, heads: dict[str, Spot], seen: SeenGround, styles: dict[str, NationStyle]
) -> None:
    """What each drone that sweeps sees now, across its course: as wide as its lane's swath."""
    for drone in fleet.drones.values():
        progress = drone.progress
        if progress is None or progress.leg is not _SWEEP or drone.link_lost:
            continue
        head = heads.get(drone.id)
        if head is None:
            continue
        swath_m = seen.swath_m(progress.lane)
        if swath_m is not None and drone.nation in styles:
            x_px, y_px = viewport.to_screen(east_m=head[0], north_m=head[1])
            half_px = swath_m / 2 / viewport.metres_per_px
            painter.save()
            painter.translate(x_px, y_px)
            painter.rotate((drone.state.heading_deg if drone.state is not None else None) or 0.0)
            colour = styles[drone.nation].colour
            painter.setPen(pen(mixed("#ffffff", colour, 0.8), 1.2))
            painter.setBrush(faded(colour, 0.25))
            painter.drawRect(QRectF(-half_px, -half_px / 4, 2 * half_px, half_px / 2))
            painter.restore()


def _bands(painter: QPainter, viewport: Viewport, stretches: Iterable[Stretch], colour: QColor) -> None:
    """Without antialiasing, so that what adjoins neither overlaps nor gapes."""
    by_swath: dict[float, list[QLineF]] = {}
    for stretch in stretches:
        by_swath.setdefault(stretch.swath_m, []).append(QLineF(*stretch.start, *stretch.end))
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setTransform(to_screen(viewport), True)
    for swath_m, lines in by_swath.items():
        painter.setPen(QPen(QBrush(colour), swath_m, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawLines(*lines)
    painter.restore()
