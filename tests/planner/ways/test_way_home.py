"""Home by a legal way from anywhere: straight where that is allowed, around what is closed, out of it first."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.geo import LatLon, LocalFrame, geodesic_m
from planner.model import KeepOut, Plan, Validity
from planner.ways.way_home import WaysHome
from tests.missions.sample_patrol import sample_plan

DRONE = "ald-west-1"
PLAN = replace(sample_plan(), keep_outs=(), permissions=())
FRAME = LocalFrame.around([PLAN.area])
BASE = PLAN.base(PLAN.drone(DRONE).base)
HOME = FRAME.point_to_local(BASE.location)
WEST = FRAME.ground(next(nation for nation in PLAN.nations if nation.id == PLAN.drone(DRONE).nation).territory)


def at(east_m: float, north_m: float) -> LatLon:
    return FRAME.point_to_geographic(east_m=HOME[0] + east_m, north_m=HOME[1] + north_m)


def closed(east_m: float, north_m: float, radius_m: float = 80.0, **changes: object) -> KeepOut:
    disc = shapely.Point(HOME[0] + east_m, HOME[1] + north_m).buffer(radius_m)
    return KeepOut(id="fire", polygon=FRAME.to_geographic(disc), buffer_m=10.0, **changes)  # type: ignore[arg-type]  # keys are KeepOut's


def somewhere_in_front() -> tuple[float, float]:
    """A point of the nation's own ground some hundred metres from the base, as an offset."""
    inside = WEST.intersection(FRAME.ground(PLAN.area)).buffer(-40.0).representative_point()
    return inside.x - HOME[0], inside.y - HOME[1]


EAST_M, NORTH_M = somewhere_in_front()


def line(places: tuple[LatLon, ...]) -> shapely.LineString:
    return shapely.LineString([FRAME.point_to_local(place) for place in places])


def grown(area: KeepOut) -> shapely.Geometry:
    return FRAME.ground(area.polygon).buffer(area.buffer_m)


def test_way_with_nothing_in_between_is_straight() -> None:
    way = WaysHome(PLAN, (), 0.0)(DRONE, at(EAST_M, NORTH_M), BASE.id)
    assert way.is_straight
    assert way.length_m == pytest.approx(geodesic_m(at(EAST_M, NORTH_M), BASE.location), rel=1e-3)


@settings(max_examples=6, deadline=None)
@given(part=st.floats(0.3, 0.7), radius_m=st.floats(20.0, 60.0))
def test_way_leads_around_what_is_closed(part: float, radius_m: float) -> None:
    fire = closed(part * EAST_M, part * NORTH_M, radius_m)
    way = WaysHome(PLAN, [fire], 0.0)(DRONE, at(EAST_M, NORTH_M), BASE.id)
    if shapely.Point(FRAME.point_to_local(at(EAST_M, NORTH_M))).within(grown(fire)):
        return
    assert not way.is_straight
    assert line(way.places).distance(grown(fire)) > 0.0
    assert way.length_m > geodesic_m(at(EAST_M, NORTH_M), BASE.location)


def test_way_out_of_what_is_closed_is_the_shortest() -> None:
    fire = closed(EAST_M, NORTH_M, 30.0)
    ways = WaysHome(PLAN, [fire], 0.0)
    place = at(EAST_M + 10.0, NORTH_M)
    assert ways.is_outside_m(DRONE, place) > 0.0
    way = ways(DRONE, place, BASE.id)
    assert geodesic_m(way.places[0], way.places[1]) < 50.0
    assert line(way.places[1:]).distance(grown(fire)) >= 0.0


def test_keep_out_that_is_over_is_in_nobodys_way() -> None:
    over = closed(0.5 * EAST_M, 0.5 * NORTH_M, validity=Validity(from_s=0.0, to_s=50.0))
    plan: Plan = replace(PLAN, keep_outs=(over,))
    assert not WaysHome(plan, (), 10.0)(DRONE, at(EAST_M, NORTH_M), BASE.id).is_straight
    assert WaysHome(plan, (), 100.0)(DRONE, at(EAST_M, NORTH_M), BASE.id).is_straight
    assert WaysHome(plan, (), 100.0).is_outside_m(DRONE, at(0.5 * EAST_M, 0.5 * NORTH_M)) == 0.0
