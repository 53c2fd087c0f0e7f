"""Mission transfers against the embedded vehicle's own half of the protocol, over bad links, with a fake clock.

What is really on board is asked for over a second link without loss, and compared here by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mavlink_bridge import messages as m
from mavlink_bridge.codec import Decoder, Encoder
from mavlink_bridge.conversation import Downloaded, Endpoints, Failed, Progress, Send, TransferOutput, Unknown, Verified
from mavlink_bridge.enums import MissionType
from mavlink_bridge.lossy import LossParams, LossyPipe
from mavlink_bridge.mission_clear import MissionClear
from mavlink_bridge.mission_download import MissionDownload
from mavlink_bridge.mission_upload import MissionUpload, UploadState
from sitl.readiness import ReadinessParams
from sitl.vehicle import EmbeddedVehicle
from tests.mavlink_bridge.fake_vehicle import mission
from tests.mavlink_bridge.tiny_patrol import configs

STEP_S, DELAY_S, AFTERMATH_S, LIMIT_S = 0.05, 0.04, 9.0, 900.0
RADIO, WIRE = 0, 1
CONFIG = configs(["w1"])[0]
ENDPOINTS = Endpoints(system=CONFIG.system_id)
OLD = mission(13, start_deg=40.0)

Conversation = MissionUpload | MissionDownload | MissionClear


@dataclass
class Radio:
    """One vehicle, one bad link, one clock."""

    loss: LossParams = field(default_factory=LossParams)
    seed: int = 0
    now_s: float = 0.0

    def __post_init__(self) -> None:
        self.vehicle = EmbeddedVehicle(CONFIG, readiness=ReadinessParams(haste=100.0))
        self.vehicle.step(1.0)
        self._encoders = {link: Encoder(system_id=255, component_id=190) for link in (RADIO, WIRE)}
        self._decoders = {link: Decoder() for link in (RADIO, WIRE)}
        self._splitter = Decoder()
        self._up = LossyPipe(self.loss, seed=2 * self.seed)
        self._down = LossyPipe(self.loss, seed=2 * self.seed + 1)
        self._rising: list[tuple[float, bytes]] = []
        self._falling: list[tuple[float, bytes]] = []

    def run(self, machine: Conversation, *, silent_from_s: float = float("inf")) -> TransferOutput:
        """The conversation's one end; then late copies arrive and the vehicle's own time-outs pass."""
        ends = self._act(machine.start(self.now_s))
        while not ends and self.now_s < LIMIT_S:
            self._live(machine, ends, is_silent=self.now_s >= silent_from_s)
        until_s = self.now_s + AFTERMATH_S
        while self.now_s < until_s:
            self._live(machine, ends, is_silent=self.now_s >= silent_from_s)
        assert len(ends) == 1, ends
        return ends[0]

    def on_board(self, mission_type: MissionType = MissionType.MISSION) -> tuple[m.MissionItemInt, ...]:
        """What the vehicle holds, read over the wire."""
        machine = MissionDownload(ENDPOINTS, mission_type=mission_type)
        end = self._over_wire(machine)
        assert isinstance(end, Downloaded)
        return end.items

    def holds(self, items: list[m.MissionItemInt]) -> None:
        """Put these on board over the wire."""
        if items:
            assert self._over_wire(MissionUpload(items, ENDPOINTS)) == Verified()

    def _over_wire(self, machine: Conversation) -> TransferOutput:
        outputs = machine.start(self.now_s)
        while True:
            for output in outputs:
                if isinstance(output, Send):
                    self.vehicle.receive(self._encoders[WIRE].encode(output.message), link=WIRE)
                elif not isinstance(output, Progress):
                    return output
            self._pass()
            outputs = [
                output
                for received in self._decoders[WIRE].feed(self.vehicle.take_output(link=WIRE))
                for output in machine.receive(received, self.now_s)
            ] or machine.tick(self.now_s)

    def _live(self, machine: Conversation, ends: list[TransferOutput], *, is_silent: bool) -> None:
        self._pass()
        for data in self._due(self._rising):
            self.vehicle.receive(data, link=RADIO)
        for spoken in self._splitter.feed(self.vehicle.take_output(link=RADIO)):
            if not is_silent:
                self._falling += [(self.now_s + DELAY_S, data) for data in self._down.carry(spoken.raw)]
        for data in self._due(self._falling):
            for received in self._decoders[RADIO].feed(data):
                ends += self._act(machine.receive(received, self.now_s), is_silent=is_silent)
        if machine.deadline_s is not None and self.now_s >= machine.deadline_s:
            ends += self._act(machine.tick(self.now_s), is_silent=is_silent)

    def _act(self, outputs: list[TransferOutput], *, is_silent: bool = False) -> list[TransferOutput]:
        for output in outputs:
            if isinstance(output, Send) and not is_silent:
                frame = self._encoders[RADIO].encode(output.message)
                self._rising += [(self.now_s + DELAY_S, data) for data in self._up.carry(frame)]
        return [output for output in outputs if not isinstance(output, Send | Progress)]

    def _due(self, flying: list[tuple[float, bytes]]) -> list[bytes]:
        due = [data for at_s, data in flying if at_s <= self.now_s]
        flying[:] = [(at_s, data) for at_s, data in flying if at_s > self.now_s]
        return due

    def _pass(self) -> None:
        self.now_s += STEP_S
        self.vehicle.step(STEP_S)


Items = tuple[m.MissionItemInt, ...] | list[m.MissionItemInt]


def same(read: Items, sent: Items) -> bool:
    """Whether a copter would fly both alike: home is the vehicle's own, and heights are kept in centimetres, cut off."""
    places = [[(item.seq, item.command, item.x, item.y, round(item.param2, 3)) for item in items[1:]] for items in (read, sent)]
    return places[0] == places[1] and all(abs(ours.z - theirs.z) < 0.0101 for ours, theirs in zip(sent[1:], read[1:], strict=True))


