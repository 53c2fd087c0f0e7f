"""Who answers on each link, before anything is changed on it: the airframe that the plan means, of its kind, at its base?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mavlink_bridge.events import Alert, Connected, ParametersTold
from mavlink_bridge.fleet import Fleet, VehicleAddress
from mavlink_bridge.modes import VehicleClass, autopilot_name, vehicle_class
from mavlink_bridge.vehicle_state import VehicleState
from missions.failsafes import NAMES, Difference, differences
from missions.links_file import Airframe
from missions.vehicles import Real, Vehicles, open_vehicles
from planner.geo import geodesic_m
from planner.model import Plan, VehicleKind


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityParams:
    """Vehicle seconds, and metres from its first base within which an airframe stands where the plan has it."""

    patience_s: float = 30.0
    base_radius_m: float = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One drone's answer. `defects` are empty when it is what the plan and the links file say, disarmed, and at its base.

    `autopilot` and `firmware` are in words, `board` is its board's own number. `failsafes` are parameters that are not what the plan
    counts on; `tells` says whether it told any at all: a vehicle that has a signing key answers only who has it.
    """

    drone: str
    link: str
    system_id: int
    autopilot: str = ""
    firmware: str = ""
    board: str = ""
    defects: tuple[str, ...]
    failsafes: tuple[Difference, ...] = ()
    tells: bool = True


DEFAULTS = IdentityParams()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Of each drone that was listened for; `strangers` tell of systems on the links that the plan does not have."""

    identities: tuple[Identity, ...]
    strangers: tuple[str, ...] = ()


async def identify(plan: Plan, vehicles: Vehicles, folder: Path, params: IdentityParams = DEFAULTS) -> list[Identity]:
    """As `who_answers`, of the plan's drones alone."""
    return list((await who_answers(plan, vehicles, folder, params)).identities)


async def who_answers(plan: Plan, vehicles: Vehicles, folder: Path, params: IdentityParams = DEFAULTS) -> Answers:
    """Listen on every link until all have said who and where they are, or patience ends. Nothing is changed on anybody."""
    airframes = vehicles.airframes if isinstance(vehicles, Real) else {}
    async with open_vehicles(plan, vehicles, folder) as opened:
        fleet = opened.fleet()
        heard, values, strangers = set[str](), dict[str, dict[str, float]](), list[str]()
        for address in opened.addresses:
            names = (*NAMES, *airframes.get(address.drone, _ANY).parameters)
            fleet.read_parameters(address.drone, names)
        end_s = fleet.now_s + params.patience_s
        while fleet.now_s < end_s and not all(_is_clear(fleet, address, heard, values) for address in opened.addresses):
            for event in await fleet.step():
                match event:
                    case Connected():
                        heard.add(event.drone)
                    case ParametersTold():
                        values[event.drone] = event.values
                    case Alert(drone="", text=text):
                        strangers.append(text)
                    case _:
                        pass
        look = Look(plan, params, heard, values)
        found = (look.at(address, fleet.state(address.drone), airframes.get(address.drone, _ANY)) for address in opened.addresses)
        return Answers(identities=tuple(found), strangers=tuple(strangers))


_ANY = Airframe()


def _is_clear(fleet: Fleet, address: VehicleAddress, heard: set[str], values: Mapping[str, object]) -> bool:
    return address.drone in heard and address.drone in values and fleet.state(address.drone).position is not None


@dataclass(frozen=True, slots=True)
class Look:
    """What was heard, against what the plan and the links file have."""

    plan: Plan
    params: IdentityParams
    heard: set[str]
    values: Mapping[str, Mapping[str, float]]

    def at(self, address: VehicleAddress, state: VehicleState, airframe: Airframe) -> Identity:
        values = self.values.get(address.drone, {})
        silent = (f"system id {address.system_id} was not heard",)
        is_heard = address.drone in self.heard
        return Identity(
            drone=address.drone,
            link=address.link,
            system_id=address.system_id,
            autopilot=autopilot_name(state.autopilot) if is_heard else "",
            firmware=state.firmware,
            board=state.board_id,
            defects=tuple(self._defects(address, state, airframe, values)) if is_heard else silent,
            failsafes=differences(self.plan, self.plan.drone(address.drone), values) if values else (),
            tells=bool(values),
        )

    def _defects(self, address: VehicleAddress, state: VehicleState, airframe: Airframe, values: Mapping[str, float]) -> Iterator[str]:
        drone = self.plan.drone(address.drone)
        kind, base = self.plan.drone_type(drone.type).kind, self.plan.base(drone.base)
        if (vehicle_class(state.vehicle_type) is VehicleClass.COPTER) != (kind is VehicleKind.COPTER):
            yield f"says that it is of MAVLink type {state.vehicle_type}, the plan has a {kind}"
        if airframe.board is not None and airframe.board != state.board_id:
            yield f"its board is {state.board_id or 'unknown'}, the links file has {airframe.board}"
        for name, wanted in airframe.parameters.items():
            has = values.get(name)
            # As they travel: parameters are 32-bit floats.
            if has is None or abs(has - wanted) > 1e-6 * max(1.0, abs(wanted)):
                yield f"{name} is {'unknown' if has is None else f'{has:g}'}, the links file has {wanted:g}"
        if state.position is None:
            yield "does not know where it is"
        elif (away_m := geodesic_m(state.position, base.location)) > self.params.base_radius_m:
            yield f"is {away_m:.0f} m from its base {base.id}"
        if state.armed:
            yield "is armed"
