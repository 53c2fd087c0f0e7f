"""Parameters through their file, and one by one where there is none."""

from __future__ import annotations

import contextlib
import json
import struct
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mavlink_bridge import messages as m
from mavlink_bridge.codec import Decoder, Encoder
from mavlink_bridge.conversation import Endpoints, Send
from mavlink_bridge.lossy import LossParams, LossyPipe
from mavlink_bridge.parameter_file import ParameterFileError, ParametersByFile, unpack_parameters
from mavlink_bridge.parameter_protocol import ParametersRead
from sitl.readiness import ReadinessParams
from sitl.vehicle import EmbeddedVehicle
from tests.mavlink_bridge.tiny_patrol import configs

CONFIG = configs(["w1"])[0]
STEP_S = 0.05


def read_all(machine: ParametersByFile, loss: float, *, has_files: bool = True) -> tuple[dict[str, float], float]:
    """What the embedded vehicle's parameters are said to be, and how long that took."""
    vehicle = EmbeddedVehicle(CONFIG, readiness=ReadinessParams(haste=100.0))
    vehicle.step(1.0)
    encoder, decoder = Encoder(system_id=255, component_id=190), Decoder()
    up, down = LossyPipe(LossParams(loss=loss), seed=1), LossyPipe(LossParams(loss=loss), seed=2)
    now_s = 0.0
    outputs = machine.start(now_s)
    while now_s < 200.0:
        for output in outputs:
            if isinstance(output, ParametersRead):
                return output.values, now_s
            assert isinstance(output, Send)
            if has_files or not isinstance(output.message, m.FileTransferProtocol):
                for data in up.carry(encoder.encode(output.message)):
                    vehicle.receive(data)
        now_s += STEP_S
        vehicle.step(STEP_S)
        heard = [frame for frame in Decoder().feed(vehicle.take_output()) for data in down.carry(frame.raw) for frame in decoder.feed(data)]
        outputs = [output for frame in heard for output in machine.receive(frame, now_s)] or machine.tick(now_s)
    raise AssertionError("it never ended")


@pytest.mark.parametrize("loss", [0.0, 0.2])
def test_all_parameters_come_in_seconds(loss: float) -> None:
    values, took_s = read_all(ParametersByFile([], Endpoints(system=CONFIG.system_id), sessions=count(3)), loss)
    assert len(values) > 100
    assert values["SYSID_THISMAV"] == CONFIG.system_id
    assert took_s < 30.0


def test_only_the_wanted_names_are_told_and_unknown_ones_are_left_out() -> None:
    names = ["AUTO_OPTIONS", "MAV_SYSID", "SYSID_THISMAV"]
    values, _ = read_all(ParametersByFile(names, Endpoints(system=CONFIG.system_id), sessions=count(3)), 0.0)
    assert sorted(values) == ["AUTO_OPTIONS", "SYSID_THISMAV"]


def test_a_vehicle_without_files_is_asked_one_by_one() -> None:
    machine = ParametersByFile(["SYSID_THISMAV"], Endpoints(system=CONFIG.system_id), sessions=count(3))
    assert read_all(machine, 0.0, has_files=False)[0] == {"SYSID_THISMAV": float(CONFIG.system_id)}
    assert machine.is_over


def test_the_beginning_of_a_real_autopilots_file_is_read() -> None:
    place = Path(__file__).parents[3] / "shared" / "recordings" / "k14_ftp_param_pck.json"
    if not place.is_file():
        pytest.skip("the recordings are not beside the clone")
    data = bytes.fromhex(json.loads(place.read_text())["first_2048_hex"])
    with pytest.raises(ParameterFileError):
        unpack_parameters(data)
    first_three = struct.pack("<HHH", 0x671B, 3, 3) + data[6:50]
    assert unpack_parameters(first_three) == {"FORMAT_VERSION": 120.0, "SYSID_THISMAV": 1.0, "SYSID_MYGCS": 255.0}


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_parameters_or_are_refused(data: bytes) -> None:
    for whole in (data, struct.pack("<HHH", 0x671B, 2, 2) + data):
        with contextlib.suppress(ParameterFileError):
            assert all(isinstance(value, float) for value in unpack_parameters(whole).values())
