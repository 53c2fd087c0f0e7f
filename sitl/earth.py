"""ArduPilot's own idea of metres: the flat earth in which it measures legs and turns its position into degrees.

One degree of latitude is 111318.84502145034 m everywhere (AP_Common/Location: 0.011131884502145034 m a unit of 1e-7
degrees), longitude shrinks with the cosine of the mean latitude. Against the ellipsoid it is 0.1 % long in the north-south
direction at 47 degrees; a simulated vehicle must be wrong in the same way.
"""

from __future__ import annotations

import math

from planner.geo import LatLon

METRES_PER_DEGREE = 111318.84502145034


def offset_m(origin: LatLon, lat_deg: float, lon_deg: float) -> tuple[float, float]:
    """Metres north and east of the origin."""
    east_deg = (lon_deg - origin.lon_deg + 180.0) % 360.0 - 180.0
    scale = math.cos(math.radians((lat_deg + origin.lat_deg) / 2))
    return (lat_deg - origin.lat_deg) * METRES_PER_DEGREE, east_deg * METRES_PER_DEGREE * scale


def degrees_at(origin: LatLon, north_m: float, east_m: float) -> tuple[float, float]:
    """Latitude and longitude of a point this far from the origin, degrees."""
    north_deg = north_m / METRES_PER_DEGREE
    scale = math.cos(math.radians(origin.lat_deg + north_deg / 2))
    lon_deg = origin.lon_deg + east_m / (METRES_PER_DEGREE * scale)
    return origin.lat_deg + north_deg, (lon_deg + 180.0) % 360.0 - 180.0
