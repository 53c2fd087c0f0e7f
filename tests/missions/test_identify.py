"""The right plan on the right airframe: by system id, board and parameters."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from mavlink_bridge.fleet import VehicleAddress
from mavlink_bridge.vehicle_state import VehicleState
from missions.identify import DEFAULTS, Identity, Look
from missions.links_file import Airframe
from tests.missions.tiny_mission import whole_tiny_plan

PLAN = whole_tiny_plan()
HOME = PLAN.base(PLAN.drone("w1").base).location
STATE = VehicleState(heard_s=1.0, vehicle_type=2, system_status=3, position=HOME, board_id="3a00")
VALUES = {"FRAME_CLASS": 1.0, "FRAME_TYPE": 0.0}
ADDRESS = VehicleAddress(drone="w1", link="l", system_id=1)


def seen(airframe: Airframe, state: VehicleState = STATE, values: Mapping[str, float] | None = None, *, heard: bool = True) -> Identity:
    told = VALUES if values is None else values
    return Look(PLAN, DEFAULTS, {"w1"} if heard else set(), {"w1": told}).at(ADDRESS, state, airframe)


def test_the_airframe_that_the_links_file_means_is_as_planned() -> None:
    found = seen(Airframe(board="3a00", parameters=VALUES))
    assert (found.defects, found.board, found.tells) == ((), "3a00", True)
    assert any(difference.name == "FENCE_ENABLE" for difference in found.failsafes)


@pytest.mark.parametrize(
    ("airframe", "words"),
    [
        (Airframe(board="3a01"), "its board is 3a00, the links file has 3a01"),
        (Airframe(parameters={"FRAME_CLASS": 2.0}), "FRAME_CLASS is 1, the links file has 2"),
        (Airframe(parameters={"Q_ENABLE": 1.0}), "Q_ENABLE is unknown, the links file has 1"),
    ],
)
def test_another_airframe_with_the_same_system_id_is_found_out(airframe: Airframe, words: str) -> None:
    assert seen(airframe).defects == (words,)


def test_a_board_that_tells_no_number_is_not_the_one_that_is_meant() -> None:
    assert seen(Airframe(board="3a00"), VehicleState(vehicle_type=2, position=HOME)).defects == (
        "its board is unknown, the links file has 3a00",
    )


def test_who_was_not_heard_or_tells_nothing_is_not_taken_for_good() -> None:
    assert seen(Airframe(), heard=False).defects == ("system id 1 was not heard",)
    assert seen(Airframe(), values={}).tells is False
