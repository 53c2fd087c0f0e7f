"""Mission transfers on bad links and with random messages: what is said is so, and it is said once."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mavlink_bridge import messages as m
from mavlink_bridge.lossy import LossParams
from mavlink_bridge.mission_transfer import (
    Downloaded,
    Failed,
    MissionDownload,
    Unknown,
    Verified,
)
from tests.mavlink_bridge.fake_vehicle import FakeStore, World, mission
from tests.mavlink_bridge.transfer_messages import ENDPOINTS, NEW, OLD, ack, frame, is_new, places, request, upload

LINKS = st.builds(
    LossParams,
    loss=st.sampled_from([0.0, 0.02, 0.05, 0.1, 0.2, 0.3]),
    duplication=st.sampled_from([0.0, 0.05, 0.2]),
    reordering=st.sampled_from([0.0, 0.05, 0.2]),
    corruption=st.sampled_from([0.0, 0.02]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(loss=LINKS, seed=st.integers(0, 2**32), count=st.integers(4, 14), old=st.integers(0, 14))
def test_on_any_link_verified_means_identical_and_failure_leaves_nothing_to_fly(loss: LossParams, seed: int, count: int, old: int) -> None:
    items = mission(count)
    store = FakeStore(items=list(OLD[:old]))
    outcome, _ = World(store, loss=loss, seed=seed).run(upload(items))
    match outcome:
        case Verified():
            assert is_new(store, items)
        case Failed(reason=reason):
            assert store.items == [] or "NOT be cleared" in reason
        case _:
            assert isinstance(outcome, Unknown)


@pytest.mark.parametrize(("loss", "at_least"), [(0.05, 20), (0.1, 20), (0.2, 20), (0.3, 18)])
def test_uploads_succeed_practically_always_on_bad_links_acks_included(loss: float, at_least: int) -> None:
    verified = 0
    for seed in range(20):
        store = FakeStore(items=list(OLD))
        outcome, _ = World(store, loss=LossParams(loss=loss), seed=seed).run(upload(mission(20)))
        assert outcome is not None
        if outcome == Verified():
            assert is_new(store, mission(20))
            verified += 1
    assert verified >= at_least


@settings(max_examples=40, deadline=None)
@given(loss=LINKS, seed=st.integers(0, 2**32))
def test_on_any_link_a_download_is_right_or_fails(loss: LossParams, seed: int) -> None:
    outcome, _ = World(FakeStore(items=list(OLD)), loss=loss, seed=seed).run(MissionDownload(ENDPOINTS))
    assert isinstance(outcome, Failed) or (isinstance(outcome, Downloaded) and places(outcome.items) == places(OLD))


MESSAGES = st.sampled_from(
    [
        *(request(seq) for seq in range(10)),
        *(ack(result) for result in range(17)),
        *(frame(m.MissionCount(target_system=255, target_component=190, count=count)) for count in (0, 3, 8, 65535)),
        *(frame(item) for item in NEW),
        frame(m.MissionCurrent(seq=3)),
        frame(m.StatusText(severity=6, text="Flight plan received")),
    ]
)


@settings(max_examples=200, deadline=None)
@given(script=st.lists(st.tuples(MESSAGES, st.floats(0, 12)), max_size=60))
def test_random_messages_never_break_an_upload_and_never_make_it_end_twice(script: list[tuple[m.Frame, float]]) -> None:
    machine = upload()
    outputs: list[object] = list(machine.start(0.0))
    now_s = 0.0
    for received, pause_s in script:
        now_s += pause_s
        outputs += machine.tick(now_s)
        outputs += machine.receive(received, now_s)
    while machine.deadline_s is not None:
        outputs += machine.tick(machine.deadline_s)
    assert sum(isinstance(output, Verified | Failed | Unknown) for output in outputs) == 1
