"""Small missions for the planner's tests, said in metres around an origin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import shapely
from shapely.geometry.base import BaseGeometry

from planner.geo import Geographic, LatLon, LocalFrame
from planner.model import Base, Drone, DroneType, KeepOut, MissionSpec, Nation, Policy, Sensor, VehicleKind

QUAD = DroneType(
    id="quad",
    kind=VehicleKind.COPTER,
    cruise_mps=10.0,
    endurance_s=1500.0,
    battery_wh=180.0,
    power_hover_w=380.0,
    power_cruise_w=320.0,
    sensor=Sensor(swath_m=50.0),
    height_above_home_m=60.0,
)
WING = DroneType(
    id="wing",
    kind=VehicleKind.QUADPLANE,
    cruise_mps=18.0,
    endurance_s=3600.0,
    battery_wh=500.0,
    power_hover_w=900.0,
    power_cruise_w=250.0,
    sensor=Sensor(swath_m=80.0),
    height_above_home_m=80.0,
    turn_radius_m=40.0,
)
EVERYWHERE = shapely.box(-20_000, -20_000, 20_000, 20_000)


@dataclass(frozen=True)
class Site:
    """Where on earth the metres are counted from."""

    lat_deg: float = 47.5
    lon_deg: float = 19.0

    @property
    def frame(self) -> LocalFrame:
        return LocalFrame(LatLon(lat_deg=self.lat_deg, lon_deg=self.lon_deg))

    def shape(self, geometry: BaseGeometry) -> Geographic:
        return self.frame.to_geographic(shapely.segmentize(geometry, 500.0))

    def place(self, east_m: float, north_m: float) -> LatLon:
        return self.frame.point_to_geographic(east_m=east_m, north_m=north_m)


HERE = Site()


def keep_out(geometry: BaseGeometry, *, buffer_m: float = 0.0, name: str = "shut", site: Site = HERE) -> KeepOut:
    return KeepOut(id=name, polygon=site.shape(geometry), buffer_m=buffer_m)


def mission(
    area: BaseGeometry,
    *,
    territories: Mapping[str, BaseGeometry] | None = None,
    bases: Mapping[str, Sequence[tuple[float, float]]] | None = None,
    drone_types: Sequence[DroneType] = (QUAD,),
    drones_at_base: int = 1,
    keep_outs: Sequence[KeepOut] = (),
    site: Site = HERE,
) -> MissionSpec:
    """Nation A everywhere with a base south-west of the area, unless said otherwise; each base has so many drones of each type."""
    territories = territories or {"A": EVERYWHERE}
    west, south, _, _ = area.bounds
    places = bases or {nation: [(west - 20.0, south - 20.0)] for nation in territories}
    all_bases = [
        Base(id=f"{nation}{number}", nation=nation, location=site.place(*place))
        for nation, own in places.items()
        for number, place in enumerate(own)
    ]
    return MissionSpec(
        name="test",
        start_utc="2026-06-01T06:00:00Z",
        area=site.shape(area),
        border=None,
        position_uncertainty_m=0.0,
        nations=tuple(
            Nation(id=nation, name=nation, territory=site.shape(ground), policy=Policy(max_height_m=120.0))
            for nation, ground in territories.items()
        ),
        bases=tuple(all_bases),
        drone_types=tuple(drone_types),
        drones=tuple(
            Drone(id=f"{base.id}-{drone_type.id}-{number}", nation=base.nation, type=drone_type.id, base=base.id)
            for base in all_bases
            for drone_type in drone_types
            for number in range(drones_at_base)
        ),
        keep_outs=tuple(keep_outs),
    )


def with_border(spec: MissionSpec, line: BaseGeometry, uncertainty_m: float, site: Site = HERE) -> MissionSpec:
    return replace(spec, border=site.shape(line), position_uncertainty_m=uncertainty_m)
