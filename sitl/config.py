"""What a simulated vehicle is: its address, its home and its drone type's figures, as a plan gives them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from planner.geo import LatLon
from planner.model import Drone, MissionSpec, Plan, VehicleKind, Wind
from sitl.battery import nominal_v

#: MAVLink system ids that ground stations use by convention (251-255) or that mean "all" (0) stay free.
_LOWEST_SYSTEM_ID, _HIGHEST_SYSTEM_ID = 1, 250

#: BATT_CAPACITY of ArduPilot's default simulated copter.
_DEFAULT_CAPACITY_MAH = 3300.0


@dataclass(frozen=True, kw_only=True, slots=True)
class VehicleConfig:
    """One simulated vehicle. The defaults are those of ArduPilot's default copter (frame `+`).

    `drone` is the id in the plan and the name of its link. `home_amsl_m` is the height of the ground at home above sea
    level. `parameters` are set before boot, by ArduPilot's names, and win over what the other fields imply.
    Without `battery_wh` the pack never empties, as that of ArduPilot's default copter. `seed` decides the gusts.
    """

    drone: str
    system_id: int
    home: LatLon
    kind: VehicleKind = VehicleKind.COPTER
    home_amsl_m: float = 0.0
    heading_deg: float = 0.0
    cruise_mps: float = 10.0
    climb_mps: float = 2.5
    descent_mps: float = 1.5
    acceleration_mps2: float = 2.5
    turn_radius_m: float = 0.0
    battery_wh: float | None = None
    power_hover_w: float = 354.3
    power_cruise_w: float = 384.6
    seed: int = 0
    wind: Wind = field(default_factory=Wind)
    parameters: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _LOWEST_SYSTEM_ID <= self.system_id <= 255:
            raise ValueError(f"system_id {self.system_id} of {self.drone} is outside 1..255")
        for name in ("cruise_mps", "climb_mps", "descent_mps", "acceleration_mps2", "power_hover_w", "power_cruise_w"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} {getattr(self, name)} of {self.drone} is not positive")
        if self.battery_wh is not None and not self.battery_wh > 0:
            raise ValueError(f"battery_wh {self.battery_wh} of {self.drone} is not positive")

    @property
    def pack_capacity_mah(self) -> float | None:
        """Charge of a pack that gives `battery_wh` from full to empty; None when it never empties."""
        return None if self.battery_wh is None else self.battery_wh / nominal_v() * 1000.0

    @property
    def battery_mah(self) -> float:
        """What BATT_CAPACITY says."""
        return self.pack_capacity_mah or _DEFAULT_CAPACITY_MAH


def configs_from_plan(plan: Plan | MissionSpec, *, seed: int = 0, drones: Collection[str] | None = None) -> tuple[VehicleConfig, ...]:
    """A vehicle for each drone of the plan or mission (or only those named), standing at its base, in the plan's order and wind.

    Drones without a system id get one that is free in their nation. Ids are unique within a nation only, so each vehicle
    needs a link of its own.
    """
    wanted = [drone for drone in plan.drones if drones is None or drone.id in drones]
    ids = _system_ids(plan.drones)
    return tuple(_config(plan, drone, ids[drone.id], seed + number) for number, drone in enumerate(wanted))


def _config(plan: Plan | MissionSpec, drone: Drone, system_id: int, seed: int) -> VehicleConfig:
    kind = plan.drone_type(drone.type)
    base = plan.base(drone.base)
    return VehicleConfig(
        drone=drone.id,
        system_id=system_id,
        kind=kind.kind,
        home=base.location,
        home_amsl_m=base.elevation_m,
        cruise_mps=kind.cruise_mps,
        climb_mps=kind.climb_mps,
        descent_mps=kind.descent_mps,
        acceleration_mps2=kind.acceleration_mps2,
        turn_radius_m=kind.turn_radius_m,
        battery_wh=kind.battery_wh,
        power_hover_w=kind.power_hover_w,
        power_cruise_w=kind.power_cruise_w,
        seed=seed,
        wind=plan.wind,
        parameters={**_BY_CHARGE, **(_CAMERA if kind.sensor.trigger_distance_m is not None else {})},
    )


#: Plans reckon with charge. The simulated packs' voltage sags as that of a small one, whatever their size, and would be low long before.
_BY_CHARGE: Mapping[str, float] = {"BATT_LOW_VOLT": 0.0}


#: A camera that is released by a servo, and by distance in AUTO only.
_CAMERA: Mapping[str, float] = {"CAM1_TYPE": 1.0, "CAM_AUTO_ONLY": 1.0}


def _system_ids(drones: tuple[Drone, ...]) -> dict[str, int]:
    """Every drone's system id: the plan's own, else the lowest that its nation has not taken."""
    taken: dict[str, set[int]] = {}
    for drone in drones:
        if drone.system_id is not None:
            taken.setdefault(drone.nation, set()).add(drone.system_id)
    ids: dict[str, int] = {}
    for drone in drones:
        ids[drone.id] = drone.system_id if drone.system_id is not None else _free(taken.setdefault(drone.nation, set()), drone)
        taken[drone.nation].add(ids[drone.id])
    return ids


def _free(taken: set[int], drone: Drone) -> int:
    for number in range(_LOWEST_SYSTEM_ID, _HIGHEST_SYSTEM_ID + 1):
        if number not in taken:
            return number
    raise ValueError(f"no free MAVLink system id for {drone.id}: nation {drone.nation} has taken all of 1..250")
