"""A small patrol made by hand, true to the plan file's rules: two nations, three drones, six lanes, a keep-out between two."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import shapely

from planner.geo import Geographic, LatLon, LocalFrame, Position, geodesic_m
from planner.model import (
    Base,
    Drone,
    DroneType,
    KeepOut,
    Lane,
    Leg,
    LegKind,
    Limits,
    Nation,
    Plan,
    PlanResult,
    Sector,
    Sensor,
    SolverInfo,
    Sortie,
    VehicleKind,
)

HALF_LENGTH_M, LANE_SPACING_M, LANES = 1000.0, 100.0, 6
UNCERTAINTY_M = 2.0
QUAD = DroneType(
    id="quad",
    kind=VehicleKind.COPTER,
    cruise_mps=10.0,
    endurance_s=1500.0,
    battery_wh=180.0,
    power_hover_w=380.0,
    power_cruise_w=320.0,
    sensor=Sensor(swath_m=LANE_SPACING_M),
    height_above_home_m=60.0,
)


class Ground:
    """Metres east and north of the middle of the area, as places on the earth."""

    def __init__(self, middle: LatLon) -> None:
        self.frame = LocalFrame(middle)

    def place(self, east_m: float, north_m: float) -> LatLon:
        return self.frame.point_to_geographic(east_m=east_m, north_m=north_m)

    def box(self, west_m: float, south_m: float, east_m: float, north_m: float) -> Geographic:
        return self.frame.to_geographic(_box(west_m, south_m, east_m, north_m))


MIDDLE = LatLon(lat_deg=47.5, lon_deg=19.0)


def sample_plan(*, middle: LatLon = MIDDLE, elevation_m: float = 150.0) -> Plan:
    """Aldermark sweeps the western half with two drones, Brenn the eastern half with one; they meet at the border."""
    ground = Ground(middle)
    half_width_m = LANES * LANE_SPACING_M / 2
    area = ground.box(-HALF_LENGTH_M, -half_width_m, HALF_LENGTH_M, half_width_m)
    # Between two lanes, so that they pass it at 25 m
    keep_out = KeepOut(id="mast", polygon=ground.box(-510.0, 90.0, -490.0, 110.0), buffer_m=15.0)
    sectors = (
        Sector(nation="ALD", polygon=ground.box(-HALF_LENGTH_M, -half_width_m, 0.0, half_width_m)),
        Sector(nation="BRE", polygon=ground.box(0.0, -half_width_m, HALF_LENGTH_M, half_width_m)),
    )
    bases = (
        Base(id="ald-west", nation="ALD", location=ground.place(-1200.0, 0.0), elevation_m=elevation_m),
        Base(id="bre-east", nation="BRE", location=ground.place(1200.0, 0.0), elevation_m=elevation_m),
    )
    drones = (
        Drone(id="ald-west-1", nation="ALD", type="quad", base="ald-west", system_id=1),
        Drone(id="ald-west-2", nation="ALD", type="quad", base="ald-west", system_id=2),
        Drone(id="bre-east-1", nation="BRE", type="quad", base="bre-east", system_id=1),
    )
    lanes = tuple(_lanes(ground, "ALD", -HALF_LENGTH_M, -UNCERTAINTY_M)) + tuple(_lanes(ground, "BRE", HALF_LENGTH_M, UNCERTAINTY_M))
    # Each at the other end of the border than the neighbour who is there at the time
    first = _sortie("bre-east-1.1", drones[2], bases[1], lanes[-3:], start_s=0.0)
    sorties = (
        _sortie("ald-west-1.1", drones[0], bases[0], lanes[0:3], start_s=0.0),
        _sortie("ald-west-2.1", drones[1], bases[0], lanes[3:6], start_s=60.0),
        first,
        _sortie("bre-east-1.2", drones[2], bases[1], lanes[-6:-3], start_s=first.end_s + QUAD.battery_swap_s + 200.0),
    )
    # In metres: across the antimeridian degrees cannot be subtracted
    coverable = ground.frame.to_geographic(ground.frame.to_local(area).difference(ground.frame.to_local(keep_out.polygon)))
    return Plan(
        name="Sample <border> & more",
        spec_sha256="ab" * 32,
        start_utc="2026-06-01T06:00:00Z",
        area=area,
        coverable=coverable,
        border=Geographic(shapely.LineString([_xy(ground.place(0.0, -half_width_m)), _xy(ground.place(0.0, half_width_m))])),
        position_uncertainty_m=UNCERTAINTY_M,
        nations=(
            Nation(id="ALD", name="Aldermark", territory=ground.box(-5000.0, -5000.0, 0.0, 5000.0)),
            Nation(id="BRE", name="Brenn & <Sons>", territory=ground.box(0.0, -5000.0, 5000.0, 5000.0)),
        ),
        permissions=(),
        keep_outs=(keep_out,),
        limits=Limits(),
        bases=bases,
        drone_types=(QUAD,),
        drones=drones,
        sectors=sectors,
        lanes=lanes,
        sorties=sorties,
        unreachable=(),
        result=_result(sorties),
        solver=SolverInfo(seconds=1.0, workers=1, effort=3, reproducible=True),
    )


def with_sorties(plan: Plan, sorties: Sequence[Sortie]) -> Plan:
    """The plan with other sorties; its figures are left as they were."""
    return replace(plan, sorties=tuple(sorties))


def _box(west_m: float, south_m: float, east_m: float, north_m: float) -> shapely.Polygon:
    return shapely.segmentize(shapely.box(west_m, south_m, east_m, north_m), 500.0)


def _lanes(ground: Ground, nation: str, far_east_m: float, near_east_m: float) -> list[Lane]:
    norths_m = [(index + 0.5 - LANES / 2) * LANE_SPACING_M for index in range(LANES)]
    return [
        Lane(
            id=f"{nation}-{index}",
            nation=nation,
            start=ground.place(far_east_m, north_m),
            end=ground.place(near_east_m, north_m),
            swath_m=LANE_SPACING_M,
        )
        for index, north_m in enumerate(norths_m)
    ]


def _sortie(sortie_id: str, drone: Drone, base: Base, lanes: Sequence[Lane], *, start_s: float) -> Sortie:
    """Out to the first lane, back and forth, and home; timed as the plan file's speed rule says."""
    home = base.location
    points: list[tuple[LegKind, LatLon, float, str | None]] = [(LegKind.TAKEOFF, home, QUAD.height_above_home_m, None)]
    for index, lane in enumerate(lanes):
        first, last = (lane.start, lane.end) if index % 2 == 0 else (lane.end, lane.start)
        points.append((LegKind.TRANSIT if index == 0 else LegKind.TURN, first, QUAD.height_above_home_m, None))
        points.append((LegKind.SWEEP, last, QUAD.height_above_home_m, lane.id))
    points.append((LegKind.TRANSIT, home, QUAD.height_above_home_m, None))
    points.append((LegKind.LAND, home, 0.0, None))
    legs: list[Leg] = []
    here, now_s = _at(home, 0.0), start_s
    for kind, place, height_m, lane_id in points:
        there = _at(place, height_m)
        took_s = _duration_s(here, there)
        power_w = QUAD.power_hover_w if kind in (LegKind.TAKEOFF, LegKind.LAND) else QUAD.power_cruise_w
        legs.append(
            Leg(
                kind=kind,
                start=here,
                end=there,
                start_s=now_s,
                end_s=now_s + took_s,
                energy_wh=power_w * took_s / 3600,
                lane=lane_id,
                swath_m=LANE_SPACING_M if lane_id else None,
            )
        )
        here, now_s = there, now_s + took_s
    return Sortie(
        id=sortie_id,
        drone=drone.id,
        nation=drone.nation,
        start_base=base.id,
        end_base=base.id,
        start_s=start_s,
        end_s=now_s,
        energy_wh=sum(leg.energy_wh for leg in legs),
        legs=tuple(legs),
    )


