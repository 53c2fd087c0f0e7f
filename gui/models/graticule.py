"""Meridians and parallels at round degrees across the view, as lines in the scene's metres, with their names."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gui.models.map_scene import Points
from gui.models.viewport import Viewport
from planner.geo import LocalFrame

#: Round steps in seconds of arc.
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18_000, 36_000, 54_000, 108_000)
_APART_PX = 140.0
_CORNERS = 17
_MAX_LINES = 40
_METRES_PER_DEG = 111_200.0


@dataclass(frozen=True, kw_only=True, slots=True)
class GraticuleLine:
    """`points` are rows of metres east, north, from west to east or from south to north."""

    name: str
    meridian: bool
    points: Points


def graticule(viewport: Viewport, frame: LocalFrame) -> tuple[GraticuleLine, ...]:
    """None when so much of the world is in view that lines would not be told apart from their frame's distortion."""
    edge_e, edge_n = _edge(viewport)
    lat_deg, lon_deg = frame.arrays_to_geographic(edge_e, edge_n)
    if not (np.all(np.isfinite(lat_deg)) and np.all(np.isfinite(lon_deg))):
        return ()
    # longitudes run on across the antimeridian
    lon_deg = np.degrees(np.unwrap(np.radians(lon_deg)))
    south, north, west, east = float(lat_deg.min()), float(lat_deg.max()), float(lon_deg.min()), float(lon_deg.max())
    if east - west > 120 or north > 85 or south < -85:
        return ()
    lat_step, lon_step = _steps(viewport, (south + north) / 2)
    parallels, meridians = _rounds(south, north, lat_step), _rounds(west, east, lon_step)
    if len(parallels) + len(meridians) > _MAX_LINES:
        return ()
    along_lon, along_lat = np.linspace(west, east, _CORNERS), np.linspace(south, north, _CORNERS)
    return (
        *(_line(frame, np.full(_CORNERS, lat), along_lon, _name(lat, "N", "S"), meridian=False) for lat in parallels),
        *(_line(frame, along_lat, np.full(_CORNERS, lon), _name((lon + 180) % 360 - 180, "E", "W"), meridian=True) for lon in meridians),
    )


def _edge(viewport: Viewport) -> tuple[Points, Points]:
    """Places along the rim of the view and across its middle, metres."""
    part = np.linspace(0.0, 1.0, 9)
    x_px = np.concatenate([part, part, np.zeros(9), np.ones(9)]) * viewport.width_px
    y_px = np.concatenate([np.zeros(9), np.ones(9), part, part]) * viewport.height_px
    east_m = viewport.centre_east_m + (x_px - viewport.width_px / 2) * viewport.metres_per_px
    north_m = viewport.centre_north_m - (y_px - viewport.height_px / 2) * viewport.metres_per_px
    return east_m, north_m


def _steps(viewport: Viewport, lat_deg: float) -> tuple[float, float]:
    wanted_deg = _APART_PX * viewport.metres_per_px / _METRES_PER_DEG
    return _round_step(wanted_deg), _round_step(wanted_deg / max(math.cos(math.radians(lat_deg)), 0.05))


def _round_step(wanted_deg: float) -> float:
    return next((step for step in _STEPS_S if step / 3600 >= wanted_deg), _STEPS_S[-1]) / 3600


def _rounds(low: float, high: float, step: float) -> list[float]:
    return [step * number for number in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _line(frame: LocalFrame, lat_deg: Points, lon_deg: Points, name: str, *, meridian: bool) -> GraticuleLine:
    return GraticuleLine(name=name, meridian=meridian, points=np.column_stack(frame.arrays_to_local(lat_deg, lon_deg)))


def _name(value_deg: float, positive: str, negative: str) -> str:
    seconds = round(abs(value_deg) * 3600)
    parts = [f"{seconds // 3600}°"]
    if seconds % 3600:
        parts.append(f"{seconds // 60 % 60:02d}′")
    if seconds % 60:
        parts.append(f"{seconds % 60:02d}″")
    return "".join(parts) + ("" if seconds == 0 else positive if value_deg > 0 else negative)
