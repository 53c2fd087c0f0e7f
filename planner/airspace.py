"""The mission's ground and airspace in local metres: who may fly where, what is to be covered, what can be seen."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from planner import cost
from planner.agreements import why_unusable
from planner.errors import PlannerError
from planner.geo import LocalFrame, polygons_of
from planner.guest_stays import GuestGround, is_bounded
from planner.model import Drone, DroneType, KeepOut, MissionSpec, Permission
from planner.relief import surface
from planner.relief.volumes import is_open, touching_band, within_band


@dataclass(frozen=True, kw_only=True, slots=True)
class AirspaceParams:
    """`clearance_m` keeps routes inside what the checker allows, rounding and chord error of buffers included.

    Ground further than `margin_m` from the area and the bases is not looked at. With `stay_inside` a way `corridor_m` wide to
    each side leads from a base outside the area into it. A keep-out's band is passed with `height_slack_m` to spare.
    """

    clearance_m: float = 2.0
    margin_m: float = 5_000.0
    corridor_m: float = 50.0
    height_slack_m: float = 1.0
    quad_segs: int = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Airspace:
    """Local metres, by nation where it is a mapping. `allowed` is where it may fly at any time of the plan. Less the clearance
    that is `flyable`, as far as ways lead there from its drones' bases, and `cut_off` the rest. `approach` is `flyable` with the
    ways between bases and an area that drones stay inside. `visible` is what the nation's drones could see from where it may
    ever fly; a nation without drones sees nothing. `guest` is the allowed ground that only permissions with terms in time or number
    carry: launch times must keep to those.
    """

    frame: LocalFrame
    area: BaseGeometry
    coverable: BaseGeometry
    unseen: BaseGeometry
    territory: Mapping[str, BaseGeometry]
    allowed: Mapping[str, BaseGeometry]
    flyable: Mapping[str, BaseGeometry]
    cut_off: Mapping[str, BaseGeometry]
    approach: Mapping[str, BaseGeometry]
    visible: Mapping[str, BaseGeometry]
    guest: Mapping[str, tuple[GuestGround, ...]]


def build_airspace(
    spec: MissionSpec,
    heights_m: Mapping[str, float] | None = None,
    params: AirspaceParams | None = None,
    *,
    bounded: Collection[str] = (),
) -> Airspace:
    """Project the specification and derive allowed, flyable and coverable ground (definitions: docs/plan_file.md).

    `heights_m` are the drones' working heights; their types' own when left out. A keep-out counts for all times of the plan when
    it holds for some; one above or below a nation's drones does not bind them. Permissions count when they hold from the
    start without an end and for all drones, and those named in `bounded` also when they begin late, end or count drones: whoever
    names them keeps to their terms (`guest`). Others are not used, but what could be seen from there is coverable.
    """
    params = params or AirspaceParams()
    heights_m = heights_m or {drone.id: spec.drone_type(drone.type).height_above_home_m for drone in spec.drones}
    frame = LocalFrame.around([spec.area])
    area = frame.ground(spec.area)
    near = _neighbourhood(spec, frame, area, params.margin_m)
    territory = {nation.id: frame.ground(nation.territory).intersection(near) for nation in spec.nations}
    band = _uncertain_band(spec, frame, near, params.quad_segs)
    own = {nation: polygons_of(ground.difference(band)) for nation, ground in territory.items()}
    grown = [(keep_out, _grown(frame, keep_out, params.quad_segs)) for keep_out in spec.keep_outs]
    allowed, flyable, cut_off, approach = {}, {}, {}, {}
    guest: dict[str, tuple[GuestGround, ...]] = {}
    for nation in spec.nations:
        drones = [drone for drone in spec.drones if drone.nation == nation.id]
        flown_m = [heights_m[drone.id] for drone in drones]
        bases = _bases(spec, nation.id, frame)
        held = [
            each
            for each in spec.permissions
            if _is_usable(spec, each, nation.id, flown_m) and (each.id in bounded or not is_bounded(each, len(flown_m)))
        ]
        granted = [_granted(spec, each, frame, near, drones, heights_m) for each in held]
        closed = [
            part
            for keep_out, shape in grown
            if (part := _closed(spec, keep_out, shape, frame, drones, heights_m, bases, params)) is not None
        ]
        whole = shapely.union_all([own[nation.id], *granted]).intersection(near).difference(shapely.union_all(closed))
        guest[nation.id] = tuple(_guest_grounds(held, granted, own[nation.id], len(flown_m)))
        allowed[nation.id] = polygons_of(whole.intersection(area) if spec.stay_inside else whole)
        clear = _with_bases(allowed[nation.id], bases, params)
        approach[nation.id] = _with_approaches(whole, area, bases, params) if spec.stay_inside else clear
        flyable[nation.id], cut_off[nation.id] = _led_to(clear, approach[nation.id], bases)
        approach[nation.id] = approach[nation.id] if spec.stay_inside else flyable[nation.id]
    open_ground = area.difference(shapely.union_all([frame.ground(keep_out.polygon) for keep_out in spec.keep_outs]))
    visible = {nation.id: _visible(spec, nation.id, frame, own[nation.id], grown, area) for nation in spec.nations}
    seen = shapely.union_all(list(visible.values()))
    return Airspace(
        frame=frame,
        area=area,
        coverable=polygons_of(open_ground.intersection(seen)),
        unseen=polygons_of(open_ground.difference(seen)),
        territory=territory,
        allowed=allowed,
        flyable=flyable,
        cut_off=cut_off,
        approach=approach,
        visible=visible,
        guest=guest,
    )


def _neighbourhood(spec: MissionSpec, frame: LocalFrame, area: BaseGeometry, margin_m: float) -> BaseGeometry:
    bases = [shapely.Point(frame.point_to_local(base.location)) for base in spec.bases]
    return shapely.union_all([area, *bases]).convex_hull.buffer(margin_m)


def _uncertain_band(spec: MissionSpec, frame: LocalFrame, near: BaseGeometry, quad_segs: int) -> BaseGeometry:
    """Ground that may be on the other side of the border than its file says."""
    if spec.border is None or spec.position_uncertainty_m <= 0:
        return shapely.Polygon()
    reach = near.buffer(spec.position_uncertainty_m)
    return frame.line(spec.border).intersection(reach).buffer(spec.position_uncertainty_m, quad_segs=quad_segs)


def _bases(spec: MissionSpec, nation: str, frame: LocalFrame) -> list[BaseGeometry]:
    """Where the nation's drones are, each place once."""
    names = dict.fromkeys(drone.base for drone in spec.drones if drone.nation == nation)
    return [shapely.Point(frame.point_to_local(spec.base(name).location)) for name in names]


