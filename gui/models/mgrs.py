"""The Military Grid Reference System between 80 degrees south and 84 degrees north (NGA.SIG.0012, 2014).

UTM by Krüger's series to the fourth order in the third flattening (Karney, doi:10.1007/s00190-011-0445-3, equations 7 to 36): micrometres.
"""

from __future__ import annotations

import math
import re

from planner.geo import LatLon

_A_M, _FLATTENING = 6_378_137.0, 1 / 298.257223563
_SCALE, _FALSE_EAST_M, _FALSE_NORTH_M = 0.9996, 500_000.0, 10_000_000.0
_N = _FLATTENING / (2 - _FLATTENING)
_E = math.sqrt(_FLATTENING * (2 - _FLATTENING))
_MERIDIAN_M = _A_M / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64)
_ALPHA = (
    _N / 2 - 2 * _N**2 / 3 + 5 * _N**3 / 16 + 41 * _N**4 / 180,
    13 * _N**2 / 48 - 3 * _N**3 / 5 + 557 * _N**4 / 1440,
    61 * _N**3 / 240 - 103 * _N**4 / 140,
    49561 * _N**4 / 161280,
)
_BETA = (
    _N / 2 - 2 * _N**2 / 3 + 37 * _N**3 / 96 - _N**4 / 360,
    _N**2 / 48 + _N**3 / 15 - 437 * _N**4 / 1440,
    17 * _N**3 / 480 - 37 * _N**4 / 840,
    4397 * _N**4 / 161280,
)
_BANDS = "CDEFGHJKLMNPQRSTUVWX"
_COLUMNS = ("ABCDEFGH", "JKLMNPQR", "STUVWXYZ")
_ROWS = "ABCDEFGHJKLMNPQRSTUV"
_SQUARE_M, _CYCLE_M = 100_000, 2_000_000
_MGRS = re.compile(r"(\d{1,2})\s*([C-HJ-NP-X])\s*([A-HJ-NP-Z])([A-HJ-NP-V])\s*(\d*)\s*(\d*)")


