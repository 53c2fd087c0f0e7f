"""Figures in words for people, on the page and on paper: digits in groups by thin spaces, and a unit never on the next line."""

from __future__ import annotations

from typing import Final

from missions.control.messages import FinalState
from missions.lonlat_shapes import place_text
from planner.geo import LatLon
from planner.model import Violation

_NO_BREAK, _THIN = "\u00a0", "\u202f"
FINAL_WORDS: Final = {
    FinalState.HOME_DISARMED: "home, disarmed",
    FinalState.LANDED_AWAY: "landed away",
    FinalState.FLYING: "in the air or armed",
    FinalState.LOST: "lost",
}


def percent(part: float, decimals: int = 2) -> str:
    # cut, not rounded: 98.996 % of 99 % is not 99.00 %
    scale = 10**decimals
    cut = int(100 * part * scale + 1e-6) / scale
    return _spaced(f"{cut:.{decimals}f}", "%")


def area(square_metres: float) -> str:
    if square_metres >= 1e6:
        return _spaced(f"{square_metres / 1e6:,.2f}", "km²")
    return _spaced(f"{square_metres / 1e4:,.2f}", "ha") if square_metres >= 1e4 else _spaced(f"{square_metres:,.0f}", "m²")


def duration(time_s: float) -> str:
    hours, minutes, seconds = round(time_s) // 3600, round(time_s) // 60 % 60, round(time_s) % 60
    parts = [(hours, "h"), (minutes, "min")] if hours else [(minutes, "min"), (seconds, "s")]
    return _NO_BREAK.join(_spaced(str(value), unit) for value, unit in parts)


def hours(time_s: float) -> str:
    return _spaced(f"{time_s / 3600:,.2f}", "h")


def km(length_m: float) -> str:
    return _spaced(f"{length_m / 1000:,.1f}", "km")


def wh(energy_wh: float) -> str:
    return _spaced(f"{energy_wh:,.0f}", "Wh")


def metres(length_m: float) -> str:
    return _spaced(f"{length_m:,.0f}", "m")


def money(amount: float) -> str:
    return f"{amount:,.2f}".replace(",", _THIN)


def place(where: LatLon | Violation) -> str:
    assert where.lat_deg is not None and where.lon_deg is not None
    return place_text(where.lon_deg, where.lat_deg)


def final(state: FinalState) -> str:
    return FINAL_WORDS[state]


def _spaced(value: str, unit: str) -> str:
    return f"{value.replace(',', _THIN)}{_NO_BREAK}{unit}"
