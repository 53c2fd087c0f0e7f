from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from missions.control.homeward import Homeward, HomewardParams, whose_turn

PARAMS = HomewardParams(landing_extra_s=30.0, slack_s=20.0)


def bound(drone: str, way_s: float, *, base: str = "b", waits: bool = True, urgent: bool = False) -> Homeward:
    return Homeward(drone=drone, base=base, way_s=way_s, descent_s=40.0, waits=waits, urgent=urgent)


def test_nearest_goes_first_and_the_next_when_it_is_sure_to_be_down() -> None:
    assert whose_turn([bound("far", 60.0), bound("near", 10.0)], PARAMS) == {"near": "", "far": "near"}
    assert whose_turn([bound("far", 101.0), bound("near", 10.0)], PARAMS) == {"near": "", "far": ""}


def test_who_has_set_out_keeps_its_place() -> None:
    assert whose_turn([bound("far", 60.0, waits=False), bound("near", 10.0)], PARAMS) == {"near": "far"}


def test_near_one_lands_before_a_far_one_that_has_set_out() -> None:
    assert whose_turn([bound("far", 101.0, waits=False), bound("near", 10.0)], PARAMS) == {"near": ""}


def test_bases_do_not_wait_for_each_other() -> None:
    assert whose_turn([bound("a", 10.0), bound("b", 10.0, base="other")], PARAMS) == {"a": "", "b": ""}


def test_short_of_battery_does_not_wait() -> None:
    assert whose_turn([bound("a", 10.0), bound("low", 20.0, urgent=True)], PARAMS) == {"low": "", "a": "low"}


@given(st.lists(st.tuples(st.floats(0.0, 2000.0), st.booleans()), min_size=1, max_size=8))
def test_nobody_who_sets_out_meets_another_and_somebody_always_may(ways: list[tuple[float, bool]]) -> None:
    drones = [bound(str(number), way_s, base="b" if near else "c") for number, (way_s, near) in enumerate(ways)]
    answers = whose_turn(drones, PARAMS)
    out = sorted((drone for drone in drones if not answers[drone.drone]), key=lambda drone: (drone.base, drone.way_s))
    assert {drone.base for drone in out} == {drone.base for drone in drones}
    for one, other in pairwise(out):
        if one.base == other.base:
            assert other.way_s >= one.way_s + one.descent_s + PARAMS.landing_extra_s + PARAMS.slack_s
    assert whose_turn([replace(drone, waits=bool(answers[drone.drone])) for drone in drones], PARAMS) == {
        drone: before for drone, before in answers.items() if before
    }
