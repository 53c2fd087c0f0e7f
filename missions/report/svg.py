"""Small pieces of SVG: elements, paths and numbers, escaped by construction."""

from __future__ import annotations

import math
from collections.abc import Iterable
from xml.etree import ElementTree

import shapely
from markupsafe import Markup
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

Element = ElementTree.Element

#: Hundredths of a map unit, which is about a pixel: no steps to be seen in print.
_DECIMALS = 2


def element(parent: Element | None, tag: str, text: str | None = None, /, **attributes: str | float) -> Element:
    """A new element; `_` in a name stands for `-`, and a trailing `_` is dropped (`class_`)."""
    named = {name.rstrip("_").replace("_", "-"): number(value) for name, value in attributes.items()}
    made = ElementTree.Element(tag, named) if parent is None else ElementTree.SubElement(parent, tag, named)
    made.text = text
    return made


def number(value: str | float) -> str:
    """A number as SVG wants it, short; texts go through."""
    if isinstance(value, str):
        return value
    return f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


def path_data(geometry: BaseGeometry) -> str:
    """Lines and polygons, holes included, as the `d` of a path (fill rule evenodd)."""
    commands: list[str] = []
    for part in shapely.get_parts(geometry).tolist():
        match part:
            case Polygon():
                commands += [_run(ring) + "Z" for ring in (part.exterior, *part.interiors)]
            case LineString():
                commands.append(_run(part))
            case _:
                pass
    return "".join(commands)


def _run(line: BaseGeometry) -> str:
    points = (f"{number(x)} {number(y)}" for x, y, *_ in line.coords)
    return "M" + "L".join(points)


def markup(root: Element) -> Markup:
    """The element as text that a page takes as it is."""
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def nice_step(longest: float) -> float:
    """The largest of 1, 2 or 5 times a power of ten that is not longer than this."""
    power = 10.0 ** math.floor(math.log10(longest))
    return max(step * power for step in (1, 2, 5) if step * power <= longest * (1 + 1e-9))


def nice_ticks(end: float, *, at_most: int, steps: Iterable[float]) -> list[float]:
    """Multiples of the first of these steps that gives at most so many, from 0 to the end."""
    step = next((step for step in steps if end / step <= at_most), end)
    return [index * step for index in range(int(end / step) + 1)] if step > 0 else [0.0]
