"""The vehicle's MAVFTP: ArduPilot's GCS_FTP, AP_Filesystem_Mission and AP_Filesystem_Param, 4.7.0-dev (k12-k14, k07b)."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import pytest

from mavlink_bridge import messages as m
from mavlink_bridge.ftp_payload import DATA_BYTES, FtpError, FtpOpcode, FtpPayload, pack_ftp, unpack_ftp
from tests.sitl.station import Station, item, mission, ready

MISSION, FENCE, RALLY, PARAMETERS = b"@MISSION/mission.dat", b"@MISSION/fence.dat", b"@MISSION/rally.dat", b"@PARAM/param.pck"
_ITEM = struct.Struct("<4fiifHHBBBBBB")


class Client:
    """Numbers its requests; every answer is what came back at once, or during the next seconds."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.seq = 0

    def send(self, opcode: int, data: bytes = b"", *, offset: int = 0, session: int = 0, size: int | None = None) -> list[FtpPayload]:
        self.seq += 1
        wanted = FtpPayload(
            seq=self.seq, opcode=opcode, session=session, offset=offset, data=data, size=len(data) if size is None else size
        )
        return self.heard(self.station.send(_message(wanted)))

    def ask(self, opcode: int, data: bytes = b"", **fields: int) -> FtpPayload:
        answers = self.send(opcode, data, **fields)
        assert len(answers) == 1
        return answers[0]

    @staticmethod
    def heard(messages: list[Any]) -> list[FtpPayload]:
        return [unpack_ftp(message.payload) for message in messages if isinstance(message, m.FileTransferProtocol)]

    def read(self, path: bytes, block: int = DATA_BYTES) -> bytes:
        assert self.ask(FtpOpcode.OPEN_FILE_RO, path).opcode == FtpOpcode.ACK
        data = b""
        while (answer := self.ask(FtpOpcode.READ_FILE, offset=len(data), size=block)).opcode == FtpOpcode.ACK:
            data += answer.data
        assert answer.data == bytes((FtpError.EOF,))
        self.ask(FtpOpcode.TERMINATE_SESSION)
        return data

    def write(self, path: bytes, content: bytes) -> None:
        assert self.ask(FtpOpcode.CREATE_FILE, path).opcode == FtpOpcode.ACK
        for start in range(0, len(content), DATA_BYTES):
            assert self.ask(FtpOpcode.WRITE_FILE, content[start : start + DATA_BYTES], offset=start).opcode == FtpOpcode.ACK
        assert self.ask(FtpOpcode.TERMINATE_SESSION).opcode == FtpOpcode.ACK


def _message(payload: FtpPayload) -> m.FileTransferProtocol:
    return m.FileTransferProtocol(target_network=0, target_system=1, target_component=1, payload=pack_ftp(payload))


def _file(items: list[dict[str, Any]], kind: int = 0, *, magic: int = 0x763D, count: int | None = None, options: int = 0) -> bytes:
    body = b"".join(
        _ITEM.pack(*[i[f"param{n}"] for n in range(1, 5)], i["x"], i["y"], i["z"], i["seq"], i["command"], 1, 1, i["frame"], 0, 1, kind)
        for i in items
    )
    return struct.pack("<HHHHH", magic, kind, options, 0, len(items) if count is None else count) + body


@pytest.fixture
def client() -> Client:
    return Client(ready())


def _refusal(answer: FtpPayload) -> bytes:
    assert answer.opcode == FtpOpcode.NAK
    return answer.data


FIVE = mission((22, 0, 0, 20), (16, 100, 0, 20), (16, 100, 100, 20), (20,))


def test_a_mission_written_by_ftp_comes_back_by_ftp_with_0x7f_for_the_kind(client: Client) -> None:
    client.write(MISSION, _file(FIVE))
    read = client.read(MISSION)
    assert read[:10] == struct.pack("<HHHHH", 0x763D, 0, 0, 0, 5)
    items = [_ITEM.unpack_from(read, 10 + 38 * number) for number in range(5)]
    assert [one[8] for one in items] == [16, 22, 16, 16, 20]
    assert {one[14] for one in items} == {0x7F}


