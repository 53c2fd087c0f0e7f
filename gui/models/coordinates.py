"""Positions as people write them: decimal degrees, degrees with minutes and seconds, MGRS; written out and read in."""

from __future__ import annotations

import re
from enum import StrEnum

from gui.models.mgrs import mgrs_text, parse_mgrs
from gui.models.words import mark, tr
from planner.errors import GeometryError
from planner.geo import LatLon


class PositionFormat(StrEnum):
    """How positions are shown; the value is its name in the menu."""

    DECIMAL = mark("decimal degrees")
    DMS = mark("degrees, minutes, seconds")
    MGRS = mark("MGRS")

    @property
    def text(self) -> str:
        return tr(self.value)


def position_text(point: LatLon, style: PositionFormat = PositionFormat.DECIMAL) -> str:
    """Latitude first, with hemispheres: to about 0.1 m in degrees, 3 m in seconds, 1 m in MGRS."""
    lon_deg = (point.lon_deg + 180.0) % 360.0 - 180.0
    north, east = "N" if point.lat_deg >= 0 else "S", "E" if lon_deg >= 0 else "W"
    match style:
        case PositionFormat.DECIMAL:
            return f"{abs(point.lat_deg):.6f}° {north}  {abs(lon_deg):.6f}° {east}"
        case PositionFormat.DMS:
            return f"{_dms(point.lat_deg)} {north}  {_dms(lon_deg)} {east}"
        case PositionFormat.MGRS:
            return mgrs_text(LatLon(lat_deg=point.lat_deg, lon_deg=lon_deg)) or tr("beyond MGRS")


def _dms(value_deg: float) -> str:
    tenths = round(abs(value_deg) * 36_000)
    return f"{tenths // 36_000}° {tenths // 600 % 60:02d}′ {tenths % 600 / 10:04.1f}″"


_HALF = re.compile(
    r"(?P<sign>[-+−]?)(?P<deg>\d{1,3}(?:\.\d+)?)\s*°?\s*(?:(?P<min>\d{1,2}(?:\.\d+)?)\s*['′]\s*)?(?:(?P<sec>\d{1,2}(?:\.\d+)?)\s*(?:''|[\"″])\s*)?(?P<side>[NSEW]?)"
)


def parse_position(text: str) -> LatLon | None:
    """A position in any of the three ways of writing; in decimal degrees without letters the latitude comes first."""
    plain = text.strip().upper()
    grid = parse_mgrs(plain)
    if grid is not None:
        return grid
    halves = _halves(plain)
    if halves is None:
        return None
    (first, first_side), (second, second_side) = halves
    swapped = first_side in ("E", "W") or second_side in ("N", "S")
    if swapped and (first_side in ("N", "S") or second_side in ("E", "W")):
        return None
    lat_deg, lon_deg = (second, first) if swapped else (first, second)
    try:
        return LatLon(lat_deg=lat_deg, lon_deg=lon_deg)
    except GeometryError:
        return None


def _halves(text: str) -> tuple[tuple[float, str], tuple[float, str]] | None:
    first = _HALF.match(text)
    if first is None:
        return None
    between = re.match(r"\s*[,;]?\s*", text[first.end() :])
    start = first.end() + (between.end() if between else 0)
    second = _HALF.fullmatch(text, start)
    if second is None or text[start - 1].isdigit():
        return None
    one, two = _value(first), _value(second)
    return None if one is None or two is None else (one, two)


def _value(found: re.Match[str]) -> tuple[float, str] | None:
    minutes, seconds = float(found["min"] or 0), float(found["sec"] or 0)
    if minutes >= 60 or seconds >= 60 or (found["sign"] and found["side"]):
        return None
    size = float(found["deg"]) + minutes / 60 + seconds / 3600
    return (-size if found["sign"] in ("-", "−") or found["side"] in ("S", "W") else size), found["side"]
