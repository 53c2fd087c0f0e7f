"""What is asked and set before anybody takes off, and the fences that then are on board and watched."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import shapely

from mavlink_bridge.enums import MavCmd
from mavlink_bridge.events import Alert
from mavlink_bridge.signing import Admission, SigningKey
from missions.airspaces import Airspaces, Room
from missions.control.messages import PatrolEvent, Verdict
from missions.errors import InputError
from missions.failsafes import NAMES, ceiling_m, differences
from missions.fly import FlightOrder, fly
from missions.preflight import PreflightParams, Prepared, prepare
from missions.vehicles import ArduPilot, Embedded, OpenVehicles, Vehicles, open_vehicles
from planner.geo import LatLon
from planner.model import VehicleKind
from sitl.ardupilot import find_ardupilot
from sitl.simulated_fleet import LockstepLinks
from sitl.vehicle import EmbeddedVehicle
from tests.missions.tiny_mission import whole_tiny_plan

PLAN = whole_tiny_plan()
DRONE = PLAN.drone("w1")
TOP_M = ceiling_m(PLAN, DRONE)
GOOD = {
    "FENCE_ENABLE": 1.0,
    "FENCE_TYPE": 5.0,
    "FENCE_ACTION": 1.0,
    "FENCE_ALT_MAX": TOP_M,
    "FS_GCS_ENABLE": 0.0,
    "FS_OPTIONS": 16.0,
    "BATT_FS_LOW_ACT": 2.0,
    "BATT_LOW_VOLT": 0.0,
    "BATT_LOW_MAH": 300.0,
    "BATT_CAPACITY": 3300.0,
}


def wanted(**changes: float) -> dict[str, float]:
    return {each.name: each.wants for each in differences(PLAN, DRONE, {**GOOD, **changes})}


def test_what_is_as_the_plan_counts_on_is_left_alone() -> None:
    assert differences(PLAN, DRONE, GOOD) == ()


@pytest.mark.parametrize(
    ("changes", "wants"),
    [
        ({"FENCE_ENABLE": 0.0}, {"FENCE_ENABLE": 1.0}),
        # A circle around home would end the flight after 300 m.
        ({"FENCE_TYPE": 7.0}, {"FENCE_TYPE": 5.0}),
        ({"FENCE_ALT_MAX": 10.0}, {"FENCE_ALT_MAX": TOP_M}),
        ({"FENCE_ALT_MAX": 1000.0}, {"FENCE_ALT_MAX": TOP_M}),
        ({"FENCE_ACTION": 0.0}, {"FENCE_ACTION": 1.0}),
        ({"FS_GCS_ENABLE": 1.0}, {"FS_OPTIONS": 18.0}),
        ({"FS_GCS_ENABLE": 1.0, "FS_OPTIONS": 18.0}, {}),
        ({"BATT_FS_LOW_ACT": 0.0}, {"BATT_FS_LOW_ACT": 2.0}),
        ({"BATT_LOW_VOLT": 10.5, "BATT_LOW_MAH": 0.0}, {}),
    ],
)
def test_each_failsafe_that_differs_is_named_with_what_it_should_be(changes: Mapping[str, float], wants: dict[str, float]) -> None:
    assert wanted(**changes) == wants


def test_a_camera_that_the_mission_releases_is_wanted_and_off_outside_of_it() -> None:
    types = tuple(replace(kind, sensor=replace(kind.sensor, trigger_distance_m=20.0)) for kind in PLAN.drone_types)
    with_camera = replace(PLAN, drone_types=types)
    assert [each.name for each in differences(with_camera, DRONE, GOOD)] == ["CAM1_TYPE", "CAM_AUTO_ONLY"]
    assert differences(with_camera, DRONE, {**GOOD, "CAM1_TYPE": 4.0, "CAM_AUTO_ONLY": 1.0}) == ()


def test_a_low_battery_is_half_of_the_reserve_where_nobody_said_otherwise() -> None:
    reserve = PLAN.drone_type(DRONE.type).reserve
    assert wanted(BATT_LOW_MAH=0.0) == {"BATT_LOW_MAH": float(round(0.5 * reserve * 3300.0))}


def test_a_fence_is_switched_on_after_its_shape_and_height_are_set() -> None:
    names = [each.name for each in differences(PLAN, DRONE, dict.fromkeys(NAMES, 0.0))]
    assert names[:4] == ["FENCE_TYPE", "FENCE_ALT_MAX", "FENCE_ACTION", "FENCE_ENABLE"]
    assert "FENCE_ENABLE" not in {each.name for each in differences(PLAN, DRONE, dict.fromkeys(NAMES, 0.0), fence=False)}


def test_a_sorties_fence_fits_what_the_vehicle_holds_and_holds_the_sortie() -> None:
    sortie = PLAN.sorties[0]
    for most in (12, 70):
        airspace = Airspaces(rooms={sortie.drone: Room(fence=most, rally=1)}).of(PLAN, sortie)
        assert {item.command for item in airspace.fence} == {MavCmd.NAV_FENCE_POLYGON_VERTEX_INCLUSION}
        # As ArduPilot stores one polygon, in eight bytes for each item that it says to hold.
        assert 8 * len(airspace.fence) + 2 + 5 <= 8 * most
        ring = shapely.Polygon([(item.y / 1e7, item.x / 1e7) for item in airspace.fence])
        assert all(ring.covers(shapely.Point(point.lon_deg, point.lat_deg)) for leg in sortie.legs for point in leg.points)
        assert [item.seq for item in airspace.fence] == list(range(len(airspace.fence)))
        assert len(airspace.rally) == 1


def test_a_way_beyond_the_fence_is_not_let_pass() -> None:
    sortie, airspaces = PLAN.sorties[0], Airspaces()
    here = sortie.legs[0].start.ground
    assert airspaces.lets_pass(PLAN, sortie, [here])
    assert airspaces.lets_pass(PLAN, sortie, [here, sortie.legs[1].end.ground])
    assert not airspaces.lets_pass(PLAN, sortie, [here, LatLon(lat_deg=here.lat_deg + 1.0, lon_deg=here.lon_deg)])


# --- on vehicles -----------------------------------------------------------------------------------------------------


def prepared(
    vehicles: Vehicles,
    folder: Path,
    *,
    new_keys: bool = False,
    sets_failsafes: bool = True,
    params: PreflightParams = PreflightParams(),  # noqa: B008  # frozen
) -> tuple[Prepared, OpenVehicles]:
    async def run() -> tuple[Prepared, OpenVehicles]:
        async with open_vehicles(PLAN, vehicles, folder) as opened:
            done = await prepare(PLAN, opened.fleet(), new_keys=new_keys, fences=True, sets_failsafes=sets_failsafes, params=params)
            if new_keys:
                await speaks_signed(opened)
            return done, opened

    return asyncio.run(run())


async def speaks_signed(vehicles: OpenVehicles) -> None:
    fleet = vehicles.fleet()
    end_s = fleet.now_s + 5.0
    while fleet.now_s < end_s:
        await fleet.step()
    for address in vehicles.addresses:
        # Nothing that was on its way from one fleet to the next is taken for an attack.
        counts = fleet.signing_counts(address.drone)
        assert counts.keys() == {Admission.ACCEPTED}
        assert counts[Admission.ACCEPTED] > 5


on_both = pytest.mark.parametrize(
    "vehicles",
    [
        Embedded(),
        pytest.param(
            ArduPilot(speedup=20.0),
            marks=[
                pytest.mark.ardupilot,
                pytest.mark.skipif(find_ardupilot(VehicleKind.COPTER) is None, reason="arducopter is not installed"),
            ],
        ),
    ],
    ids=["embedded", "ardupilot"],
)


@on_both
def test_every_vehicle_tells_its_room_takes_its_key_and_is_set_as_planned(vehicles: Vehicles, tmp_path: Path) -> None:
    done, opened = prepared(vehicles, tmp_path, new_keys=True)
    assert done.alerts == ()
    assert done.rooms == {drone: Room(fence=70, rally=46) for drone in ("w1", "w2")}
    assert opened.signing.drones == {"w1", "w2"}


def embedded(opened: OpenVehicles, drone: str) -> EmbeddedVehicle:
    assert isinstance(opened.links, LockstepLinks)
    return opened.links.vehicles[drone]


def test_without_consent_nothing_is_set_and_what_differs_is_told(tmp_path: Path) -> None:
    done, opened = prepared(Embedded(), tmp_path, sets_failsafes=False)
    assert [alert.drone for alert in done.alerts] == ["w1", "w2"]
    assert "FENCE_ENABLE is 0, wanted 1: it watches its fence itself" in done.alerts[0].text
    assert embedded(opened, "w1")._core.parameters["FENCE_ENABLE"] == 0.0


def test_who_does_not_answer_is_told_and_delays_nobody_for_ever(tmp_path: Path) -> None:
    done, _ = prepared(Embedded(loss=0.9999), tmp_path, params=PreflightParams(start_s=1.0, answers_s=1.0))
    assert {alert.text for alert in done.alerts} == {"its failsafes are not known: it did not tell its parameters"}
    assert done.rooms == {}


def test_a_key_that_is_not_taken_ends_it(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_vehicles(PLAN, Embedded(), tmp_path) as opened:
            params = PreflightParams(answers_s=0.0)
            await prepare(PLAN, opened.fleet(), new_keys=True, fences=True, sets_failsafes=True, params=params)

    with pytest.raises(InputError, match="did not take its key"):
        asyncio.run(run())


def test_no_key_is_in_anything_that_a_signed_flight_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    key = SigningKey(b"correct horse".ljust(32, b"!"))
    monkeypatch.setattr("missions.preflight.new_key", lambda: key)
    caplog.set_level(logging.DEBUG)
    order = FlightOrder(plan=PLAN, vehicles=Embedded(signed=True), folder=tmp_path)
    events: list[PatrolEvent] = []
    end = asyncio.run(fly(order, watchers=[events.append]))
    assert end.account is not None
    assert end.account.verdict is Verdict.PASS
    assert [event for event in events if isinstance(event, Alert)] == []
    told = capfd.readouterr()
    left = [path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()]
    left += [told.out.encode(), told.err.encode(), caplog.text.encode(), repr(events).encode(), repr(order).encode()]
    assert len(left) > 8
    for content in left:
        assert key.secret not in content
        assert key.secret.hex().encode() not in content.lower()
    # Fences went with the missions, and what was asked before take-off is on record, too.
    tlog = (tmp_path / "w1.tlog").read_bytes()
    assert b"@MISSION/fence.dat" in tlog
    assert b"@MISSION/rally.dat" in tlog
    assert b"@PARAM/param.pck" in tlog
