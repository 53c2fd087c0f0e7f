from __future__ import annotations

import pytest

from mavlink_bridge.vehicle_state import VehicleState
from missions.control.itinerary import Minima
from missions.control.separation import SeparationWatch
from planner.geo import LatLon, LocalFrame

FRAME = LocalFrame(LatLon(lat_deg=47.5, lon_deg=19.0))


def watch() -> SeparationWatch:
    return SeparationWatch(FRAME, Minima(horizontal_m=50.0, vertical_m=10.0), stale_s=3.0)


def at(east_m: float, north_m: float, amsl_m: float = 100.0, *, now_s: float = 0.0) -> VehicleState:
    return VehicleState(position=FRAME.point_to_geographic(east_m=east_m, north_m=north_m), position_s=now_s, alt_amsl_m=amsl_m)


def test_two_drones_closer_than_both_minima_are_an_encounter_once() -> None:
    watched = watch()
    (encounter,) = watched.observe({"b": at(0, 0), "a": at(30, 0, 105.0)}, 0.0)
    assert encounter.drones == ("a", "b")
    assert [encounter.horizontal_m, encounter.vertical_m] == pytest.approx([30, 5], abs=0.01)
    assert watched.observe({"a": at(30, 0, now_s=1.0), "b": at(0, 0, now_s=1.0)}, 1.0) == []


def test_encounter_that_ended_and_begins_anew_is_told_again() -> None:
    watched = watch()
    for moment_s, apart_m, told in ((0.0, 30.0, 1), (1.0, 90.0, 0), (2.0, 90.0, 0), (3.0, 30.0, 1)):
        found = watched.observe({"a": at(0, 0, now_s=moment_s), "b": at(apart_m, 0, now_s=moment_s)}, moment_s)
        assert len(found) == told


@pytest.mark.parametrize("state", [at(30, 0, 111.0), at(60, 0), VehicleState()])
def test_one_minimum_kept_is_enough(state: VehicleState) -> None:
    assert watch().observe({"a": at(0, 0), "b": state}, 0.0) == []


def test_old_positions_say_nothing() -> None:
    assert watch().observe({"a": at(0, 0), "b": at(10, 0, now_s=10.0)}, 10.0) == []


def test_pass_between_two_looks_is_seen_by_the_speeds() -> None:
    """Head on at 20 m/s each: 90 m apart before, 90 m apart after, met in between."""
    watched = watch()
    watched.observe({"a": at(-100, 0, now_s=0.0), "b": at(100, 5, now_s=0.0)}, 0.0)
    assert watched.observe({"a": at(-60, 0, now_s=2.0), "b": at(60, 5, now_s=2.0)}, 2.0) == []
    (encounter,) = watched.observe({"a": at(60, 0, now_s=8.0), "b": at(-60, 5, now_s=8.0)}, 8.0)
    assert encounter.horizontal_m == pytest.approx(5, abs=0.1)


def test_reports_of_different_instants_are_brought_to_one() -> None:
    """One follows the other at 20 m/s, 60 m behind; its report is a second old."""
    watched = watch()
    watched.observe({"a": at(0, 0, now_s=0.0), "b": at(60, 0, now_s=0.0)}, 0.0)
    assert watched.observe({"a": at(40, 0, now_s=2.0), "b": at(80, 0, now_s=1.0)}, 2.0) == []


def test_closest_is_the_least_distance_on_one_level() -> None:
    watched = watch()
    assert watched.closest_m is None
    watched.observe({"a": at(0, 0), "b": at(5, 0, 300.0), "c": at(80, 0)}, 0.0)
    assert watched.closest_m == pytest.approx(80, abs=0.01)
