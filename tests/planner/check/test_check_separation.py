"""Separation in space and time: nothing is missed between samples, and heights are compared above sea level."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.check import check_plan, closest_approach
from planner.check.motion import Pieces, meetings
from planner.check.params import DEFAULT, CheckParams
from planner.model import Drone, Plan, Rule, Sortie
from tests.planner.plan_builder import Flight, Setting, build, flight, with_sorties

SETTING = Setting()
HONEST = build(SETTING)


def plan_of(*sorties: Sortie, **changes: Any) -> Plan:
    names = sorted({sortie.drone for sortie in sorties})
    drones = tuple(Drone(id=name, nation="W", type="quad", base="w-far") for name in names)
    return with_sorties(replace(HONEST, drones=drones, lanes=(), **changes), sorties)


def line(drone: str, *points: tuple[float, float], start_s: float = 0.0, height_m: float = 50.0) -> Sortie:
    flown = Flight(SETTING, drone=drone, base="w-far", start_s=start_s, place=points[0]).takeoff(height_m).along(points[1:])
    return flown.sortie(f"{drone}/1", "W")


def losses(plan: Plan) -> list[tuple[str, float]]:
    return [(violation.subject, violation.amount) for violation in check_plan(plan) if violation.rule is Rule.SEPARATION]


def test_drones_that_cross_in_one_place_at_one_time_lose_separation_once() -> None:
    plan = plan_of(line("a", (-500, 0), (-100, 0)), line("b", (-300, -200), (-300, 200)))

    ((subject, amount),) = losses(plan)
    assert subject == "a/1 b/1"
    assert amount == pytest.approx(30.0, abs=0.01)


def test_the_violation_says_where_and_when_and_how_close() -> None:
    plan = plan_of(line("a", (-500, 0), (-100, 0)), line("b", (-300, -190), (-300, 210)))

    found = next(violation for violation in check_plan(plan) if violation.rule is Rule.SEPARATION)

    assert found.text.startswith(
        "drone a (sortie a/1, legs[1] TRANSIT) and drone b (sortie b/1, legs[1] TRANSIT) come within 7.1 m, 0.0 m "
    )
    assert found.at_s == pytest.approx(20 + 44 * 195 / 400, abs=0.05)
    assert found.lat_deg == pytest.approx(SETTING.place(-305, 0).lat_deg, abs=1e-6)
    assert found.lon_deg == pytest.approx(SETTING.place(-305, 0).lon_deg, abs=1e-6)


def test_crossing_at_another_time_is_no_loss() -> None:
    assert losses(plan_of(line("a", (-500, 0), (-100, 0)), line("b", (-300, -200), (-300, 200), start_s=20))) == []


def test_crossing_at_another_height_is_no_loss() -> None:
    assert losses(plan_of(line("a", (-500, 0), (-100, 0)), line("b", (-300, -200), (-300, 200), start_s=-4, height_m=60))) == []
    assert losses(plan_of(line("a", (-500, 0), (-100, 0)), line("b", (-300, -200), (-300, 200), start_s=-3.2, height_m=58))) != []


def test_heights_are_compared_above_sea_level() -> None:
    near, far, *rest = HONEST.bases
    first = line("a", (-500, 0), (-100, 0))
    second = replace(line("b", (-300, -200), (-300, 200)), start_base="w-near")
    for elevation_m, count in ((0.0, 1), (30.0, 0)):
        bases = (replace(near, elevation_m=elevation_m), far, *rest)
        assert len(losses(plan_of(first, second, bases=bases))) == count


@pytest.mark.parametrize(("apart_m", "broken"), [(30.5, False), (29.5, False), (28.5, True)])
def test_the_minimum_forgives_a_metre_and_no_more(apart_m: float, broken: bool) -> None:
    plan = plan_of(line("a", (-500, 0), (-100, 0)), line("b", (-500, apart_m), (-100, apart_m)))

    assert bool(losses(plan)) is broken


def test_a_drone_that_holds_is_met_by_one_that_passes() -> None:
    holding = flight(SETTING, "W", "far", drone="a").takeoff().hold(400).sortie("a/1", "W")
    passing = line("b", (-600, -290), (-200, -290))

    assert [subject for subject, _ in losses(plan_of(holding, passing))] == ["a/1 b/1"]


def test_sorties_of_one_drone_are_a_matter_of_timing() -> None:
    first = line("a", (-500, 0), (-100, 0))

    assert losses(plan_of(first, replace(line("a", (-500, 0), (-100, 0)), id="a/2"))) == []


def test_a_gap_in_height_that_closes_only_while_far_apart_is_no_loss() -> None:
    """Both minima must be undercut at the same moment, not one after the other on the same segment."""
    climbing = replace(line("a", (-500, 0), (-100, 0)))
    legs = list(climbing.legs)
    legs[1] = replace(legs[1], end=replace(legs[1].end, height_m=110.0), end_s=legs[1].end_s)
    level = line("b", (-500, 60), (-100, -60), height_m=50)

    assert losses(plan_of(replace(climbing, legs=tuple(legs)), level)) == []


def test_the_closest_approach_of_the_honest_plan_is_found_beyond_its_minima() -> None:
    approach = closest_approach(HONEST)

    assert approach is not None
    assert {approach.first.drone.id[0], approach.second.drone.id[0]} in ({"w"}, {"e"})
    assert approach.horizontal_m > HONEST.limits.min_separation_m
    assert approach.vertical_m < HONEST.limits.min_vertical_separation_m


def test_there_is_no_closest_approach_when_heights_always_differ_or_nobody_flies() -> None:
    assert closest_approach(with_sorties(HONEST, [])) is None
    assert closest_approach(with_sorties(HONEST, [HONEST.sorties[0]])) is None
    highlands = tuple(replace(base, elevation_m=200.0) if base.nation == "E" else base for base in HONEST.bases)
    across = with_sorties(replace(HONEST, bases=highlands), [HONEST.sorties[0], HONEST.sorties[5]])
    assert closest_approach(across) is None


def random_pieces(seed: int, flights: int, steps: int) -> Pieces:
    dice = random.Random(seed)
    rows = []
    for number in range(flights):
        now_s = dice.uniform(0, 60)
        place = [dice.uniform(-400, 400), dice.uniform(-400, 400), dice.uniform(0, 40)]
        for step in range(steps):
            lasts_s = dice.choice([0.5, 5.0, 20.0, 90.0])
            aim = [place[0] + dice.uniform(-12, 12) * lasts_s, place[1] + dice.uniform(-12, 12) * lasts_s, dice.uniform(0, 40)]
            if dice.random() < 0.2:
                aim = list(place)
            rows.append((number * steps + step, number, number, now_s, now_s + lasts_s, *place, *aim))
            now_s += lasts_s
            place = aim
    table = np.array(rows, dtype=np.float64)
    leg, sortie, drone = table[:, :3].astype(np.int64).T
    from_s, to_s, x0, y0, z0, x1, y1, z1 = table[:, 3:].T
    return Pieces(leg=leg, sortie=sortie, drone=drone, from_s=from_s, to_s=to_s, x0=x0, y0=y0, z0=z0, x1=x1, y1=y1, z1=z1)


def sampled(pieces: Pieces, horizontal_m: float, vertical_m: float, step_s: float) -> dict[tuple[int, int], float]:
    """By brute force: the least horizontal distance of each pair below the vertical radius, at samples in time."""
    times_s = np.arange(0, float(pieces.to_s.max()), step_s)
    tracks = {}
    for sortie in np.unique(pieces.sortie):
        own = pieces.rows(pieces.sortie == sortie)
        knots = np.append(own.from_s, own.to_s[-1])
        columns = [np.interp(times_s, knots, np.append(a, b[-1])) for a, b in ((own.x0, own.x1), (own.y0, own.y1), (own.z0, own.z1))]
        tracks[int(sortie)] = (np.array(columns), (times_s >= knots[0]) & (times_s <= knots[-1]))
    closest = {}
    for first, (track, flying) in tracks.items():
        for second, (other, also_flying) in tracks.items():
            apart = track - other
            level = flying & also_flying & (np.abs(apart[2]) < vertical_m)
            if first < second and level.any():
                distance_m = float(np.hypot(apart[0], apart[1])[level].min())
                if distance_m < horizontal_m:
                    closest[(first, second)] = distance_m
    return closest


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), slab_s=st.sampled_from([1.0, 30.0, 10_000.0]))
def test_nothing_that_sampling_finds_is_missed_and_what_is_found_is_no_further(seed: int, slab_s: float) -> None:
    pieces = random_pieces(seed, flights=8, steps=12)
    params = replace(DEFAULT, slab_s=slab_s)

    found = exact(pieces, params)

    for pair, distance_m in sampled(pieces, 50.0, 10.0, 0.05).items():
        assert pair in found
        assert found[pair] <= distance_m + 1e-6
    # At 24 m/s and 0.05 s samples pass each other by 1.2 m at most, unless the height gap closes for less than a sample.
    loose = sampled(pieces, 52.0, 14.0, 0.05)
    for pair, distance_m in found.items():
        assert loose.get(pair, float("inf")) <= distance_m + 2.0


def exact(pieces: Pieces, params: CheckParams) -> dict[tuple[int, int], float]:
    closest: dict[tuple[int, int], float] = {}
    for met in meetings(pieces, horizontal_m=50.0, vertical_m=10.0, params=params):
        for row in range(len(met.at_s)):
            first, second = int(met.first_sortie[row]), int(met.second_sortie[row])
            pair = (min(first, second), max(first, second))
            closest[pair] = min(closest.get(pair, float("inf")), float(met.horizontal_m[row]))
            assert met.vertical_m[row] <= 10.0 + 1e-6
    return closest
