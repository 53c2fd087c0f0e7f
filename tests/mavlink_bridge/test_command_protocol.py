"""One command until it is answered: retries, progress, refusals, silence."""

from __future__ import annotations

import pytest

from mavlink_bridge import messages as m
from mavlink_bridge.command_protocol import CommandExchange, CommandParams, CommandResult
from mavlink_bridge.conversation import Endpoints, Send
from mavlink_bridge.enums import MavCmd, MavResult

ENDPOINTS = Endpoints(system=7)
PARAMS = CommandParams()
ARM = m.CommandLong(target_system=0, target_component=0, command=MavCmd.COMPONENT_ARM_DISARM, param1=1.0)


def answer(result: int, *, command: int = MavCmd.COMPONENT_ARM_DISARM, system: int = 7, to: tuple[int, int] = (255, 190)) -> m.Frame:
    return m.Frame(system, 1, 0, m.CommandAck(command=command, result=result, target_system=to[0], target_component=to[1]))


def begun() -> CommandExchange:
    machine = CommandExchange(ARM, ENDPOINTS)
    machine.start(0.0)
    return machine


def test_a_command_is_addressed_to_the_vehicle_and_sent_once() -> None:
    machine = CommandExchange(ARM, ENDPOINTS)
    (sent,) = machine.start(0.0)
    assert sent == Send(m.CommandLong(target_system=7, target_component=1, command=MavCmd.COMPONENT_ARM_DISARM, param1=1.0))
    assert machine.tick(PARAMS.ack_timeout_s - 0.01) == []


def test_retries_count_their_confirmation_up_and_silence_is_not_refusal() -> None:
    machine = CommandExchange(ARM, ENDPOINTS)
    outputs = machine.start(0.0)
    while machine.deadline_s is not None:
        outputs += machine.tick(machine.deadline_s)
    *sends, end = outputs
    assert [send.message.confirmation for send in sends if isinstance(send, Send) and isinstance(send.message, m.CommandLong)] == [
        0,
        1,
        2,
        3,
        4,
    ]
    assert end == CommandResult(None)
    assert end.text == "no answer"


@pytest.mark.parametrize("result", list(MavResult))
def test_every_answer_but_progress_ends_it(result: MavResult) -> None:
    outputs = begun().receive(answer(result), 0.1)
    if result is MavResult.IN_PROGRESS:
        assert outputs == []
    else:
        assert outputs == [CommandResult(result is MavResult.ACCEPTED, result)]


def test_progress_buys_time_and_is_not_disturbed_by_a_retry() -> None:
    machine = begun()
    machine.receive(answer(MavResult.IN_PROGRESS), 0.5)
    assert machine.tick(5.0) == []
    assert machine.receive(answer(MavResult.ACCEPTED), 8.0) == [CommandResult(True, MavResult.ACCEPTED)]


def test_progress_that_is_never_followed_by_an_answer_ends_unknown() -> None:
    machine = begun()
    machine.receive(answer(MavResult.IN_PROGRESS), 0.5)
    assert machine.tick(0.5 + PARAMS.progress_timeout_s) == [CommandResult(None)]


@pytest.mark.parametrize(
    "foreign",
    [
        answer(MavResult.FAILED, command=MavCmd.MISSION_START),
        answer(MavResult.FAILED, system=8),
        answer(MavResult.FAILED, to=(254, 190)),
        m.Frame(7, 1, 0, m.MissionAck(target_system=255, target_component=190, type=0)),
        m.Frame(7, 154, 0, m.CommandAck(command=MavCmd.COMPONENT_ARM_DISARM, result=4)),
    ],
)
def test_answers_that_are_not_for_us_are_ignored(foreign: m.Frame) -> None:
    assert begun().receive(foreign, 0.1) == []


def test_an_answer_without_an_address_counts_as_older_autopilots_send_them() -> None:
    assert begun().receive(answer(MavResult.ACCEPTED, to=(0, 0)), 0.1) == [CommandResult(True, MavResult.ACCEPTED)]


def test_a_result_we_do_not_know_is_a_refusal_with_its_number() -> None:
    (end,) = begun().receive(answer(99), 0.1)
    assert isinstance(end, CommandResult)
    assert (end.accepted, end.text) == (False, "result 99")


def test_nothing_happens_after_the_end() -> None:
    machine = begun()
    machine.receive(answer(MavResult.ACCEPTED), 0.1)
    assert machine.receive(answer(MavResult.FAILED), 0.2) == []
    assert machine.tick(1e9) == []
    assert machine.deadline_s is None
