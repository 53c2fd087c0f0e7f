"""A small honest plan made by hand, anywhere on earth: two nations, a border, a keep-out, four bases and five sorties a side.

Metres here are east and north of the setting's origin. Times and energies follow docs/plan_file.md to the letter, with
nothing to spare, so that whoever checks the plan and finds a fault has found one of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import shapely

from planner.geo import Geographic, LatLon, LocalFrame, Position, azimuth_deg, geodesic_m
from planner.model import (
    Base,
    Drone,
    DroneType,
    HeightBand,
    KeepOut,
    Lane,
    Leg,
    LegKind,
    Limits,
    Nation,
    Permission,
    Plan,
    PlanResult,
    Policy,
    Sector,
    Sensor,
    SolverInfo,
    Sortie,
    Validity,
    VehicleKind,
    Wind,
)

HALF_WIDTH_M, HALF_LENGTH_M = 300.0, 200.0
SPACING_M = 50.0
UNCERTAINTY_M = 5.0
HEIGHT_M = 50.0
POWER_HOVER_W, POWER_CRUISE_W = 380.0, 320.0

#: Local places of the bases, west's mirrored for the east: metres east, north.
BASES = {"near": (-180.0, -300.0), "far": (-420.0, -300.0)}


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Where the plan lies, what flies it and in which wind."""

    origin: LatLon = field(default_factory=lambda: LatLon(lat_deg=47.5, lon_deg=19.0))
    wind: Wind = field(default_factory=Wind)
    kind: VehicleKind = VehicleKind.COPTER

    @property
    def frame(self) -> LocalFrame:
        return LocalFrame(self.origin)

    @property
    def drone_type(self) -> DroneType:
        return DroneType(
            id="quad",
            kind=self.kind,
            cruise_mps=10.0,
            endurance_s=1500.0,
            battery_wh=180.0,
            power_hover_w=POWER_HOVER_W,
            power_cruise_w=POWER_CRUISE_W,
            sensor=Sensor(fov_across_deg=60.0),
            height_above_home_m=HEIGHT_M,
        )

    def place(self, east_m: float, north_m: float) -> LatLon:
        return self.frame.point_to_geographic(east_m=east_m, north_m=north_m)

    def position(self, east_m: float, north_m: float, height_m: float = HEIGHT_M) -> Position:
        ground = self.place(east_m, north_m)
        return Position(lat_deg=ground.lat_deg, lon_deg=ground.lon_deg, height_m=height_m)

    def polygon(self, west_m: float, south_m: float, east_m: float, north_m: float) -> Geographic:
        return self.frame.to_geographic(shapely.box(west_m, south_m, east_m, north_m))


class Flight:
    """Legs one after another, each as fast as it may be flown."""

    def __init__(self, setting: Setting, *, drone: str, base: str, start_s: float, place: tuple[float, float]) -> None:
        self._setting = setting
        self._drone, self._base, self._start_s = drone, base, start_s
        self._legs: list[Leg] = []
        self._now_s = start_s
        self._at = setting.position(*place, 0.0)

    def takeoff(self, height_m: float = HEIGHT_M) -> Flight:
        up = replace(self._at, height_m=height_m)
        return self._fly(LegKind.TAKEOFF, [self._at, up])

    def land(self) -> Flight:
        return self._fly(LegKind.LAND, [self._at, replace(self._at, height_m=0.0)])

    def to(self, east_m: float, north_m: float, height_m: float | None = None, *, kind: LegKind = LegKind.TRANSIT) -> Flight:
        return self.along([(east_m, north_m)], height_m, kind=kind)

    def along(self, points: Sequence[tuple[float, float]], height_m: float | None = None, *, kind: LegKind = LegKind.TRANSIT) -> Flight:
        height_m = self._at.height_m if height_m is None else height_m
        return self._fly(kind, [self._at, *(self._setting.position(*point, height_m) for point in points)])

    def hold(self, seconds: float) -> Flight:
        return self._append(LegKind.HOLD, [self._at, self._at], seconds, None, None)

    def sweep(self, lane: Lane, *, backwards: bool = False) -> Flight:
        ends = (lane.end, lane.start) if backwards else (lane.start, lane.end)
        points = [Position(lat_deg=end.lat_deg, lon_deg=end.lon_deg, height_m=self._at.height_m) for end in ends]
        if geodesic_m(self._at, points[0]) > 0.001:
            self._fly(LegKind.TURN if self._legs[-1].kind is LegKind.SWEEP else LegKind.TRANSIT, [self._at, points[0]])
        return self._fly(LegKind.SWEEP, points, lane=lane.id, swath_m=lane.swath_m)

    def sortie(self, sortie_id: str, nation: str, *, end_base: str | None = None) -> Sortie:
        return Sortie(
            id=sortie_id,
            drone=self._drone,
            nation=nation,
            start_base=self._base,
            end_base=end_base or self._base,
            start_s=self._start_s,
            end_s=self._now_s,
            energy_wh=sum(leg.energy_wh for leg in self._legs),
            legs=tuple(self._legs),
        )

    @property
    def now_s(self) -> float:
        return self._now_s

    def _fly(self, kind: LegKind, points: list[Position], *, lane: str | None = None, swath_m: float | None = None) -> Flight:
        return self._append(kind, points, flying_s(points, self._setting), lane, swath_m)

    def _append(self, kind: LegKind, points: list[Position], seconds: float, lane: str | None, swath_m: float | None) -> Flight:
        power_w = POWER_HOVER_W if kind in (LegKind.TAKEOFF, LegKind.HOLD, LegKind.LAND) else POWER_CRUISE_W
        self._legs.append(
            Leg(
                kind=kind,
                start=points[0],
                end=points[-1],
                start_s=self._now_s,
                end_s=self._now_s + seconds,
                energy_wh=power_w * seconds / 3600,
                path=tuple(points) if len(points) > 2 else None,
                lane=lane,
                swath_m=swath_m,
            )
        )
        self._now_s += seconds
        self._at = points[-1]
        return self


