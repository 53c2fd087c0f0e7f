"""KML 2.2 of a whole plan or of one sortie, to be looked at in Google Earth and the like: legs in 3D, nations in colour.

Heights: legs are `absolute` (metres above sea level: elevation of the start base plus the height above it), so a drone
that flies level is drawn level over hills too. Where the start base has no elevation (0) they are `relativeToGround`,
because a line at 80 m above sea level would be hidden in most ground.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

from shapely import get_parts, orient_polygons
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from missions.formats.features import Feature, FeatureKind, leg_features, plan_features, sortie_features
from missions.lonlat_shapes import DECIMALS
from missions.palette import KEEP_OUT, NEUTRAL, Colour, nation_colours
from planner.model import LegKind, Plan, Sortie

_HEIGHT_DECIMALS = 3
#: What XML 1.0 cannot hold at all, escaped or not (its section 2.2, production 2).
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_FOLDERS = (
    ("Area", (FeatureKind.AREA, FeatureKind.BORDER)),
    ("Sectors", (FeatureKind.SECTOR,)),
    ("Permissions", (FeatureKind.PERMISSION,)),
    ("Keep-outs", (FeatureKind.KEEP_OUT, FeatureKind.KEEP_OUT_BUFFER)),
    ("Unreachable", (FeatureKind.UNREACHABLE,)),
    ("Bases", (FeatureKind.BASE,)),
    ("Lanes", (FeatureKind.LANE,)),
)

_Element = ElementTree.Element


def plan_kml(plan: Plan) -> bytes:
    """Ground, bases and lanes in folders, and a folder of legs for each sortie."""
    root, document = _document(plan.name, plan)
    features = plan_features(plan)
    for name, kinds in _FOLDERS:
        _folder(document, name, plan, [feature for feature in features if feature.kind in kinds])
    sorties = _child(document, "Folder")
    _child(sorties, "name", "Sorties")
    for sortie in plan.sorties:
        _folder(sorties, sortie.id, plan, leg_features(plan, sortie))
    return _written(root)


def sortie_kml(plan: Plan, sortie: Sortie) -> bytes:
    """The sortie's legs in order, with its bases and the keep-outs."""
    root, document = _document(sortie.id, plan)
    for feature in sortie_features(plan, sortie):
        _placemark(document, feature, plan)
    return _written(root)


def _document(name: str, plan: Plan) -> tuple[_Element, _Element]:
    root = ElementTree.Element("kml", xmlns="http://www.opengis.net/kml/2.2")
    document = _child(root, "Document")
    _child(document, "name", name)
    _child(document, "description", f"{plan.name}, times from {plan.start_utc}")
    for style_id, colour, fill_opacity, width in _styles(plan):
        style = _child(document, "Style", id=style_id)
        _line_style(style, colour, width)
        _child(_child(style, "PolyStyle"), "color", colour.kml(opacity=fill_opacity))
    return root, document


def _styles(plan: Plan) -> Iterator[tuple[str, Colour, float, float]]:
    """Style id, colour, opacity of fills, width of lines in pixels."""
    yield from ((f"{kind}", NEUTRAL, 0.0, 2.0) for kind in (FeatureKind.AREA, FeatureKind.PERMISSION, FeatureKind.BASE))
    yield (f"{FeatureKind.BORDER}", NEUTRAL, 0.0, 4.0)
    yield (f"{FeatureKind.UNREACHABLE}", NEUTRAL, 0.5, 1.0)
    yield (f"{FeatureKind.KEEP_OUT}", KEEP_OUT, 0.5, 2.0)
    yield (f"{FeatureKind.KEEP_OUT_BUFFER}", KEEP_OUT, 0.15, 1.0)
    for index, colour in enumerate(nation_colours(plan.nations).values()):
        yield (f"{FeatureKind.SECTOR}-{index}", colour, 0.2, 2.0)
        yield (f"{FeatureKind.LANE}-{index}", colour, 0.0, 1.0)
        yield (f"{FeatureKind.LEG}-{index}", colour, 0.0, 1.5)
        yield (f"{FeatureKind.LEG}-{index}-{LegKind.SWEEP}", colour, 0.0, 4.0)


