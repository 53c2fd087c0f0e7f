"""From a mission or a plan to the scene on the map: the one place where the GUI projects what does not move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gui.models.map_scene import KeepOutPatch, LaneLines, MapScene, Mark, Patch, Place, Points, RouteLine, Track
from gui.models.viewport import Bounds
from planner.geo import Geographic, LatLon, LocalFrame, Position
from planner.model import KeepOut, Lane, Leg, LegKind, MissionSpec, Nation, Patrol, Plan, Sortie

#: Legs that go straight up or down are points on the map.
_VERTICAL = frozenset({LegKind.TAKEOFF, LegKind.LAND, LegKind.HOLD})


def scene_of(document: MissionSpec | Plan, frame: LocalFrame | None = None) -> MapScene:
    """The scene of a mission (territories where sectors will be) or of a plan, in a frame around its area or the one given."""
    frame = frame or LocalFrame.around([document.area])
    area = frame.to_local(document.area)
    border = None if document.border is None else frame.to_local(document.border)
    keep_outs = tuple(_keep_out(keep_out, frame) for keep_out in document.keep_outs)
    bases = tuple(_place(base.id, base.nation, base.location, frame) for base in document.bases)
    plan = document if isinstance(document, Plan) else None
    return MapScene(
        frame=frame,
        bounds=_bounds([area, *(shapely.Point(base.east_m, base.north_m) for base in bases)]),
        nations=document.nations,
        area=area,
        border=border,
        border_band=None if border is None else border.buffer(document.position_uncertainty_m, cap_style="flat"),
        sectors=_sectors(plan, frame) if plan else _territories(document.nations, document.area, frame),
        permissions=tuple(
            _patch(frame.to_local(permission.polygon), permission.id, permission.guest) for permission in document.permissions
        ),
        keep_outs=keep_outs,
        unreachable=tuple(_patch(frame.to_local(piece.polygon), piece.reason) for piece in plan.unreachable) if plan else (),
        bases=bases,
        lanes=_lanes(plan.lanes, frame) if plan else (),
        routes=tuple(_route(sortie, frame) for sortie in plan.sorties) if plan else (),
        marks=_marks(plan, frame) if plan else (),
        priorities=_priorities(document.patrols, frame),
    )


def _bounds(geometries: Iterable[BaseGeometry]) -> Bounds:
    west_m, south_m, east_m, north_m = shapely.total_bounds(list(geometries))
    return Bounds(west_m=float(west_m), south_m=float(south_m), east_m=float(east_m), north_m=float(north_m))


def _patch(geometry: BaseGeometry, label: str, nation: str | None = None) -> Patch:
    place = shapely.Point() if geometry.is_empty else geometry.representative_point()
    east_m, north_m = (0.0, 0.0) if place.is_empty else (place.x, place.y)
    return Patch(geometry=geometry, label=label, label_east_m=east_m, label_north_m=north_m, nation=nation)


def _sectors(plan: Plan, frame: LocalFrame) -> tuple[Patch, ...]:
    return tuple(_patch(frame.to_local(sector.polygon), plan.nation(sector.nation).name, sector.nation) for sector in plan.sectors)


def _territories(nations: Sequence[Nation], area: Geographic, frame: LocalFrame) -> tuple[Patch, ...]:
    """Each nation's ground within the area; territories may be whole countries, so they are clipped before projecting."""
    west_deg, south_deg, east_deg, north_deg = area.geometry.bounds
    inside = frame.to_local(area)
    patches = []
    for nation in nations:
        near = Geographic(shapely.clip_by_rect(nation.territory.geometry, west_deg, south_deg, east_deg, north_deg))
        ground = shapely.intersection(frame.to_local(near), inside)
        if not ground.is_empty:
            patches.append(_patch(ground, nation.name, nation.id))
    return tuple(patches)


def _keep_out(keep_out: KeepOut, frame: LocalFrame) -> KeepOutPatch:
    inner = frame.to_local(keep_out.polygon)
    return KeepOutPatch(inner=_patch(inner, keep_out.id), grown=inner.buffer(keep_out.buffer_m))


def _place(identifier: str, nation: str, location: LatLon, frame: LocalFrame) -> Place:
    east_m, north_m = frame.point_to_local(location)
    return Place(id=identifier, nation=nation, east_m=east_m, north_m=north_m)


def _local_points(points: Sequence[LatLon | Position], frame: LocalFrame) -> Points:
    lat_deg = np.array([point.lat_deg for point in points])
    lon_deg = np.array([point.lon_deg for point in points])
    return np.column_stack(frame.arrays_to_local(lat_deg, lon_deg))


def _lanes(lanes: Sequence[Lane], frame: LocalFrame) -> tuple[LaneLines, ...]:
    by_nation: dict[str, list[LatLon]] = {}
    for lane in lanes:
        by_nation.setdefault(lane.nation, []).extend((lane.start, lane.end))
    return tuple(LaneLines(nation=nation, segments=_local_points(ends, frame).reshape(-1, 4)) for nation, ends in by_nation.items())


def _route(sortie: Sortie, frame: LocalFrame) -> RouteLine:
    flat = [leg for leg in sortie.legs if leg.kind not in _VERTICAL]
    runs = groupby(flat, key=lambda leg: leg.kind is LegKind.SWEEP)
    tracks = tuple(Track(sweeping=sweeping, points=_local_points(_run_points(legs), frame)) for sweeping, legs in runs)
    return RouteLine(sortie=sortie.id, drone=sortie.drone, nation=sortie.nation, tracks=tracks)


def _run_points(legs: Iterable[Leg]) -> list[Position]:
    points: list[Position] = []
    for leg in legs:
        points.extend(leg.points[1:] if points else leg.points)
    return points


def _priorities(patrols: Sequence[Patrol], frame: LocalFrame) -> tuple[Patch, ...]:
    """What is asked for apart from the whole area."""
    lines = [_patch(frame.to_local(patrol.shape), patrol.id) for patrol in patrols if patrol.shape is not None]
    places = [(place.id, frame.point_to_local(place.location)) for patrol in patrols for place in patrol.places]
    return (*lines, *(_patch(shapely.Point(east_north), name) for name, east_north in places))


def _marks(plan: Plan, frame: LocalFrame) -> tuple[Mark, ...]:
    marks = []
    sorties = {sortie.id for sortie in plan.sorties}
    for index, violation in enumerate(plan.violations):
        if violation.lat_deg is not None and violation.lon_deg is not None:
            east_m, north_m = frame.point_to_local(LatLon(lat_deg=violation.lat_deg, lon_deg=violation.lon_deg))
            # the check names a sortie, or a leg of one
            subject = violation.subject.split(".legs[")[0]
            marks.append(Mark(index=index, east_m=east_m, north_m=north_m, sortie=subject if subject in sorties else None))
    return tuple(marks)
