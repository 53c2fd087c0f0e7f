"""Read the plain lists of places that Mission Planner and MAVProxy use: old fences (`lat lon` lines) and rally files (`RALLY` lines).

After pymavlink's mavwp.py. A fence of ArduPilot's FENCE_POINT days begins with the return point and ends with its first vertex again;
a polygon that Mission Planner drew has neither.
"""

from __future__ import annotations

from missions.errors import InputError
from missions.routes.numbers import place, real
from missions.routes.route import FencePolygon, Route
from planner.geo import LatLon, Position

RALLY = "RALLY"
_RALLY_FIELDS = 7
_MAX_LINES = 100_000


def read_points(text: str, file: str) -> Route:
    """A fence of one polygon that is to be stayed in. Raises InputError."""
    points = [_point(line.split(), file, key) for key, line in _lines(text, file)]
    repairs = ["taken as a fence to stay in: the file does not say"]
    if len(points) >= 5 and points[-1] == points[1] and points[0] != points[1]:
        repairs.append("the first point is the return point of an old fence: left out")
        ring = points[1:-1]
    else:
        ring = points[:-1] if len(points) > 3 and points[0] == points[-1] else points
    if len(ring) < 3:
        raise InputError(f"has {len(ring)} vertices", file=file, mend="give at least three lines of latitude and longitude")
    return Route(fences=(FencePolygon(True, tuple(ring)),), repairs=tuple(repairs))


def read_rally(text: str, file: str) -> Route:
    """`RALLY lat lon height break-height landing-direction flags`. Raises InputError."""
    points: list[Position] = []
    for key, line in _lines(text, file):
        fields = line.split()
        if len(fields) != _RALLY_FIELDS or fields[0].upper() != RALLY:
            raise InputError("is not a rally point", file=file, key=key, mend=f"give {RALLY} and six numbers")
        where = place(fields[1], fields[2], file=file, key=key)
        points.append(Position(lat_deg=where.lat_deg, lon_deg=where.lon_deg, height_m=real(fields[3], file=file, key=key)))
    return Route(rally=tuple(points))


def _point(fields: list[str], file: str, key: str) -> LatLon:
    if len(fields) != 2:
        raise InputError(f"has {len(fields)} fields, not 2", file=file, key=key, mend="give latitude and longitude on each line")
    return place(fields[0], fields[1], file=file, key=key)


def _lines(text: str, file: str) -> list[tuple[str, str]]:
    lines = [(f"line {number}", line.strip()) for number, line in enumerate(text.splitlines(), start=1)]
    told = [(key, line) for key, line in lines if line and not line.startswith("#")]
    if len(told) > _MAX_LINES:
        raise InputError(f"has more than {_MAX_LINES} lines", file=file, mend="no vehicle holds so many")
    return told
