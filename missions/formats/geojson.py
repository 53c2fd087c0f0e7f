"""GeoJSON (RFC 7946) of a whole plan or of one sortie, for maps and geographic information systems.

Positions are longitude, latitude and, on legs and bases, metres above sea level. RFC 7946 counts heights from the
ellipsoid; a plan knows no geoid, so they are what the bases' elevations are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np
from shapely import get_coordinates
from shapely.geometry import GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from missions.formats.features import Feature, FeatureKind, PlanFeatures
from missions.formats.leg_rows import FlownLegs
from missions.formats.writing import Remark, Writers
from missions.lonlat_shapes import DECIMALS
from planner.model import Plan, Sortie


def geojson_writers(plan: Plan, _remark: Remark) -> Writers:
    """A sortie: the keep-outs near it, its bases, its legs in order. The plan: all that has a place; `kind` tells features apart."""
    features = PlanFeatures(plan)
    legs: dict[str, list[bytes]] = {}

    def leg_lines(sortie: Sortie) -> list[bytes]:
        if sortie.id not in legs:
            legs[sortie.id] = _leg_lines(features.legs(sortie))
        return legs[sortie.id]

    around: dict[int, bytes] = {}

    def around_lines(sortie: Sortie) -> list[bytes]:
        found = features.around(sortie)
        around.update({id(feature): line for feature in found if id(feature) not in around for line in _lines([feature])})
        return [around[id(feature)] for feature in found]

    def write(sortie: Sortie) -> bytes:
        return _collection(sortie.id, plan, [*around_lines(sortie), *leg_lines(sortie)])

    def whole() -> bytes:
        flown = (line for sortie in plan.sorties for line in leg_lines(sortie))
        return _collection(plan.name, plan, [*_lines(features.ground()), *flown])

    return Writers(write, whole)


def geometry_json(geometry: BaseGeometry) -> dict[str, Any]:
    """A GeoJSON geometry object of degrees, rounded to a tenth of a millimetre."""
    kind = geometry.geom_type
    match geometry:
        case GeometryCollection():
            return {"type": kind, "geometries": [geometry_json(part) for part in geometry.geoms]}
        case Point():
            return {"type": kind, "coordinates": _points(geometry)[0] if not geometry.is_empty else []}
        case LineString():
            return {"type": kind, "coordinates": _points(geometry)}
        case Polygon():
            rings = [geometry.exterior, *geometry.interiors] if not geometry.is_empty else []
            return {"type": kind, "coordinates": [_points(ring) for ring in rings]}
        case MultiPoint() | MultiLineString() | MultiPolygon():
            return {"type": kind, "coordinates": [geometry_json(part)["coordinates"] for part in geometry.geoms]}
    raise TypeError(f"{kind} has no form in GeoJSON")


def _points(geometry: BaseGeometry) -> list[list[float]]:
    points: list[list[float]] = np.round(get_coordinates(geometry, include_z=geometry.has_z), DECIMALS).tolist()
    return points


def _collection(name: str, plan: Plan, lines: Iterable[bytes]) -> bytes:
    head = {
        "type": "FeatureCollection",
        "name": name,
        "plan": {"name": plan.name, "spec_sha256": plan.spec_sha256, "start_utc": plan.start_utc},
    }
    # one feature a line, so that two versions of a plan can be compared line by line
    return msgspec.json.encode(head)[:-1] + b',"features":[\n' + b",\n".join(lines) + b"\n]}\n"


def _lines(features: Iterable[Feature]) -> list[bytes]:
    return [_line({"kind": feature.kind.value, "name": feature.name, **feature.properties}, feature.geometry) for feature in features]


def _leg_lines(legs: FlownLegs) -> list[bytes]:
    kind = {"kind": FeatureKind.LEG.value}
    return [_line(kind | row._asdict(), line) for row, line in zip(legs.rows, legs.geometries(), strict=True)]


def _line(properties: dict[str, Any], geometry: BaseGeometry) -> bytes:
    return msgspec.json.encode({"type": "Feature", "properties": properties, "geometry": geometry_json(geometry)})
