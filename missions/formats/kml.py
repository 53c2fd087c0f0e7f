"""KML 2.2 of a whole plan or of one sortie, to be looked at in Google Earth and the like: legs in 3D and in time, nations in colour.

Heights: legs are `absolute` (metres above sea level: elevation of the start base plus the height above it), so a drone
that flies level is drawn level over hills too. Where the start base has no elevation (0) they are `relativeToGround`,
because a line at 80 m above sea level would be hidden in most ground. Legs carry their times, and a tour plays them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import shapely
from shapely import orient_polygons
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from missions.formats.features import Feature, FeatureKind, PlanFeatures, Value
from missions.formats.kml_tour import plan_tour, sortie_tour
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
    styles, features = _Styles(plan), PlanFeatures(plan)
    legs: dict[str, list[str]] = {}

    def leg_placemarks(sortie: Sortie) -> list[str]:
        if sortie.id not in legs:
            legs[sortie.id] = [_placemark(feature, styles) for feature in features.legs(sortie)]
        return legs[sortie.id]

    around: dict[int, str] = {}

    def around_placemarks(sortie: Sortie) -> list[str]:
        found = features.around(sortie)
        around.update({id(feature): _placemark(feature, styles) for feature in found if id(feature) not in around})
        return [around[id(feature)] for feature in found]

    def write(sortie: Sortie) -> bytes:
        return _document(sortie.id, plan, [*around_placemarks(sortie), *leg_placemarks(sortie), *sortie_tour(plan, sortie)])

    def whole() -> bytes:
        folders = [line for name, placemarks in _ground(features, styles) for line in _folder(name, placemarks)]
        sorties = (line for sortie in plan.sorties for line in _folder(sortie.id, leg_placemarks(sortie)))
        return _document(plan.name, plan, [*folders, "<Folder>", tag("name", "Sorties"), *sorties, "</Folder>", *plan_tour(plan)])

    return Writers(write, whole)


def _ground(features: PlanFeatures, styles: _Styles) -> Iterator[tuple[str, list[str]]]:
    """Folders' names and placemarks."""
    ground = features.ground()
    for name, kinds in _FOLDERS:
        yield name, [_placemark(feature, styles) for feature in ground if feature.kind in kinds]


def _document(name: str, plan: Plan, content: Iterable[str]) -> bytes:
    head = f"<kml {_SCHEMA}>\n<Document>\n{tag('name', name)}\n{tag('description', f'{plan.name}, times from {plan.start_utc}')}"
    return (HEAD + "\n".join([head, *_style_elements(plan), *content, "</Document>", "</kml>", ""])).encode()


@dataclass(slots=True)
class _Styles:
    """Which style a feature is drawn in; nations by their place in the plan."""

    plan: Plan
    _index: dict[str, int] = field(init=False)
    _names: dict[tuple[FeatureKind, Value, bool], str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._index = {nation: index for index, nation in enumerate(nation_colours(self.plan.nations))}

    def of(self, feature: Feature) -> str:
        if feature.kind not in (FeatureKind.SECTOR, FeatureKind.LANE, FeatureKind.LEG):
            return feature.kind.value
        nation, sweeps = feature.properties["nation"], feature.properties.get("leg") == LegKind.SWEEP
        if (feature.kind, nation, sweeps) not in self._names:
            sweep = f"-{LegKind.SWEEP}" if sweeps else ""
            self._names[feature.kind, nation, sweeps] = f"{feature.kind}-{self._index[str(nation)]}{sweep}"
        return self._names[feature.kind, nation, sweeps]


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
        yield (f"{FeatureKind.LEG}-{index}", colour, 0.0, 1.5)
        yield (f"{FeatureKind.LEG}-{index}-{LegKind.SWEEP}", colour, 0.0, 4.0)


def _folder(name: str, placemarks: list[str]) -> list[str]:
    return ["<Folder>", tag("name", name), *placemarks, "</Folder>"] if placemarks else []


def _placemark(feature: Feature, styles: _Styles) -> str:
    told = {name: value for name, value in feature.properties.items() if value is not None}
    values = tuple([round(value, _DIGITS) if isinstance(value, float) else value for value in told.values()])
    # looked through in one go: hardly any text needs anything, and a plan has a million
    if needs_mending("".join([value for value in values if isinstance(value, str)])):
        values = tuple([xml_text(value) if isinstance(value, str) else value for value in values])
    begin, end = told.get("start_utc"), told.get("end_utc")
    span = f"<TimeSpan><begin>{begin}</begin><end>{end}</end></TimeSpan>" if begin else ""
    return (
        f"<Placemark>{tag('name', feature.name)}{span}<styleUrl>#{styles.of(feature)}</styleUrl>"
        f"<ExtendedData>{_data_template(feature.kind, tuple(told)) % values}</ExtendedData>"
        f"{_geometry(feature.geometry, _altitude_mode(feature))}</Placemark>"
    )


@lru_cache(maxsize=256)
def _data_template(kind: FeatureKind, names: tuple[str, ...]) -> str:
    """Where the values go: a hundred thousand legs have the same few sets of properties."""
    data = "".join(f'<Data name="{name}"><value>%s</value></Data>' for name in names)
    return f'<Data name="kind"><value>{kind}</value></Data>{data}'


def _altitude_mode(feature: Feature) -> str:
    if feature.base_elevation_m is None:
        return "clampToGround"
    return "absolute" if feature.base_elevation_m != 0 else "relativeToGround"


def _geometry(geometry: BaseGeometry, altitude_mode: str) -> str:
    if not hasattr(geometry, "geoms"):
        return _part(geometry, altitude_mode)
    return f"<MultiGeometry>{''.join(_part(part, altitude_mode) for part in geometry.geoms)}</MultiGeometry>"


def _part(part: BaseGeometry, altitude_mode: str) -> str:
    match part:
        case Point():
            return f"<Point>{_coordinates(part)}</Point>"
        case LineString():
            tessellate = "1" if altitude_mode == "clampToGround" else "0"
            mode = f"<tessellate>{tessellate}</tessellate><altitudeMode>{altitude_mode}</altitudeMode>"
            return f"<LineString>{mode}{_coordinates(part)}</LineString>"
        case Polygon():
            return _polygon(orient_polygons(part))
        case _:
            raise TypeError(f"{part.geom_type} has no form in KML")


def _polygon(polygon: Polygon) -> str:
    outer = f"<outerBoundaryIs><LinearRing>{_coordinates(polygon.exterior)}</LinearRing></outerBoundaryIs>"
    holes = (f"<innerBoundaryIs><LinearRing>{_coordinates(ring)}</LinearRing></innerBoundaryIs>" for ring in polygon.interiors)
    return f"<Polygon><tessellate>1</tessellate>{outer}{''.join(holes)}</Polygon>"


def _coordinates(geometry: BaseGeometry) -> str:
    """`lon,lat` or `lon,lat,height` of every point: the opposite order of QGroundControl's files."""
    point = _POINT_3D if geometry.has_z else _POINT_2D
    numbers = shapely.get_coordinates(geometry, include_z=geometry.has_z)
    return f"<coordinates>{' '.join([point] * len(numbers)) % tuple(numbers.ravel().tolist())}</coordinates>"
