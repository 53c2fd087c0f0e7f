"""Who may fly where, what is to be covered, and what a mission cannot be planned without."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from planner.airspace import Airspace, AirspaceParams, build_airspace, require_fleet
from planner.errors import PlannerError, WindError
from planner.geo import Geographic
from planner.model import HeightBand, MissionSpec, Permission, Policy, Validity, Wind
from planner.timetable.deconflict import working_heights
from tests.planner.missions import EVERYWHERE, HERE, QUAD, keep_out, mission, with_border

CLEARANCE_M = AirspaceParams().clearance_m
AREA = shapely.box(-500, -300, 500, 300)
WEST, EAST = shapely.box(-20_000, -20_000, 0, 20_000), shapely.box(0, -20_000, 20_000, 20_000)
TWO = mission(AREA, territories={"A": WEST, "B": EAST}, bases={"A": [(-400.0, -100.0)], "B": [(400.0, -100.0)]})


def airspace(spec: MissionSpec) -> Airspace:
    return build_airspace(spec, working_heights(spec))


def here(shape: BaseGeometry, space: Airspace) -> BaseGeometry:
    """A shape of the test's metres in the airspace's frame."""
    return space.frame.ground(HERE.shape(shape))


def place(east_m: float, north_m: float, space: Airspace) -> shapely.Point:
    return shapely.Point(space.frame.point_to_local(HERE.place(east_m, north_m)))


def test_a_nation_flies_over_its_own_territory_less_the_clearance() -> None:
    space = airspace(TWO)

    assert space.flyable["A"].covers(place(-CLEARANCE_M - 0.5, 0, space))
    assert not space.flyable["A"].covers(place(-CLEARANCE_M + 0.5, 0, space))
    assert space.flyable["A"].intersection(space.flyable["B"]).is_empty


def test_nobody_flies_in_the_uncertain_band_along_the_border() -> None:
    space = airspace(with_border(TWO, shapely.LineString([(0, -20_000), (0, 20_000)]), 30.0))

    assert not space.allowed["A"].covers(place(-29, 0, space))
    assert space.allowed["A"].covers(place(-31, 0, space))
    assert not space.allowed["B"].covers(place(29, 0, space))


def visiting(**terms: object) -> MissionSpec:
    polygon = HERE.shape(shapely.box(-50, -100, 300, 100))
    return replace(TWO, permissions=(Permission(id="p", host="B", guest="A", polygon=polygon, **terms),))


@pytest.mark.parametrize(
    ("terms", "flies"),
    [
        ({}, True),
        ({"band": HeightBand(min_m=30, max_m=61)}, True),
        ({"band": HeightBand(min_m=70)}, False),
        ({"validity": Validity(from_s=60)}, False),
        ({"validity": Validity(to_s=9_000)}, False),
        ({"max_drones": 1}, True),
    ],
)
def test_a_permission_is_used_when_it_holds_for_all_of_the_plan(terms: dict[str, object], flies: bool) -> None:
    space = airspace(visiting(**terms))

    assert space.flyable["A"].covers(place(100, 0, space)) is flies
    assert not space.flyable["B"].covers(place(-20, 0, space))
    assert not any(space.guest.values())


@pytest.mark.parametrize(
    ("terms", "guest"),
    [
        ({}, False),
        ({"max_drones": 1}, False),
        ({"max_drones": 0}, False),
        ({"validity": Validity(to_s=-60)}, False),
        ({"validity": Validity(from_s=60)}, True),
        ({"validity": Validity(to_s=9_000)}, True),
    ],
)
def test_ground_that_only_a_bounded_permission_carries_is_known_to_who_asks_for_it(terms: dict[str, object], guest: bool) -> None:
    space = build_airspace(visiting(**terms), bounded={"p"})

    assert bool(space.guest["A"]) is guest
    assert space.flyable["A"].covers(place(100, 0, space)) is (guest or terms in ({}, {"max_drones": 1}))
    for each in space.guest["A"]:
        assert each.ground.covers(place(100, 0, space))
        assert not each.ground.intersects(place(-20, 0, space))


def test_a_permission_for_fewer_drones_than_there_are_is_bounded() -> None:
    spec = visiting(max_drones=1)
    more = replace(spec, drones=(*spec.drones, replace(spec.drones[0], id="second")))

    space = build_airspace(more, bounded={"p"})

    assert space.flyable["A"].covers(place(100, 0, space))
    assert [each.permission.id for each in space.guest["A"]] == ["p"]
    assert not airspace(more).flyable["A"].covers(place(100, 0, space))


def test_the_first_permission_listed_carries_ground_that_two_do() -> None:
    spec = visiting(validity=Validity(to_s=9_000))
    second = replace(spec.permissions[0], id="q", polygon=HERE.shape(shapely.box(-50, -100, 400, 100)))

    space = build_airspace(replace(spec, permissions=(*spec.permissions, second)), bounded={"p", "q"})

    first, rest = space.guest["A"]
    assert (first.permission.id, rest.permission.id) == ("p", "q")
    assert first.ground.intersection(rest.ground).area < 1.0
    assert rest.ground.covers(place(350, 0, space))


def test_a_guest_above_the_host_s_limit_stays_at_home() -> None:
    spec = visiting()
    strict = replace(spec, nations=(spec.nations[0], replace(spec.nations[1], policy=Policy(max_height_m=50.0))))

    assert not airspace(strict).flyable["A"].covers(place(100, 0, airspace(strict)))


def test_what_is_seen_with_a_permission_that_cannot_be_used_is_coverable_all_the_same() -> None:
    alone = replace(visiting(validity=Validity(from_s=60)), drones=TWO.drones[:1])

    space = airspace(alone)

    assert not space.flyable["A"].covers(place(100, 0, space))
    assert space.coverable.covers(place(100, 0, space))
    assert not space.coverable.covers(place(100, 200, space))


def test_keep_outs_are_closed_with_their_buffer_and_coverable_around_their_polygon() -> None:
    space = airspace(replace(TWO, keep_outs=(keep_out(shapely.box(-300, -50, -200, 50), buffer_m=20),)))

    assert not space.allowed["A"].covers(place(-185, 0, space))
    assert space.allowed["A"].covers(place(-179, 0, space))
    assert not space.coverable.covers(place(-250, 0, space))
    assert space.coverable.covers(place(-195, 0, space))


def test_ground_too_deep_in_a_buffer_to_be_seen_is_not_coverable_but_unseen() -> None:
    space = airspace(replace(TWO, keep_outs=(keep_out(shapely.box(-300, -5, -290, 5), buffer_m=100),)))

    deep, shallow = place(-250, 0, space), place(-200, 0, space)
    assert space.unseen.covers(deep)
    assert not space.coverable.covers(deep)
    assert space.coverable.covers(shallow)
    assert space.coverable.area + space.unseen.area + 100 == pytest.approx(space.area.area, rel=1e-6)


@pytest.mark.parametrize(
    ("terms", "closed"),
    [
        ({"band": HeightBand(max_m=30)}, False),
        ({"band": HeightBand(min_m=100)}, False),
        ({"band": HeightBand(min_m=50, max_m=70)}, True),
        ({"validity": Validity(from_s=600)}, True),
        ({"validity": Validity(to_s=-1)}, False),
    ],
)
def test_a_keep_out_binds_where_drones_work_while_it_may_hold(terms: dict[str, object], closed: bool) -> None:
    shut = replace(keep_out(shapely.box(-300, -50, -200, 50)), **terms)

    space = airspace(replace(TWO, keep_outs=(shut,)))

    assert space.flyable["A"].covers(place(-250, 0, space)) is not closed


def test_a_keep_out_below_the_work_binds_where_a_drone_takes_off() -> None:
    low = replace(keep_out(shapely.box(-450, -150, -350, -50)), band=HeightBand(max_m=30))

    space = airspace(replace(TWO, keep_outs=(low,)))

    assert space.flyable["A"].is_empty


def test_what_no_way_leads_to_is_cut_off() -> None:
    moat = shapely.box(-350, -50, -150, 150).boundary.buffer(10)

    space = airspace(replace(TWO, keep_outs=(keep_out(moat),)))

    assert space.cut_off["A"].covers(place(-250, 50, space))
    assert not space.flyable["A"].covers(place(-250, 50, space))
    assert space.flyable["A"].covers(place(-50, 0, space))


def test_a_base_at_the_edge_of_allowed_airspace_is_flown_from() -> None:
    spec = mission(AREA, territories={"A": WEST, "B": EAST}, bases={"A": [(-0.5, 0.0)], "B": [(400.0, 0.0)]})

    space = airspace(spec)

    assert space.flyable["A"].covers(place(-0.5, 0, space))
    assert space.flyable["A"].covers(place(-300, 0, space))


def test_drones_that_stay_inside_have_only_a_corridor_to_their_base() -> None:
    spec = replace(mission(AREA, bases={"A": [(0.0, -900.0)]}), stay_inside=True)

    space = airspace(spec)

    assert not space.flyable["A"].covers(place(0, -310, space))
    assert space.approach["A"].covers(place(0, -310, space))
    assert space.approach["A"].covers(place(0, -899, space))
    assert not space.approach["A"].covers(place(400, -310, space))


def test_a_barred_corridor_opens_all_around() -> None:
    wall = keep_out(shapely.box(-80, -650, 80, -600))
    spec = replace(mission(AREA, bases={"A": [(0.0, -900.0)]}, keep_outs=[wall]), stay_inside=True)

    space = airspace(spec)

    assert space.approach["A"].covers(place(300, -500, space))
    assert not space.flyable["A"].is_empty


def test_long_edges_run_straight_in_degrees() -> None:
    """A territory whose northern edge is a parallel, 200 km long and given by its two ends."""
    edge_lat = HERE.lat_deg
    territory = Geographic(shapely.box(HERE.lon_deg - 1.3, edge_lat - 1, HERE.lon_deg + 1.3, edge_lat))
    spec = mission(shapely.box(-500, -700, 500, -100), bases={"A": [(0.0, -400.0)]})
    spec = replace(spec, nations=(replace(spec.nations[0], territory=territory),))

    space = airspace(spec)

    assert space.allowed["A"].covers(place(0, -1, space))
    assert not space.allowed["A"].covers(place(0, 1, space))


def test_a_mission_without_drones_says_how_to_get_one() -> None:
    with pytest.raises(PlannerError, match=r"no drone: add a \[\[fleet\]\]"):
        require_fleet(replace(TWO, drones=()))


def test_wind_that_a_drone_cannot_fly_against_is_explained() -> None:
    with pytest.raises(WindError, match="quad"):
        require_fleet(replace(TWO, wind=Wind(speed_mps=10.0)))


def test_a_slow_type_that_nobody_flies_is_no_matter() -> None:
    require_fleet(replace(TWO, drone_types=(*TWO.drone_types, replace(QUAD, id="kite", cruise_mps=1.0)), wind=Wind(speed_mps=5.0)))


def test_a_drone_above_its_nation_s_limit_is_named_with_the_mend() -> None:
    low = tuple(replace(nation, policy=Policy(max_height_m=50.0)) for nation in TWO.nations)

    with pytest.raises(PlannerError, match=r"quad works at 60 m, A allows 50 m: lower its height_above_home_m"):
        require_fleet(replace(TWO, nations=low))


def test_far_ground_is_not_looked_at() -> None:
    space = airspace(mission(AREA, territories={"A": EVERYWHERE}))

    reach_m = AirspaceParams().margin_m + math.hypot(1100, 700)
    assert space.allowed["A"].area < (2 * reach_m) ** 2
