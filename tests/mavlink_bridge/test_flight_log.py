"""Telemetry logs: every frame both ways, each with its stamp, readable one by one."""

from __future__ import annotations

import struct
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mavlink_bridge import events as e
from mavlink_bridge import messages as m
from mavlink_bridge.codec import Decoder, Encoder
from mavlink_bridge.flight_log import TlogWriter, whole_records_end
from mavlink_bridge.lossy import split_frames
from tests.mavlink_bridge.tiny_patrol import embedded_patrol, is_a


def read_tlog(path: Path) -> list[tuple[float, m.Frame]]:
    """Frame by frame, by its own length, as other programs read it. Fails on anything left over."""
    data, at = path.read_bytes(), 0
    read = []
    while at < len(data):
        (stamp_us,) = struct.unpack_from(">Q", data, at)
        raw = split_frames(data[at + 8 :])[0]
        (frame,) = Decoder().feed(raw)
        read.append((stamp_us / 1e6, frame))
        at += 8 + len(raw)
    return read


def test_frames_come_back_with_their_stamps(tmp_path: Path) -> None:
    times = iter([1_700_000_000.25, 1_700_000_001.5])
    encoder = Encoder(system_id=1, component_id=1)
    frames = [encoder.encode(m.MissionCurrent(seq=seq)) for seq in (1, 2)]
    with TlogWriter(tmp_path / "a.tlog", clock_s=lambda: next(times)) as log:
        for frame in frames:
            log.record(frame)
    read = read_tlog(tmp_path / "a.tlog")
    assert [stamp_s for stamp_s, _ in read] == [1_700_000_000.25, 1_700_000_001.5]
    assert [frame.raw for _, frame in read] == frames


def test_second_session_is_added_to_the_same_file(tmp_path: Path) -> None:
    frame = Encoder(system_id=1, component_id=1).encode(m.MissionCurrent(seq=1))
    for _ in range(2):
        with TlogWriter(tmp_path / "a.tlog") as log:
            log.record(frame)
    assert len(read_tlog(tmp_path / "a.tlog")) == 2


def test_log_of_an_upload_holds_both_ways_in_order_and_nobody_elses_frames(tmp_path: Path) -> None:
    with TlogWriter(tmp_path / "w1.tlog") as log, embedded_patrol("w1", "w2", recorders={"w1": log}) as patrol:
        patrol.launched("w1")
        patrol.launched("w2")
        patrol.until(is_a(e.Armed, "w1"))
        system_id = patrol.fleet.address("w1").system_id
    read = read_tlog(tmp_path / "w1.tlog")
    assert {frame.system_id for _, frame in read} == {255, system_id}
    # However it is sent (a file at once, or item by item): what we say of it, and what the vehicle answers.
    talk = (m.FileTransferProtocol, m.MissionCount, m.MissionRequest, m.MissionItemInt, m.MissionAck)
    spoken = [frame.system_id for _, frame in read if isinstance(frame.message, talk)]
    assert spoken[:2] == [255, system_id]
    assert min(spoken.count(255), spoken.count(system_id)) >= 4
    assert m.Heartbeat in {type(frame.message) for _, frame in read if frame.system_id == 255}
    stamps = [stamp_s for stamp_s, _ in read]
    assert stamps == sorted(stamps)


@given(cut=st.integers(min_value=1, max_value=60), records=st.integers(min_value=0, max_value=400))
def test_record_that_was_torn_is_cut_off_before_the_next_session(cut: int, records: int) -> None:
    frame = Encoder(system_id=1, component_id=1).encode(m.MissionCurrent(seq=1))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.tlog"
        with TlogWriter(path) as log:
            for _ in range(records):
                log.record(frame)
        whole = path.read_bytes()
        path.write_bytes(whole + (b"\x00" * 8 + frame)[: min(cut, 7 + len(frame))])
        with TlogWriter(path) as log:
            log.record(frame)
        assert len(read_tlog(path)) == records + 1


def test_every_frame_is_in_the_file_at_once(tmp_path: Path) -> None:
    frame = Encoder(system_id=1, component_id=1).encode(m.MissionCurrent(seq=1))
    with TlogWriter(tmp_path / "a.tlog") as log:
        log.record(frame)
        assert len(read_tlog(tmp_path / "a.tlog")) == 1


def test_end_that_is_no_telemetry_log_is_left_as_it_is() -> None:
    assert whole_records_end(b"\x01" * 5000, from_start=False) == 5000
