"""Drones that fly at once keep apart: by layers, by launching later, and one after the other over a base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
import shapely

from planner.geo import LatLon, LocalFrame, Position
from planner.model import Base, Drone, HeightBand, Leg, LegKind, Limits, MissionSpec, Permission, Policy, Sortie
from planner.timetable.base_traffic import Visit, clash
from planner.timetable.deconflict import DeconflictParams, separate, working_heights
from tests.planner.missions import EVERYWHERE, HERE, QUAD, WING, mission

FRAME = LocalFrame(LatLon(lat_deg=47.5, lon_deg=19.0))
LIMITS = Limits(min_separation_m=50.0, min_vertical_separation_m=10.0)


def place(east_m: float, north_m: float, height_m: float) -> Position:
    ground = FRAME.point_to_geographic(east_m=east_m, north_m=north_m)
    return Position(lat_deg=ground.lat_deg, lon_deg=ground.lon_deg, height_m=height_m)


def flight(drone: str, points: Sequence[tuple[float, float]], height_m: float = 60.0, number: int = 1) -> Sortie:
    """Up, along the points at 10 m/s, down."""
    ground, air = place(*points[0], 0), place(*points[0], height_m)
    legs = [Leg(kind=LegKind.TAKEOFF, start=ground, end=air, start_s=0, end_s=height_m / 2.5, energy_wh=1)]
    for start, end in pairwise(points):
        seconds = float(np.hypot(end[0] - start[0], end[1] - start[1])) / 10
        last = legs[-1]
        legs.append(
            replace(last, kind=LegKind.TRANSIT, start=last.end, end=place(*end, height_m), start_s=last.end_s, end_s=last.end_s + seconds)
        )
    last = legs[-1]
    down = replace(last.end, height_m=0)
    legs.append(replace(last, kind=LegKind.LAND, start=last.end, end=down, start_s=last.end_s, end_s=last.end_s + height_m / 1.5))
    base = f"base {drone}"
    return Sortie(
        id=f"{drone}-s{number}",
        drone=drone,
        nation="A",
        start_base=base,
        end_base=base,
        start_s=0,
        end_s=legs[-1].end_s,
        energy_wh=1,
        legs=tuple(legs),
    )


def launched(chains: dict[str, list[Sortie]], places: dict[str, tuple[float, float]]) -> tuple[Sortie, ...]:
    bases = [
        Base(id=f"base {drone}", nation="A", location=FRAME.point_to_geographic(east_m=at[0], north_m=at[1]))
        for drone, at in places.items()
    ]
    drones = [Drone(id=drone, nation="A", type="quad", base=f"base {drone}") for drone in places]
    return separate(chains, frame=FRAME, bases=bases, types={"quad": QUAD}, drones=drones, limits=LIMITS).sorties


def path_of(sortie: Sortie, times_s: np.ndarray) -> np.ndarray:
    """Positions at times, NaN while not in the air: written anew, by leg times alone."""
    ends = [(leg.end_s, leg.end) for leg in sortie.legs]
    known = [(sortie.start_s, sortie.legs[0].start), *ends]
    local = [(*FRAME.point_to_local(position.ground), position.height_m) for _, position in known]
    columns = [np.interp(times_s, [at for at, _ in known], column) for column in zip(*local, strict=True)]
    inside = (times_s >= sortie.start_s) & (times_s <= sortie.end_s)
    return np.where(inside[:, None], np.stack(columns, axis=1), np.nan)


def smallest_m(sorties: Sequence[Sortie]) -> float:
    """The least horizontal distance of two flying drones closer in height than the minimum."""
    times_s = np.arange(0, max(sortie.end_s for sortie in sorties), 0.1)
    least = np.inf
    for one, other in combinations(sorties, 2):
        apart = path_of(one, times_s) - path_of(other, times_s)
        near = np.hypot(apart[:, 0], apart[:, 1])[np.abs(apart[:, 2]) < LIMITS.min_vertical_separation_m]
        least = min(least, float(np.min(near, initial=np.inf)))
    return least


def test_drones_that_would_meet_do_not() -> None:
    chains = {"a": [flight("a", [(-500, 0), (500, 0), (-500, 0)])], "b": [flight("b", [(0, -500), (0, 500), (0, -500)])]}

    sorties = launched(chains, {"a": (-500, 0), "b": (0, -500)})

    assert smallest_m(list(chains["a"]) + list(chains["b"])) < 1
    assert smallest_m(sorties) >= LIMITS.min_separation_m
    assert min(sortie.start_s for sortie in sorties) == 0


def test_drones_in_layers_need_not_wait() -> None:
    chains = {"a": [flight("a", [(-500, 0), (500, 0), (-500, 0)], 60)], "b": [flight("b", [(0, -500), (0, 500), (0, -500)], 72)]}

    sorties = launched(chains, {"a": (-500, 0), "b": (0, -500)})

    assert [sortie.start_s for sortie in sorties] == [0, 0]


def test_drones_of_one_base_leave_and_return_one_after_the_other() -> None:
    chains = {name: [flight(name, [(0, 0), (300 * number, 400), (0, 0)], 60 + 12 * number)] for number, name in enumerate("abcd")}

    sorties = launched(chains, dict.fromkeys("abcd", (0.0, 0.0)))

    assert smallest_m(sorties) >= LIMITS.min_separation_m
    assert len({sortie.start_s for sortie in sorties}) == 4


def test_a_drone_rests_for_its_battery_swap_between_sorties() -> None:
    chains = {"a": [flight("a", [(0, 0), (200, 0), (0, 0)], number=number) for number in (1, 2, 3)]}

    first, second, third = launched(chains, {"a": (0, 0)})

    assert second.start_s >= first.end_s + QUAD.battery_swap_s
    assert third.start_s >= second.end_s + QUAD.battery_swap_s
    assert second.start_s < first.end_s + QUAD.battery_swap_s + DeconflictParams().delay_step_s


def test_flights_without_way_out_keep_their_last_try() -> None:
    """Two bases on one spot, where one drone never leaves: no delay helps, and the checker will say so."""
    hovering = flight("a", [(0, 0), (1, 0), (0, 0)])
    stays = replace(hovering, end_s=90_000, legs=(*hovering.legs[:-1], replace(hovering.legs[-1], end_s=90_000)))

    sorties = launched({"a": [stays], "b": [flight("b", [(0, 0), (300, 0), (0, 0)])]}, {"a": (0, 0), "b": (0, 0)})

    assert len(sorties) == 2


def test_nobody_to_separate() -> None:
    assert launched({"a": []}, {"a": (0, 0)}) == ()


def many(count: int, ceiling_m: float, **changes: object) -> MissionSpec:
    spec = mission(shapely.box(0, 0, 1000, 1000), drones_at_base=count)
    nations = tuple(replace(nation, policy=Policy(max_height_m=ceiling_m)) for nation in spec.nations)
    return replace(spec, nations=nations, **changes)


def test_layers_fill_the_room_below_the_ceiling_and_no_more() -> None:
    heights = sorted(working_heights(many(7, 105.0)).values())

    assert heights == [60, 60, 72, 72, 84, 84, 96]


def test_without_room_everyone_keeps_the_type_s_height() -> None:
    assert set(working_heights(many(5, 60.0)).values()) == {60.0}


def test_layers_stay_within_a_permission_s_band() -> None:
    permission = Permission(id="p", host="B", guest="A", polygon=HERE.shape(EVERYWHERE), band=HeightBand(min_m=30, max_m=75))

    assert sorted(working_heights(many(4, 120.0, permissions=(permission,))).values()) == [60, 60, 72, 72]


def test_the_strictest_nation_sets_the_ceiling() -> None:
    spec = mission(shapely.box(0, 0, 100, 100), territories={"A": EVERYWHERE, "B": EVERYWHERE}, drones_at_base=3)
    strict = tuple(replace(nation, policy=Policy(max_height_m=120.0 if nation.id == "A" else 75.0)) for nation in spec.nations)

    assert max(working_heights(replace(spec, nations=strict)).values()) <= 75


def test_types_start_from_their_own_heights() -> None:
    heights = working_heights(mission(shapely.box(0, 0, 100, 100), drone_types=(QUAD, WING)))

    assert sorted(heights.values()) == [QUAD.height_above_home_m, WING.height_above_home_m]


@pytest.mark.parametrize(
    ("other", "clashes"),
    [
        (Visit("x", 100, 110, climbs=True), False),
        (Visit("x", 39, 50, climbs=False), True),
        (Visit("x", 41, 50, climbs=False), False),
        (Visit("y", 0, 50, climbs=True), False),
    ],
)
def test_visits_clash_at_one_base_within_the_slack(other: Visit, clashes: bool) -> None:
    assert clash([Visit("x", 0, 30, climbs=True)], [other], 10.0) is clashes


def test_two_that_only_pass_over_a_base_are_left_to_their_layers() -> None:
    assert not clash([Visit("x", 0, 30, climbs=False)], [Visit("x", 0, 30, climbs=False)], 10.0)