def _line_style(style: _Element, colour: Colour, width: float) -> None:
    line = _child(style, "LineStyle")
    _child(line, "color", colour.kml())
    _child(line, "width", str(width))


def _style_id(feature: Feature, plan: Plan) -> str:
    if feature.kind not in (FeatureKind.SECTOR, FeatureKind.LANE, FeatureKind.LEG):
        return str(feature.kind)
    index = list(nation_colours(plan.nations)).index(str(feature.properties["nation"]))
    sweep = f"-{LegKind.SWEEP}" if feature.properties.get("leg") == LegKind.SWEEP else ""
    return f"{feature.kind}-{index}{sweep}"


def _folder(parent: _Element, name: str, plan: Plan, features: Iterable[Feature]) -> None:
    listed = list(features)
    if not listed:
        return
    folder = _child(parent, "Folder")
    _child(folder, "name", name)
    for feature in listed:
        _placemark(folder, feature, plan)


def _placemark(parent: _Element, feature: Feature, plan: Plan) -> None:
    placemark = _child(parent, "Placemark")
    _child(placemark, "name", feature.name)
    _child(placemark, "styleUrl", f"#{_style_id(feature, plan)}")
    data = _child(placemark, "ExtendedData")
    for name, value in {"kind": feature.kind.value, **feature.properties}.items():
        if value is not None:
            _child(_child(data, "Data", name=name), "value", str(value))
    _geometry(placemark, feature.geometry, _altitude_mode(feature))


def _altitude_mode(feature: Feature) -> str:
    if feature.base_elevation_m is None:
        return "clampToGround"
    return "absolute" if feature.base_elevation_m != 0 else "relativeToGround"


def _geometry(parent: _Element, geometry: BaseGeometry, altitude_mode: str) -> None:
    parts = get_parts(geometry).tolist()
    holder = parent if len(parts) == 1 else _child(parent, "MultiGeometry")
    for part in parts:
        match part:
            case Point():
                _child(_child(holder, "Point"), "coordinates", _coordinates(part))
            case LineString():
                line = _child(holder, "LineString")
                _child(line, "tessellate", "1" if altitude_mode == "clampToGround" else "0")
                _child(line, "altitudeMode", altitude_mode)
                _child(line, "coordinates", _coordinates(part))
            case Polygon():
                _polygon(holder, orient_polygons(part))
            case _:
                raise TypeError(f"{part.geom_type} has no form in KML")


def _polygon(parent: _Element, polygon: Polygon) -> None:
    element = _child(parent, "Polygon")
    _child(element, "tessellate", "1")
    for boundary, rings in (("outerBoundaryIs", [polygon.exterior]), ("innerBoundaryIs", list(polygon.interiors))):
        for ring in rings:
            _child(_child(_child(element, boundary), "LinearRing"), "coordinates", _coordinates(ring))


def _coordinates(geometry: BaseGeometry) -> str:
    """`lon,lat` or `lon,lat,height` of every point: the opposite order of QGroundControl's files."""
    return " ".join(",".join(_numbers(point)) for point in geometry.coords)


def _numbers(point: tuple[float, ...]) -> Iterator[str]:
    lon_deg, lat_deg, *height_m = point
    yield from (f"{value:.{DECIMALS}f}" for value in (lon_deg, lat_deg))
    yield from (f"{value:.{_HEIGHT_DECIMALS}f}" for value in height_m)


def _child(parent: _Element, tag: str, text: str | None = None, **attributes: str) -> _Element:
    element = ElementTree.SubElement(parent, tag, attributes)
    if text is not None:
        element.text = _NOT_XML.sub("\ufffd", text)
    return element


def _written(root: _Element) -> bytes:
    ElementTree.indent(root, space=" ")
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"
