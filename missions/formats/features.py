"""A plan as map features: geometries in WGS84 with properties, from which GeoJSON and KML are written.

Heights of positions are metres above sea level here (the start base's elevation added), as both formats mean them.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from shapely import STRtree, box
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from missions.formats.antimeridian import within_world
from missions.formats.leg_rows import FlownLegs, flown_legs, lines
from missions.utc import UtcTexts
from planner.geo import Geographic, LocalFrame
from planner.model import HeightBand, KeepOut, Plan, Sortie, Validity

Value = str | float | int | bool | None

#: A sortie's file holds the keep-outs this near: 5 km of latitude, and at least that of longitude up to 60 degrees.
_NEAR_DEG = 0.045
_TURNS_DEG = np.array([-360.0, 0.0, 360.0])


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


class Feature(NamedTuple):
    """Something that lies on the ground."""

    kind: FeatureKind
    name: str
    geometry: BaseGeometry
    properties: dict[str, Value]


class PlanFeatures:
    """A plan's features. What many sorties share is made once."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._bases = {feature.name: feature for feature in base_features(plan)}
        self._times = UtcTexts(plan.start_utc)
        self._keep_outs = list(_keep_outs(plan))
        self._index = STRtree([feature.geometry for feature in self._keep_outs])

    def ground(self) -> list[Feature]:
        """Everything that has a place but legs, what lies below others first."""
        plan = self._plan
        below = [*_area(plan), *_sectors(plan), *_permissions(plan), *self._keep_outs, *_unreachable(plan)]
        return [*below, *self._bases.values(), *_lanes(plan)]

    def around(self, sortie: Sortie) -> list[Feature]:
        """The keep-outs within some kilometres of a sortie, and its bases."""
        bases = [self._bases[base] for base in dict.fromkeys((sortie.start_base, sortie.end_base))]
        return [*(self._keep_outs[index] for index in sorted(self._near(sortie))), *bases]

    def legs(self, sortie: Sortie) -> FlownLegs:
        """A sortie's legs in order."""
        return flown_legs(self._plan, sortie, self._times)

    def _near(self, sortie: Sortie) -> set[int]:
        points = np.array([(point.lon_deg, point.lat_deg) for leg in sortie.legs for point in leg.points])
        (west, south), (east, north) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        if not self._keep_outs or east - west > 180:  # across the antimeridian degrees say nothing of nearness
            return set(range(len(self._keep_outs)))
        windows = box(west - 2 * _NEAR_DEG + _TURNS_DEG, south - _NEAR_DEG, east + 2 * _NEAR_DEG + _TURNS_DEG, north + _NEAR_DEG)
        return set(self._index.query(windows)[1].tolist())


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
    ends = np.array([(place.lon_deg, place.lat_deg) for lane in plan.lanes for place in (lane.start, lane.end)])
    for lane, line in zip(plan.lanes, lines(ends, [2] * len(plan.lanes)), strict=True):
        properties: dict[str, Value] = {"nation": lane.nation, "swath_m": lane.swath_m}
        yield Feature(kind=FeatureKind.LANE, name=lane.id, geometry=line, properties=properties)
