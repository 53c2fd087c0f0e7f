"""The bad radio of tests and drills: as bad as asked for, the same for the same seed, and honest when nothing is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mavlink_bridge import messages as m
from mavlink_bridge.codec import Encoder
from mavlink_bridge.link import Received
from mavlink_bridge.lossy import LossParams, LossyLinks, LossyPipe, split_frames


def frames(count: int) -> list[bytes]:
    encoder = Encoder(system_id=1, component_id=1)
    return [encoder.encode(m.MissionItemReached(seq=number)) for number in range(count)]


def carried(params: LossParams, sent: Sequence[bytes], *, seed: int = 1) -> list[bytes]:
    pipe = LossyPipe(params, seed=seed)
    return [frame for data in sent for frame in pipe.carry(data)]


def test_a_good_pipe_carries_everything_as_it_is() -> None:
    assert carried(LossParams(), frames(50)) == frames(50)


def test_loss_is_as_asked_for_and_the_same_for_the_same_seed() -> None:
    arrived = carried(LossParams(loss=0.2), frames(4000))
    assert len(arrived) == pytest.approx(3200, abs=120)
    assert carried(LossParams(loss=0.2), frames(4000)) == arrived
    assert carried(LossParams(loss=0.2), frames(4000), seed=2) != arrived


def test_duplication_repeats_and_loses_nothing() -> None:
    arrived = carried(LossParams(duplication=0.5), frames(100))
    assert sorted(set(arrived)) == sorted(frames(100))
    assert len(arrived) > 120


def test_a_reordered_frame_comes_after_the_next_one() -> None:
    arrived = carried(LossParams(reordering=0.3), frames(200))
    assert arrived != frames(200)[: len(arrived)]
    assert sorted(arrived) == sorted(frames(200)[: len(arrived)]) or len(arrived) >= 198


def test_corruption_changes_one_byte_and_no_length() -> None:
    sent = frames(100)
    arrived = carried(LossParams(corruption=1.0), sent)
    for before, after in zip(sent, arrived, strict=True):
        assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


@pytest.mark.parametrize("bad", [{"loss": -0.1}, {"loss": 1.1}, {"duplication": 2}, {"reordering": float("nan")}])
def test_probabilities_outside_0_to_1_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="outside"):
        LossParams(**bad)


@given(junk=st.binary(max_size=40), count=st.integers(0, 5), tail=st.integers(0, 11))
def test_splitting_frames_loses_no_byte(junk: bytes, count: int, tail: int) -> None:
    data = b"".join(frames(count)) + frames(1)[0][:tail] + junk
    pieces = split_frames(data)
    assert b"".join(pieces) == data
    assert pieces[:count] == frames(count)


class Echo:
    """Links on which whatever is sent comes back with the next exchange."""

    now_s = 0.0

    def __init__(self) -> None:
        self._waiting: list[Received] = []

    async def exchange(self) -> Sequence[Received]:
        waiting, self._waiting = self._waiting, []
        return waiting

    def send(self, link: str, data: bytes) -> None:
        self._waiting.append(Received(link, data))

    async def close(self) -> None: ...


def through(params: LossParams, *, link: str) -> list[bytes]:
    links = LossyLinks(Echo(), params, seed=5)

    async def scenario() -> list[bytes]:
        links.send(link, b"".join(frames(400)))
        return [item.data for item in await links.exchange() if item.link == link]

    return asyncio.run(scenario())


def test_links_lose_frames_both_ways_each_link_with_its_own_dice() -> None:
    assert through(LossParams(), link="a") == frames(400)
    assert len(through(LossParams(loss=0.5), link="a")) == pytest.approx(100, abs=40)
    assert through(LossParams(loss=0.5), link="a") != through(LossParams(loss=0.5), link="b")
