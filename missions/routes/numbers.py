"""Numbers and places in route files, each refused with its place in the file when it cannot be one."""

from __future__ import annotations

import math
from typing import NoReturn

from missions.errors import InputError, shortened
from missions.routes.route import FRAMES, PLACED
from planner.geo import LatLon

#: What a 32-bit float holds, and so what a mission item can.
_LARGEST = 3.4e38
_MAX_COMMAND = 65_535


def whole(text: object, *, file: str, key: str, at_most: int = 2**31 - 1) -> int:
    """A count or a code. Mission Planner writes some of them with decimals."""
    number = real(text, file=file, key=key)
    if number != int(number) or not 0 <= number <= at_most:
        _fail(f"{shortened(text)} is not a whole number of 0 to {at_most}", file=file, key=key, value=text)
    return int(number)


def real(text: object, *, file: str, key: str) -> float:
    """A finite number that a mission item can hold."""
    try:
        number = float(text) if isinstance(text, str | int | float) and not isinstance(text, bool) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not abs(number) <= _LARGEST:
        _fail(f"{shortened(text)!r} is not a number", file=file, key=key, value=text)
    return number


def place(lat: object, lon: object, *, file: str, key: str) -> LatLon:
    """A place in degrees. Raises InputError for one outside the world."""
    lat_deg, lon_deg = real(lat, file=file, key=key), real(lon, file=file, key=key)
    if not (-90 <= lat_deg <= 90 and -180 <= lon_deg <= 180):
        text = f"latitude {lat_deg:g}, longitude {lon_deg:g} is no place in the world"
        raise InputError(text, file=file, key=key, value=f"{lat_deg:g}, {lon_deg:g}", mend="give latitude, then longitude, in degrees")
    return LatLon(lat_deg=lat_deg, lon_deg=lon_deg)


def check_item(frame: int, command: int, x: float, y: float, *, file: str, key: str) -> None:
    """Refuse an item whose frame is not known, or whose place is none."""
    if frame not in FRAMES:
        known = ", ".join(str(int(each)) for each in sorted(FRAMES))
        raise InputError(f"frame {frame} is not supported", file=file, key=key, value=frame, mend=f"use one of {known}")
    if command > _MAX_COMMAND:
        _fail(f"{command} is not a command", file=file, key=key, value=command)
    if command in PLACED:
        place(x, y, file=file, key=key)


def _fail(text: str, *, file: str, key: str, value: object) -> NoReturn:
    raise InputError(text, file=file, key=key, value=value, mend="correct the file")
