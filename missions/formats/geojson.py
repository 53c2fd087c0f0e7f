"""GeoJSON (RFC 7946) of a whole plan or of one sortie, for maps and geographic information systems.

Positions are longitude, latitude and, on legs and bases, metres above sea level. RFC 7946 counts heights from the
ellipsoid; a plan knows no geoid, so they are what the bases' elevations are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from shapely.geometry import GeometryCollection, mapping
from shapely.geometry.base import BaseGeometry

from missions.formats.features import Feature, plan_features, sortie_features
from missions.lonlat_shapes import DECIMALS
from planner.model import Plan, Sortie


def plan_geojson(plan: Plan) -> bytes:
    """Area, border, sectors, permissions, keep-outs, bases, lanes and all legs; `kind` tells them apart."""
    return _collection(plan.name, plan, plan_features(plan))


def sortie_geojson(plan: Plan, sortie: Sortie) -> bytes:
    """The sortie's legs in order, with its bases and the keep-outs."""
    return _collection(sortie.id, plan, sortie_features(plan, sortie))


def geometry_json(geometry: BaseGeometry) -> dict[str, Any]:
    """A GeoJSON geometry object of degrees, rounded to a tenth of a millimetre."""
    shape = mapping(geometry)
    if isinstance(geometry, GeometryCollection):
        return {"type": shape["type"], "geometries": [geometry_json(part) for part in geometry.geoms]}
    return {"type": shape["type"], "coordinates": _rounded(shape["coordinates"])}


def _collection(name: str, plan: Plan, features: Iterable[Feature]) -> bytes:
    head = {
        "type": "FeatureCollection",
        "name": name,
        "plan": {"name": plan.name, "spec_sha256": plan.spec_sha256, "start_utc": plan.start_utc},
    }
    lines = b",\n".join(msgspec.json.encode(_feature(feature)) for feature in features)
    # one feature a line, so that two versions of a plan can be compared line by line
    return msgspec.json.encode(head)[:-1] + b',"features":[\n' + lines + b"\n]}\n"


def _feature(feature: Feature) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"kind": feature.kind.value, "name": feature.name, **feature.properties},
        "geometry": geometry_json(feature.geometry),
    }


def _rounded(coordinates: Any) -> Any:
    if isinstance(coordinates, float | int):
        return round(coordinates, DECIMALS)
    return [_rounded(part) for part in coordinates]