def _led_to(clear: BaseGeometry, approach: BaseGeometry, bases: Sequence[BaseGeometry]) -> tuple[BaseGeometry, BaseGeometry]:
    """The parts of clear ground that bases have a way to, and the others."""
    open_ = [part for part in shapely.get_parts(approach) if any(part.intersects(base) for base in bases)]
    parts = [(part, any(part.intersects(other) for other in open_)) for part in shapely.get_parts(clear)]
    led = shapely.MultiPolygon([part for part, ok in parts if ok and not part.is_empty])
    return led, shapely.MultiPolygon([part for part, ok in parts if not ok and not part.is_empty])


def _grown(frame: LocalFrame, keep_out: KeepOut, quad_segs: int) -> BaseGeometry:
    return frame.ground(keep_out.polygon).buffer(keep_out.buffer_m, quad_segs=quad_segs)


def _binds(keep_out: KeepOut, shape: BaseGeometry, flown_m: Iterable[float], bases: Iterable[BaseGeometry], params: AirspaceParams) -> bool:
    """Whether the keep-out holds at some time and where one of the drones works, or takes off through it."""
    low_m, high_m = keep_out.band.min_m - params.height_slack_m, keep_out.band.max_m + params.height_slack_m
    at_work = any(low_m <= height_m <= high_m for height_m in flown_m)
    over_base = high_m > 0 and any(shape.distance(base) <= params.clearance_m for base in bases)
    return keep_out.validity.to_s > 0 and (at_work or over_base)


def _closed(
    spec: MissionSpec,
    keep_out: KeepOut,
    shape: BaseGeometry,
    frame: LocalFrame,
    drones: Sequence[Drone],
    heights_m: Mapping[str, float],
    bases: Sequence[BaseGeometry],
    params: AirspaceParams,
) -> BaseGeometry | None:
    """What a keep-out (grown) shuts to these drones. Over terrain it may be above them here and in their way there."""
    if spec.terrain is None or is_open(keep_out.band):
        return shape if _binds(keep_out, shape, [heights_m[drone.id] for drone in drones], bases, params) else None
    if keep_out.validity.to_s <= 0:
        return None
    over_base = _binds(keep_out, shape, (), bases, params)
    return shape if over_base else touching_band(spec, frame, shape, keep_out.band, drones, heights_m)


def _granted(
    spec: MissionSpec,
    permission: Permission,
    frame: LocalFrame,
    near: BaseGeometry,
    drones: Sequence[Drone],
    heights_m: Mapping[str, float],
) -> BaseGeometry:
    """Where a permission lets these drones in. Over terrain they may be within its band here and not there."""
    ground = frame.ground(permission.polygon)
    if spec.terrain is None or is_open(permission.band):
        return ground
    return within_band(spec, frame, polygons_of(ground.intersection(near)), permission.band, drones, heights_m)


def _is_usable(spec: MissionSpec, permission: Permission, nation: str, flown_m: Sequence[float]) -> bool:
    return permission.guest == nation and why_unusable(spec, permission, flown_m) is None


