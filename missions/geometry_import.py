"""Sort the features of a file that somebody else drew into area, border, keep-outs and bases, mending what can be mended.

What was changed is told; what cannot be mended is an error that names the feature.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from missions.draft import KeepOutDraft
from missions.errors import InputError, one_line
from missions.geojson_file import Feature
from missions.geometry_files import read_features, stated_crs
from missions.lonlat_shapes import ShapeError, ShapeParams, clean_line, clean_polygon, crossing_text, polygonal
from missions.openair import is_openair, read_openair
from missions.routes.read import is_route, read_route
from missions.routes.route import FencePolygon, Route
from planner.geo import LatLon, LocalFrame

_SHUT = re.compile(r"keep.?out|no.?fly|nfz|prohibit|restrict|danger|exclusion|forbidden", re.IGNORECASE)
_SHAPES = ShapeParams()
_CIRCLE_CORNERS = 12


class Role(StrEnum):
    """What features are to be."""

    AUTO = "auto"
    AREA = "area"
    BORDER = "border"
    KEEP_OUTS = "keep-outs"


@dataclass(slots=True)
class Imported:
    """What a file came to, longitude and latitude, and what was done to it on the way."""

    area: Polygon | MultiPolygon | None = None
    border: LineString | MultiLineString | None = None
    keep_outs: list[KeepOutDraft] = field(default_factory=list)
    bases: list[LatLon] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)


def import_file(path: Path, role: Role = Role.AUTO, *, only: str | None = None, crs: str | None = None) -> Imported:
    """Read and sort a file. `only` names one feature; `crs` overrides the file's reference system. Raises InputError."""
    head = _head(path)
    if is_route(head):
        return _from_route(read_route(path), role, str(path))
    try:
        if is_openair(head):
            return _from_airspaces(path, only)
        features = read_features(path, crs=crs)
        imported = Imported()
        if crs is None and (stated := stated_crs(path)) not in (None, "EPSG:4326"):
            imported.repairs.append(f"converted from {stated} to WGS84")
        _sort(_named(features, only, str(path)), role, imported)
    except ShapeError as error:
        raise InputError(error.text, file=str(path), mend=error.mend) from error
    if imported.area is None and imported.border is None and not imported.keep_outs:
        raise InputError("has no polygon and no line", file=str(path), mend="give a file with an area, a border or keep-outs")
    return imported


def _head(path: Path) -> bytes:
    try:
        if path.is_dir():
            return b""
        with path.open("rb") as file:
            return file.read(4096)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(f"cannot be read: {reason}", file=str(path), mend="check the name and its permissions") from error


def _named(features: Sequence[Feature], only: str | None, file: str) -> Sequence[Feature]:
    if only is None:
        return features
    found = [feature for feature in features if only in feature.names]
    if not found:
        raise InputError(f"has no feature named {only!r}", file=file, key="--only", value=only, mend="see its names in a map program")
    return found


def _sort(features: Sequence[Feature], role: Role, imported: Imported) -> None:
    polygons: list[BaseGeometry] = []
    lines: list[BaseGeometry] = []
    for number, feature in enumerate(features, start=1):
        name = feature.names[0] or feature.names[-1] or feature.names[1] or f"{number}"
        parts = _flat(feature.geometry)
        ground = [part for part in parts if isinstance(part, Polygon)]
        if ground:
            mended = _mended(ground, name, imported.repairs)
            if role is Role.KEEP_OUTS or (role is Role.AUTO and _SHUT.search(name)):
                imported.keep_outs.append(KeepOutDraft(id=_unique_id(name, imported.keep_outs), polygon=mended, note=one_line(name)))
            else:
                polygons.append(mended)
        lines.extend(part for part in parts if isinstance(part, LineString))
        imported.bases.extend(_place(part, name) for part in parts if part.geom_type == "Point" and not part.is_empty)
    _take(polygons, lines, role, imported)


def _take(polygons: list[BaseGeometry], lines: list[BaseGeometry], role: Role, imported: Imported) -> None:
    if polygons and role in (Role.AUTO, Role.AREA):
        imported.area = clean_polygon(shapely.GeometryCollection(polygons), _SHAPES)
        if len(polygons) > 1:
            imported.repairs.append(f"{len(polygons)} polygons united into the area")
    if lines and role in (Role.AUTO, Role.BORDER):
        imported.border = clean_line(shapely.GeometryCollection(lines), _SHAPES)
        if len(lines) > 1:
            imported.repairs.append(f"{len(lines)} lines joined into the border")
    if polygons and role is Role.BORDER:
        imported.repairs.append(f"{len(polygons)} polygons left out: asked for a border")
    if lines and role not in (Role.AUTO, Role.BORDER):
        imported.repairs.append(f"{len(lines)} lines left out: asked for {role}")


def _flat(geometry: BaseGeometry) -> list[BaseGeometry]:
    parts = getattr(geometry, "geoms", None)
    return [geometry] if parts is None else [inner for part in parts for inner in _flat(part)]


