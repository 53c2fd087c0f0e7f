"""KML 2.2 of a whole plan or of one sortie, to be looked at in Google Earth and the like: legs in 3D and in time, nations in colour.

Heights: legs are `absolute` (metres above sea level: elevation of the start base plus the height above it), so a drone
that flies level is drawn level over hills too. Where the start base has no elevation (0) they are `relativeToGround`,
because a line at 80 m above sea level would be hidden in most ground. Legs carry their times, and a tour plays them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import accumulate

import shapely
from shapely import orient_polygons
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from missions.formats.features import Feature, FeatureKind, PlanFeatures, Value
from missions.formats.kml_tour import SortieTours, plan_tour
from missions.formats.leg_rows import FlownLegs, LegRow
from missions.formats.writing import Remark, Writers
from missions.formats.xml_text import HEAD, needs_mending, tag, xml_attribute, xml_text
from missions.lonlat_shapes import DECIMALS
from missions.palette import KEEP_OUT, NEUTRAL, Colour, nation_colours
from planner.model import LegKind, Plan, Sortie

_HEIGHT_DECIMALS = 3
#: Of a tenth of a millisecond or millimetre: who looks at a map needs no more.
_DIGITS = 4
_POINT_2D = f"%.{DECIMALS}f,%.{DECIMALS}f"
_POINT_3D = f"{_POINT_2D},%.{_HEIGHT_DECIMALS}f"
_LEG, _SWEEP = FeatureKind.LEG.value, f"-{LegKind.SWEEP.value}"
_ON_GROUND = "clampToGround"
_SCHEMA = 'xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"'

_FOLDERS = (
    ("Area", (FeatureKind.AREA, FeatureKind.BORDER)),
    ("Sectors", (FeatureKind.SECTOR,)),
    ("Permissions", (FeatureKind.PERMISSION,)),
    ("Keep-outs", (FeatureKind.KEEP_OUT, FeatureKind.KEEP_OUT_BUFFER)),
    ("Unreachable", (FeatureKind.UNREACHABLE,)),
    ("Bases", (FeatureKind.BASE,)),
    ("Lanes", (FeatureKind.LANE,)),
)


def kml_writers(plan: Plan, _remark: Remark) -> Writers:
    """A sortie: legs in order, its bases, the keep-outs near it, and a tour that follows the drone. The plan: everything in folders."""
    styles, features, tours, frame = _Styles(plan), PlanFeatures(plan), SortieTours(plan), _Frame(plan)
    legs: dict[str, str] = {}

    def leg_placemarks(sortie: Sortie) -> str:
        if sortie.id not in legs:
            legs[sortie.id] = _leg_placemarks(features.legs(sortie), styles)
        return legs[sortie.id]

    around: dict[int, str] = {}

    def around_placemarks(sortie: Sortie) -> list[str]:
        found = features.around(sortie)
        around.update({id(feature): _placemark(feature, styles) for feature in found if id(feature) not in around})
        return [around[id(feature)] for feature in found]

    def write(sortie: Sortie) -> bytes:
        return frame.document(sortie.id, [*around_placemarks(sortie), leg_placemarks(sortie), tours.tour(sortie)])

    def whole() -> bytes:
        folders = [line for name, placemarks in _ground(features, styles) for line in _folder(name, placemarks)]
        sorties = (line for sortie in plan.sorties for line in _folder(sortie.id, [leg_placemarks(sortie)]))
        return frame.document(plan.name, [*folders, "<Folder>", tag("name", "Sorties"), *sorties, "</Folder>", *plan_tour(plan)])

    return Writers(write, whole)


def _ground(features: PlanFeatures, styles: _Styles) -> Iterator[tuple[str, list[str]]]:
    """Folders' names and placemarks."""
    ground = features.ground()
    for name, kinds in _FOLDERS:
        yield name, [_placemark(feature, styles) for feature in ground if feature.kind in kinds]


class _Frame:
    """What all of a plan's documents begin and end with."""

    def __init__(self, plan: Plan) -> None:
        self._description = tag("description", f"{plan.name}, times from {plan.start_utc}")
        self._styles = "\n".join(_style_elements(plan))

    def document(self, name: str, content: Iterable[str]) -> bytes:
        head = f"{HEAD}<kml {_SCHEMA}>\n<Document>\n{tag('name', name)}"
        return "\n".join([head, self._description, self._styles, *content, "</Document>", "</kml>", ""]).encode()


@dataclass(slots=True)
class _Styles:
    """Which style a feature is drawn in; nations by their place in the plan."""

    plan: Plan
    _index: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self._index = {nation: index for index, nation in enumerate(nation_colours(self.plan.nations))}

    def of(self, feature: Feature) -> str:
        if feature.kind not in (FeatureKind.SECTOR, FeatureKind.LANE):
            return feature.kind.value
        return f"{feature.kind.value}-{self._index[str(feature.properties['nation'])]}"

    def of_leg(self, row: LegRow) -> str:
        return f"{_LEG}-{self._index[row.nation]}{_SWEEP if row.leg == LegKind.SWEEP else ''}"