def flying_s(points: Sequence[Position], setting: Setting) -> float:
    """The least time along points that turn at each of them by more than a degree, or not at all."""
    drone_type = setting.drone_type
    total_s = 0.0
    for a, b in pairwise(points):
        length_m, rise_m = geodesic_m(a, b), b.height_m - a.height_m
        upright_s = rise_m / drone_type.climb_mps if rise_m > 0 else -rise_m / drone_type.descent_mps
        level_s = 0.0 if length_m < 1e-6 else _level_s(length_m, azimuth_deg(a, b), drone_type, setting.wind)
        total_s += max(upright_s, level_s)
    return total_s


def _level_s(length_m: float, course_deg: float, drone_type: DroneType, wind: Wind) -> float:
    # Ground velocity g*c less wind w has the airspeed's length: g^2 - 2 g (c.w) + |w|^2 - v^2 = 0.
    along_mps = -wind.speed_mps * math.cos(math.radians(wind.from_deg - course_deg))
    speed_mps = along_mps + math.sqrt(along_mps**2 - wind.speed_mps**2 + drone_type.cruise_mps**2)
    if drone_type.kind is not VehicleKind.COPTER:
        return length_m / speed_mps
    speed_mps = min(speed_mps, drone_type.cruise_mps)
    if length_m < speed_mps**2 / drone_type.acceleration_mps2:
        return 2 * math.sqrt(length_m / drone_type.acceleration_mps2)
    return length_m / speed_mps + speed_mps / drone_type.acceleration_mps2


def lanes_of(setting: Setting, side: int, nation: str) -> tuple[Lane, ...]:
    """Seven lanes northwards, counted away from the border; `side` is -1 in the west and 1 in the east."""
    swath_m = setting.drone_type.swath_m
    return tuple(
        Lane(
            id=f"{nation.lower()}{number}",
            nation=nation,
            start=setting.place(side * (6 + SPACING_M * number), -HALF_LENGTH_M),
            end=setting.place(side * (6 + SPACING_M * number), HALF_LENGTH_M),
            swath_m=swath_m,
        )
        for number in range(7)
    )


def flight(setting: Setting, nation: str, base: str, *, drone: str, start_s: float = 0.0) -> Flight:
    """A flight from a base of a nation ("W" or "E")."""
    east_m, north_m = BASES[base]
    place = (east_m if nation == "W" else -east_m, north_m)
    return Flight(setting, drone=drone, base=f"{nation.lower()}-{base}", start_s=start_s, place=place)


def _sorties(setting: Setting, nation: str, side: int, lanes: Sequence[Lane]) -> list[Sortie]:
    home_m = {name: (-side * east_m, north_m) for name, (east_m, north_m) in BASES.items()}
    near, far = f"{nation.lower()}1", f"{nation.lower()}2"
    first = flight(setting, nation, "near", drone=near).takeoff()
    first.sweep(lanes[0]).sweep(lanes[1], backwards=True).sweep(lanes[2]).to(*home_m["near"]).land()
    second = flight(setting, nation, "near", drone=near, start_s=first.now_s + setting.drone_type.battery_swap_s).takeoff()
    second.sweep(lanes[3]).sweep(lanes[4], backwards=True).hold(5.0).to(*home_m["near"]).land()
    other = flight(setting, nation, "far", drone=far).takeoff()
    other.sweep(lanes[6]).sweep(lanes[5], backwards=True).to(*home_m["far"]).land()
    return [first.sortie(f"{near}/1", nation), second.sortie(f"{near}/2", nation), other.sortie(f"{far}/1", nation)]


def keep_out_box() -> tuple[float, float, float, float]:
    """The keep-out's polygon: 10 m square, in the west between two lanes."""
    return -186.0, -5.0, -176.0, 5.0


def permission_box() -> tuple[float, float, float, float]:
    """Where the west is the east's guest: across the border band, south of the area."""
    return -10.0, -450.0, 100.0, -350.0


