"""Links that fail and sessions that crash: what is told of them, and what goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from mavlink_bridge import events as e
from mavlink_bridge import messages as m
from mavlink_bridge.enums import MavCmd
from mavlink_bridge.fleet import Fleet
from mavlink_bridge.link import FleetLinks, Received
from mavlink_bridge.vehicle import VehicleSession
from sitl.config import configs_from_plan
from sitl.simulated_fleet import LockstepLinks
from tests.mavlink_bridge.flight_scenarios import (
    Pilot,
    addresses,
    down,
    ends,
    fly,
    fly_over,
    is_home,
    take_off,
)
from tests.mavlink_bridge.small_patrol import Hands, missions_of, plan_with, promised_story, two_lanes


class CutLinks:
    """A `FleetLinks` on which nothing passes during some vehicle time."""

    def __init__(self, links: FleetLinks) -> None:
        self._links = links
        self.cut_from_s = self.cut_to_s = -1.0

    @property
    def now_s(self) -> float:
        return self._links.now_s

    @property
    def _is_cut(self) -> bool:
        return self.cut_from_s <= self.now_s < self.cut_to_s

    async def exchange(self) -> Sequence[Received]:
        received = await self._links.exchange()
        return [] if self._is_cut else received

    def send(self, link: str, data: bytes) -> None:
        if not self._is_cut:
            self._links.send(link, data)

    async def close(self) -> None:
        await self._links.close()


def test_a_link_that_is_lost_and_comes_back_is_told_of_and_changes_no_story() -> None:
    plan = plan_with(two_lanes())
    links = CutLinks(LockstepLinks(configs_from_plan(plan)))

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, plan)
        links.cut_from_s, links.cut_to_s = hands.fleet.now_s, hands.fleet.now_s + 30.0
        await down(hands, plan)

    hands = fly_over(links, scenario, plan)
    (mission,) = missions_of(plan).values()
    assert [type(event) for event in hands.told("d1", e.LinkLost, e.LinkRestored)] == [e.LinkLost, e.LinkRestored]
    assert hands.story("d1") == promised_story(mission)


class SharedRadio:
    """One link to all vehicles of another `FleetLinks`: everybody hears everything."""

    def __init__(self, links: FleetLinks, names: Sequence[str]) -> None:
        self._links = links
        self._names = names

    @property
    def now_s(self) -> float:
        return self._links.now_s

    async def exchange(self) -> Sequence[Received]:
        return [replace(item, link="radio") for item in await self._links.exchange()]

    def send(self, _link: str, data: bytes) -> None:
        for name in self._names:
            self._links.send(name, data)

    async def close(self) -> None:
        await self._links.close()


def test_several_vehicles_share_one_link() -> None:
    plan = plan_with(two_lanes(), two_lanes(60, -90))
    links = SharedRadio(LockstepLinks(configs_from_plan(plan)), ["d1", "d2"])
    places = [replace(address, link="radio") for address in addresses(plan)]
    hands = fly_over(links, lambda hands, _pilot: hands.fly(missions_of(plan)), plan, places)
    for drone, mission in missions_of(plan).items():
        assert hands.story(drone) == promised_story(mission)


def test_a_vehicle_that_is_not_in_the_plan_is_told_of_once_and_never_commanded() -> None:
    plan = plan_with(two_lanes(), two_lanes(60, -90))
    links = LockstepLinks(configs_from_plan(plan))
    places = [replace(addresses(plan)[0], link="radio")]
    hands = fly_over(SharedRadio(links, ["d1", "d2"]), lambda hands, _pilot: hands.fly({"d1": missions_of(plan)["d1"]}), plan, places)
    alerts = [event for event in hands.events if isinstance(event, e.Alert)]
    assert [(alert.drone, alert.rule) for alert in alerts] == [("", "unknown_system")]
    assert "system 2 on link radio" in alerts[0].text
    assert not links.vehicles["d2"].truth.armed


def test_a_bug_in_one_session_costs_that_session_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_with(two_lanes(), two_lanes(60, -90))
    sound = VehicleSession.receive

    def buggy(self: VehicleSession, frame: m.Frame, now_s: float) -> object:
        if self.drone == "d1" and isinstance(frame.message, m.MissionItemReached):
            raise ZeroDivisionError("a bug")
        return sound(self, frame, now_s)

    monkeypatch.setattr(VehicleSession, "receive", buggy)

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, plan, until=e.Armed)
        await hands.until_all(e.Disarmed, ["d2"])

    hands = fly(scenario, plan)
    crashes = hands.told("d1", e.SessionCrashed)
    assert crashes
    assert isinstance(crashes[0], e.SessionCrashed)
    assert "ZeroDivisionError: a bug" in crashes[0].text
    assert hands.story("d2") == promised_story(missions_of(plan)["d2"])


def test_a_session_that_crashed_can_still_be_recalled(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_with(two_lanes())
    sound = VehicleSession.receive
    crashed: list[m.Frame] = []

    def buggy(self: VehicleSession, frame: m.Frame, now_s: float) -> object:
        if isinstance(frame.message, m.MissionItemReached) and not crashed:
            crashed.append(frame)
            raise ZeroDivisionError("a bug")
        return sound(self, frame, now_s)

    monkeypatch.setattr(VehicleSession, "receive", buggy)

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, plan, until=e.SessionCrashed)
        hands.fleet.recall("d1")
        await down(hands, plan)

    hands = fly(scenario, plan)
    assert ends(hands, MavCmd.NAV_RETURN_TO_LAUNCH) == [True]
    assert is_home(hands, "d1")


def test_two_drones_at_one_address_are_refused() -> None:
    plan = plan_with(two_lanes())
    (address,) = addresses(plan)
    links = LockstepLinks(configs_from_plan(plan))
    with pytest.raises(ValueError, match="same"):
        Fleet([address, replace(address, drone="other")], links)
    with pytest.raises(ValueError, match="same"):
        Fleet([address, replace(address, system_id=9)], links)
