"""QGroundControl's `.plan` (JSON, version 1): a sortie's mission, its keep-outs as fences, its nation's bases as rally points.

Written from docs/en/qgc-dev-guide/file_formats/plan.md and src/MissionManager of QGroundControl. Coordinates are
latitude, longitude: the opposite of GeoJSON.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import msgspec
import shapely
from shapely.geometry import Polygon

from mavlink_bridge.enums import MavAutopilot, MavFrame, MavType
from missions.formats.features import grown_keep_out
from missions.formats.mission_rows import MissionRow, mission_rows
from missions.lonlat_shapes import DECIMALS
from planner.model import Plan, Sortie, VehicleKind

_VEHICLE_TYPES = {
    VehicleKind.COPTER: MavType.QUADROTOR,
    VehicleKind.PLANE: MavType.FIXED_WING,
    VehicleKind.QUADPLANE: MavType.VTOL_QUADPLANE,
}
#: QGroundControl's AltitudeMode: 1 relative to home, 2 above sea level, 4 above terrain.
_RELATIVE_ALTITUDE = 1
_ALTITUDE_MODES = {MavFrame.GLOBAL_RELATIVE_ALT: _RELATIVE_ALTITUDE, MavFrame.GLOBAL: 2, MavFrame.GLOBAL_TERRAIN_ALT: 4}
#: A corner of a grown keep-out in so many pieces a quarter turn: autopilots hold few fence vertices (70 in all on a small one).
_FENCE_QUARTER_SEGMENTS = 4

_Json = dict[str, Any]


def sortie_qgc_plan(plan: Plan, sortie: Sortie) -> bytes:
    """One vehicle's file; QGroundControl has no file for several."""
    document = {
        "fileType": "Plan",
        "version": 1,
        "groundStation": "jointpatrol",
        "mission": _mission(plan, sortie),
        "geoFence": {"version": 2, "circles": [], "polygons": list(_fences(plan))},
        "rallyPoints": {"version": 2, "points": list(_rally_points(plan, sortie))},
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def _mission(plan: Plan, sortie: Sortie) -> _Json:
    drone_type = plan.drone_type(plan.drone(sortie.drone).type)
    home, *rows = mission_rows(plan, sortie)
    return {
        "version": 2,
        "firmwareType": int(MavAutopilot.ARDUPILOTMEGA),
        "vehicleType": int(_VEHICLE_TYPES[drone_type.kind]),
        "cruiseSpeed": drone_type.cruise_mps,
        "hoverSpeed": drone_type.cruise_mps,
        "globalPlanAltitudeMode": _RELATIVE_ALTITUDE,
        "plannedHomePosition": [home.x, home.y, home.z],
        "items": [_simple_item(row) for row in rows],
    }


def _simple_item(row: MissionRow) -> _Json:
    """`doJumpId` is the seq, as QGroundControl itself numbers; NaN is null."""
    numbers = [None if math.isnan(value) else value for value in (*row.params, row.x, row.y, row.z)]
    item: _Json = {
        "type": "SimpleItem",
        "command": int(row.command),
        "frame": int(row.frame),
        "autoContinue": row.autocontinue,
        "doJumpId": row.seq,
        "params": numbers,
    }
    if row.has_place:
        item |= {"Altitude": row.z, "AltitudeMode": _ALTITUDE_MODES[MavFrame(row.frame)], "AMSLAltAboveTerrain": None}
    return item


def _fences(plan: Plan) -> Iterator[_Json]:
    """Keep-outs grown by their buffers. Their corners are cut inwards, so that a leg along the buffer's edge is no breach."""
    for keep_out in plan.keep_outs:
        grown = grown_keep_out(keep_out, quarter_segments=_FENCE_QUARTER_SEGMENTS)
        for part in shapely.get_parts(grown.geometry):
            if isinstance(part, Polygon):
                yield {"version": 1, "inclusion": False, "polygon": [_lat_lon(*point) for point in part.exterior.coords[:-1]]}


def _rally_points(plan: Plan, sortie: Sortie) -> Iterator[list[float]]:
    """The nation's bases, to be flown to at the height the drone works at."""
    height_m = plan.drone_type(plan.drone(sortie.drone).type).height_above_home_m
    for base in plan.bases:
        if base.nation == sortie.nation:
            yield [*_lat_lon(base.location.lon_deg, base.location.lat_deg), height_m]


def _lat_lon(lon_deg: float, lat_deg: float, _height_m: float = 0.0) -> list[float]:
    return [round(lat_deg, DECIMALS), round((lon_deg + 180) % 360 - 180 if abs(lon_deg) > 180 else lon_deg, DECIMALS)]
