"""The fleet's common clock: pause, single step and speed, by calls and by words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from sitl.clock_orders import obey
from sitl.errors import ClockOrderError
from sitl.pace import Pace
from sitl.simulated_fleet import LockstepLinks
from tests.sitl.station import config


def fleet() -> LockstepLinks:
    return LockstepLinks([config(drone=f"d{number}", system_id=number + 1) for number in range(2)])


def lived_s(links: LockstepLinks, order: Callable[[Pace], object]) -> list[float]:
    """Vehicle time of each vehicle after an order, when the fleet may then go on for a moment."""

    async def work() -> None:
        order(links.pace)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.08):
                while links.pace.is_paused:
                    await links.exchange()
                raise TimeoutError

    asyncio.run(work())
    assert all(vehicle.now_s == pytest.approx(links.now_s) for vehicle in links.vehicles.values())
    return [vehicle.now_s for vehicle in links.vehicles.values()]


def test_a_paused_fleet_stands_still_and_a_single_step_moves_every_vehicle_once() -> None:
    links = fleet()
    assert lived_s(links, lambda pace: pace.pause()) == [0.0, 0.0]
    assert lived_s(links, lambda pace: pace.single_step()) == pytest.approx([0.1, 0.1])
    assert lived_s(links, lambda pace: obey(pace, "step 3\n")) == pytest.approx([0.4, 0.4])


def test_speed_counts_from_when_it_was_changed() -> None:
    async def work() -> float:
        pace, loop = Pace(1000.0), asyncio.get_running_loop()
        await pace.wait(0.0)
        obey(pace, "speed 100")
        began_s = loop.time()
        for number in range(1, 6):
            await pace.wait(float(number))
        return loop.time() - began_s

    assert 0.035 < asyncio.run(work()) < 0.5


def test_orders_say_what_they_have_come_to() -> None:
    pace = Pace(5.0)
    assert obey(pace, "pause") == "paused"
    assert obey(pace, "speed 8") == "paused"
    assert obey(pace, "step") == "paused, 1 step taken"
    assert obey(pace, "go") == "running at 8 times real time"


@pytest.mark.parametrize("order", ["", "stop", "speed", "speed fast", "speed 0", "step -1", "step 1 2"])
def test_what_is_no_order_is_refused_and_changes_nothing(order: str) -> None:
    pace = Pace(5.0)
    with pytest.raises(ClockOrderError):
        obey(pace, order)
    assert pace.speedup == 5.0
    assert not pace.is_paused