def assert_honest(radio: Radio, end: TransferOutput, items: list[m.MissionItemInt], old: list[m.MissionItemInt]) -> None:
    """Verified is the new mission; Failed is nothing to fly, or the untouched old one when it says so."""
    match end:
        case Verified():
            assert same(radio.on_board(), items)
        case Failed(reason=reason) if "keeps what it had" in reason:
            assert same(radio.on_board(), old)
        case Failed(reason=reason):
            assert "NOT be cleared" in reason or len(radio.on_board()) == 0
        case _:
            assert isinstance(end, Unknown)


def test_upload_on_a_good_link_is_on_board_exactly() -> None:
    radio = Radio()
    items = mission(40)
    assert radio.run(MissionUpload(items, ENDPOINTS)) == Verified()
    assert same(radio.on_board(), items)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    loss=st.floats(0.0, 0.3),
    duplication=st.sampled_from([0.0, 0.1]),
    reordering=st.sampled_from([0.0, 0.1]),
    seed=st.integers(0, 2**32),
    new=st.integers(4, 14),
    old=st.sampled_from([0, 5, 13]),
)
def test_on_any_link_verified_is_on_board_and_failure_leaves_no_mixture(
    loss: float, duplication: float, reordering: float, seed: int, new: int, old: int
) -> None:
    radio = Radio(LossParams(loss=loss, duplication=duplication, reordering=reordering), seed=seed)
    before = mission(old, start_deg=40.0) if old else []
    radio.holds(before)
    items = mission(new)
    assert_honest(radio, radio.run(MissionUpload(items, ENDPOINTS)), items, before)


@pytest.mark.parametrize("loss", [0.05, 0.1, 0.2, 0.3])
def test_uploads_over_bad_links_end_verified(loss: float) -> None:
    items = mission(10)
    ends = [Radio(LossParams(loss=loss), seed=seed).run(MissionUpload(items, ENDPOINTS)) for seed in range(6)]
    assert sum(end == Verified() for end in ends) >= (6 if loss < 0.2 else 5), ends


@pytest.mark.parametrize("silent_from_s", [0.1, 0.5, 1.0, 1.5, 3.0])
def test_link_that_dies_for_good_never_ends_verified(silent_from_s: float) -> None:
    radio = Radio()
    radio.holds(OLD)
    end = radio.run(MissionUpload(mission(30), ENDPOINTS), silent_from_s=radio.now_s + silent_from_s)
    assert isinstance(end, Unknown)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(loss=st.floats(0.0, 0.3), seed=st.integers(0, 2**32))
