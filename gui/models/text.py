"""Numbers as an operator reads them: with their unit, at the precision that matters."""

from __future__ import annotations

from gui.models.words import number_text, tr

NOTHING = "–"


def duration_text(duration_s: float) -> str:
    """Hours, minutes, seconds: `1:02:03`; a negative time keeps its sign."""
    whole_s = round(abs(duration_s))
    sign = "-" if duration_s < 0 and whole_s else ""
    return f"{sign}{whole_s // 3600}:{whole_s // 60 % 60:02d}:{whole_s % 60:02d}"


def length_text(length_m: float) -> str:
    if length_m >= 1000:
        return tr("{length} km", length=number_text(length_m / 1000, 1))
    return tr("{length} m", length=number_text(length_m))


def part_text(part: float, *, digits: int = 1) -> str:
    """A part of one as a percentage, never rounded up to a full 100."""
    percent = round(100 * part, digits)
    if part < 1 and percent >= 100:
        percent = 100 - 10.0**-digits
    return tr("{percent} %", percent=number_text(percent, digits))


def energy_text(energy_wh: float) -> str:
    if energy_wh >= 1000:
        return tr("{energy} kWh", energy=number_text(energy_wh / 1000, 2))
    return tr("{energy} Wh", energy=number_text(energy_wh))


def age_text(age_s: float, *, tenths: bool = True) -> str:
    """How long ago: tenths of a second while fresh (if wanted), then whole seconds, minutes, hours."""
    if age_s < 10 and tenths:
        return tr("{age} s", age=number_text(max(age_s, 0.0), 1))
    if age_s < 120:
        return tr("{age} s", age=number_text(int(max(age_s, 0.0))))
    if age_s < 7200:
        return tr("{age} min", age=number_text(age_s / 60))
    return tr("{age} h", age=number_text(age_s / 3600))
