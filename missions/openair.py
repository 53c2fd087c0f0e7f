"""Read OpenAir airspace (the text format of gliding and navigation programs) as named polygons with their heights as they are written.

After the format's description by Winpilot and the Naviter extensions: AC, AN, AH, AL, DP, V X/D, DC, DA, DB; `*` begins a comment.
Arcs and circles become polylines whose corners lie on or outside them, so that nothing of the airspace is lost.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Polygon

from missions.lonlat_shapes import ShapeError, continuous
from planner.geo import LatLon, azimuth_deg, destination, geodesic_m

_NAUTICAL_MILE_M = 1852.0
_ARC_STEP_DEG = 5.0
_MAX_RADIUS_NM = 1000.0
_MAX_LINES = 500_000
_COMMANDS = frozenset(
    {"AC", "AN", "AH", "AL", "AT", "DP", "DC", "DA", "DB", "DY", "V", "TO", "TC", "SP", "SB", "AY", "AF", "AG", "AI", "AX", "AA"}
)
_ANGLE = r"(\d+(?:\.\d+)?)(?::(\d+(?:\.\d+)?))?(?::(\d+(?:\.\d+)?))?\s*"
_PLACE = re.compile(rf"\s*{_ANGLE}([NS])[\s,]*{_ANGLE}([EW])\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Airspace:
    """`floor` and `ceiling` are as the file writes them, such as `SFC` or `FL65`; they may be empty."""

    name: str
    category: str
    floor: str
    ceiling: str
    polygon: Polygon


def is_openair(head: bytes) -> bool:
    """Whether the beginning of a file looks like OpenAir: its first line that is no comment is a command of it."""
    for line in head.decode("latin-1").splitlines():
        content = line.strip()
        if content and not content.startswith("*"):
            word = content.split(maxsplit=1)[0].upper()
            return word in _COMMANDS and (word == "AC" or " " in content)
    return False


def read_openair(data: bytes) -> list[Airspace]:
    """All airspaces of a file. Raises ShapeError with the line of what is malformed."""
    text = _text(data)
    lines = text.splitlines()
    if len(lines) > _MAX_LINES:
        raise ShapeError(f"has {len(lines)} lines, more than {_MAX_LINES}", "cut out the part that is needed")
    reader = _Reader()
    for number, line in enumerate(lines, start=1):
        content = line.split("*", 1)[0].strip()
        if content:
            reader.take(content, number)
    return reader.finished()


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


@dataclass(slots=True)
class _Reader:
    """The airspace being read, and the variables that arcs refer to."""

    done: list[Airspace] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    points: list[LatLon] = field(default_factory=list)
    centre: LatLon | None = None
    clockwise: bool = True
    began: int = 0

    def take(self, line: str, number: int) -> None:
        word, _, rest = line.partition(" ")
        word, rest = word.upper(), rest.strip()
        if line[:2].upper() in {"V ", "V="} or word == "V":
            self._variable(rest, number)
            return
        match word:
            case "AC":
                self._finish()
                self.words, self.points, self.began = {"AC": rest}, [], number
                self.centre, self.clockwise = None, True
            case "AN" | "AH" | "AL":
                self.words[word] = rest
            case "DP":
                self.points.append(_place(rest, number))
            case "DC":
                self._circle(rest, number)
            case "DA":
                self._arc_by_angles(rest, number)
            case "DB":
                self._arc_by_ends(rest, number)
            case _ if word in _COMMANDS:
                pass  # labels, pens and frequencies
            case _:
                _fail(f"{line[:40]!r} is not a command of OpenAir", number)

    def finished(self) -> list[Airspace]:
        self._finish()
        return self.done

    def _finish(self) -> None:
        if not self.points:
            return
        if len(self.points) < 3:
            _fail("the airspace that begins here has fewer than three points", self.began)
        name = self.words.get("AN", "") or f"airspace {len(self.done) + 1}"
        ring = continuous(_array(self.points))
        category, floor, ceiling = (self.words.get(word, "") for word in ("AC", "AL", "AH"))
        self.done.append(Airspace(name, category, floor, ceiling, Polygon(ring)))

    def _variable(self, rest: str, number: int) -> None:
        name, _, value = rest.partition("=")
        match name.strip().upper():
            case "X":
                self.centre = _place(value, number)
            case "D":
                self.clockwise = value.strip() != "-"

    def _circle(self, rest: str, number: int) -> None:
        radius_m = _radius_m(rest, number) / math.cos(math.radians(_ARC_STEP_DEG / 2))
        bearings = [index * _ARC_STEP_DEG for index in range(round(360 / _ARC_STEP_DEG))]
        self.points.extend(destination(self._about(number), bearing_deg=bearing, distance_m=radius_m) for bearing in bearings)

    def _arc_by_angles(self, rest: str, number: int) -> None:
        parts = rest.split(",")
        if len(parts) != 3:
            _fail("an arc needs a radius and two angles", number)
        radius_m, start_deg, end_deg = _radius_m(parts[0], number), _number(parts[1], number), _number(parts[2], number)
        self._arc(radius_m, start_deg, end_deg, number)

    def _arc_by_ends(self, rest: str, number: int) -> None:
        parts = rest.split(",")
        if len(parts) != 2:
            _fail("an arc needs two places", number)
        first, last = _place(parts[0], number), _place(parts[1], number)
        centre = self._about(number)
        self.points.append(first)
        self._arc(geodesic_m(centre, first), azimuth_deg(centre, first), azimuth_deg(centre, last), number)
        self.points.append(last)

    def _arc(self, radius_m: float, start_deg: float, end_deg: float, number: int) -> None:
        turn_deg = (end_deg - start_deg) % 360 if self.clockwise else -((start_deg - end_deg) % 360)
        steps = max(1, math.ceil(abs(turn_deg) / _ARC_STEP_DEG))
        outside_m = radius_m / math.cos(math.radians(abs(turn_deg) / steps / 2))
        centre = self._about(number)
        for step in range(steps + 1):
            self.points.append(destination(centre, bearing_deg=start_deg + turn_deg * step / steps, distance_m=outside_m))

    def _about(self, number: int) -> LatLon:
        if self.centre is None:
            _fail("there is no centre: V X= is missing before", number)
        return self.centre


def _place(text: str, number: int) -> LatLon:
    found = _PLACE.fullmatch(text)
    if not found:
        _fail(f"{text[:40]!r} is not a place such as 47:30:00 N 019:00:00 E", number)
    lat_deg, lon_deg = _degrees(found.groups()[:3]), _degrees(found.groups()[4:7])
    if lat_deg > 90 or lon_deg > 180:
        _fail(f"{text[:40]!r} is outside the world", number)
    south, west = found[4].upper() == "S", found[8].upper() == "W"
    return LatLon(lat_deg=-lat_deg if south else lat_deg, lon_deg=-lon_deg if west else lon_deg)


def _degrees(parts: Sequence[str | None]) -> float:
    return math.fsum(float(part) * (1.0 / 60.0) ** index for index, part in enumerate(parts) if part)


def _radius_m(text: str, number: int) -> float:
    radius = _number(text, number)
    if not 0 < radius <= _MAX_RADIUS_NM:
        _fail(f"a radius of {radius:g} nautical miles is none of 0 to {_MAX_RADIUS_NM:g}", number)
    return radius * _NAUTICAL_MILE_M


def _number(text: str, number: int) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not abs(value) < 1e6:
        _fail(f"{text.strip()[:40]!r} is not a number", number)
    return value


def _fail(text: str, number: int) -> NoReturn:
    raise ShapeError(f"line {number}: {text}", "correct the file")


def _array(points: Sequence[LatLon]) -> NDArray[np.float64]:
    return np.array([(point.lon_deg, point.lat_deg) for point in points])
