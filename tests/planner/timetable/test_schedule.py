"""Legs follow each other without a gap, take the time the checker asks for, and cut lanes flown on end are one lane again."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
import shapely

from planner import cost
from planner.geo import LatLon, LocalFrame, geodesic_m
from planner.model import Base, Drone, DroneType, LegKind, Sortie, Wind
from planner.timetable.schedule import DroneDay, LegWriter, Piece, shifted
from planner.tracks.lanes import Track, cut
from planner.ways.deadheads import find_deadheads
from tests.planner.missions import QUAD, WING

FRAME = LocalFrame(LatLon(lat_deg=60.0, lon_deg=10.0))
CALM = Wind()
BASE_M = (-300.0, -100.0)
LONG = Track((0.0, 0.0), (3000.0, 400.0), 50.0)
OTHER = Track((0.0, 100.0), (2000.0, 500.0), 50.0)
PIECES = [Piece(part, 0, index) for index, part in enumerate(cut(LONG, 1100.0))] + [Piece(OTHER, 1, 0)]


def day(drone_type: DroneType, pieces: Sequence[Piece], wind: Wind, open_ground: shapely.Polygon | None = None) -> DroneDay:
    location = FRAME.point_to_geographic(east_m=BASE_M[0], north_m=BASE_M[1])
    base = Base(id="home", nation="A", location=location, elevation_m=100.0)
    flyable = open_ground or shapely.box(-50_000, -50_000, 50_000, 50_000)
    ways = find_deadheads([drone_type], [piece.track for piece in pieces], [BASE_M], wind, flyable=flyable)[drone_type.id]
    drone = Drone(id="d", nation="A", type=drone_type.id, base="home")
    return DroneDay(drone=drone, drone_type=drone_type, base=base, base_index=0, height_m=70.0, ways=ways)


def flown(
    states: Sequence[int], drone_type: DroneType = QUAD, wind: Wind = CALM, pieces: Sequence[Piece] = PIECES
) -> tuple[Sortie, LegWriter]:
    writer = LegWriter(FRAME, wind, "A")
    return writer.sortie(day(drone_type, pieces, wind), 1, states, pieces), writer


@pytest.mark.parametrize("drone_type", [QUAD, WING], ids=lambda drone_type: drone_type.id)
@pytest.mark.parametrize("states", [[0], [1, 3], [0, 2, 4, 7], [6, 5, 3, 1], [4, 0, 2]], ids=str)
def test_legs_join_in_place_and_time_from_take_off_to_landing(drone_type: DroneType, states: list[int]) -> None:
    sortie, _ = flown(states, drone_type, Wind(from_deg=300, speed_mps=4))

    legs = sortie.legs
    assert (legs[0].kind, legs[-1].kind) == (LegKind.TAKEOFF, LegKind.LAND)
    assert (sortie.start_s, sortie.end_s) == (legs[0].start_s, legs[-1].end_s) == (0.0, pytest.approx(sortie.end_s))
    for before, after in pairwise(legs):
        assert before.end == after.start
        assert before.end_s == after.start_s
        assert after.end_s > after.start_s
    assert sortie.energy_wh == pytest.approx(sum(leg.energy_wh for leg in legs))
    for leg in legs:
        assert leg.energy_wh == pytest.approx(cost.energy_wh(drone_type, leg.kind, leg.end_s - leg.start_s))
        assert leg.points[0] == leg.start
        assert leg.points[-1] == leg.end


def test_pieces_of_a_lane_flown_on_end_are_one_lane_again() -> None:
    sortie, writer = flown([0, 2, 4])

    (lane,) = writer.lanes
    (sweep,) = [leg for leg in sortie.legs if leg.kind is LegKind.SWEEP]
    assert sweep.lane == lane.id
    assert geodesic_m(lane.start, lane.end) == pytest.approx(LONG.length_m, rel=1e-4)
    assert (lane.start, lane.end) == (sweep.start.ground, sweep.end.ground)


def test_pieces_flown_back_on_end_are_one_lane_too() -> None:
    sortie, writer = flown([5, 3, 1])

    assert len(writer.lanes) == 1
    assert geodesic_m(sortie.legs[2].start, sortie.legs[2].end) == pytest.approx(LONG.length_m, rel=1e-4)


@pytest.mark.parametrize("states", [[0, 4], [2, 0], [0, 3], [0, 6, 2]], ids=str)
def test_pieces_out_of_order_stay_lanes_of_their_own(states: list[int]) -> None:
    _, writer = flown(states)

    assert len(writer.lanes) == len(states)
    assert len({lane.id for lane in writer.lanes}) == len(states)


def test_lanes_are_numbered_on_over_sorties() -> None:
    writer = LegWriter(FRAME, Wind(), "A")
    today = day(QUAD, PIECES, Wind())

    for number, states in enumerate([[0], [2, 6]], start=1):
        writer.sortie(today, number, states, PIECES)

    assert [lane.id for lane in writer.lanes] == ["A-001", "A-002", "A-003"]


def test_a_copter_stops_at_every_corner_and_a_plane_at_none() -> None:
    wall = shapely.box(-5_000, -5_000, 5_000, 5_000).difference(shapely.box(900, -1000, 1100, 1000))
    pieces = [Piece(Track((0.0, 0.0), (500.0, 0.0), 50.0), 0, 0), Piece(Track((1500.0, 0.0), (2000.0, 0.0), 50.0), 1, 0)]

    for drone_type, bends in ((QUAD, False), (WING, True)):
        writer = LegWriter(FRAME, Wind(), "A")
        sortie = writer.sortie(day(drone_type, pieces, Wind(), wall), 1, [0, 2], pieces)
        between = [leg for leg in sortie.legs[3:-2] if leg.kind in (LegKind.TURN, LegKind.TRANSIT)]
        assert any(leg.path is not None for leg in between) is bends
        assert (len(between) > 1) is not bends


def test_no_segment_is_longer_than_five_kilometres_and_times_are_those_of_geodesics() -> None:
    far = [Piece(Track((-20_000.0, 30_000.0), (20_000.0, 33_000.0), 50.0), 0, 0)]

    sortie, _ = flown([0], QUAD, Wind(from_deg=30, speed_mps=5), far)

    sweeps = [leg for leg in sortie.legs if leg.kind is LegKind.SWEEP]
    assert all(geodesic_m(a, b) <= 5_000 for leg in sortie.legs for a, b in pairwise(leg.points))
    assert sum(len(sweep.points) - 1 for sweep in sweeps) == 10
    planar_s = cost.run_s(QUAD, Wind(from_deg=30, speed_mps=5), 40_000, 3_000)
    assert sweeps[-1].end_s - sweeps[0].start_s == pytest.approx(planar_s, rel=0.02)


def test_a_lane_too_long_to_be_known_by_its_ends_is_several() -> None:
    far = [Piece(Track((-20_000.0, 30_000.0), (20_000.0, 33_000.0), 50.0), 0, 0)]

    sortie, writer = flown([0], WING, pieces=far)

    sweeps = [leg for leg in sortie.legs if leg.kind is LegKind.SWEEP]
    assert [leg.lane for leg in sweeps] == [lane.id for lane in writer.lanes]
    assert [geodesic_m(lane.start, lane.end) for lane in writer.lanes] == pytest.approx([20_056, 20_056], rel=1e-3)
    assert sweeps[0].end == sweeps[1].start


def test_a_lane_that_begins_over_the_base_needs_no_way_there() -> None:
    here = [Piece(Track(BASE_M, (500.0, -100.0), 50.0), 0, 0)]

    sortie, _ = flown([0], pieces=here)

    assert [leg.kind for leg in sortie.legs] == [LegKind.TAKEOFF, LegKind.SWEEP, LegKind.TRANSIT, LegKind.LAND]


def test_shifting_keeps_everything_but_the_times() -> None:
    sortie, _ = flown([0, 6])

    later = shifted(sortie, 100.0)

    assert later.start_s == sortie.start_s + 100
    assert later.end_s == sortie.end_s + 100
    assert [leg.points for leg in later.legs] == [leg.points for leg in sortie.legs]
    assert shifted(later, -100.0).legs[0] == sortie.legs[0]
