"""What a route file says, typed: the items of a mission, fences, rally points, and the polygons that surveys were drawn from."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from mavlink_bridge.enums import MavCmd, MavFrame, MissionType
from mavlink_bridge.messages import MissionItemInt
from missions.errors import InputError
from missions.formats.mission_rows import MissionRow
from planner.geo import LatLon, Position

_WIRE_PER_DEG = 10**7
_WIRE_FRAMES = {
    MavFrame.GLOBAL: MavFrame.GLOBAL_INT,
    MavFrame.GLOBAL_RELATIVE_ALT: MavFrame.GLOBAL_RELATIVE_ALT_INT,
    MavFrame.GLOBAL_TERRAIN_ALT: MavFrame.GLOBAL_TERRAIN_ALT_INT,
}
#: Frames that a file may name; those for the wire mean the same.
FRAMES = frozenset({*_WIRE_FRAMES, *_WIRE_FRAMES.values(), MavFrame.MISSION})
#: Items that are flown to, and so must name a place.
PLACED = frozenset(
    {MavCmd.NAV_WAYPOINT, MavCmd.NAV_LOITER_UNLIM, MavCmd.NAV_LOITER_TURNS, MavCmd.NAV_LOITER_TIME, MavCmd.NAV_LOITER_TO_ALT, 82}
)


@dataclass(frozen=True, slots=True)
class FencePolygon:
    """To be stayed in (`inclusion`) or out of; the ring is not closed."""

    inclusion: bool
    ring: tuple[LatLon, ...]


@dataclass(frozen=True, slots=True)
class FenceCircle:
    inclusion: bool
    centre: LatLon
    radius_m: float


FenceZone = FencePolygon | FenceCircle
_FENCES = {
    (FencePolygon, True): MavCmd.NAV_FENCE_POLYGON_VERTEX_INCLUSION,
    (FencePolygon, False): MavCmd.NAV_FENCE_POLYGON_VERTEX_EXCLUSION,
    (FenceCircle, True): MavCmd.NAV_FENCE_CIRCLE_INCLUSION,
    (FenceCircle, False): MavCmd.NAV_FENCE_CIRCLE_EXCLUSION,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """`home` is above sea level, as files have it. `items` begin with the first after home, at seq 1; complex items are expanded.

    `surveys` are the polygons that complex items cover, `corridors` the lines they follow. `repairs` say what was put right.
    `vehicle_type` is a MAV_TYPE, where the file names one.
    """

    vehicle_type: int | None = None
    home: Position | None = None
    items: tuple[MissionRow, ...] = ()
    fences: tuple[FenceZone, ...] = ()
    rally: tuple[Position, ...] = ()
    surveys: tuple[tuple[LatLon, ...], ...] = ()
    corridors: tuple[tuple[LatLon, ...], ...] = ()
    repairs: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[Position, ...]:
        """Where the mission flies to, in order, heights as the items have them."""
        rows = [row for row in self.items if row.command in PLACED and math.isfinite(row.x + row.y)]
        return tuple(Position(lat_deg=row.x, lon_deg=row.y, height_m=row.z) for row in rows)


def upload_items(route: Route) -> tuple[MissionItemInt, ...]:
    """The items that put this mission on a vehicle, home first. Without home the first place stands there: ArduPilot sets its own.

    Raises InputError when there is nothing to fly.
    """
    if not route.items:
        raise InputError("the route has no mission items", mend="give a mission, not only a fence")
    home = route.home or next(iter(route.places), Position(lat_deg=0.0, lon_deg=0.0, height_m=0.0))
    first = MissionRow(
        seq=0,
        frame=MavFrame.GLOBAL,
        command=MavCmd.NAV_WAYPOINT,
        params=(0.0, 0.0, 0.0, 0.0),
        x=home.lat_deg,
        y=home.lon_deg,
        z=home.height_m,
        autocontinue=True,
    )
    # home is written in a plain frame, as the vehicle keeps it
    return (_wire_item(first, MavFrame.GLOBAL), *(_wire_item(row, _wire_frame(row)) for row in route.items))


def fence_items(route: Route) -> tuple[MissionItemInt, ...]:
    """The items that put the route's fences on a vehicle, numbered from 0."""
    rows: list[MissionRow] = []
    for zone in route.fences:
        places = zone.ring if isinstance(zone, FencePolygon) else (zone.centre,)
        first = float(len(zone.ring)) if isinstance(zone, FencePolygon) else zone.radius_m
        rows += [_limit_row(len(rows) + index, _FENCES[type(zone), zone.inclusion], where, first) for index, where in enumerate(places)]
    return tuple(replace(_wire_item(row, _wire_frame(row)), mission_type=MissionType.FENCE) for row in rows)


def rally_items(route: Route) -> tuple[MissionItemInt, ...]:
    """The items that put the route's rally points on a vehicle, numbered from 0."""
    rows = [_limit_row(seq, MavCmd.NAV_RALLY_POINT, point.ground, 0.0, height_m=point.height_m) for seq, point in enumerate(route.rally)]
    return tuple(replace(_wire_item(row, _wire_frame(row)), mission_type=MissionType.RALLY) for row in rows)


def _limit_row(seq: int, command: MavCmd, where: LatLon, first: float, *, height_m: float = 0.0) -> MissionRow:
    return MissionRow(
        seq=seq,
        frame=MavFrame.GLOBAL_RELATIVE_ALT,
        command=command,
        params=(first, 0.0, 0.0, 0.0),
        x=where.lat_deg,
        y=where.lon_deg,
        z=height_m,
        autocontinue=True,
    )


def _wire_frame(row: MissionRow) -> int:
    return next((wire for file, wire in _WIRE_FRAMES.items() if file == row.frame), row.frame)


def _wire_item(row: MissionRow, frame: int) -> MissionItemInt:
    scale = 1 if frame == MavFrame.MISSION else _WIRE_PER_DEG
    p1, p2, p3, p4 = map(_number, row.params)
    return MissionItemInt(
        target_system=0,
        target_component=0,
        seq=row.seq,
        frame=frame,
        command=row.command,
        autocontinue=int(row.autocontinue),
        x=round(_number(row.x) * scale),
        y=round(_number(row.y) * scale),
        z=_number(row.z),
        param1=p1,
        param2=p2,
        param3=p3,
        param4=p4,
    )


def _number(value: float) -> float:
    # "not given" has no place among a mission's numbers; autopilots take 0 as their default
    return 0.0 if math.isnan(value) else value
