"""Keys set up, flown with, changed and removed, and parameters read and set, on embedded vehicles and on ArduPilot itself.

On the second port of a vehicle, for the first is taken to be safe and lets anybody in (recorded: k16).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from mavlink_bridge import events as e
from mavlink_bridge import messages as m
from mavlink_bridge.codec import Encoder
from mavlink_bridge.enums import CopterMode, MavCmd, MavState, MissionType
from mavlink_bridge.fleet import Fleet, FleetParams
from mavlink_bridge.link import FleetLinks
from mavlink_bridge.lossy import LossParams, LossyLinks
from mavlink_bridge.signing import Admission, Signing, SigningKey
from mavlink_bridge.vehicle import SessionParams
from planner.model import Plan
from sitl.config import configs_from_plan
from sitl.simulated_fleet import LockstepLinks
from tests.mavlink_bridge.flight_scenarios import addresses, down, on_both, second_ports, take_off
from tests.mavlink_bridge.small_patrol import Hands, missions_of, plan_with, promised_story, two_lanes

FIRST, SECOND, WRONG = SigningKey(bytes(range(32))), SigningKey(bytes(range(1, 33))), SigningKey(bytes(range(2, 34)))
NOW_S = 1_795_435_200.0


def on_second_port(scenario: Callable[[Hands, FleetLinks], Awaitable[None]], plan: Plan, backend: str) -> Hands:
    async def run() -> Hands:
        async with second_ports(plan, backend) as (_, links):
            hands = Hands(Fleet(addresses(plan), links))
            await scenario(hands, links)
            return hands

    return asyncio.run(run())


async def key_ends(hands: Hands) -> e.SigningEnded:
    await hands.until_all(e.SigningEnded, ["d1"], limit_s=60.0)
    end = hands.told("d1", e.SigningEnded)[-1]
    assert isinstance(end, e.SigningEnded)
    return end


async def is_obeyed(hands: Hands, links: FleetLinks, key: SigningKey | None) -> bool:
    """Whether the vehicle goes into another mode when somebody with this key says so."""
    before = hands.fleet.state("d1").custom_mode
    wanted = CopterMode.ALT_HOLD if before == CopterMode.STABILIZE else CopterMode.STABILIZE
    sealed = Signing("intruder", key, unix_s=4e9).sign if key else None
    order = m.CommandLong(target_system=1, target_component=1, command=MavCmd.DO_SET_MODE, param1=1.0, param2=float(wanted))
    encoder, until_s = Encoder(system_id=255, component_id=190), hands.fleet.now_s + 4.0
    for _ in range(3):
        links.send("d1", encoder.encode(order, (lambda frame: sealed(frame, 4e9)) if sealed else None))
    await hands.until(lambda _events: hands.fleet.now_s > until_s)
    return hands.fleet.state("d1").custom_mode == wanted


@on_both
def test_a_key_is_set_up_flown_with_changed_and_removed(backend: str) -> None:
    plan = plan_with(two_lanes())

    async def scenario(hands: Hands, links: FleetLinks) -> None:
        await hands.until(lambda _events: hands.fleet.state("d1").system_status >= MavState.STANDBY)
        assert await is_obeyed(hands, links, None)
        hands.fleet.change_key("d1", FIRST)
        assert (await key_ends(hands)).outcome is e.UploadOutcome.VERIFIED
        assert not await is_obeyed(hands, links, None)
        assert not await is_obeyed(hands, links, WRONG)
        await take_off(hands, plan)
        hands.fleet.change_key("d1", SECOND)
        assert (await key_ends(hands)).outcome is e.UploadOutcome.FAILED
        await down(hands, plan)
        assert hands.fleet.signing_counts("d1").keys() == {Admission.ACCEPTED}
        hands.fleet.change_key("d1", SECOND)
        assert (await key_ends(hands)).outcome is e.UploadOutcome.VERIFIED
        hands.fleet.change_key("d1", None)
        assert (await key_ends(hands)).outcome is e.UploadOutcome.VERIFIED
        assert hands.fleet.signing_counts("d1") == {}
        assert await is_obeyed(hands, links, None)

    hands = on_second_port(scenario, plan, backend)
    (mission,) = missions_of(plan).values()
    assert hands.story("d1") == promised_story(mission)
    assert [event for event in hands.told("d1", e.Alert) if isinstance(event, e.Alert) and event.rule == "signing"] == []


@on_both
def test_parameters_come_as_a_file_and_what_was_set_is_read_back(backend: str) -> None:
    plan = plan_with(two_lanes())

    async def scenario(hands: Hands, _links: FleetLinks) -> None:
        fleet = hands.fleet
        fleet.read_parameters("d1", ["FENCE_ACTION", "SYSID_THISMAV", "NO_SUCH_NAME"])
        fleet.set_parameter("d1", "FENCE_ACTION", 4.0)
        fleet.read_parameters("d1", ["FENCE_ACTION"])
        fleet.ask_capacity("d1", MissionType.FENCE)
        fleet.ask_capacity("d1", MissionType.RALLY)
        await hands.until(lambda events: sum(isinstance(event, e.CapacityTold) for event in events) == 2, limit_s=60.0)

    hands = on_second_port(scenario, plan, backend)
    first, second = (event for event in hands.events if isinstance(event, e.ParametersTold))
    assert first.values == {"FENCE_ACTION": 1.0, "SYSID_THISMAV": 1.0}
    assert second.values == {"FENCE_ACTION": 4.0}
    assert [(event.name, event.accepted) for event in hands.events if isinstance(event, e.ParameterChanged)] == [("FENCE_ACTION", True)]
    assert [(event.kind, event.items) for event in hands.events if isinstance(event, e.CapacityTold)] == [("fence", 70), ("rally", 46)]


def test_a_vehicle_that_offers_no_files_is_asked_one_by_one() -> None:
    plan = plan_with(two_lanes())
    links = LockstepLinks(configs_from_plan(plan))
    hands = Hands(Fleet(addresses(plan), links, params=FleetParams(session=SessionParams(use_files=False))))
    hands.fleet.read_parameters("d1", ["FENCE_ACTION", "NO_SUCH_NAME"])
    asyncio.run(hands.until_all(e.ParametersTold, ["d1"], limit_s=60.0))
    (told,) = hands.told("d1", e.ParametersTold)
    assert isinstance(told, e.ParametersTold)
    assert told.values == {"FENCE_ACTION": 1.0}


def test_a_vehicle_that_never_starts_ends_every_errand() -> None:
    plan = plan_with(two_lanes())
    hands = Hands(Fleet(addresses(plan), LossyLinks(LockstepLinks(configs_from_plan(plan)), LossParams(loss=0.9999), seed=1)))
    hands.fleet.read_parameters("d1", ["FENCE_ACTION"])
    hands.fleet.set_parameter("d1", "FENCE_ACTION", 1.0)
    hands.fleet.ask_capacity("d1", MissionType.FENCE)
    asyncio.run(hands.until(lambda events: any(isinstance(event, e.CapacityTold) for event in events), limit_s=200.0))
    ends = hands.told("d1", e.ParametersTold, e.ParameterChanged, e.CapacityTold)
    assert [type(event) for event in ends] == [e.ParametersTold, e.ParameterChanged, e.CapacityTold]
    assert [getattr(event, "accepted", None) for event in ends] == [None, None, None]