def mgrs_text(point: LatLon) -> str | None:
    """To one metre, with spaces; None near the poles, where there is no UTM."""
    if not -80.0 <= point.lat_deg < 84.0:
        return None
    zone, band = _zone(point), _BANDS[min(int(point.lat_deg + 80) // 8, 19)]
    # cut off, as the grid's squares are; a micrometre's rounding must not make it the square before
    east_m, north_m = (metres + 1e-6 for metres in _utm(point, zone))
    column = _COLUMNS[(zone - 1) % 3][int(east_m // _SQUARE_M) - 1]
    row = _ROWS[(int(north_m // _SQUARE_M) + (5 if zone % 2 == 0 else 0)) % 20]
    return f"{zone}{band} {column}{row} {int(east_m % _SQUARE_M):05d} {int(north_m % _SQUARE_M):05d}"


def parse_mgrs(text: str) -> LatLon | None:
    """The middle of the square that is named; None when the text is no grid reference, or names a square that does not exist."""
    found = _MGRS.fullmatch(text)
    if found is None:
        return None
    digits, zone = found[5] + found[6], int(found[1])
    if len(digits) % 2 or len(digits) > 10 or not 1 <= zone <= 60 or (found[6] and len(found[5]) != len(found[6])):
        return None
    half = len(digits) // 2
    unit_m = _SQUARE_M / 10**half
    column = _COLUMNS[(zone - 1) % 3].find(found[3])
    if column < 0:
        return None
    east_m = (column + 1) * _SQUARE_M + (int(digits[:half] or 0) + 0.5) * unit_m
    row = (_ROWS.index(found[4]) - (5 if zone % 2 == 0 else 0)) % 20
    in_cycle_m = row * _SQUARE_M + (int(digits[half:] or 0) + 0.5) * unit_m
    return _in_band(zone, found[2], east_m, in_cycle_m)


def _in_band(zone: int, band: str, east_m: float, in_cycle_m: float) -> LatLon | None:
    """Rows repeat every 2,000 km: the one that lies in the band, or reaches into it."""
    south_deg = -80.0 + 8 * _BANDS.index(band)
    north_deg = 84.0 if band == "X" else south_deg + 8
    south = band < "N"
    # the equator itself, seen from the south, begins a sixth
    for cycle in range(6 if south else 5):
        point = _from_utm(zone, east_m, in_cycle_m + cycle * _CYCLE_M, south=south)
        if south_deg - 1 <= point.lat_deg <= north_deg + 1:
            return point
    return None


def _zone(point: LatLon) -> int:
    """With the exceptions of south-west Norway and Svalbard."""
    lon_deg = (point.lon_deg + 180.0) % 360.0 - 180.0
    if 56 <= point.lat_deg < 64 and 3 <= lon_deg < 12:
        return 32
    if 72 <= point.lat_deg < 84 and 0 <= lon_deg < 42:
        return 31 + 2 * int((lon_deg + 3) // 12)
    return min(int((lon_deg + 180) // 6), 59) + 1


def _utm(point: LatLon, zone: int) -> tuple[float, float]:
    lat, lon = math.radians(point.lat_deg), math.radians((point.lon_deg - _middle_deg(zone) + 180.0) % 360.0 - 180.0)
    tau = math.tan(lat)
    sigma = math.sinh(_E * math.atanh(_E * tau / math.hypot(1, tau)))
    tau_c = tau * math.hypot(1, sigma) - sigma * math.hypot(1, tau)
    xi_c, eta_c = math.atan2(tau_c, math.cos(lon)), math.asinh(math.sin(lon) / math.hypot(tau_c, math.cos(lon)))
    xi = xi_c + sum(alpha * math.sin(2 * j * xi_c) * math.cosh(2 * j * eta_c) for j, alpha in enumerate(_ALPHA, start=1))
    eta = eta_c + sum(alpha * math.cos(2 * j * xi_c) * math.sinh(2 * j * eta_c) for j, alpha in enumerate(_ALPHA, start=1))
    north_m = _SCALE * _MERIDIAN_M * xi
    return _FALSE_EAST_M + _SCALE * _MERIDIAN_M * eta, north_m if point.lat_deg >= 0 else north_m + _FALSE_NORTH_M


def _from_utm(zone: int, east_m: float, north_m: float, *, south: bool) -> LatLon:
    xi = (north_m - (_FALSE_NORTH_M if south else 0.0)) / (_SCALE * _MERIDIAN_M)
    eta = (east_m - _FALSE_EAST_M) / (_SCALE * _MERIDIAN_M)
    xi_c = xi - sum(beta * math.sin(2 * j * xi) * math.cosh(2 * j * eta) for j, beta in enumerate(_BETA, start=1))
    eta_c = eta - sum(beta * math.cos(2 * j * xi) * math.sinh(2 * j * eta) for j, beta in enumerate(_BETA, start=1))
    tau_c = math.sin(xi_c) / math.hypot(math.sinh(eta_c), math.cos(xi_c))
    lon_deg = _middle_deg(zone) + math.degrees(math.atan2(math.sinh(eta_c), math.cos(xi_c)))
    lat_deg = math.degrees(math.atan(_tau(tau_c)))
    return LatLon(lat_deg=lat_deg, lon_deg=(lon_deg + 180.0) % 360.0 - 180.0)


def _tau(tau_c: float) -> float:
    """Newton's method for the tangent of the latitude (Karney, equations 19 to 21): two steps are exact."""
    tau, e2 = tau_c / (1 - _E**2), _E**2
    for _ in range(3):
        sigma = math.sinh(_E * math.atanh(_E * tau / math.hypot(1, tau)))
        tried = tau * math.hypot(1, sigma) - sigma * math.hypot(1, tau)
        tau += (tau_c - tried) / math.hypot(1, tried) * (1 + (1 - e2) * tau**2) / ((1 - e2) * math.hypot(1, tau))
    return tau


def _middle_deg(zone: int) -> float:
    return 6.0 * zone - 183.0
