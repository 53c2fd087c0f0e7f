"""The embedded vehicle flies recorded missions again: time, track both ways, energy, and what it reports in which order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from tests.sitl.recordings import Flight, Points, farthest_m, fly_again, needs_recordings, recorded_flight

pytestmark = needs_recordings


@dataclass(frozen=True, slots=True)
class Bound:
    """How far the embedded vehicle may be off: part of the time, metres, part of the energy."""

    time: float = 0.01
    track_m: float = 1.0
    energy: float = 0.02


#: The calm and the windy, the turning, the waiting, and every way of going home.
COPTERS = {
    "c01_square90": Bound(),
    "c02_zigzag_acute": Bound(),
    "c04_altitudes": Bound(),
    "c05_delay_loiter": Bound(),
    "c07b_change_speed_lean45": Bound(),
    "c08c_lawnmower_wind8_lean45": Bound(),
    "c09b_rtl_from_below": Bound(),
    "c10_battery_low_rtl": Bound(track_m=2.0),
    "c10b_battery_two_stage": Bound(track_m=3.0),
    "c11_fence_polygon_rtl": Bound(),
    "c12_gcs_lost_rtl": Bound(track_m=2.0),
    "c13_pause_brake_loiter": Bound(),
    "c13c_do_pause_continue": Bound(),
}
QUADPLANES = {
    "q01_survey": Bound(time=0.01, track_m=15.0, energy=0.05),
    "q02_loiter_rtl": Bound(time=0.02, track_m=37.0, energy=0.05),
    "q03_survey_wind8": Bound(time=0.04, track_m=20.0, energy=0.05),
}


@cache
def both(name: str) -> tuple[Flight, Flight]:
    """As recorded, and as flown here."""
    return recorded_flight(name), fly_again(name)


@pytest.mark.parametrize("name", [*COPTERS, *QUADPLANES])
def test_time_track_and_energy_are_those_of(name: str) -> None:
    bound = (COPTERS | QUADPLANES)[name]
    recorded, flown = both(name)
    assert flown.duration_s == pytest.approx(recorded.duration_s, rel=bound.time)
    assert flown.energy_wh == pytest.approx(recorded.energy_wh, rel=bound.energy)
    there = _in_flight(recorded)
    assert farthest_m(there[::3], flown.track[::2]) < bound.track_m
    assert farthest_m(flown.track[::3], there[::2]) < bound.track_m


@pytest.mark.parametrize("name", COPTERS)
def test_items_modes_and_landed_states_come_in_the_order_and_at_the_times_of(name: str) -> None:
    recorded, flown = both(name)
    kinds = ("reached ", "mode ", "landed ", "current ")
    for kind in kinds:
        there, here = _of_kind(recorded, kind), _of_kind(flown, kind)
        assert [said for _, said in here] == [said for _, said in there]
        late = [here_s - there_s for (there_s, _), (here_s, _) in zip(there, here, strict=True)]
        assert np.max(np.abs(late)) < 0.01 * recorded.duration_s + 0.5


def _in_flight(flight: Flight) -> Points:
    times = flight.track[:, 0]
    return flight.track[(times > 0) & (times < flight.duration_s)]


def _of_kind(flight: Flight, kind: str) -> list[tuple[float, str]]:
    """From 0.5 s after arming on: before that the stream's phase decides what is seen."""
    return [(at_s, said) for at_s, said in flight.events if said.startswith(kind) and at_s > 0.5]
