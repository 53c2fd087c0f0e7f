"""The mission's ground and airspace in local metres: who may fly where, what is to be covered, what can be seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from planner.errors import PlannerError
from planner.geo import Geographic, LocalFrame
from planner.model import DroneType, MissionSpec, Permission


@dataclass(frozen=True, kw_only=True, slots=True)
class AirspaceParams:
    """`clearance_m` keeps routes inside what the checker allows, rounding and chord error of buffers included."""

    clearance_m: float = 2.0
    margin_m: float = 5_000.0
    quad_segs: int = 24


@dataclass(frozen=True, kw_only=True, slots=True)
class Airspace:
    """Local metres. `allowed` is exact, `flyable` is `allowed` less the clearance; both by nation, for the whole plan's time."""

    frame: LocalFrame
    area: BaseGeometry
    coverable: BaseGeometry
    unseen: BaseGeometry
    territory: Mapping[str, BaseGeometry]
    allowed: Mapping[str, BaseGeometry]
    flyable: Mapping[str, BaseGeometry]


def build_airspace(spec: MissionSpec, params: AirspaceParams | None = None) -> Airspace:
    """Project the specification and derive allowed, flyable and coverable ground (definitions: docs/plan_file.md).

    Keep-outs count at all heights and times here, which is on the safe side. Permissions count when they hold from the
    start without an end and for any number of drones; others are left to later work and simply not used.
    """
    params = params or AirspaceParams()
    frame = LocalFrame.around([spec.area])
    area = _local(frame, spec.area)
    near = _neighbourhood(spec, frame, area, params.margin_m)
    territory = {nation.id: _local(frame, nation.territory).intersection(near) for nation in spec.nations}
    closed = shapely.union_all(
        [_local(frame, keep_out.polygon).buffer(keep_out.buffer_m, quad_segs=params.quad_segs) for keep_out in spec.keep_outs]
    )
    band = _uncertain_band(spec, frame, near, params.quad_segs)
    allowed = {}
    for nation in spec.nations:
        granted = [_local(frame, permission.polygon) for permission in spec.permissions if _is_usable(permission, nation.id, spec)]
        ground = shapely.union_all([territory[nation.id].difference(band), *granted]).intersection(near)
        if spec.stay_inside:
            ground = ground.intersection(shapely.union_all([area, *_corridors(spec, nation.id, frame, area)]))
        allowed[nation.id] = ground.difference(closed)
    keep_outs = shapely.union_all([_local(frame, keep_out.polygon) for keep_out in spec.keep_outs])
    seen = _visible(spec, allowed, params.quad_segs)
    open_ground = area.difference(keep_outs)
    return Airspace(
        frame=frame,
        area=area,
        coverable=_polygonal(open_ground.intersection(seen)),
        unseen=_polygonal(open_ground.difference(seen)),
        territory=territory,
        allowed=allowed,
        flyable={nation: ground.buffer(-params.clearance_m) for nation, ground in allowed.items()},
    )


def _local(frame: LocalFrame, shape: Geographic) -> BaseGeometry:
    geometry = frame.to_local(shape)
    return geometry if geometry.is_valid else shapely.make_valid(geometry)


def _polygonal(geometry: BaseGeometry) -> BaseGeometry:
    """The polygons of a geometry, without the points and lines that overlays leave."""
    return shapely.MultiPolygon([part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon" and not part.is_empty])


def _neighbourhood(spec: MissionSpec, frame: LocalFrame, area: BaseGeometry, margin_m: float) -> BaseGeometry:
    bases = [shapely.Point(frame.point_to_local(base.location)) for base in spec.bases]
    return shapely.union_all([area, *bases]).convex_hull.buffer(margin_m)


def _uncertain_band(spec: MissionSpec, frame: LocalFrame, near: BaseGeometry, quad_segs: int) -> BaseGeometry:
    """Ground that may be on the other side of the border than its file says."""
    if spec.border is None or spec.position_uncertainty_m <= 0:
        return shapely.Polygon()
    reach = near.buffer(spec.position_uncertainty_m)
    return frame.to_local(spec.border).intersection(reach).buffer(spec.position_uncertainty_m, quad_segs=quad_segs)


def _is_usable(permission: Permission, nation: str, spec: MissionSpec) -> bool:
    if permission.guest != nation or permission.validity.from_s > 0 or permission.validity.to_s != float("inf"):
        return False
    types = [spec.drone_type(drone.type) for drone in spec.drones if drone.nation == nation]
    if permission.max_drones is not None and permission.max_drones < len(types):
        return False
    return all(permission.band.min_m <= drone_type.height_above_home_m <= permission.band.max_m for drone_type in types)


def _corridors(spec: MissionSpec, nation: str, frame: LocalFrame, area: BaseGeometry) -> list[BaseGeometry]:
    """With `stay_inside`, the way between a base outside the area and the area stays open."""
    corridors: list[BaseGeometry] = []
    for base in spec.bases:
        if base.nation == nation:
            here = shapely.Point(frame.point_to_local(base.location))
            corridors.append(shapely.shortest_line(here, area).buffer(spec.limits.min_separation_m))
    return corridors


def _visible(spec: MissionSpec, allowed: Mapping[str, BaseGeometry], quad_segs: int) -> BaseGeometry:
    """Ground within half the widest swath of a nation's drones from where it may fly."""
    seen = []
    for nation, ground in allowed.items():
        swaths = [spec.drone_type(drone.type).swath_m for drone in spec.drones if drone.nation == nation]
        if swaths:
            seen.append(ground.buffer(max(swaths) / 2, quad_segs=quad_segs))
    return shapely.union_all(seen)


def nation_types(spec: MissionSpec, nation: str) -> tuple[DroneType, ...]:
    """The types that a nation's drones are of, each once, in the mission's order."""
    used = {drone.type for drone in spec.drones if drone.nation == nation}
    return tuple(drone_type for drone_type in spec.drone_types if drone_type.id in used)


def require_drones(spec: MissionSpec) -> None:
    if not spec.drones:
        raise PlannerError("the mission has no drone: add a [[fleet]] with a count")
