"""Parameters by name: read with names that may not exist, set and believed only when read back."""

from __future__ import annotations

from mavlink_bridge import messages as m
from mavlink_bridge.conversation import Endpoints, Send
from mavlink_bridge.parameter_protocol import ParameterRead, ParameterSet, ParameterSetResult, ParametersRead

ENDPOINTS = Endpoints(system=1)


def value(name: str, number: float, *, system: int = 1) -> m.Frame:
    return m.Frame(system, 1, 0, m.ParamValue(param_id=name, param_value=number))


def asked(outputs: list[Send | ParametersRead]) -> list[str]:
    return [output.message.param_id for output in outputs if isinstance(output, Send) and isinstance(output.message, m.ParamRequestRead)]


def test_parameters_are_read_one_after_the_other() -> None:
    machine = ParameterRead(["BATT_CAPACITY", "RTL_ALT"], ENDPOINTS)
    assert asked(machine.start(0.0)) == ["BATT_CAPACITY"]
    assert asked(machine.receive(value("BATT_CAPACITY", 3300.0), 0.1)) == ["RTL_ALT"]
    assert machine.receive(value("RTL_ALT", 1500.0), 0.2) == [ParametersRead({"BATT_CAPACITY": 3300.0, "RTL_ALT": 1500.0})]


def test_of_two_spellings_the_one_that_exists_is_answered() -> None:
    machine = ParameterRead(["MAV_SYSID", "SYSID_THISMAV"], ENDPOINTS)
    outputs = machine.start(0.0)
    while asked(outputs)[-1] == "MAV_SYSID":
        assert machine.deadline_s is not None
        outputs += machine.tick(machine.deadline_s)
    assert asked(outputs) == ["MAV_SYSID"] * 5 + ["SYSID_THISMAV"]
    assert machine.receive(value("SYSID_THISMAV", 1.0), 6.0) == [ParametersRead({"SYSID_THISMAV": 1.0})]


def test_values_that_come_unasked_or_early_are_taken_and_foreign_ones_are_not() -> None:
    machine = ParameterRead(["A", "B"], ENDPOINTS)
    machine.start(0.0)
    assert machine.receive(value("MIS_TOTAL", 5.0), 0.1) == []
    assert machine.receive(value("A", 9.0, system=2), 0.1) == []
    assert machine.receive(value("B", 2.0), 0.1) == []
    assert machine.receive(value("A", 1.0), 0.2) == [ParametersRead({"A": 1.0, "B": 2.0})]


def test_a_name_asked_for_twice_is_read_once_and_none_is_read_at_once() -> None:
    machine = ParameterRead(["A", "A"], ENDPOINTS)
    machine.start(0.0)
    assert machine.receive(value("A", 1.0), 0.1) == [ParametersRead({"A": 1.0})]
    assert ParameterRead([], ENDPOINTS).start(0.0) == [ParametersRead({})]


def test_a_parameter_counts_as_set_when_the_vehicle_says_the_same_value() -> None:
    machine = ParameterSet("WPNAV_SPEED", 930.1, ENDPOINTS)
    (sent,) = machine.start(0.0)
    assert isinstance(sent, Send)
    assert isinstance(sent.message, m.ParamSet)
    (end,) = machine.receive(value("WPNAV_SPEED", sent.message.param_value), 0.1)
    assert isinstance(end, ParameterSetResult)
    assert end.accepted is True


def test_a_clamped_value_is_a_refusal_that_tells_the_value() -> None:
    machine = ParameterSet("FENCE_ACTION", 300.0, ENDPOINTS)
    outputs = machine.start(0.0)
    machine.receive(value("FENCE_ACTION", 127.0), 0.1)
    while machine.deadline_s is not None:
        outputs += machine.tick(machine.deadline_s)
    assert outputs[-1] == ParameterSetResult("FENCE_ACTION", False, 127.0)


def test_silence_about_a_set_is_unknown_after_retries() -> None:
    machine = ParameterSet("NO_SUCH_PARAM", 1.0, ENDPOINTS)
    outputs = machine.start(0.0)
    while machine.deadline_s is not None:
        outputs += machine.tick(machine.deadline_s)
    assert len(outputs) == 6
    assert outputs[-1] == ParameterSetResult("NO_SUCH_PARAM", None, None)


def test_a_value_reported_before_the_change_does_not_end_the_set() -> None:
    machine = ParameterSet("AUTO_OPTIONS", 3.0, ENDPOINTS)
    machine.start(0.0)
    assert machine.receive(value("AUTO_OPTIONS", 0.0), 0.1) == []
    assert machine.receive(value("AUTO_OPTIONS", 3.0), 0.2) == [ParameterSetResult("AUTO_OPTIONS", True, 3.0)]
