from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from mavlink_bridge import messages as m
from mavlink_bridge.codec import Encoder
from mavlink_bridge.events import TrafficSeen
from mavlink_bridge.fleet import Fleet, VehicleAddress
from mavlink_bridge.link import Received
from mavlink_bridge.traffic import AdsbFlag, TrafficEars, TrafficSource
from planner.geo import LatLon

EVERYTHING = AdsbFlag(0xFF)
GLIDER = m.AdsbVehicle(
    icao_address=0x4B1A2C,
    lat_deg=47.5,
    lon_deg=19.0,
    altitude_type=0,
    altitude_m=620.0,
    heading_deg=90.0,
    horizontal_mps=30.0,
    vertical_mps=-1.0,
    callsign="HB1234  ",
    since_s=2,
    flags=EVERYTHING,
)
SOMEBODY = b"\x01\x02\x03\x04\x05\x06" + bytes(14)
DRONE = m.OpenDroneIdLocation(
    id_or_mac=SOMEBODY,
    direction_deg=10.0,
    horizontal_mps=None,
    vertical_mps=None,
    lat_deg=47.5,
    lon_deg=19.0,
    altitude_geodetic_m=250.0,
)


def test_an_aircraft_is_told_of_with_its_name_height_and_age() -> None:
    heard = TrafficEars().hear(GLIDER, 10.0)
    assert heard is not None
    assert (heard.name, heard.alt_amsl_m, heard.seen_s, heard.place) == ("HB1234", 620.0, 8.0, LatLon(lat_deg=47.5, lon_deg=19.0))


def test_what_an_aircraft_does_not_say_is_unknown_and_without_a_place_it_is_not_told_of() -> None:
    heard = TrafficEars().hear(replace(GLIDER, flags=AdsbFlag.VALID_COORDS), 10.0)
    assert heard is not None
    assert (heard.name, heard.alt_amsl_m, heard.heading_deg, heard.speed_mps, heard.climb_mps) == ("4B1A2C", None, None, None, None)
    assert TrafficEars().hear(replace(GLIDER, flags=EVERYTHING & ~AdsbFlag.VALID_COORDS), 10.0) is None
    assert TrafficEars().hear(replace(GLIDER, lat_deg=91.0), 10.0) is None


def test_a_drone_is_told_of_by_the_name_it_gave_and_our_own_broadcast_is_nobody() -> None:
    ears = TrafficEars()
    assert ears.hear(m.OpenDroneIdBasicId(id_or_mac=SOMEBODY, id_type=1, ua_type=2, uas_id=b"1581F5FJB".ljust(20, b"\0")), 1.0) is None
    heard = ears.hear(DRONE, 2.0)
    assert heard is not None
    assert (heard.source, heard.name, heard.alt_amsl_m, heard.speed_mps) == (TrafficSource.REMOTE_ID, "1581F5FJB", 250.0, None)
    assert ears.hear(replace(DRONE, id_or_mac=bytes(20)), 2.0) is None


def test_one_craft_heard_by_many_is_told_of_once_a_second() -> None:
    ears = TrafficEars()
    told_s = [now_s / 10 for now_s in range(30) if ears.hear(GLIDER, now_s / 10) is not None]
    assert told_s == [0.0, 1.0, 2.0]


class OneReceiver:
    """A link on which a receiver says what it hears, as a part of the drone (its system) or by itself."""

    now_s = 1.0

    def __init__(self, system_id: int) -> None:
        self._encoder = Encoder(system_id=system_id, component_id=156)

    async def exchange(self) -> Sequence[Received]:
        return [Received(link="radio", data=self._encoder.encode(GLIDER))]

    def send(self, link: str, data: bytes) -> None: ...

    async def close(self) -> None: ...


@pytest.mark.parametrize("system_id", [7, 200])
def test_what_a_receiver_on_the_link_hears_is_the_fleets_to_tell(system_id: int) -> None:
    fleet = Fleet([VehicleAddress(drone="w1", link="radio", system_id=7)], OneReceiver(system_id))
    told = [event for event in asyncio.run(fleet.step()) if isinstance(event, TrafficSeen)]
    assert [(event.drone, event.traffic.name) for event in told] == [("w1", "HB1234")]
