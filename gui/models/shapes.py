"""Polygons and lines with their vertices, to be edited: longitude and latitude in degrees, never changed, only replaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gui.models.map_scene import Points
from gui.models.words import tr
from planner.geo import LatLon

#: Longitude, latitude in degrees.
Vertex = tuple[float, float]

#: 1 cm: what a hand on a mouse means.
_DECIMALS = 7


class TooFewVerticesError(ValueError):
    """A polygon needs three corners, a line two."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A vertex: which ring, and which of its vertices; or, as an edge, the one that leads on from it."""

    ring: int
    index: int


@dataclass(frozen=True)
class Shape:
    """Rings without their repeated end; `parts` says which part of a polygon each ring is of, its outer ring first.

    A line's parts are its rings.
    """

    closed: bool
    rings: tuple[tuple[Vertex, ...], ...]
    parts: tuple[int, ...]

    @classmethod
    def polygon(cls, ring: Sequence[Vertex]) -> Shape:
        return cls(True, (tuple(ring),), (0,)).checked()

    @classmethod
    def line(cls, corners: Sequence[Vertex]) -> Shape:
        return cls(False, (tuple(corners),), (0,)).checked()

    @classmethod
    def of(cls, geometry: BaseGeometry) -> Shape | None:
        """None for what is neither ground nor lines."""
        flat = [part for part in shapely.get_parts(geometry).tolist() if not part.is_empty]
        polygons = [part for part in flat if part.geom_type == "Polygon"]
        if polygons:
            rings = [(index, ring) for index, part in enumerate(polygons) for ring in shapely.get_rings(part).tolist()]
            return cls(True, tuple(_vertices(ring)[:-1] for _, ring in rings), tuple(index for index, _ in rings))
        lines = [part for part in flat if part.geom_type in ("LineString", "LinearRing")]
        return cls(False, tuple(_vertices(line) for line in lines), tuple(range(len(lines)))) if lines else None

    @cached_property
    def geometry(self) -> BaseGeometry:
        """As GeoJSON means it."""
        if not self.closed:
            lines = [shapely.LineString(ring) for ring in self.rings]
            return lines[0] if len(lines) == 1 else shapely.MultiLineString(lines)
        polygons = []
        for part in sorted(set(self.parts)):
            outer, *holes = (ring for ring, of in zip(self.rings, self.parts, strict=True) if of == part)
            polygons.append(shapely.Polygon(outer, holes))
        return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)

    @cached_property
    def coordinates(self) -> Points:
        """All vertices as rows of longitude, latitude, ring after ring."""
        return np.array([vertex for ring in self.rings for vertex in ring])

    def spot(self, row: int) -> Spot:
        """The vertex in this row of `coordinates`."""
        number = 0
        while row >= len(self.rings[number]):
            row -= len(self.rings[number])
            number += 1
        return Spot(number, row)

    def has(self, spot: Spot) -> bool:
        return spot.ring < len(self.rings) and spot.index < len(self.rings[spot.ring])

    def row(self, spot: Spot) -> int:
        """Where the vertex is in `coordinates`."""
        return sum(len(ring) for ring in self.rings[: spot.ring]) + spot.index

    def __len__(self) -> int:
        return sum(len(ring) for ring in self.rings)

    def at(self, spot: Spot) -> Vertex:
        return self.rings[spot.ring][spot.index]

    def moved(self, spot: Spot, vertex: Vertex) -> Shape:
        ring = self.rings[spot.ring]
        return self._with(spot.ring, (*ring[: spot.index], vertex, *ring[spot.index + 1 :]))

    def inserted(self, spot: Spot, vertex: Vertex) -> Shape:
        """After the vertex at this spot."""
        ring = self.rings[spot.ring]
        return self._with(spot.ring, (*ring[: spot.index + 1], vertex, *ring[spot.index + 1 :]))

    def without(self, spot: Spot) -> Shape:
        """Raises TooFewVerticesError when a ring would be no ring any more."""
        ring = self.rings[spot.ring]
        return self._with(spot.ring, (*ring[: spot.index], *ring[spot.index + 1 :])).checked()

    def checked(self) -> Shape:
        least = 3 if self.closed else 2
        if any(len(ring) < least for ring in self.rings):
            raise TooFewVerticesError(
                tr("{what} needs {least} corners", what=tr("a polygon") if self.closed else tr("a line"), least=least)
            )
        return self

    def _with(self, number: int, ring: tuple[Vertex, ...]) -> Shape:
        return replace(self, rings=(*self.rings[:number], ring, *self.rings[number + 1 :]))


def vertex_of(point: LatLon) -> Vertex:
    return round(point.lon_deg, _DECIMALS), round(point.lat_deg, _DECIMALS)


def _vertices(line: BaseGeometry) -> tuple[Vertex, ...]:
    return tuple((lon_deg, lat_deg) for lon_deg, lat_deg in shapely.get_coordinates(line).tolist())
