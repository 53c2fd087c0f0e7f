"""Set operations on ground that hold where edges all but coincide, as those of swaths side by side do.

GEOS overlays coordinates as they are unless it is told a grid. Where edges lie within rounding of each other that may end, without
an error, in an invalid polygon, and `union_all`, which goes on from such a one, then loses whole swaths (GEOS 3.14: one union in
eight of strips laid edge to edge at a random angle). On a grid the overlay is sound by construction (Hobby 1999, "Practical segment
intersection with finite precision output"), and takes twice as long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from planner.geo import polygons_of

#: A micrometre: far below what is measured anywhere, far above the rounding of local coordinates.
GRID_M = 1e-6


def union(parts: Iterable[BaseGeometry]) -> BaseGeometry:
    """All ground together, local metres. No parts give empty ground."""
    grounds = [_areal(part) for part in parts]
    with _quiet():
        try:
            return shapely.union_all(grounds, grid_size=GRID_M)
        except shapely.GEOSException:  # An outline that crosses itself.
            return shapely.union_all([_mended(ground) for ground in grounds], grid_size=GRID_M)


def difference(ground: BaseGeometry, taken: BaseGeometry) -> BaseGeometry:
    """The ground that is left. Outlines that cross themselves by rounding, as turned needles do, are mended first (here and below)."""
    return _sound(shapely.difference, ground, taken)


def intersection(ground: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """The ground that both have; not the lines and points in which they touch."""
    return _sound(shapely.intersection, ground, other)


def turned(ground: BaseGeometry, angle_rad: float) -> BaseGeometry:
    """The ground turned anticlockwise round the frame's origin; valid, though turning may make sides of a needle cross."""
    return _mended(affinity.rotate(ground, angle_rad, origin=(0, 0), use_radians=True))


def _sound(operation: Callable[..., BaseGeometry], one: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    with _quiet():
        try:
            result = operation(one, other)
        except shapely.GEOSException:  # without a grid it may also give up
            result = None
        if result is None or not result.is_valid:
            result = operation(_areal(_mended(one)), _areal(_mended(other)), grid_size=GRID_M)
    return _areal(result)


def _quiet() -> np.errstate:
    """GEOS divides by zero on its own account; numpy, which shapely calls it through, would warn of that."""
    return np.errstate(divide="ignore", invalid="ignore")


def _mended(shape: BaseGeometry) -> BaseGeometry:
    return shape if shape.is_valid else shapely.make_valid(shape, method="structure")


def _areal(shape: BaseGeometry) -> BaseGeometry:
    return shape if shape.geom_type in ("Polygon", "MultiPolygon") else polygons_of(shape)
