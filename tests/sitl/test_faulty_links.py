"""A fault file for ArduPilot's own simulation: what it is told, and what its links lose. An embedded vehicle stands in for it."""

from __future__ import annotations

import asyncio

import pytest

from mavlink_bridge import messages as m
from mavlink_bridge.codec import Decoder, Encoder
from sitl.config import VehicleConfig
from sitl.faults import BatteryCollapse, Fault, FaultPlan, GpsLoss, LinkCut, Reboot, RefuseArming, WindChange
from sitl.faulty_links import FaultyLinks
from sitl.simulated_fleet import LockstepLinks
from tests.sitl.station import HASTE, config


def _links(*faults: Fault, configs: tuple[VehicleConfig, ...] | None = None) -> tuple[FaultyLinks, LockstepLinks]:
    configs = configs or (config(),)
    inner = LockstepLinks(configs, readiness=HASTE)
    return FaultyLinks(inner, configs, FaultPlan(fault=faults)), inner


async def _live(links: FaultyLinks, until_s: float) -> list[m.Message]:
    decoder, heard = Decoder(), []
    while links.now_s < until_s:
        for received in await links.exchange():
            heard += [frame.message for frame in decoder.feed(received.data)]
    return heard


@pytest.mark.parametrize(
    ("fault", "name", "value"),
    [
        (GpsLoss(from_s=3.0), "SIM_GPS1_ENABLE", 0.0),
        (WindChange(speed_mps=9.0, direction_deg=270, from_s=3.0), "SIM_WIND_SPD", 9.0),
        (RefuseArming(from_s=3.0), "SIM_MAG1_FAIL", 1.0),
        (BatteryCollapse(remaining_pct=50.0, from_s=3.0), "SIM_BATT_VOLTAGE", 10.8),
    ],
)
def test_the_simulation_s_own_parameter_is_set_when_the_fault_begins(fault: Fault, name: str, value: float) -> None:
    links, inner = _links(fault)
    parameters = inner.vehicles["d1"]._core.parameters
    before = parameters[name]
    asyncio.run(_live(links, 2.9))
    assert parameters[name] == before
    asyncio.run(_live(links, 3.5))
    assert parameters[name] == pytest.approx(value)


def test_a_fault_that_ends_is_lifted() -> None:
    links, inner = _links(GpsLoss(from_s=3.0, to_s=4.0))
    asyncio.run(_live(links, 5.0))
    assert inner.vehicles["d1"]._core.parameters["SIM_GPS1_ENABLE"] == 1.0


def test_only_the_drones_that_are_named_suffer() -> None:
    both = (config(), config(drone="d2", system_id=2))
    links, inner = _links(GpsLoss(from_s=3.0, drones=("d2",)), configs=both)
    asyncio.run(_live(links, 4.0))
    assert [inner.vehicles[drone]._core.parameters["SIM_GPS1_ENABLE"] for drone in ("d1", "d2")] == [1.0, 0.0]


def test_nothing_comes_or_goes_while_the_link_is_cut() -> None:
    links, inner = _links(LinkCut(from_s=3.0, to_s=6.0))
    asyncio.run(_live(links, 3.0))

    async def cut() -> list[m.Message]:
        encoder = Encoder(system_id=255, component_id=190)
        links.send(
            "d1", encoder.encode(m.ParamSet(target_system=1, target_component=1, param_id="RTL_ALT", param_value=9000, param_type=9))
        )
        return await _live(links, 5.9)

    assert asyncio.run(cut()) == []
    assert inner.vehicles["d1"]._core.parameters["RTL_ALT"] == 1500
    assert asyncio.run(_live(links, 8.0))


def test_a_reboot_starts_the_vehicle_s_clock_anew() -> None:
    links, inner = _links(Reboot(from_s=3.0))
    asyncio.run(_live(links, 4.0))
    assert inner.vehicles["d1"].now_s < 1.5
