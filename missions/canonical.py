"""Missions and plans as plain JSON values, rounded so that equal things are written equally."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import shapely
from shapely import LineString, MultiLineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from missions.errors import one_line
from missions.lonlat_shapes import DECIMALS, Points, mission_longitude, near_longitude, polygonal, rounded, unwrapped
from planner.geo import Geographic
from planner.model import Agreement, Base, Drone, DroneType, HeightBand, KeepOut, Nation, Patrol, Permission, Staff, Validity, Wind

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]
Object = dict[str, Json]

#: Decimals kept: 1 mm, 1 ms and 0.1 mWh are far inside every tolerance of the checker (1 m, 0.1 s, 1 %).
LENGTH_DECIMALS = 3
TIME_DECIMALS = 3
ENERGY_DECIMALS = 4
RATIO_DECIMALS = 9


def finite(value: float | None) -> float | None:
    """JSON has no infinity: an open end is null."""
    return float(value) if value is not None and math.isfinite(value) else None


def kept(value: float, decimals: int) -> float:
    """A number as files keep it; minus zero becomes zero."""
    return round(float(value), decimals) + 0.0


def shape_document(shape: Geographic | None) -> Json:
    """A GeoJSON geometry, or null. Longitudes run on past 180 where it crosses the antimeridian."""
    if shape is None:
        return None
    geometry = shape.geometry
    if geometry.geom_type == "GeometryCollection":
        geometry = polygonal(geometry)
    return _geojson(rounded(_without_jump(geometry)))


def _without_jump(geometry: BaseGeometry) -> BaseGeometry:
    west_deg, _, east_deg, _ = geometry.bounds
    if geometry.is_empty or east_deg - west_deg <= 180.0:
        return geometry
    whole = unwrapped(geometry)
    return near_longitude(whole, mission_longitude(whole))


def _geojson(geometry: BaseGeometry) -> Object:
    match geometry:
        case Polygon():
            return {"type": "Polygon", "coordinates": _rings(geometry)}
        case MultiPolygon():
            return {"type": "MultiPolygon", "coordinates": [_rings(part) for part in geometry.geoms]}
        case LineString():
            return {"type": "LineString", "coordinates": _pairs(geometry)}
        case MultiLineString():
            return {"type": "MultiLineString", "coordinates": [_pairs(part) for part in geometry.geoms]}
    raise TypeError(f"a plan has no place for a {geometry.geom_type}")


def _rings(polygon: Polygon) -> list[Json]:
    return [_pairs(ring) for ring in (polygon.exterior, *polygon.interiors)] if not polygon.is_empty else []


def _pairs(line: BaseGeometry) -> list[Json]:
    points: Points = np.round(shapely.get_coordinates(line), DECIMALS) + 0.0
    pairs: list[Json] = points.tolist()
    return pairs


def band_document(band: HeightBand) -> Object:
    return {"min_m": finite(band.min_m), "max_m": finite(band.max_m)}


def validity_document(validity: Validity) -> Object:
    return {"from_s": finite(validity.from_s), "to_s": finite(validity.to_s)}


def wind_document(wind: Wind) -> Object:
    return {"from_deg": float(wind.from_deg), "speed_mps": float(wind.speed_mps)}


def nation_document(nation: Nation) -> Object:
    return {
        "id": nation.id,
        "name": one_line(nation.name),
        "territory": shape_document(nation.territory),
        "share": finite(nation.share),
        "policy": {
            "max_height_m": float(nation.policy.max_height_m),
            "min_separation_m": finite(nation.policy.min_separation_m),
            "min_vertical_separation_m": finite(nation.policy.min_vertical_separation_m),
        },
    }


def agreement_document(agreement: Agreement) -> Object:
    return {
        "partition": agreement.partition.value,
        "share_tolerance": float(agreement.share_tolerance),
        "joint": agreement.joint,
    }


def permission_document(permission: Permission) -> Object:
    return {
        "id": permission.id,
        "host": permission.host,
        "guest": permission.guest,
        "polygon": shape_document(permission.polygon),
        "band": band_document(permission.band),
        "validity": validity_document(permission.validity),
        "purpose": one_line(permission.purpose),
        "max_drones": permission.max_drones,
    }


def keep_out_document(keep_out: KeepOut) -> Object:
    return {
        "id": keep_out.id,
        "polygon": shape_document(keep_out.polygon),
        "buffer_m": float(keep_out.buffer_m),
        "navigation_error_m": float(keep_out.navigation_error_m),
        "wind_drift_m": float(keep_out.wind_drift_m),
        "border_uncertainty_m": float(keep_out.border_uncertainty_m),
        "band": band_document(keep_out.band),
        "validity": validity_document(keep_out.validity),
    }


def base_document(base: Base) -> Object:
    return {
        "id": base.id,
        "nation": base.nation,
        "lat_deg": kept(base.location.lat_deg, DECIMALS),
        "lon_deg": kept(base.location.lon_deg, DECIMALS),
        "elevation_m": float(base.elevation_m),
        # a base that has everything keeps the form that it had before there was staff
        **({} if base.staff == Staff() else {"staff": staff_document(base.staff)}),
    }


def staff_document(staff: Staff) -> Object:
    return {
        "pads": staff.pads,
        "launch_every_s": float(staff.launch_every_s),
        "crews": staff.crews,
        "duty_s": finite(staff.duty_s),
        "rest_s": float(staff.rest_s),
    }


def patrol_document(patrol: Patrol) -> Object:
    """A patrol; a plain sweep keeps the form that it had before there were others."""
    plain: Object = {"kind": patrol.kind.value, "side_overlap": float(patrol.side_overlap), "interval_s": finite(patrol.interval_s)}
    if patrol == replace(Patrol(), side_overlap=patrol.side_overlap, interval_s=patrol.interval_s, id=patrol.id):
        return plain
    return {
        "id": patrol.id,
        **plain,
        "weight": float(patrol.weight),
        "shape": shape_document(patrol.shape),
        "places": [
            {
                "id": place.id,
                "lat_deg": kept(place.location.lat_deg, DECIMALS),
                "lon_deg": kept(place.location.lon_deg, DECIMALS),
                "weight": float(place.weight),
            }
            for place in patrol.places
        ],
        "random_timing": patrol.random_timing,
        "min_seen": float(patrol.min_seen),
    }


def drone_type_document(drone_type: DroneType) -> Object:
    numbers = (
        "cruise_mps",
        "climb_mps",
        "descent_mps",
        "acceleration_mps2",
        "turn_radius_m",
        "endurance_s",
        "battery_wh",
        "reserve",
        "power_hover_w",
        "power_cruise_w",
        "height_above_home_m",
        "battery_swap_s",
    )
    sensor: Object = {"fov_across_deg": finite(drone_type.sensor.fov_across_deg), "swath_m": finite(drone_type.sensor.swath_m)}
    if drone_type.sensor.trigger_distance_m is not None:
        sensor["trigger_distance_m"] = finite(drone_type.sensor.trigger_distance_m)
    values: Object = {name: float(getattr(drone_type, name)) for name in numbers}
    return {"id": drone_type.id, "kind": drone_type.kind.value, **values, "sensor": sensor}


def drone_document(drone: Drone) -> Object:
    return {"id": drone.id, "nation": drone.nation, "type": drone.type, "base": drone.base, "system_id": drone.system_id}
