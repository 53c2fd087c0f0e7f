"""Who answers on each link, before anything is sent to it: the airframe that the plan means, of its kind, at its base?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mavlink_bridge.events import Connected
from mavlink_bridge.fleet import Fleet, VehicleAddress
from mavlink_bridge.modes import VehicleClass, vehicle_class
from mavlink_bridge.vehicle_state import VehicleState
from missions.vehicles import Vehicles, open_vehicles
from planner.geo import geodesic_m
from planner.model import Plan, VehicleKind


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityParams:
    """Vehicle seconds, and metres from its first base within which an airframe stands where the plan has it."""

    patience_s: float = 30.0
    base_radius_m: float = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One drone's answer. `defects` are empty when it is what the plan says, disarmed, and at its base."""

    drone: str
    link: str
    system_id: int
    defects: tuple[str, ...]


DEFAULTS = IdentityParams()


async def identify(plan: Plan, vehicles: Vehicles, folder: Path, params: IdentityParams = DEFAULTS) -> list[Identity]:
    """Listen on every link until all have said who and where they are, or patience ends. Heartbeats are all that is sent."""
    async with open_vehicles(plan, vehicles, folder) as opened:
        fleet = opened.fleet()
        heard: set[str] = set()
        end_s = fleet.now_s + params.patience_s
        while fleet.now_s < end_s and not all(_is_clear(fleet, address, heard) for address in opened.addresses):
            heard |= {event.drone for event in await fleet.step() if isinstance(event, Connected)}
        return [_identity(plan, address, fleet.state(address.drone), address.drone in heard, params) for address in opened.addresses]


def _is_clear(fleet: Fleet, address: VehicleAddress, heard: set[str]) -> bool:
    return address.drone in heard and fleet.state(address.drone).position is not None


def _identity(plan: Plan, address: VehicleAddress, state: VehicleState, heard: bool, params: IdentityParams) -> Identity:
    defects = tuple(_defects(plan, address, state, params)) if heard else (f"system id {address.system_id} was not heard",)
    return Identity(drone=address.drone, link=address.link, system_id=address.system_id, defects=defects)


def _defects(plan: Plan, address: VehicleAddress, state: VehicleState, params: IdentityParams) -> list[str]:
    drone = plan.drone(address.drone)
    kind, base = plan.drone_type(drone.type).kind, plan.base(drone.base)
    defects = []
    if (vehicle_class(state.vehicle_type) is VehicleClass.COPTER) != (kind is VehicleKind.COPTER):
        defects.append(f"says that it is of MAVLink type {state.vehicle_type}, the plan has a {kind}")
    if state.position is None:
        defects.append("does not know where it is")
    elif (away_m := geodesic_m(state.position, base.location)) > params.base_radius_m:
        defects.append(f"is {away_m:.0f} m from its base {base.id}")
    if state.armed:
        defects.append("is armed")
    return defects