def test_download_over_a_bad_link_is_the_whole_mission_or_fails(loss: float, seed: int) -> None:
    radio = Radio(LossParams(loss=loss), seed=seed)
    radio.holds(OLD)
    end = radio.run(MissionDownload(ENDPOINTS))
    assert isinstance(end, Failed) or (isinstance(end, Downloaded) and same(end.items, OLD))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(loss=st.floats(0.0, 0.3), seed=st.integers(0, 2**32))
def test_verified_clearing_leaves_nothing_on_board(loss: float, seed: int) -> None:
    radio = Radio(LossParams(loss=loss), seed=seed)
    radio.holds(OLD)
    end = radio.run(MissionClear(ENDPOINTS))
    assert isinstance(end, Unknown | Failed) or len(radio.on_board()) == 0


def test_mission_that_does_not_fit_is_refused_and_the_old_one_stays() -> None:
    radio = Radio()
    radio.holds(OLD)
    end = radio.run(MissionUpload(mission(651), ENDPOINTS))
    assert isinstance(end, Failed)
    assert "no space" in end.reason
    assert same(radio.on_board(), OLD)


def _unknown_command(item: m.MissionItemInt) -> m.MissionItemInt:
    return m.MissionItemInt(target_system=0, target_component=0, seq=item.seq, frame=6, command=30999, x=item.x, y=item.y)


def _bad_frame(item: m.MissionItemInt) -> m.MissionItemInt:
    return m.MissionItemInt(target_system=0, target_component=0, seq=item.seq, frame=99, command=16, x=item.x, y=item.y)


@pytest.mark.parametrize("spoil", [_unknown_command, _bad_frame])
def test_item_that_the_vehicle_refuses_is_named_and_nothing_is_left_to_fly(
    spoil: Callable[[m.MissionItemInt], m.MissionItemInt],
) -> None:
    radio = Radio()
    radio.holds(OLD)
    items = mission(9)
    items[5] = spoil(items[5])
    end = radio.run(MissionUpload(items, ENDPOINTS))
    assert isinstance(end, Failed)
    assert "item 5" in end.reason
    assert len(radio.on_board()) == 0


def test_upload_that_is_cancelled_half_way_clears_the_mixture() -> None:
    radio = Radio()
    radio.holds(OLD)
    machine = MissionUpload(mission(10), ENDPOINTS)
    ends = radio._act(machine.start(radio.now_s))
    while machine._last_sent_seq != 4:
        radio._live(machine, ends, is_silent=False)
    ends += radio._act(machine.cancel(radio.now_s))
    while not ends:
        radio._live(machine, ends, is_silent=False)
    assert isinstance(ends[0], Failed)
    assert len(radio.on_board()) == 0


@pytest.mark.parametrize(("mission_type", "command", "param1"), [(MissionType.FENCE, 5004, 60.0), (MissionType.RALLY, 5100, 0.0)])
def test_fence_and_rally_lists_are_verified_too(mission_type: MissionType, command: int, param1: float) -> None:
    x, y = round(CONFIG.home.lat_deg * 1e7), round(CONFIG.home.lon_deg * 1e7)
    items = [
        m.MissionItemInt(
            target_system=0, target_component=0, seq=seq, frame=3, command=command, param1=param1, x=x + 9000 * seq, y=y, z=50.0
        )
        for seq in range(3)
    ]
    radio = Radio(LossParams(loss=0.1), seed=4)
    assert radio.run(MissionUpload(items, ENDPOINTS, mission_type=mission_type)) == Verified()
    assert [(item.command, item.x, item.y) for item in radio.on_board(mission_type)] == [(item.command, item.x, item.y) for item in items]


def test_mission_that_somebody_replaces_before_the_read_back_is_not_verified_as_ours() -> None:
    radio = Radio()
    items = mission(13)
    machine = MissionUpload(items, ENDPOINTS)
    ends = radio._act(machine.start(radio.now_s))
    while machine.state is not UploadState.READING_BACK:
        radio._live(machine, ends, is_silent=False)
    radio.holds(OLD)
    while not ends:
        radio._live(machine, ends, is_silent=False)
    assert_honest(radio, ends[0], items, OLD)
    assert ends == [Verified()]
