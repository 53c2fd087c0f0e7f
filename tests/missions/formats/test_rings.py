"""Rings of fewer corners lie inside the ring they were cut from, and around what must stay inside."""

from __future__ import annotations

import math

import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Polygon

from missions.formats.rings import shrunk_to


def wavy(corners: int, waves: int, depth: float) -> Polygon:
    """A star-shaped ring around the origin that bulges in and out."""
    angles = [2 * math.pi * index / corners for index in range(corners)]
    return Polygon([((10 + depth * math.sin(waves * a)) * math.cos(a), (10 + depth * math.sin(waves * a)) * math.sin(a)) for a in angles])


@settings(max_examples=40, deadline=None)
@given(corners=st.integers(8, 200), waves=st.integers(0, 20), depth=st.floats(0, 5), room=st.integers(3, 60))
def test_what_is_cut_lies_inside_and_holds_what_is_kept(corners: int, waves: int, depth: float, room: int) -> None:
    ring = wavy(corners, waves, depth)
    kept = LineString([(-2, -1), (2, 1)]).buffer(0.5)
    cut = shrunk_to(ring, kept, vertices=room)
    assert cut.is_valid
    assert ring.buffer(1e-9).covers(cut)
    assert cut.covers(kept)
    assert len(cut.exterior.coords) <= len(ring.exterior.coords)


def test_a_convex_ring_comes_down_to_the_room_there_is() -> None:
    cut = shrunk_to(wavy(100, 0, 0.0), shapely.Point(0, 0).buffer(1.0), vertices=8)
    assert len(cut.exterior.coords) - 1 == 8


def test_corners_that_hold_what_is_kept_stay() -> None:
    square = shapely.box(0, 0, 10, 10)
    cut = shrunk_to(square, shapely.Point(9.9, 9.9).buffer(0.05), vertices=3)
    assert (10.0, 10.0) in cut.exterior.coords[:]