def build(setting: Setting | None = None) -> Plan:
    """The honest plan."""
    setting = setting or Setting()
    area = shapely.box(-HALF_WIDTH_M, -HALF_LENGTH_M, HALF_WIDTH_M, HALF_LENGTH_M)
    coverable = area - shapely.box(*keep_out_box())
    lanes = {nation: lanes_of(setting, side, nation) for nation, side in (("W", -1), ("E", 1))}
    sorties = [*_sorties(setting, "W", -1, lanes["W"]), *_sorties(setting, "E", 1, lanes["E"])]
    frame = setting.frame
    return with_sorties(
        Plan(
            name="hand made",
            spec_sha256="0" * 64,
            start_utc="2026-06-01T06:00:00Z",
            area=frame.to_geographic(area),
            coverable=frame.to_geographic(coverable),
            border=frame.to_geographic(shapely.LineString([(0, north_m) for north_m in range(-2000, 2001, 500)])),
            position_uncertainty_m=UNCERTAINTY_M,
            nations=(_nation(setting, "W", -1), _nation(setting, "E", 1)),
            permissions=(_permission(setting),),
            keep_outs=(KeepOut(id="village", polygon=setting.polygon(*keep_out_box()), buffer_m=10.0),),
            limits=Limits(min_separation_m=30.0),
            bases=tuple(_base(setting, nation, name) for nation in "WE" for name in BASES),
            drone_types=(setting.drone_type,),
            drones=tuple(_drone(nation, number, base) for nation in "WE" for number, base in ((1, "near"), (2, "far"))),
            sectors=(
                Sector(nation="W", polygon=setting.polygon(-HALF_WIDTH_M, -HALF_LENGTH_M, 0, HALF_LENGTH_M)),
                Sector(nation="E", polygon=setting.polygon(0, -HALF_LENGTH_M, HALF_WIDTH_M, HALF_LENGTH_M)),
            ),
            lanes=(*lanes["W"], *lanes["E"]),
            sorties=(),
            unreachable=(),
            result=PlanResult(
                makespan_s=0.0,
                makespan_bound_s=0.0,
                gap=None,
                length_m=0.0,
                length_bound_m=0.0,
                coverage=1.0,
                coverage_of_area=coverable.area / area.area,
                share={},
                worst_revisit_s=None,
                energy_wh=0.0,
            ),
            solver=SolverInfo(seconds=0.0, workers=1, effort=1, reproducible=True),
            wind=setting.wind,
        ),
        sorties,
    )


def _nation(setting: Setting, nation: str, side: int) -> Nation:
    west_m, east_m = sorted((0.0, side * 2000.0))
    territory = setting.frame.to_geographic(shapely.segmentize(shapely.box(west_m, -2000, east_m, 2000), 500))
    return Nation(id=nation, name={"W": "Westmark", "E": "Eastmark"}[nation], territory=territory, policy=Policy(max_height_m=120.0))


def _permission(setting: Setting) -> Permission:
    return Permission(
        id="visit",
        host="E",
        guest="W",
        polygon=setting.polygon(*permission_box()),
        band=HeightBand(min_m=30.0, max_m=80.0),
        validity=Validity(from_s=0.0, to_s=4000.0),
        max_drones=1,
    )


def _base(setting: Setting, nation: str, name: str) -> Base:
    east_m, north_m = BASES[name]
    side = 1 if nation == "W" else -1
    location = setting.place(side * east_m, north_m)
    # Eastern drones at the same height above their base pass 40 m above western ones.
    return Base(id=f"{nation.lower()}-{name}", nation=nation, location=location, elevation_m=0.0 if nation == "W" else 40.0)


def _drone(nation: str, number: int, base: str) -> Drone:
    return Drone(id=f"{nation.lower()}{number}", nation=nation, type="quad", base=f"{nation.lower()}-{base}", system_id=number)


def with_sorties(plan: Plan, sorties: Sequence[Sortie]) -> Plan:
    """The plan with other sorties, and the sums that follow from them."""
    result = replace(
        plan.result,
        makespan_s=max((sortie.end_s for sortie in sorties), default=0.0),
        energy_wh=sum(sortie.energy_wh for sortie in sorties),
    )
    return replace(plan, sorties=tuple(sorties), result=result)


def with_sortie(plan: Plan, sortie_id: str, **changes: Any) -> Plan:
    """The plan with one sortie's fields changed, and nothing else mended."""
    return replace(plan, sorties=tuple(replace(each, **changes) if each.id == sortie_id else each for each in plan.sorties))


def with_leg(plan: Plan, sortie_id: str, index: int, change: Callable[[Leg], Leg]) -> Plan:
    """The plan with one leg changed, and nothing else mended."""
    sortie = next(each for each in plan.sorties if each.id == sortie_id)
    legs = list(sortie.legs)
    legs[index] = change(legs[index])
    return with_sortie(plan, sortie_id, legs=tuple(legs))


def leg_index(plan: Plan, sortie_id: str, kind: LegKind) -> int:
    """The first leg of a kind in a sortie."""
    sortie = next(each for each in plan.sorties if each.id == sortie_id)
    return next(index for index, leg in enumerate(sortie.legs) if leg.kind is kind)