def test_a_mission_written_by_ftp_comes_back_by_the_mission_protocol(client: Client) -> None:
    client.write(MISSION, _file(FIVE))
    counts = client.station.send(m.MissionRequestList(target_system=1, target_component=1, mission_type=0))
    assert [one.count for one in counts if isinstance(one, m.MissionCount)] == [5]


@pytest.mark.parametrize(
    "content",
    [_file(FIVE, magic=0x1234), _file(FIVE, count=9), _file(FIVE)[:40], b"12"],
    ids=["wrong magic", "fewer items than announced", "torn", "no header"],
)
def test_a_damaged_file_is_acknowledged_and_changes_nothing(client: Client, content: bytes) -> None:
    client.station.upload(FIVE[:3])
    client.write(MISSION, content)
    assert client.station.vehicle.truth is not None
    assert struct.unpack_from("<HHHHH", client.read(MISSION))[4] == 3


def test_an_unknown_command_ends_the_file_with_the_items_before_it_new(client: Client) -> None:
    client.write(MISSION, _file([*FIVE[:2], {**FIVE[2], "command": 9999}, *FIVE[3:]]))
    assert struct.unpack_from("<HHHHH", client.read(MISSION))[4] == 2


def test_a_fence_by_ftp_is_taken_whole_or_not_at_all(client: Client) -> None:
    corners = [(-100, -100), (-100, 100), (100, 100), (100, -100)]
    fence = [item(seq, 5001, north, east, param1=4) for seq, (north, east) in enumerate(corners)]
    client.write(FENCE, _file(fence, 1))
    client.write(FENCE, _file([{**fence[0], "param1": 7.0}], 1))
    read = client.read(FENCE)
    assert struct.unpack_from("<HHHHH", read)[4] == 4
    assert [_ITEM.unpack_from(read, 10 + 38 * number)[0] for number in range(4)] == [4.0] * 4


def test_rally_points_by_ftp_end_at_the_first_that_is_refused(client: Client) -> None:
    points = [item(seq, 5100, 50.0 * seq, 0, 30) for seq in range(3)]
    client.write(RALLY, _file([points[0], points[1], {**points[2], "command": 16}], 2))
    assert struct.unpack_from("<HHHHH", client.read(RALLY))[4] == 2


def test_parameters_read_in_any_block_size_are_all_there_and_none_is_torn(client: Client) -> None:
    for block in (DATA_BYTES, 80):
        values = dict(_parameters(client.read(PARAMETERS, block)))
        assert len(values) == len(client.station.vehicle._core.parameters)
        assert values["WPNAV_SPEED"] == 1000.0
        assert values["RTL_ALT"] == 1500


def test_a_part_of_the_parameters_can_be_asked_for(client: Client) -> None:
    read = client.read(PARAMETERS + b"?start=1&count=3")
    assert struct.unpack_from("<HHH", read)[1] == 3
    assert [name for name, _ in _parameters(read)] == ["SYSID_THISMAV", "SYSID_MYGCS", "PILOT_THR_FILT"]


def test_parameters_written_by_ftp_are_set(client: Client) -> None:
    body = bytes((4, 0xA0)) + b"WPNAV_SPEED" + struct.pack("<f", 700.0)
    client.write(PARAMETERS, struct.pack("<HHH", 0x671B, 1, 6 + len(body)) + body)
    assert dict(_parameters(client.read(PARAMETERS)))["WPNAV_SPEED"] == 700.0


def test_a_burst_ends_with_the_end_of_the_file_and_numbers_every_block(client: Client) -> None:
    client.ask(FtpOpcode.OPEN_FILE_RO, PARAMETERS)
    client.station.forget()
    client.send(FtpOpcode.BURST_READ_FILE, size=DATA_BYTES)
    client.station.wait(1.0)
    blocks = client.heard(client.station.said(m.FileTransferProtocol))
    assert [block.seq for block in blocks] == list(range(client.seq + 1, client.seq + 1 + len(blocks)))
    assert blocks[-1].opcode == FtpOpcode.NAK
    assert blocks[-1].data == bytes((FtpError.EOF,))
    assert blocks[-1].offset == sum(len(block.data) for block in blocks[:-1])