def _guest_grounds(held: Sequence[Permission], granted: Sequence[BaseGeometry], own: BaseGeometry, drones: int) -> Iterator[GuestGround]:
    """What each bounded permission adds, the first listed first."""
    bounded = [is_bounded(each, drones) for each in held]
    carried = shapely.union_all([own, *(ground for ground, tied in zip(granted, bounded, strict=True) if not tied)])
    for each, ground, tied in zip(held, granted, bounded, strict=True):
        added = polygons_of(ground.difference(carried)) if tied else shapely.MultiPolygon()
        if not added.is_empty:
            yield GuestGround(each, added)
            carried = shapely.union(carried, ground)


def _with_bases(allowed: BaseGeometry, bases: Sequence[BaseGeometry], params: AirspaceParams) -> BaseGeometry:
    """Allowed ground less the clearance, which bases at its edge do without."""
    flyable = allowed.buffer(-params.clearance_m)
    at_edge = [base.buffer(4 * params.clearance_m) for base in bases if not flyable.intersects(base)]
    return shapely.union_all([flyable, *(allowed.intersection(disc) for disc in at_edge)]) if at_edge else flyable


def _with_approaches(whole: BaseGeometry, area: BaseGeometry, bases: Sequence[BaseGeometry], params: AirspaceParams) -> BaseGeometry:
    """The area with the shortest way to each base; with all around when something bars a shortest way."""
    corridors = [shapely.shortest_line(base, area).buffer(params.corridor_m) for base in bases]
    narrow = _with_bases(whole.intersection(shapely.union_all([area, *corridors])), bases, params)
    inside = whole.intersection(area).buffer(-params.clearance_m)
    for base in bases:
        connected = any(part.intersects(base) and part.intersects(inside) for part in shapely.get_parts(narrow))
        if not connected:
            return _with_bases(whole, bases, params)
    return narrow


def _visible(
    spec: MissionSpec,
    nation: str,
    frame: LocalFrame,
    own: BaseGeometry,
    grown: Sequence[tuple[KeepOut, BaseGeometry]],
    area: BaseGeometry,
) -> BaseGeometry:
    """Ground within half the widest swath of the nation's drones from where it may fly at a working height, at some time."""
    types = nation_types(spec, nation)
    if not types:
        return shapely.Polygon()
    reach_m = max(drone_type.swath_m for drone_type in types) / 2
    from_where = []
    for height_m in sorted({drone_type.height_above_home_m for drone_type in types}):
        guest = [frame.ground(each.polygon) for each in spec.permissions if each.guest == nation and _admits(each, height_m)]
        closed = [shape for keep_out, shape in grown if _bars_for_good(keep_out, height_m)]
        from_where.append(shapely.union_all([own, *guest]).difference(shapely.union_all(closed)))
    ground = shapely.union_all(from_where)
    return (ground.intersection(area) if spec.stay_inside else ground).buffer(reach_m)


def _admits(permission: Permission, height_m: float) -> bool:
    return permission.band.min_m <= height_m <= permission.band.max_m and permission.validity.to_s > 0


def _bars_for_good(keep_out: KeepOut, height_m: float) -> bool:
    """One that ends or begins later can be waited for, one above or below can be passed."""
    holds_always = keep_out.validity.from_s <= 0 and keep_out.validity.to_s == math.inf
    return holds_always and keep_out.band.min_m <= height_m <= keep_out.band.max_m


def nation_types(spec: MissionSpec, nation: str) -> tuple[DroneType, ...]:
    """The types that a nation's drones are of, each once, in the mission's order."""
    used = {drone.type for drone in spec.drones if drone.nation == nation}
    return tuple(drone_type for drone_type in spec.drone_types if drone_type.id in used)


def require_fleet(spec: MissionSpec) -> None:
    """Raise `PlannerError` when nobody flies or a drone works above its nation's limit, `WindError` when the wind wins."""
    if not spec.drones:
        raise PlannerError("the mission has no drone: add a [[fleet]] with a count")
    for nation in spec.nations:
        for drone_type in nation_types(spec, nation.id):
            cost.ensure_flyable(drone_type, spec.wind)
            if drone_type.height_above_home_m > nation.policy.max_height_m:
                raise PlannerError(
                    f"drone type {drone_type.id} works at {drone_type.height_above_home_m:g} m, {nation.id} allows "
                    f"{nation.policy.max_height_m:g} m: lower its height_above_home_m"
                )
            _require_room(spec, drone_type)


def _require_room(spec: MissionSpec, drone_type: DroneType) -> None:
    """Over terrain a height is not kept to the metre: above it must be some room below the strictest limit."""
    room_m = surface.limit_above_ground_m(spec) - drone_type.height_above_home_m
    if spec.terrain is not None and room_m < surface.DEFAULTS.least_room_m:
        raise PlannerError(
            f"drone type {drone_type.id} works {room_m:g} m below the greatest height above ground, following the terrain needs "
            f"{surface.DEFAULTS.least_room_m:g} m: lower its height_above_home_m"
        )
