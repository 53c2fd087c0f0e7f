"""Signed links as ArduPilot keeps them (GCS_Signing, 4.7.0-dev; k16), with pymavlink's signing as the other half."""

from __future__ import annotations

from typing import Any

import pytest
from pymavlink.dialects.v20 import ardupilotmega as dialect

from mavlink_bridge import messages as m
from mavlink_bridge.codec import Decoder
from sitl.link_signing import LinkSigning
from sitl.vehicle import EmbeddedVehicle
from tests.sitl.station import ARM, HASTE, Station, config

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
NOW = 36_000_000_000_000
MINUTE = 6_000_000


class Client:
    """A station on the vehicle's second link whose frames pymavlink signs and checks."""

    def __init__(self, vehicle: EmbeddedVehicle, *, key: bytes | None = KEY, time: int = NOW, link_id: int = 3, link: int = 1) -> None:
        self._vehicle, self._link = vehicle, link
        self.wire = dialect.MAVLink(None, srcSystem=250, srcComponent=190)
        if key is not None:
            self.wire.signing.secret_key = key
            self.wire.signing.link_id = link_id
            self.wire.signing.timestamp = time
            self.wire.signing.sign_outgoing = True

    def send(self, message: Any) -> None:
        self._vehicle.receive(bytes(message.pack(self.wire)), link=self._link)

    def is_answered(self) -> bool:
        """Whether a request for AUTOPILOT_VERSION is."""
        self.send(dialect.MAVLink_command_long_message(1, 1, 512, 0, 148, 0, 0, 0, 0, 0, 0))
        heard = Decoder().feed(self._vehicle.take_output(link=self._link))
        return any(isinstance(frame.message, m.AutopilotVersion) for frame in heard)


@pytest.fixture
def vehicle() -> EmbeddedVehicle:
    vehicle = EmbeddedVehicle(config(), readiness=HASTE)
    vehicle.step(2.0)
    _set_up(vehicle, KEY, NOW)
    return vehicle


def _set_up(vehicle: EmbeddedVehicle, key: bytes, time: int) -> None:
    plain = dialect.MAVLink(None, srcSystem=255, srcComponent=190)
    vehicle.receive(bytes(dialect.MAVLink_setup_signing_message(1, 1, list(key), time).pack(plain)), link=0)


def test_the_right_key_is_heard_and_a_wrong_one_or_none_is_not(vehicle: EmbeddedVehicle) -> None:
    assert Client(vehicle).is_answered()
    assert not Client(vehicle, key=OTHER_KEY).is_answered()
    assert not Client(vehicle, key=None).is_answered()


def test_the_first_link_takes_unsigned_and_wrongly_signed_frames(vehicle: EmbeddedVehicle) -> None:
    assert Client(vehicle, key=None, link=0).is_answered()
    assert Client(vehicle, key=OTHER_KEY, link=0).is_answered()


def test_what_the_vehicle_says_is_signed_on_every_link_and_pymavlink_believes_it(vehicle: EmbeddedVehicle) -> None:
    client = Client(vehicle)
    client.is_answered()
    for link in (0, 1):
        vehicle.take_output(link=link)
        vehicle.step(2.0)
        judge = dialect.MAVLink(None)
        judge.signing.secret_key = KEY
        heard = judge.parse_buffer(vehicle.take_output(link=link))
        assert heard
        assert all(message.get_signed() for message in heard)
        assert judge.signing.badsig_count == 0


def test_a_frame_that_is_sent_again_is_refused(vehicle: EmbeddedVehicle) -> None:
    client = Client(vehicle)
    assert client.is_answered()
    client.wire.signing.timestamp -= 1_000_000
    assert not client.is_answered()


def test_a_new_station_may_be_a_minute_behind_but_no_more(vehicle: EmbeddedVehicle) -> None:
    assert Client(vehicle, time=NOW + 1, link_id=5).is_answered()
    assert not Client(vehicle, time=NOW - 2 * MINUTE, link_id=6).is_answered()


def test_the_modem_s_own_messages_need_no_key() -> None:
    signing = LinkSigning(1)
    signing.set_up(KEY, NOW)
    plain = dialect.MAVLink(None, srcSystem=51, srcComponent=68)
    assert signing.accepts(bytes(dialect.MAVLink_radio_status_message(0, 0, 0, 0, 0, 0, 0).pack(plain)))
    assert not signing.accepts(bytes(dialect.MAVLink_heartbeat_message(6, 8, 0, 0, 4, 3).pack(plain)))


def test_a_key_of_zeros_switches_signing_off(vehicle: EmbeddedVehicle) -> None:
    _set_up(vehicle, bytes(32), 0)
    assert Client(vehicle, key=None).is_answered()


def test_an_armed_vehicle_refuses_to_set_up_signing() -> None:
    vehicle = EmbeddedVehicle(config(), readiness=HASTE)
    vehicle.step(2.0)
    station = Station(vehicle)
    assert station.order(ARM, 1) == 0
    _set_up(vehicle, KEY, NOW)
    station.listen()
    assert "ERROR: Won't setup signing when armed" in station.texts()
    assert Client(vehicle, key=None).is_answered()
