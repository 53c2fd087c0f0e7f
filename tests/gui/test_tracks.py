from __future__ import annotations

import shapely
from hypothesis import given
from hypothesis import strategies as st

from gui.models.tracks import TrackParams, Tracks, Trail
from planner.geo import LatLon, LocalFrame

PARAMS = TrackParams(tolerance_m=1.5, step_m=1.0, max_corners=64)
FRAME = LocalFrame(LatLon(lat_deg=47.5, lon_deg=19.0))
walks = st.lists(st.tuples(st.floats(-30, 30), st.floats(-30, 30)), min_size=2, max_size=200)


def test_a_straight_flight_needs_few_corners() -> None:
    trail = Trail(TrackParams())
    for metre in range(2000):
        trail.add((float(metre), 0.3 * (metre % 2)))
    assert len(trail.corners) < 4
    assert trail.end == (1999.0, 0.3)


def test_a_there_and_back_keeps_its_far_end() -> None:
    trail = Trail(TrackParams())
    for metre in [*range(0, 101, 2), *range(98, -1, -2)]:
        trail.add((float(metre), 0.0))
    assert (100.0, 0.0) in trail.corners


@given(walks)
def test_no_position_is_far_from_the_trail(steps: list[tuple[float, float]]) -> None:
    trail = Trail(TrackParams(max_corners=10_000))
    east_m = north_m = 0.0
    spots = []
    for east_step, north_step in steps:
        east_m, north_m = east_m + east_step, north_m + north_step
        spots.append((east_m, north_m))
        trail.add(spots[-1])
    assert trail.end is not None
    line = shapely.LineString([*trail.corners, trail.end])
    # a position closer than a step to the last is not looked at
    limit_m = 1.5 + 1.0
    assert all(line.distance(shapely.Point(spot)) <= limit_m + 1e-6 for spot in spots)


def test_a_full_trail_keeps_its_beginning_and_its_end() -> None:
    trail = Trail(PARAMS)
    for step in range(500):
        trail.add((float(step), 100.0 * (step % 2)))
    assert trail.corners[0] == (0.0, 0.0)
    assert len(trail.corners) <= PARAMS.max_corners
    assert trail.corners[0] == tuple(trail.points[0])
    assert trail.end == (499.0, 100.0) == tuple(trail.points[-1])


def test_heads_are_the_latest_positions_of_each_drone() -> None:
    tracks = Tracks()
    tracks.restart(FRAME)
    places = [FRAME.point_to_geographic(east_m=float(east_m), north_m=50.0) for east_m in (0, 10, 20)]
    tracks.extend({"a": places, "b": places[:1]})
    assert [round(value, 3) for value in tracks.heads["a"]] == [20.0, 50.0]
    assert [round(value, 3) for value in tracks.heads["b"]] == [0.0, 50.0]


def test_before_there_is_a_map_nothing_is_kept() -> None:
    tracks = Tracks()
    tracks.extend({"a": [FRAME.origin]})
    assert tracks.heads == {}
