"""QGroundControl's `.plan` (JSON, version 1): a sortie's mission, its fences, its nation's bases as rally points.

Written from docs/en/qgc-dev-guide/file_formats/plan.md and src/MissionManager of QGroundControl. Coordinates are
latitude, longitude: the opposite of GeoJSON.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec
from shapely.geometry import Polygon

from mavlink_bridge.enums import MavAutopilot, MavFrame, MavType
from missions.formats.fence import ring_places
from missions.formats.fences import Fences
from missions.formats.mission_rows import MissionRow, mission_rows
from missions.formats.rally import rally_points
from missions.formats.writing import Remark, Writers
from missions.lonlat_shapes import DECIMALS
from planner.geo import LatLon, Position
from planner.model import Plan, Sortie, VehicleKind

_VEHICLE_TYPES = {
    VehicleKind.COPTER: MavType.QUADROTOR,
    VehicleKind.PLANE: MavType.FIXED_WING,
    VehicleKind.QUADPLANE: MavType.VTOL_QUADPLANE,
}
#: QGroundControl's AltitudeMode: 1 relative to home, 2 above sea level, 4 above terrain.
_RELATIVE_ALTITUDE = 1
_ALTITUDE_MODES = {MavFrame.GLOBAL_RELATIVE_ALT: _RELATIVE_ALTITUDE, MavFrame.GLOBAL: 2, MavFrame.GLOBAL_TERRAIN_ALT: 4}

_Json = dict[str, Any]


def qgc_plan_writer(plan: Plan, remark: Remark) -> Writers:
    """One vehicle's file for each sortie; QGroundControl has no file for several."""
    fences = Fences(plan, remark)

    def write(sortie: Sortie) -> bytes:
        document = {
            "fileType": "Plan",
            "version": 1,
            "groundStation": "jointpatrol",
            "mission": _mission(plan, sortie),
            "geoFence": {"version": 2, "circles": [], "polygons": [_polygon(*each) for each in fences.of(sortie).polygons]},
            "rallyPoints": {"version": 2, "points": [_rally_point(point) for point in rally_points(plan, sortie)]},
        }
        return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"

    return Writers(write)


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


def _polygon(inclusion: bool, ring: Polygon) -> _Json:
    corners = [[round(lat_deg, DECIMALS), round(lon_deg, DECIMALS)] for lat_deg, lon_deg in ring_places(ring)]
    return {"version": 1, "inclusion": inclusion, "polygon": corners}


def _rally_point(point: Position) -> list[float]:
    return [*_lat_lon(point.ground), point.height_m]


def _lat_lon(place: LatLon) -> list[float]:
    return [round(place.lat_deg, DECIMALS), round(place.lon_deg, DECIMALS)]
