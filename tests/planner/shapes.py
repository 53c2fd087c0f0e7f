"""Polygons for property tests, in local metres: concave, with holes anywhere, holes that touch, and combs of thin teeth."""

from __future__ import annotations

import math
from collections.abc import Sequence

import shapely
from hypothesis import strategies as st
from shapely import affinity
from shapely.geometry.base import BaseGeometry


@st.composite
def stars(draw: st.DrawFn, *, smallest_m: float = 100.0, largest_m: float = 600.0, most_corners: int = 14) -> BaseGeometry:
    """Star-shaped around the origin, as concave as its radii differ."""
    corners = draw(st.integers(3, most_corners))
    size_m = draw(st.floats(smallest_m, largest_m))
    radii = [size_m * draw(st.floats(0.25, 1.0)) for _ in range(corners)]
    first = draw(st.floats(0, math.pi))
    angles = [first + 2 * math.pi * number / corners for number in range(corners)]
    return shapely.Polygon([(radius * math.cos(angle), radius * math.sin(angle)) for radius, angle in zip(radii, angles, strict=True)])


@st.composite
def combs(draw: st.DrawFn) -> BaseGeometry:
    """A spine with teeth, turned."""
    teeth, width_m = draw(st.integers(1, 4)), draw(st.floats(25, 120))
    parts = [shapely.box(0, 0, (2 * teeth + 1) * width_m, draw(st.floats(20, 150)))]
    parts += [shapely.box((2 * n + 1) * width_m, 0, (2 * n + 2) * width_m, draw(st.floats(60, 400))) for n in range(teeth)]
    return affinity.rotate(shapely.union_all(parts), draw(st.floats(0, 180)), origin=(0, 0))


@st.composite
def grounds(draw: st.DrawFn, *, most_holes: int = 3) -> BaseGeometry:
    """Concave ground in one or more pieces; holes may touch the outline, overlap it, or each other."""
    ground: BaseGeometry = draw(st.one_of(stars(), stars(), combs()))
    west, south, east, north = ground.bounds
    for _ in range(draw(st.integers(0, most_holes))):
        size_m = max(east - west, north - south) * draw(st.floats(0.03, 0.15))
        hole = draw(stars(smallest_m=size_m, largest_m=size_m, most_corners=7))
        touching = draw(st.booleans())
        corner = shapely.get_coordinates(ground)[draw(st.integers(0, len(shapely.get_coordinates(ground)) - 1))]
        place = corner if touching else (draw(st.floats(west, east)), draw(st.floats(south, north)))
        cut = polygons_of(ground.difference(affinity.translate(hole, *place)))
        ground = shapely.union_all(cut) if cut else ground
    return ground


def polygons_of(geometry: BaseGeometry, at_least_m2: float = 1.0) -> list[BaseGeometry]:
    return [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon" and part.area > at_least_m2]


def overlap_m2(parts: Sequence[BaseGeometry]) -> float:
    """Ground that more than one of the parts holds, counted each time."""
    return sum(first.intersection(second).area for number, first in enumerate(parts) for second in parts[:number])
