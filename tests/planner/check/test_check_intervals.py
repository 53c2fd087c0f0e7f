"""Interval sets obey the algebra of sets, and tell where a segment lies in a polygon."""

from __future__ import annotations

import shapely
from hypothesis import given
from hypothesis import strategies as st

from planner.check.intervals import NOWHERE, WHOLE, Intervals, between, difference, inside, intersection, union

grid = st.integers(0, 20).map(lambda step: step / 20)
sets = st.lists(st.tuples(grid, grid).map(lambda ends: (min(ends), max(ends))).filter(lambda ends: ends[0] < ends[1]), max_size=5).map(
    lambda found: union(tuple(found))
)
#: Between the grid's points, so that open and closed ends do not matter.
SAMPLES = [(step + 0.5) / 20 for step in range(20)]


def members(intervals: Intervals) -> set[float]:
    return {sample for sample in SAMPLES if any(low < sample < high for low, high in intervals)}


@given(sets, sets)
def test_the_operations_are_those_of_sets(first: Intervals, second: Intervals) -> None:
    assert members(union(first, second)) == members(first) | members(second)
    assert members(intersection(first, second)) == members(first) & members(second)
    assert members(difference(first, second)) == members(first) - members(second)


@given(sets, sets)
def test_results_are_sorted_and_disjoint(first: Intervals, second: Intervals) -> None:
    for result in (union(first, second), intersection(first, second), difference(first, second)):
        ends = [end for interval in result for end in interval]
        assert ends == sorted(ends)
        assert len(set(ends)) == len(ends)


def test_a_linear_value_is_between_its_limits() -> None:
    assert between(0, 10, low=2, high=5) == ((0.2, 0.5),)
    assert between(10, 0, low=2, high=5) == ((0.5, 0.8),)
    assert between(3, 3, low=2, high=5) == WHOLE
    assert between(6, 6, low=2, high=5) == NOWHERE
    assert between(0, 10, low=float("-inf"), high=float("inf")) == WHOLE
    assert between(0, 10, low=11, high=float("inf")) == NOWHERE


def test_a_segment_crosses_a_polygon_in_as_many_stretches_as_it_has_arms() -> None:
    fork = shapely.box(2, 0, 4, 10).union(shapely.box(6, 0, 8, 10)).union(shapely.box(2, 8, 8, 10))

    assert inside(fork, (0.0, 1.0), (10.0, 1.0)) == ((0.2, 0.4), (0.6, 0.8))
    assert inside(fork, (10.0, 1.0), (0.0, 1.0)) == ((0.2, 0.4), (0.6, 0.8))
    assert inside(fork, (3.0, 1.0), (3.0, 2.0)) == WHOLE
    assert inside(fork, (0.0, 1.0), (1.0, 1.0)) == NOWHERE


def test_a_segment_without_length_is_a_point() -> None:
    assert inside(shapely.box(0, 0, 1, 1), (0.5, 0.5), (0.5, 0.5)) == WHOLE
    assert inside(shapely.box(0, 0, 1, 1), (1.5, 0.5), (1.5, 0.5)) == NOWHERE


def test_touching_a_corner_or_an_edge_from_outside_is_not_being_inside() -> None:
    assert inside(shapely.box(0, 0, 1, 1), (0.0, 2.0), (2.0, 0.0)) == NOWHERE
    assert inside(shapely.Polygon(), (0.0, 2.0), (2.0, 0.0)) == NOWHERE