def test_opening_the_parameters_is_followed_by_the_banner(client: Client) -> None:
    client.ask(FtpOpcode.OPEN_FILE_RO, PARAMETERS)
    assert any(text.startswith("ArduCopter") for text in client.station.texts())


def test_a_repeated_request_gets_the_same_answer_and_is_done_once(client: Client) -> None:
    client.ask(FtpOpcode.CREATE_FILE, MISSION)
    first = client.ask(FtpOpcode.WRITE_FILE, _file(FIVE[:3])[:100])
    client.seq -= 1
    assert client.ask(FtpOpcode.WRITE_FILE, b"something else") == first


def test_more_than_five_requests_at_once_are_lost_without_a_word(client: Client) -> None:
    encoder = client.station._encoder
    requests = [FtpPayload(seq=100 + number, opcode=FtpOpcode.NONE) for number in range(8)]
    client.station.vehicle.receive(b"".join(encoder.encode(_message(one)) for one in requests))
    assert [one.seq for one in client.heard(client.station.listen())] == [101, 102, 103, 104, 105]


def test_only_one_file_is_open_and_another_session_waits_three_seconds(client: Client) -> None:
    client.ask(FtpOpcode.OPEN_FILE_RO, MISSION)
    assert _refusal(client.ask(FtpOpcode.OPEN_FILE_RO, RALLY)) == bytes((FtpError.FAIL,))
    assert _refusal(client.ask(FtpOpcode.OPEN_FILE_RO, RALLY, session=3)) == bytes((FtpError.INVALID_SESSION,))
    client.station.wait(3.2)
    assert client.ask(FtpOpcode.OPEN_FILE_RO, RALLY, session=3).opcode == FtpOpcode.ACK


@pytest.mark.parametrize(
    ("opcode", "data", "refusal"),
    [
        (FtpOpcode.OPEN_FILE_RO, b"/none.txt", bytes((FtpError.FILE_NOT_FOUND,))),
        (FtpOpcode.OPEN_FILE_RO, b"", bytes((FtpError.INVALID_DATA_SIZE,))),
        (FtpOpcode.LIST_DIRECTORY, b"@MISSION", bytes((FtpError.FILE_NOT_FOUND,))),
        (FtpOpcode.READ_FILE, b"", bytes((FtpError.FILE_NOT_FOUND,))),
        (FtpOpcode.WRITE_FILE, b"1", bytes((FtpError.FILE_NOT_FOUND,))),
        (FtpOpcode.TRUNCATE_FILE, b"", bytes((FtpError.FAIL,))),
        (99, b"", bytes((FtpError.FAIL,))),
    ],
)
def test_what_is_refused_is_refused_with_ardupilots_code(client: Client, opcode: int, data: bytes, refusal: bytes) -> None:
    assert _refusal(client.ask(opcode, data)) == refusal


def test_reading_with_another_block_size_than_the_first_is_einval(client: Client) -> None:
    client.ask(FtpOpcode.OPEN_FILE_RO, PARAMETERS)
    client.ask(FtpOpcode.READ_FILE, size=DATA_BYTES)
    assert _refusal(client.ask(FtpOpcode.READ_FILE, size=80)) == bytes((FtpError.FAIL_ERRNO, 22))


def test_the_checksum_is_ardupilots_crc32_without_inversion(client: Client) -> None:
    client.write(MISSION, _file(FIVE))
    expected = zlib.crc32(client.read(MISSION), 0xFFFFFFFF) ^ 0xFFFFFFFF
    assert client.ask(FtpOpcode.CALC_FILE_CRC32, MISSION).data == struct.pack("<I", expected)


def _parameters(data: bytes) -> list[tuple[str, float]]:
    """Read as a station reads the file: zeros between entries are padding."""
    sizes = {1: "<b", 2: "<h", 3: "<i", 4: "<f"}
    found: list[tuple[str, float]] = []
    at, last = 6, ""
    while at < len(data):
        if data[at] == 0:
            at += 1
            continue
        layout = struct.Struct(sizes[data[at] & 15])
        shared, own = data[at + 1] & 15, (data[at + 1] >> 4) + 1
        last = last[:shared] + data[at + 2 : at + 2 + own].decode()
        found.append((last, layout.unpack_from(data, at + 2 + own)[0]))
        at += 2 + own + layout.size
    return found
