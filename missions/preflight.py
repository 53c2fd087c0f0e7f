"""Before anybody takes off: keys on board, how much each vehicle can hold, and its failsafes as the plan counts on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mavlink_bridge import events as e
from mavlink_bridge.enums import MavState, MissionType
from mavlink_bridge.fleet import Fleet
from mavlink_bridge.fleet_signing import new_key
from mavlink_bridge.signing import SigningKey
from missions.airspaces import Room
from missions.errors import InputError
from missions.failsafes import NAMES, Difference, differences
from planner.model import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightParams:
    """Vehicle seconds: how long a vehicle may take to start, and to answer everything that it is asked then."""

    start_s: float = 20.0
    answers_s: float = 60.0


DEFAULTS = PreflightParams()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What each can hold, and what is to be told of them. Who did not answer is in none."""

    rooms: Mapping[str, Room] = field(default_factory=dict)
    alerts: tuple[e.Alert, ...] = ()


async def prepare(
    plan: Plan, fleet: Fleet, *, new_keys: bool, fences: bool, sets_failsafes: bool, params: PreflightParams = DEFAULTS
) -> Prepared:
    """Ask, and set what may be set; vehicles that do not answer are left as they are. Raises InputError when a key is not taken.

    `new_keys` gives each vehicle a key for this flight alone.
    """
    heard, drones = list[e.FleetEvent](), fleet.drones
    await _until(fleet, heard, lambda: all(_is_up(fleet, drone) for drone in drones), params.start_s)
    up = [drone for drone in drones if _is_up(fleet, drone) and not fleet.state(drone).armed]
    if new_keys:
        await _give_keys(fleet, heard, up, params)
    values, rooms = await _asked(fleet, heard, up, params)
    wanted = {drone: differences(plan, plan.drone(drone), told, fence=fences) for drone, told in values.items() if told}
    left = await _set(fleet, heard, wanted, params) if sets_failsafes else wanted
    return Prepared(rooms=rooms, alerts=tuple(_alerts(drones, values, left, fleet.now_s)))


def _is_up(fleet: Fleet, drone: str) -> bool:
    return fleet.state(drone).system_status >= MavState.STANDBY


async def _until(fleet: Fleet, heard: list[e.FleetEvent], is_done: Callable[[], bool], patience_s: float) -> None:
    end_s = fleet.now_s + patience_s
    while fleet.now_s < end_s and not is_done():
        heard += await fleet.step()


async def _give_keys(fleet: Fleet, heard: list[e.FleetEvent], drones: Sequence[str], params: PreflightParams) -> None:
    ends = await change_keys(fleet, heard, {drone: new_key() for drone in drones}, patience_s=params.answers_s)
    for drone in drones:
        end = ends.get(drone)
        if end is None or end.outcome is not e.UploadOutcome.VERIFIED:
            reason = end.reason if end is not None else "it did not answer"
            raise InputError(f"{drone} did not take its key: {reason}", key="--signed", mend="leave it out")


async def change_keys(
    fleet: Fleet, heard: list[e.FleetEvent], keys: Mapping[str, SigningKey | None], *, patience_s: float
) -> Mapping[str, e.SigningEnded]:
    """Have each vehicle take its key (None: go unsigned); how that ended, of those that it ended for."""
    begun = len(heard)
    for drone, key in keys.items():
        fleet.change_key(drone, key)

    def ends() -> dict[str, e.SigningEnded]:
        return {event.drone: event for event in heard[begun:] if isinstance(event, e.SigningEnded)}

    await _until(fleet, heard, lambda: len(ends()) == len(keys), patience_s)
    return ends()


async def _asked(
    fleet: Fleet, heard: list[e.FleetEvent], drones: Sequence[str], params: PreflightParams
) -> tuple[dict[str, dict[str, float]], dict[str, Room]]:
    """Parameters, and room for fences and rally points. Answers come in the order of the questions: the last one ends it."""
    begun = len(heard)
    for drone in drones:
        fleet.ask_capacity(drone, MissionType.FENCE)
        fleet.ask_capacity(drone, MissionType.RALLY)
        fleet.read_parameters(drone, NAMES)

    def values() -> dict[str, dict[str, float]]:
        return {event.drone: event.values for event in heard[begun:] if isinstance(event, e.ParametersTold)}

    await _until(fleet, heard, lambda: len(values()) == len(drones), params.answers_s)
    rooms: dict[str, Room] = {}
    for event in heard[begun:]:
        if isinstance(event, e.CapacityTold) and event.items:
            room = rooms.get(event.drone, Room())
            rooms[event.drone] = replace(room, fence=event.items) if event.kind == "fence" else replace(room, rally=event.items)
    return values(), rooms


async def _set(
    fleet: Fleet, heard: list[e.FleetEvent], wanted: Mapping[str, tuple[Difference, ...]], params: PreflightParams
) -> dict[str, tuple[Difference, ...]]:
    """What is left afterwards."""
    begun = len(heard)
    for drone, changes in wanted.items():
        for change in changes:
            fleet.set_parameter(drone, change.name, change.wants)

    def changed() -> set[tuple[str, str]]:
        return {(event.drone, event.name) for event in heard[begun:] if isinstance(event, e.ParameterChanged)}

    await _until(fleet, heard, lambda: len(changed()) == sum(map(len, wanted.values())), params.answers_s)
    good = {(event.drone, event.name) for event in heard[begun:] if isinstance(event, e.ParameterChanged) and event.accepted}
    return {drone: tuple(change for change in changes if (drone, change.name) not in good) for drone, changes in wanted.items()}


def _alerts(
    drones: Sequence[str], values: Mapping[str, object], left: Mapping[str, tuple[Difference, ...]], now_s: float
) -> Sequence[e.Alert]:
    texts = {drone: f"failsafes are not as planned: {'; '.join(map(str, changes))}" for drone, changes in left.items() if changes}
    texts |= {drone: "its failsafes are not known: it did not tell its parameters" for drone in drones if not values.get(drone)}
    return [
        e.Alert(drone=drone, at_s=now_s, level=e.AlertLevel.WARNING, rule="failsafes", text=text) for drone, text in sorted(texts.items())
    ]