def _duration_s(start: Position, end: Position) -> float:
    length_m = geodesic_m(start, end)
    if length_m < 0.01:
        rise_m = end.height_m - start.height_m
        return rise_m / QUAD.climb_mps if rise_m > 0 else -rise_m / QUAD.descent_mps
    speed_mps, pull_mps2 = QUAD.cruise_mps, QUAD.acceleration_mps2
    if length_m < speed_mps**2 / pull_mps2:
        return 2 * math.sqrt(length_m / pull_mps2)
    return length_m / speed_mps + speed_mps / pull_mps2


def _result(sorties: Sequence[Sortie]) -> PlanResult:
    makespan_s = max(sortie.end_s for sortie in sorties)
    length_m = sum(geodesic_m(leg.start, leg.end) for sortie in sorties for leg in sortie.legs)
    return PlanResult(
        makespan_s=makespan_s,
        makespan_bound_s=makespan_s / 2,
        gap=1.0,
        length_m=length_m,
        length_bound_m=length_m / 2,
        coverage=0.998,
        coverage_of_area=0.997,
        share={"ALD": 0.5, "BRE": 0.5},
        worst_revisit_s=None,
        energy_wh=sum(sortie.energy_wh for sortie in sorties),
    )


def _at(place: LatLon, height_m: float) -> Position:
    return Position(lat_deg=place.lat_deg, lon_deg=place.lon_deg, height_m=height_m)


def _xy(place: LatLon) -> tuple[float, float]:
    return place.lon_deg, place.lat_deg
