"""Numbers as an operator reads them: with their unit, at the precision that matters."""

from __future__ import annotations

NOTHING = "–"


def duration_text(duration_s: float) -> str:
    """Hours, minutes, seconds: `1:02:03`; a negative time keeps its sign."""
    whole_s = round(abs(duration_s))
    sign = "-" if duration_s < 0 and whole_s else ""
    return f"{sign}{whole_s // 3600}:{whole_s // 60 % 60:02d}:{whole_s % 60:02d}"


def length_text(length_m: float) -> str:
    return f"{length_m / 1000:,.1f} km" if length_m >= 1000 else f"{length_m:.0f} m"


def part_text(part: float, *, digits: int = 1) -> str:
    """A part of one as a percentage, never rounded up to a full 100."""
    text = f"{100 * part:.{digits}f}"
    if part < 1 and float(text) >= 100:
        text = f"{100 - 10.0**-digits:.{digits}f}"
    return f"{text} %"


def energy_text(energy_wh: float) -> str:
    return f"{energy_wh / 1000:,.2f} kWh" if energy_wh >= 1000 else f"{energy_wh:.0f} Wh"


def age_text(age_s: float, *, tenths: bool = True) -> str:
    """How long ago: tenths of a second while fresh (if wanted), then whole seconds, minutes, hours."""
    if age_s < 10 and tenths:
        return f"{max(age_s, 0.0):.1f} s"
    if age_s < 120:
        return f"{int(max(age_s, 0.0))} s"
    return f"{age_s / 60:.0f} min" if age_s < 7200 else f"{age_s / 3600:.0f} h"


def count_text(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
