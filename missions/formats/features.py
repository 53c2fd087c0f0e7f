"""A plan as map features: geometries in WGS84 with properties, from which GeoJSON and KML are written.

Heights of positions are metres above sea level here (the start base's elevation added), as both formats mean them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from shapely.geometry import LineString, MultiLineString, Point
from shapely.geometry.base import BaseGeometry

from missions.formats.antimeridian import cut_line, within_world
from missions.utc import at_utc, utc_text
from planner.geo import Geographic, LatLon, LocalFrame
from planner.model import HeightBand, KeepOut, Lane, Leg, Plan, Sortie, Validity

Value = str | float | int | bool | None


class FeatureKind(StrEnum):
    AREA = "area"
    BORDER = "border"
    SECTOR = "sector"
    PERMISSION = "permission"
    KEEP_OUT = "keep_out"
    KEEP_OUT_BUFFER = "keep_out_buffer"
    UNREACHABLE = "unreachable"
    BASE = "base"
    LANE = "lane"
    LEG = "leg"


@dataclass(frozen=True, kw_only=True, slots=True)
class Feature:
    """`base_elevation_m` is the start base's for what is in the air, None for what lies on the ground."""

    kind: FeatureKind
    name: str
    geometry: BaseGeometry
    properties: dict[str, Value]
    base_elevation_m: float | None = None


def plan_features(plan: Plan) -> list[Feature]:
    """Everything that has a place: ground first, what lies on it after, legs last."""
    ground = [*_area(plan), *_sectors(plan), *_permissions(plan), *_keep_outs(plan), *_unreachable(plan)]
    legs = [feature for sortie in plan.sorties for feature in leg_features(plan, sortie)]
    return [*ground, *base_features(plan), *_lanes(plan), *legs]


def sortie_features(plan: Plan, sortie: Sortie) -> list[Feature]:
    """One sortie: its bases, the keep-outs it flies around, and its legs in order."""
    bases = [feature for feature in base_features(plan) if feature.name in (sortie.start_base, sortie.end_base)]
    return [*_keep_outs(plan), *bases, *leg_features(plan, sortie)]


def leg_features(plan: Plan, sortie: Sortie) -> Iterator[Feature]:
    """The legs in order, heights above sea level in the geometry and above the start base in the properties."""
    elevation_m = plan.base(sortie.start_base).elevation_m
    for number, leg in enumerate(sortie.legs, start=1):
        yield Feature(
            kind=FeatureKind.LEG,
            name=f"{sortie.id} {number} {leg.kind}",
            geometry=_leg_line(leg, elevation_m),
            base_elevation_m=elevation_m,
            properties={
                "leg": leg.kind.value,
                "number": number,
                "sortie": sortie.id,
                "drone": sortie.drone,
                "nation": sortie.nation,
                "lane": leg.lane,
                "swath_m": leg.swath_m,
                "start_s": leg.start_s,
                "end_s": leg.end_s,
                "start_utc": utc_text(at_utc(plan.start_utc, leg.start_s)),
                "end_utc": utc_text(at_utc(plan.start_utc, leg.end_s)),
                "energy_wh": leg.energy_wh,
                "from_height_m": leg.start.height_m,
                "to_height_m": leg.end.height_m,
            },
        )


def base_features(plan: Plan) -> Iterator[Feature]:
    for base in plan.bases:
        place = Point(base.location.lon_deg, base.location.lat_deg, base.elevation_m)
        properties: dict[str, Value] = {"nation": base.nation, "elevation_m": base.elevation_m}
        yield Feature(kind=FeatureKind.BASE, name=base.id, geometry=within_world(place), properties=properties)


def _area(plan: Plan) -> Iterator[Feature]:
    coverage: dict[str, Value] = {"coverage": plan.result.coverage, "coverage_of_area": plan.result.coverage_of_area}
    yield Feature(kind=FeatureKind.AREA, name=plan.name, geometry=within_world(plan.area.geometry), properties=coverage)
    if plan.border is not None:
        uncertainty: dict[str, Value] = {"position_uncertainty_m": plan.position_uncertainty_m}
        yield Feature(kind=FeatureKind.BORDER, name="border", geometry=within_world(plan.border.geometry), properties=uncertainty)


def _sectors(plan: Plan) -> Iterator[Feature]:
    for sector in plan.sectors:
        properties: dict[str, Value] = {"nation": sector.nation}
        yield Feature(kind=FeatureKind.SECTOR, name=sector.nation, geometry=within_world(sector.polygon.geometry), properties=properties)


def _permissions(plan: Plan) -> Iterator[Feature]:
    for permission in plan.permissions:
        yield Feature(
            kind=FeatureKind.PERMISSION,
            name=permission.id,
            geometry=within_world(permission.polygon.geometry),
            properties={
                "host": permission.host,
                "guest": permission.guest,
                "purpose": permission.purpose,
                "max_drones": permission.max_drones,
                **_bounds(permission.band, permission.validity),
            },
        )


def _keep_outs(plan: Plan) -> Iterator[Feature]:
    for keep_out in plan.keep_outs:
        properties: dict[str, Value] = {"buffer_m": keep_out.buffer_m, **_bounds(keep_out.band, keep_out.validity)}
        shape = within_world(keep_out.polygon.geometry)
        yield Feature(kind=FeatureKind.KEEP_OUT, name=keep_out.id, geometry=shape, properties=properties)
        if keep_out.buffer_m > 0:
            grown = within_world(grown_keep_out(keep_out).geometry)
            yield Feature(kind=FeatureKind.KEEP_OUT_BUFFER, name=keep_out.id, geometry=grown, properties=properties)


def grown_keep_out(keep_out: KeepOut, *, quarter_segments: int = 16) -> Geographic:
    """The ground that must not be flown over: the polygon grown by its buffer, round corners drawn from inside."""
    if keep_out.buffer_m == 0:
        return keep_out.polygon
    frame = LocalFrame.around([keep_out.polygon])
    return frame.to_geographic(frame.to_local(keep_out.polygon).buffer(keep_out.buffer_m, quad_segs=quarter_segments))


def _bounds(band: HeightBand, validity: Validity) -> dict[str, Value]:
    """Open ends as None: JSON has no infinity."""
    ends = {"min_m": band.min_m, "max_m": band.max_m, "from_s": validity.from_s, "to_s": validity.to_s}
    return {name: None if abs(value) == float("inf") else value for name, value in ends.items()}


def _unreachable(plan: Plan) -> Iterator[Feature]:
    for number, part in enumerate(plan.unreachable, start=1):
        properties: dict[str, Value] = {"reason": part.reason}
        shape = within_world(part.polygon.geometry)
        yield Feature(kind=FeatureKind.UNREACHABLE, name=f"unreachable {number}", geometry=shape, properties=properties)


def _lanes(plan: Plan) -> Iterator[Feature]:
    for lane in plan.lanes:
        properties: dict[str, Value] = {"nation": lane.nation, "swath_m": lane.swath_m}
        yield Feature(kind=FeatureKind.LANE, name=lane.id, geometry=_lane_line(lane), properties=properties)


def _lane_line(lane: Lane) -> BaseGeometry:
    return within_world(LineString([_lon_lat(lane.start), _lon_lat(lane.end)]))


def _lon_lat(place: LatLon) -> tuple[float, float]:
    return place.lon_deg, place.lat_deg


def _leg_line(leg: Leg, elevation_m: float) -> BaseGeometry:
    parts = cut_line([(point.lon_deg, point.lat_deg, elevation_m + point.height_m) for point in leg.points])
    return LineString(parts[0]) if len(parts) == 1 else MultiLineString(parts)
