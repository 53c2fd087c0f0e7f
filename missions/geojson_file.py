"""Read GeoJSON (RFC 7946) as features with their names; what is malformed is told by its place in the file."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from shapely import GeometryCollection, LineString, MultiLineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from missions.lonlat_shapes import ShapeError

Position = tuple[float, float]

#: Members by which a feature can be asked for, the most deliberate first.
NAMING_PROPERTIES = ("id", "nation", "name")

_LONLAT_CRS = ("CRS84", "4326")


@dataclass(frozen=True, slots=True)
class Feature:
    """A geometry (longitude, latitude) and the names it goes by: its id, then its naming properties."""

    names: tuple[str | None, ...]
    geometry: BaseGeometry

    @property
    def label(self) -> str:
        """What to call it in a message."""
        return next((name for name in self.names if name), "(no id)")


def parse_json(data: bytes) -> object:
    """JSON as RFC 8259 has it: no NaN, no Infinity. Any defect is a ShapeError with its line."""

    def not_json(word: str) -> NoReturn:
        raise ValueError(f"{word} is not JSON")

    try:
        return json.loads(data, parse_constant=not_json)
    except json.JSONDecodeError as error:
        raise ShapeError(f"is not JSON: {error.msg} at line {error.lineno}, column {error.colno}", "correct the file") from error
    except ValueError as error:
        raise ShapeError(f"is not JSON: {error}", "correct the file") from error
    except RecursionError as error:
        raise ShapeError("is nested too deeply", "give plain GeoJSON") from error


def is_plain_geojson(document: object) -> bool:
    """Whether a JSON document is GeoJSON in longitude and latitude; the old `crs` member can say otherwise."""
    if not isinstance(document, dict) or "type" not in document:
        return False
    crs = document.get("crs")
    return crs is None or any(word in json.dumps(crs) for word in _LONLAT_CRS)


def geojson_features(document: object) -> list[Feature]:
    """The features of a FeatureCollection, a Feature, or a bare geometry. Features without geometry are left out."""
    root = _object(document, "the document")
    match root.get("type"):
        case "FeatureCollection":
            features = [_feature(raw, f"features[{i}]") for i, raw in enumerate(_list(root.get("features"), "features"))]
        case "Feature":
            features = [_feature(root, "the feature")]
        case _:
            features = [Feature((None,) * 4, geojson_geometry(root, "the geometry"))]
    return [feature for feature in features if not feature.geometry.is_empty]


def geojson_geometry(raw: object, where: str) -> BaseGeometry:
    """One geometry object; heights are dropped, rings closed."""
    geometry = _object(raw, where)
    coordinates, inside = geometry.get("coordinates"), f"{where}.coordinates"
    match geometry.get("type"):
        case "Polygon":
            return _polygon(coordinates, inside)
        case "MultiPolygon":
            return MultiPolygon([_polygon(part, f"{inside}[{i}]") for i, part in enumerate(_list(coordinates, inside))])
        case "LineString":
            return _line(coordinates, inside)
        case "MultiLineString":
            return MultiLineString([_line(part, f"{inside}[{i}]") for i, part in enumerate(_list(coordinates, inside))])
        case "Point":
            return Point(_position(coordinates, inside))
        case "GeometryCollection":
            members = enumerate(_list(geometry.get("geometries"), f"{where}.geometries"))
            return GeometryCollection([_member(member, f"{where}.geometries[{i}]") for i, member in members])
        case other:
            raise ShapeError(f"{where} has the type {other!r:.60}", "use Polygon, MultiPolygon, LineString or MultiLineString")


def _member(raw: object, where: str) -> BaseGeometry:
    if _object(raw, where).get("type") == "GeometryCollection":
        raise ShapeError(f"{where} is a collection in a collection", "give its geometries directly")
    return geojson_geometry(raw, where)


def _feature(raw: object, where: str) -> Feature:
    feature = _object(raw, where)
    properties = feature.get("properties")
    values = properties if isinstance(properties, dict) else {}
    names = tuple(_name(value) for value in (feature.get("id"), *(values.get(key) for key in NAMING_PROPERTIES)))
    geometry = feature.get("geometry")
    return Feature(names, GeometryCollection() if geometry is None else geojson_geometry(geometry, f"{where}.geometry"))


def _name(value: object) -> str | None:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _polygon(raw: object, where: str) -> Polygon:
    rings = [_positions(ring, f"{where}[{i}]", at_least=3) for i, ring in enumerate(_list(raw, where))]
    return Polygon(rings[0], rings[1:]) if rings else Polygon()


def _line(raw: object, where: str) -> LineString:
    return LineString(_positions(raw, where, at_least=2))


def _positions(raw: object, where: str, *, at_least: int) -> list[Position]:
    positions = [_position(position, f"{where}[{i}]") for i, position in enumerate(_list(raw, where))]
    if len(positions) < at_least:
        raise ShapeError(f"{where} has {len(positions)} positions", f"give at least {at_least}")
    return positions


def _position(raw: object, where: str) -> Position:
    numbers = _list(raw, where)[:2]
    if len(numbers) < 2 or any(isinstance(number, bool) or not isinstance(number, int | float) for number in numbers):
        raise ShapeError(f"{where} is not a position", "give [longitude, latitude] in degrees")
    lon_deg, lat_deg = (_finite(number, where) for number in numbers)
    return lon_deg, lat_deg


def _finite(number: object, where: str) -> float:
    assert isinstance(number, int | float)
    if not -1e12 < number < 1e12 or not math.isfinite(number):
        raise ShapeError(f"{where} has a number that is no coordinate", "give [longitude, latitude] in degrees")
    return float(number)


def _object(raw: object, where: str) -> Mapping[str, object]:
    if not isinstance(raw, dict):
        raise ShapeError(f"{where} is not a GeoJSON object", "give plain GeoJSON")
    return raw


def _list(raw: object, where: str) -> Sequence[object]:
    if not isinstance(raw, list):
        raise ShapeError(f"{where} is not a list", "give plain GeoJSON")
    return raw
