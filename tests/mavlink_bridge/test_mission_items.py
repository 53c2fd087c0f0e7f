"""A sortie as mission items: right to the centimetre, lanes bounded by the right items, and every kind of leg."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mavlink_bridge.enums import MavCmd, MavFrame
from mavlink_bridge.messages import MissionItemInt
from mavlink_bridge.mission_items import LaneSpan, SortieMission, is_navigation, items_match, sortie_mission
from planner.geo import LatLon, Position, geodesic_m
from planner.model import LegKind, Plan, Sortie, VehicleKind
from tests.planner.plan_builder import HEIGHT_M, Flight, Setting, build, flight, lanes_of

SETTING = Setting()
PLAN = build(SETTING)
LANES = lanes_of(SETTING, -1, "W")
CLIMB, SPEED, WAYPOINT, DOWN = MavCmd.NAV_TAKEOFF, MavCmd.DO_CHANGE_SPEED, MavCmd.NAV_WAYPOINT, MavCmd.NAV_LAND


def begun(setting: Setting = SETTING) -> Flight:
    return flight(setting, "W", "near", drone="w1").takeoff()


def mission_of(flown: Flight, plan: Plan = PLAN) -> SortieMission:
    return sortie_mission(plan, flown.sortie("w1/1", "W"))


def commands(mission: SortieMission) -> list[int]:
    return [item.command for item in mission.items]


def place(item: MissionItemInt) -> LatLon:
    return LatLon(lat_deg=item.x / 1e7, lon_deg=item.y / 1e7)


def moves(sortie: Sortie) -> list[Position]:
    """Every point to be flown to, in order, once each when several follow at one place."""
    points: list[Position] = []
    for leg in sortie.legs:
        points += [point for point in leg.points[1:] if not points or leg.kind is LegKind.LAND or point != points[-1]]
    return points


def test_sortie_is_home_takeoff_speed_waypoints_and_landing() -> None:
    mission = mission_of(begun().sweep(LANES[0]).to(-180.0, -300.0).land())
    assert commands(mission) == [WAYPOINT, CLIMB, SPEED, WAYPOINT, WAYPOINT, WAYPOINT, DOWN]
    assert [item.seq for item in mission.items] == list(range(7))
    assert mission.navigation_seqs == (1, 3, 4, 5, 6)
    assert mission.items[2].param1 == 1.0
    assert mission.items[2].param2 == PLAN.drone_type("quad").cruise_mps


def test_home_is_the_base_at_its_height_above_the_sea_and_all_else_is_above_home() -> None:
    plan = replace(PLAN, bases=tuple(replace(base, elevation_m=123.5) for base in PLAN.bases))
    home, *rest = mission_of(begun().sweep(LANES[0]).land(), plan).items
    assert (home.frame, home.z) == (MavFrame.GLOBAL, 123.5)
    assert geodesic_m(place(home), plan.base("w-near").location) < 0.01
    assert [(item.frame, item.z) for item in rest if is_navigation(item.command)] == [
        *[(MavFrame.GLOBAL_RELATIVE_ALT_INT, HEIGHT_M)] * 3,
        (MavFrame.GLOBAL_RELATIVE_ALT_INT, 0.0),
    ]


@settings(max_examples=40, deadline=None)
@given(
    lat_deg=st.floats(-75, 75),
    lon_deg=st.one_of(st.floats(-180, 180), st.floats(179.99, 180), st.floats(-180, -179.99)),
)
def test_every_item_lies_within_a_centimetre_of_its_point_anywhere_on_earth(lat_deg: float, lon_deg: float) -> None:
    setting = Setting(origin=LatLon(lat_deg=lat_deg, lon_deg=lon_deg))
    lanes = lanes_of(setting, -1, "W")
    sortie = begun(setting).sweep(lanes[0]).sweep(lanes[1], backwards=True).to(-180.0, -300.0).land().sortie("w1/1", "W")
    items = [item for item in sortie_mission(PLAN, sortie).items[1:] if is_navigation(item.command)]
    points = moves(sortie)
    assert len(items) == len(points)
    for item, point in zip(items, points, strict=True):
        assert -1_800_000_000 <= item.y <= 1_800_000_000
        assert geodesic_m(place(item), point) < 0.01
        assert item.z == point.height_m


def test_longitudes_beyond_the_antimeridian_are_wrapped() -> None:
    sortie = begun().sweep(LANES[0]).land().sortie("w1/1", "W")
    legs = tuple(
        replace(leg, start=replace(leg.start, lon_deg=leg.start.lon_deg + 161.5), end=replace(leg.end, lon_deg=leg.end.lon_deg + 161.5))
        for leg in sortie.legs
    )
    shifted = sortie_mission(PLAN, replace(sortie, legs=legs)).items
    assert all(-1_800_000_000 <= item.y < -1_790_000_000 for item in shifted if is_navigation(item.command))


def test_lane_spans_name_the_items_at_the_lanes_two_ends_in_flying_order() -> None:
    mission = mission_of(begun().sweep(LANES[0]).sweep(LANES[1], backwards=True).to(-180.0, -300.0).land())
    assert [span.lane for span in mission.spans] == ["w0", "w1"]
    first, second = mission.spans
    assert geodesic_m(place(mission.items[first.start_seq]), LANES[0].start) < 0.01
    assert geodesic_m(place(mission.items[first.end_seq]), LANES[0].end) < 0.01
    assert geodesic_m(place(mission.items[second.start_seq]), LANES[1].end) < 0.01
    assert geodesic_m(place(mission.items[second.end_seq]), LANES[1].start) < 0.01
    assert mission.returning_seq == second.end_seq


def test_lane_flown_in_two_pieces_without_a_break_is_one_span() -> None:
    lane = LANES[0]
    middle = SETTING.place(-6.0, 0.0)
    flown = begun().sweep(replace(lane, end=middle)).sweep(replace(lane, start=middle)).land()
    assert mission_of(flown).spans == (LaneSpan(lane="w0", start_seq=3, end_seq=5),)


def test_lane_that_begins_where_the_last_one_ended_shares_that_item() -> None:
    onward = replace(LANES[1], id="next", start=LANES[0].end)
    mission = mission_of(begun().sweep(LANES[0]).sweep(onward).land())
    assert [(span.start_seq, span.end_seq) for span in mission.spans] == [(3, 4), (4, 5)]


def test_sortie_without_lanes_returns_from_its_last_waypoint() -> None:
    mission = mission_of(begun().to(0.0, -300.0).to(-180.0, -300.0).land())
    assert mission.spans == ()
    assert mission.items[mission.returning_seq].command == WAYPOINT
    assert mission.returning_seq == len(mission.items) - 2


def test_path_of_several_points_is_flown_point_by_point() -> None:
    corners = [(-180.0, -250.0), (-100.0, -250.0), (-100.0, -220.0)]
    mission = mission_of(begun().along(corners).sweep(LANES[0]).land())
    assert commands(mission) == [WAYPOINT, CLIMB, SPEED, *[WAYPOINT] * 5, DOWN]
    for item, corner in zip(mission.items[3:6], corners, strict=True):
        assert geodesic_m(place(item), SETTING.place(*corner)) < 0.01
    assert mission.spans == (LaneSpan(lane="w0", start_seq=6, end_seq=7),)


def test_leg_that_goes_nowhere_has_no_item() -> None:
    straight = mission_of(begun().sweep(LANES[0]).land())
    assert mission_of(begun().sweep(LANES[0]).to(-6.0, 200.0).land()).items == straight.items


@pytest.mark.parametrize(("asked_s", "stored_s"), [(5.0, 5.0), (5.2, 6.0), (0.4, 1.0)])
def test_hold_waits_whole_seconds_and_never_too_short(asked_s: float, stored_s: float) -> None:
    mission = mission_of(begun().to(-100.0, -300.0).hold(asked_s).land())
    assert (mission.items[4].command, mission.items[4].param1) == (WAYPOINT, stored_s)


def winged(kind: VehicleKind) -> tuple[Setting, Plan]:
    setting = Setting(kind=kind)
    return setting, build(setting)


def test_quadplane_takes_off_and_lands_vertically_at_its_airspeed() -> None:
    setting, plan = winged(VehicleKind.QUADPLANE)
    mission = mission_of(begun(setting).sweep(LANES[0]).to(-180.0, -300.0).land(), plan)
    assert commands(mission)[1:3] == [MavCmd.NAV_VTOL_TAKEOFF, SPEED]
    assert mission.items[2].param1 == 0.0
    assert commands(mission)[-1] == MavCmd.NAV_VTOL_LAND


def test_quadplane_flies_straight_to_its_landing_from_where_it_can_still_slow_down() -> None:
    setting, plan = winged(VehicleKind.QUADPLANE)
    mission = mission_of(begun(setting).sweep(LANES[0]).along([(-180.0, -200.0), (-180.0, -290.0), (-180.0, -300.0)]).land(), plan)
    landing = place(mission.items[-1])
    slow_down_m = plan.drone_type("quad").cruise_mps ** 2 / 4.0
    assert geodesic_m(place(mission.items[-2]), landing) > slow_down_m
    assert geodesic_m(place(mission.items[-2]), setting.place(-180.0, -200.0)) < 0.01
    assert mission.spans[0].end_seq < len(mission.items) - 1


def test_quadplane_never_loses_the_end_of_a_lane_to_its_approach() -> None:
    setting, plan = winged(VehicleKind.QUADPLANE)
    beside = replace(LANES[0], start=setting.place(-180.0, -100.0), end=setting.place(-180.0, -299.0))
    mission = mission_of(begun(setting).sweep(beside).to(-180.0, -300.0).land(), plan)
    end = mission.items[mission.spans[0].end_seq]
    assert geodesic_m(place(end), beside.end) < 0.01


def test_quadplane_holds_by_circling() -> None:
    setting, plan = winged(VehicleKind.QUADPLANE)
    mission = mission_of(begun(setting).to(-180.0, 300.0).hold(30.0).to(-180.0, 0.0).land(), plan)
    assert MavCmd.NAV_LOITER_TIME in commands(mission)


def test_mission_matches_itself_and_no_other() -> None:
    one = mission_of(begun().sweep(LANES[0]).land()).items
    other = mission_of(begun().sweep(LANES[1]).land()).items
    assert not items_match(one, one)
    assert items_match(one, other)
    assert items_match(one, one[:-1])