def _mended(parts: Iterable[Polygon], name: str, repairs: list[str]) -> BaseGeometry:
    """The polygons, those that cross themselves rebuilt. Raises ShapeError for one outside the world."""
    mended: list[BaseGeometry] = []
    for part in parts:
        _check_world(part, name)
        doubled = len(part.exterior.coords) - len(np.unique(shapely.get_coordinates(part.exterior), axis=0)) - 1
        if doubled > 0:
            repairs.append(f"{name}: {doubled} repeated points dropped")
        if (crossing := crossing_text(part)) is not None:
            rebuilt = polygonal(shapely.make_valid(part, method="structure"))
            if rebuilt.is_empty:
                raise ShapeError(f"{name}: {crossing}, and nothing is left of it when that is mended", "redraw it")
            repairs.append(f"{name}: {crossing}: rebuilt, check its outline")
            mended.append(rebuilt)
        else:
            mended.append(part)
    return clean_polygon(shapely.GeometryCollection(mended), _SHAPES)


def _check_world(part: BaseGeometry, name: str) -> None:
    points = shapely.get_coordinates(part)
    if not np.isfinite(points).all() or np.abs(points[:, 1]).max() > 90 or points[:, 0].min() < -180 or points[:, 0].max() > 360:
        text = f"{name} lies outside the world"
        raise ShapeError(
            text, "are latitude and longitude swapped, or is it in metres? --crs EPSG:... says which reference system it is in"
        )


def _place(point: BaseGeometry, name: str) -> LatLon:
    _check_world(point, name)
    (lon_deg, lat_deg), *_ = shapely.get_coordinates(point).tolist()
    return LatLon(lat_deg=lat_deg, lon_deg=lon_deg)


def _unique_id(name: str, taken: Sequence[KeepOutDraft]) -> str:
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:48] or "keep-out"
    used = {zone.id for zone in taken}
    return next(each for each in (plain, *(f"{plain}-{number}" for number in range(2, len(used) + 3))) if each not in used)


def _from_airspaces(path: Path, only: str | None) -> Imported:
    imported = Imported()
    for space in read_openair(path.read_bytes()):
        if only not in (None, space.name):
            continue
        heights = f"{space.floor or '?'} to {space.ceiling or '?'}"
        note = one_line(f"{space.category} {space.name}, {heights}: closed here at all heights")
        polygon = _mended([space.polygon], space.name, imported.repairs)
        imported.keep_outs.append(KeepOutDraft(id=_unique_id(space.name, imported.keep_outs), polygon=polygon, note=note))
    if not imported.keep_outs:
        raise InputError("has no airspace" + (f" named {only!r}" if only else ""), file=str(path), mend="check the file")
    imported.repairs.append("floors and ceilings are above sea level or the ground there: every airspace is closed at all heights")
    return imported


def _from_route(route: Route, role: Role, file: str) -> Imported:
    """Surveys are areas, corridors borders; without them what a fence lets in is the area, and a mission's way the border."""
    imported = Imported(repairs=list(route.repairs))
    inclusions = [_polygon(zone.ring) for zone in route.fences if isinstance(zone, FencePolygon) and zone.inclusion]
    areas = [_polygon(ring) for ring in route.surveys] or inclusions
    for number, zone in enumerate((zone for zone in route.fences if not zone.inclusion), start=1):
        polygon = _polygon(zone.ring) if isinstance(zone, FencePolygon) else _circle(zone.centre, zone.radius_m)
        mended = _mended([polygon], f"fence {number}", imported.repairs)
        imported.keep_outs.append(KeepOutDraft(id=f"fence-{number}", polygon=mended, note="an exclusion fence"))
    if areas and role in (Role.AUTO, Role.AREA):
        imported.area = clean_polygon(_mended(areas, "the area", imported.repairs), _SHAPES)
    way = route.corridors[0] if route.corridors else route.places if not areas else ()
    if len(way) > 1 and role in (Role.AUTO, Role.BORDER):
        imported.border = clean_line(LineString([(point.lon_deg, point.lat_deg) for point in way]), _SHAPES)
    if route.home is not None:
        imported.bases.append(route.home.ground)
    if imported.area is None and imported.border is None and not imported.keep_outs:
        raise InputError("has no survey, no corridor, no fence and no way", file=file, mend="give a route with one of them")
    return imported


def _polygon(ring: Sequence[LatLon]) -> Polygon:
    return Polygon([(point.lon_deg, point.lat_deg) for point in ring])


def _circle(centre: LatLon, radius_m: float) -> Polygon:
    frame = LocalFrame(centre)
    # corners outside the circle, so that nothing of it is lost
    grown = shapely.Point(0, 0).buffer(radius_m / np.cos(np.pi / 4 / _CIRCLE_CORNERS), quad_segs=_CIRCLE_CORNERS)
    polygon = frame.to_geographic(grown).geometry
    assert isinstance(polygon, Polygon)
    return polygon
