"""Sorties over time as inline SVG: what was planned above what was flown, a row for each drone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from missions.report.account import SortieTimes
from missions.report.svg import Element, element, markup, nice_ticks, number

_WIDTH, _LABELS = 1000.0, 170.0
_ROW, _BAR, _AXIS = 30.0, 9.0, 26.0
_LETTERS = 24
_MINUTE, _HOUR = 60.0, 3600.0
_STEPS_S = (1, 5, 15, _MINUTE, 2 * _MINUTE, 5 * _MINUTE, 10 * _MINUTE, 30 * _MINUTE, _HOUR, 2 * _HOUR, 6 * _HOUR, 24 * _HOUR, 240 * _HOUR)
_MOST_TICKS = 12


def timeline(sorties: Sequence[SortieTimes], hatches: Mapping[str, int]) -> Markup:
    """Rows in the order the drones first come in `sorties`; colours as in `svg_map.map_strips`."""
    drones = list(dict.fromkeys(times.drone for times in sorties))
    end_s = max((end for times in sorties for _, end in (times.planned, *times.flown)), default=0.0) or 1.0
    height = len(drones) * _ROW + _AXIS
    root = element(None, "svg", class_="timeline", viewBox=f"0 0 {number(_WIDTH)} {number(height)}", role="img")
    element(root, "title", "Sorties over time, planned and flown")
    _axis(root, end_s, len(drones) * _ROW)
    for row, drone in enumerate(drones):
        label = drone if len(drone) <= _LETTERS else drone[: _LETTERS - 1] + "…"
        element(root, "text", label, x=_LABELS - 10, y=row * _ROW + 19, text_anchor="end", class_="m-text")
        for times in (times for times in sorties if times.drone == drone):
            _bars(root, times, row * _ROW, end_s, hatches.get(times.nation, 0))
    return markup(root)


def _axis(root: Element, end_s: float, bottom: float) -> None:
    for at_s in nice_ticks(end_s, at_most=_MOST_TICKS, steps=_STEPS_S):
        x = _x(at_s, end_s)
        element(root, "path", d=f"M{number(x)} 0V{number(bottom + 4)}", class_="tick")
        element(root, "text", _tick_label(at_s), x=x, y=bottom + 18, text_anchor="middle", class_="m-text m-faint")


def _bars(root: Element, times: SortieTimes, top: float, end_s: float, index: int) -> None:
    colour = f"var(--n{index})"
    kind = "planned" if times.flown else "planned not-flown"
    _bar(root, times.planned, top + 4, end_s, kind, colour, f"{times.sortie} planned {_span(times.planned)}")
    for flown in times.flown:
        _bar(root, flown, top + 5 + _BAR, end_s, "flown", colour, f"{times.sortie} flown {_span(flown)}")


def _bar(root: Element, span: tuple[float, float], y: float, end_s: float, kind: str, colour: str, title: str) -> None:
    left, right = _x(max(span[0], 0.0), end_s), _x(max(span[1], 0.0), end_s)
    style = f"stroke:{colour}" + (f";fill:{colour}" if kind == "flown" else "")
    bar = element(root, "rect", x=left, y=y, width=max(right - left, 1.0), height=_BAR, rx=2, class_=kind, style=style)
    element(bar, "title", title)


def _x(at_s: float, end_s: float) -> float:
    return _LABELS + (_WIDTH - _LABELS - 20) * at_s / end_s


def _span(span: tuple[float, float]) -> str:
    return f"{clock(span[0])} to {clock(span[1])}"


def clock(at_s: float) -> str:
    """Patrol seconds as h:mm:ss, hours always, so that nobody takes minutes for hours."""
    sign, total = ("-" if round(at_s) < 0 else ""), abs(round(at_s))
    return f"{sign}{total // 3600}:{total // 60 % 60:02}:{total % 60:02}"


def _tick_label(at_s: float) -> str:
    hours, minutes, seconds = int(at_s // _HOUR), int(at_s // _MINUTE % 60), int(at_s % _MINUTE)
    parts = [f"{value} {unit}" for value, unit in ((hours, "h"), (minutes, "min"), (seconds, "s")) if value]
    return " ".join(parts) or "0"
