"""Lists that travel as files: what ArduPilot's server does to them, and the way back to the item protocol."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.bad_radio import SYSTEM, BadRadio, RadioParams, as_stored
from benchmarks.random_uploads import random_items
from mavlink_bridge import messages as m
from mavlink_bridge.conversation import Endpoints, Failed, Send, Unknown, Verified
from mavlink_bridge.enums import MissionType
from mavlink_bridge.ftp_file import FileRead, FtpFailed, FtpRead, FtpWrite
from mavlink_bridge.ftp_payload import FtpError, FtpOpcode, FtpPayload, pack_ftp, unpack_ftp
from mavlink_bridge.ftp_upload import FtpUpload, FtpUploadState
from mavlink_bridge.item_file import ItemFileError, file_bytes, pack_items, unpack_items
from mavlink_bridge.lossy import LossParams

ENDPOINTS = Endpoints(system=SYSTEM)


def items(kind: MissionType = MissionType.MISSION, number: int = 30) -> tuple[m.MissionItemInt, ...]:
    return random_items(BadRadio(RadioParams(), seed=number).dice, kind, number)


def upload(what: tuple[m.MissionItemInt, ...], kind: MissionType = MissionType.MISSION) -> FtpUpload:
    return FtpUpload(what, ENDPOINTS, mission_type=kind, sessions=count(5))


def answer(request: FtpPayload, opcode: FtpOpcode = FtpOpcode.ACK, data: bytes = b"", **other: int) -> m.Frame:
    reply = FtpPayload(
        seq=(request.seq + 1) & 0xFFFF,
        session=other.get("session", request.session),
        opcode=opcode,
        req_opcode=request.opcode,
        size=len(data),
        data=data,
        offset=other.get("offset", request.offset),
    )
    return m.Frame(SYSTEM, 1, 0, m.FileTransferProtocol(target_network=0, target_system=255, target_component=190, payload=pack_ftp(reply)))


def asked(outputs: Sequence[object]) -> list[FtpPayload]:
    return [
        unpack_ftp(output.message.payload)
        for output in outputs
        if isinstance(output, Send) and isinstance(output.message, m.FileTransferProtocol)
    ]


# --- the file --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [MissionType.MISSION, MissionType.FENCE, MissionType.RALLY])
def test_a_list_comes_back_from_its_file(kind: MissionType) -> None:
    sent = items(kind, 12)
    data = pack_items(sent, kind)
    assert file_bytes(data[:239], kind) == len(data) == 10 + 12 * 38
    read = unpack_items(data, kind)
    assert [(item.seq, item.command, item.x, item.y) for item in read] == [(item.seq, item.command, item.x, item.y) for item in sent]


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_an_item_file_or_are_refused(data: bytes) -> None:
    with contextlib.suppress(ItemFileError):
        assert len(unpack_items(data, MissionType.MISSION)) * 38 + 10 == len(data)


def test_a_file_that_a_real_autopilot_wrote_is_read() -> None:
    place = Path(__file__).parents[3] / "shared" / "recordings" / "k13_ftp_mission.json"
    if not place.is_file():
        pytest.skip("the recordings are not beside the clone")
    data = bytes.fromhex(json.loads(place.read_text())["read_hex"])
    read = unpack_items(data[: file_bytes(data, MissionType.MISSION)], MissionType.MISSION)
    assert [item.seq for item in read] == list(range(50))
    assert {item.mission_type for item in read} == {0}


# --- uploads ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [MissionType.MISSION, MissionType.FENCE, MissionType.RALLY])
@pytest.mark.parametrize("loss", [0.0, 0.1, 0.3])
def test_a_list_is_verified_through_files(kind: MissionType, loss: float) -> None:
    bad = LossParams(loss=loss)
    radio = BadRadio(RadioParams(up=bad, down=bad), seed=3)
    sent = items(kind)
    radio.vehicle.put(kind, items(kind, 40))
    assert radio.run(upload(sent, kind), limit_s=900.0)[0] == Verified()
    assert radio.vehicle.board(kind) == as_stored(sent, kind)


def test_files_are_much_faster_than_items_on_a_bad_link() -> None:
    bad = LossParams(loss=0.2)
    radio = BadRadio(RadioParams(up=bad, down=bad), seed=1)
    _, took_s = radio.run(upload(items(number=100)), limit_s=900.0)
    assert took_s < 20.0


def test_a_vehicle_without_files_gets_the_list_item_by_item() -> None:
    machine = upload(items())
    (create,) = asked(machine.start(0.0))
    outputs = machine.receive(answer(create, FtpOpcode.NAK, bytes([FtpError.FILE_NOT_FOUND])), 0.1)
    assert machine.state is FtpUploadState.CLASSIC
    assert isinstance(outputs[0], Send)
    assert isinstance(outputs[0].message, m.MissionCount)


def test_a_vehicle_that_never_answers_about_files_gets_the_list_item_by_item() -> None:
    machine = upload(items())
    machine.start(0.0)
    while machine.state is FtpUploadState.WRITING:
        assert machine.deadline_s is not None
        machine.tick(machine.deadline_s)
    assert machine.state is FtpUploadState.CLASSIC


def test_a_bad_item_is_named_by_the_item_protocol_and_nothing_is_left() -> None:
    radio = BadRadio(RadioParams(), seed=1)
    sent = list(items())
    sent[5] = replace(sent[5], command=31999)
    radio.vehicle.put(MissionType.MISSION, items(number=9))
    end, _ = radio.run(upload(tuple(sent)), limit_s=900.0)
    assert isinstance(end, Failed)
    assert "item 5 (command 31999" in end.reason
    assert radio.vehicle.board(MissionType.MISSION) == ()


def test_a_file_that_may_still_be_open_is_closed_before_anything_else_is_said() -> None:
    machine = upload(items(number=5))
    (create,) = asked(machine.start(0.0))
    asked(machine.receive(answer(create), 0.1))
    while machine.state is FtpUploadState.WRITING:
        assert machine.deadline_s is not None
        machine.tick(machine.deadline_s)
    # Silence: the vehicle may take the file over whenever it closes it.
    assert machine.state is FtpUploadState.CLOSING
    assert machine.deadline_s is not None
    (terminate,) = asked(machine.tick(machine.deadline_s))
    assert terminate.opcode == FtpOpcode.TERMINATE_SESSION
    (count_message,) = machine.receive(answer(terminate), 100.0)
    assert isinstance(count_message, Send)
    assert isinstance(count_message.message, m.MissionCount)


def test_a_cancelled_file_leaves_nothing_to_fly() -> None:
    radio = BadRadio(RadioParams(), seed=1)
    radio.vehicle.put(MissionType.MISSION, items(number=9))
    machine = upload(items())
    radio.at(0.3, lambda: radio._take(machine.cancel(radio.now_s)))
    end, _ = radio.run(machine, limit_s=900.0)
    assert isinstance(end, Failed)
    assert "cancelled" in end.reason
    assert radio.vehicle.board(MissionType.MISSION) == ()


def test_a_link_that_dies_is_never_verified() -> None:
    machine = upload(items())
    ends = [output for output in machine.start(0.0) if isinstance(output, Verified | Failed | Unknown)]
    while not machine.is_over:
        assert machine.deadline_s is not None
        ends += [output for output in machine.tick(machine.deadline_s) if isinstance(output, Verified | Failed | Unknown)]
    assert [type(end) for end in ends] == [Unknown]


# --- QGroundControl's MockLinkFTP ------------------------------------------------------------------------------------


def read(path: str = "@PARAM/param.pck") -> tuple[FtpRead, FtpPayload]:
    machine = FtpRead(path, ENDPOINTS, session=9)
    (opening,) = asked(machine.start(0.0))
    return machine, opening


def test_errmode_no_response_fails_after_its_tries() -> None:
    machine, _ = read()
    outputs: list[object] = []
    while not machine.is_over:
        assert machine.deadline_s is not None
        outputs += machine.tick(machine.deadline_s)
    assert isinstance(outputs[-1], FtpFailed)


def test_errmode_nak_response_fails_and_says_why() -> None:
    machine, opening = read()
    (end,) = machine.receive(answer(opening, FtpOpcode.NAK, bytes([FtpError.FILE_NOT_FOUND])), 0.1)
    assert end == FtpFailed("the vehicle does not open @PARAM/param.pck: FILE_NOT_FOUND")


def test_errmode_no_second_response_is_asked_again_and_then_fails() -> None:
    machine, opening = read()
    (first,) = asked(list(machine.receive(answer(opening, data=b"\x10\0\0\0"), 0.1)))
    (again,) = asked(list(machine.tick(1.0)))
    assert (again.opcode, again.offset, again.size) == (first.opcode, first.offset, first.size)
    while not machine.is_over:
        assert machine.deadline_s is not None
        machine.tick(machine.deadline_s)


def test_errmode_no_second_response_allow_retry_ends_with_the_file() -> None:
    machine, opening = read()
    machine.receive(answer(opening, data=b"\x10\0\0\0"), 0.1)
    (again,) = asked(list(machine.tick(1.0)))
    outputs: list[object] = [*machine.receive(answer(again, data=b"abc"), 1.1)]
    for request in asked(outputs):
        outputs += machine.receive(answer(request, FtpOpcode.NAK, bytes([FtpError.EOF])), 1.2)
    assert FileRead(b"abc") in outputs


def test_errmode_nak_second_response_fails() -> None:
    machine, opening = read()
    (first,) = asked(list(machine.receive(answer(opening, data=b"\x10\0\0\0"), 0.1)))
    outputs = machine.receive(answer(first, FtpOpcode.NAK, bytes([FtpError.FAIL])), 0.2)
    assert isinstance(outputs[-1], FtpFailed)


def test_errmode_bad_sequence_is_no_answer() -> None:
    machine, opening = read()
    assert machine.receive(answer(replace(opening, seq=opening.seq + 7)), 0.1) == []
    assert not machine.is_over


def test_another_sessions_answer_is_no_answer() -> None:
    machine, opening = read()
    assert machine.receive(answer(opening, session=77), 0.1) == []


def test_a_file_that_is_busy_is_tried_again() -> None:
    machine = FtpWrite("@MISSION/mission.dat", b"x", ENDPOINTS, session=3)
    (create,) = asked(list(machine.start(0.0)))
    assert machine.receive(answer(create, FtpOpcode.NAK, bytes([FtpError.FAIL])), 0.1) == []
    (again,) = asked(list(machine.tick(1.2)))
    assert again.opcode == FtpOpcode.CREATE_FILE