def _style_elements(plan: Plan) -> Iterator[str]:
    for style_id, colour, fill_opacity, width in _styles(plan):
        line = f"<LineStyle>{tag('color', colour.kml())}{tag('width', width)}</LineStyle>"
        fill = f"<PolyStyle>{tag('color', colour.kml(opacity=fill_opacity))}</PolyStyle>"
        yield f"<Style id={xml_attribute(style_id)}>{line}{fill}</Style>"


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
        yield (f"{_LEG}-{index}", colour, 0.0, 1.5)
        yield (f"{_LEG}-{index}{_SWEEP}", colour, 0.0, 4.0)


def _folder(name: str, placemarks: list[str]) -> list[str]:
    return ["<Folder>", tag("name", name), *placemarks, "</Folder>"] if placemarks else []


def _leg_placemarks(legs: FlownLegs, styles: _Styles) -> str:
    """A line for each leg; its values are put into one of a few templates."""
    told = [(row.name, row.start_utc, row.end_utc, styles.of_leg(row), *_told(row[1:])) for row in legs.rows]
    # looked through in one go: hardly any text needs anything, and a plan has a million
    if needs_mending("".join([text for row in legs.rows for text in (row.name, row.drone, row.nation, row.lane or "")])):
        told = [tuple([xml_text(value) if isinstance(value, str) else value for value in values]) for values in told]
    templates = [_leg_template(row.lane is not None, row.swath_m is not None) for row in legs.rows]
    return "\n".join([template % (*values, shape) for template, values, shape in zip(templates, told, _leg_shapes(legs), strict=True)])


@cache
def _leg_template(has_lane: bool, has_swath: bool) -> str:
    missing = {"" if has_lane else "lane", "" if has_swath else "swath_m"}
    data = _data_template(FeatureKind.LEG, tuple(name for name in LegRow._fields[1:] if name not in missing))
    span = "<TimeSpan><begin>%s</begin><end>%s</end></TimeSpan>"
    return f"<Placemark><name>%s</name>{span}<styleUrl>#%s</styleUrl><ExtendedData>{data}</ExtendedData>%s</Placemark>"


def _leg_shapes(legs: FlownLegs) -> list[str]:
    mode = "absolute" if legs.elevation_m != 0 else "relativeToGround"
    if not legs.is_in_one_piece:
        return [_geometry(line, mode) for line in legs.geometries()]
    points = (f"{_POINT_3D}\n" * len(legs.points) % tuple(legs.points.ravel().tolist())).split()
    ends = accumulate(legs.counts)
    head = f"<LineString>{_line_mode(mode)}<coordinates>"
    return [f"{head}{' '.join(points[end - count : end])}</coordinates></LineString>" for end, count in zip(ends, legs.counts, strict=True)]


def _placemark(feature: Feature, styles: _Styles) -> str:
    names = tuple([name for name, value in feature.properties.items() if value is not None])
    values = tuple([xml_text(value) if isinstance(value, str) else value for value in _told(feature.properties.values())])
    return (
        f"<Placemark>{tag('name', feature.name)}<styleUrl>#{styles.of(feature)}</styleUrl>"
        f"<ExtendedData>{_data_template(feature.kind, names) % values}</ExtendedData>"
        f"{_geometry(feature.geometry, _ON_GROUND)}</Placemark>"
    )


def _told(values: Iterable[Value]) -> list[Value]:
    return [round(value, _DIGITS) if isinstance(value, float) else value for value in values if value is not None]


@lru_cache(maxsize=256)
def _data_template(kind: FeatureKind, names: tuple[str, ...]) -> str:
    """Where the values go: a hundred thousand features have the same few sets of properties."""
    data = "".join(f'<Data name="{name}"><value>%s</value></Data>' for name in names)
    return f'<Data name="kind"><value>{kind}</value></Data>{data}'


def _geometry(geometry: BaseGeometry, altitude_mode: str) -> str:
    if not hasattr(geometry, "geoms"):
        return _part(geometry, altitude_mode)
    return f"<MultiGeometry>{''.join(_part(part, altitude_mode) for part in geometry.geoms)}</MultiGeometry>"


def _part(part: BaseGeometry, altitude_mode: str) -> str:
    match part:
        case Point():
            return f"<Point>{_coordinates(part)}</Point>"
        case LineString():
            return f"<LineString>{_line_mode(altitude_mode)}{_coordinates(part)}</LineString>"
        case Polygon():
            return _polygon(orient_polygons(part))
        case _:
            raise TypeError(f"{part.geom_type} has no form in KML")


def _line_mode(altitude_mode: str) -> str:
    tessellate = "1" if altitude_mode == _ON_GROUND else "0"
    return f"<tessellate>{tessellate}</tessellate><altitudeMode>{altitude_mode}</altitudeMode>"


def _polygon(polygon: Polygon) -> str:
    outer = f"<outerBoundaryIs><LinearRing>{_coordinates(polygon.exterior)}</LinearRing></outerBoundaryIs>"
    holes = (f"<innerBoundaryIs><LinearRing>{_coordinates(ring)}</LinearRing></innerBoundaryIs>" for ring in polygon.interiors)
    return f"<Polygon><tessellate>1</tessellate>{outer}{''.join(holes)}</Polygon>"


def _coordinates(geometry: BaseGeometry) -> str:
    """`lon,lat` or `lon,lat,height` of every point: the opposite order of QGroundControl's files."""
    point = _POINT_3D if geometry.has_z else _POINT_2D
    numbers = shapely.get_coordinates(geometry, include_z=geometry.has_z)
    return f"<coordinates>{' '.join([point] * len(numbers)) % tuple(numbers.ravel().tolist())}</coordinates>"
