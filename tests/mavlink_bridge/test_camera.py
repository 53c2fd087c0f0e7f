"""A camera released by distance: on sweep legs only, however the mission is left and taken up again, and every picture counted."""

from __future__ import annotations

import pytest

from mavlink_bridge import events as e
from mavlink_bridge import messages as m
from mavlink_bridge.enums import MavCmd
from mavlink_bridge.mission_change import ChangeOrder
from mavlink_bridge.mission_items import sortie_mission
from mavlink_bridge.vehicle_state import VehicleState, apply
from planner.geo import LatLon, LocalFrame
from planner.model import LegKind, Plan, Sensor, VehicleKind
from tests.mavlink_bridge.flight_scenarios import Pilot, down, fly, on_both, take_off
from tests.mavlink_bridge.small_patrol import HOME, Hands, at, leg, missions_of, plan_with, quad, two_lanes
from tests.mavlink_bridge.test_mission_change import changed, other_end

EVERY_M = 10.0
CAMERA = quad(sensor=Sensor(swath_m=50.0, trigger_distance_m=EVERY_M))
TRIGGER = MavCmd.DO_SET_CAM_TRIGG_DIST
#: East of home, and from where to where north of it.
LANE_A, LANE_B, LANE_WEST = (20.0, 20.0, 120.0), (70.0, 20.0, 120.0), (-60.0, 20.0, 120.0)
Strip = tuple[float, float, float]


def pictures(hands: Hands) -> list[e.PictureTaken]:
    return [event for event in hands.told("d1", e.PictureTaken) if isinstance(event, e.PictureTaken)]


def per_strip(hands: Hands, *strips: Strip) -> list[int]:
    """How many pictures were taken over each; there must be none elsewhere."""
    frame, counts = LocalFrame(HOME), [0] * len(strips)
    for taken in pictures(hands):
        east_m, north_m = frame.point_to_local(LatLon(lat_deg=taken.lat_deg, lon_deg=taken.lon_deg))
        near = [n for n, (lane_m, start_m, end_m) in enumerate(strips) if abs(east_m - lane_m) < 5 and start_m - 5 < north_m < end_m + 5]
        assert near, f"a picture at {east_m:.0f} m east, {north_m:.0f} m north"
        counts[near[0]] += 1
    return counts


async def wait(hands: Hands, seconds: float) -> None:
    until_s = hands.fleet.now_s + seconds
    await hands.until(lambda _events: hands.fleet.now_s >= until_s)


def test_pictures_are_taken_over_lanes_and_nowhere_else() -> None:
    plan = plan_with(two_lanes(), kind=CAMERA)

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await hands.fly(missions_of(plan))
        assert hands.fleet.state("d1").pictures == len(pictures(hands))

    hands = fly(scenario, plan)
    assert all(count in (10, 11, 12) for count in per_strip(hands, LANE_A, LANE_B))
    assert [taken.number for taken in pictures(hands)] == list(range(1, len(pictures(hands)) + 1))


@on_both
def test_camera_keeps_to_lanes_when_the_mission_is_left_changed_and_broken_off(backend: str) -> None:
    plan = plan_with(two_lanes(), kind=CAMERA)
    (mission,) = missions_of(plan).values()

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        fleet = hands.fleet
        await take_off(hands, plan)
        await wait(hands, 3.0)
        fleet.go_to("d1", at(20, 0), None)
        await wait(hands, 12.0)
        fleet.resume("d1")
        await wait(hands, 3.0)
        fleet.change_mission("d1", ChangeOrder(mission=changed(plan, other_end()), last_kept_seq=mission.spans[0].end_seq))
        await hands.until(lambda _events: "LaneStarted L-60" in hands.story("d1"))
        await wait(hands, 5.0)
        fleet.recall("d1")
        await down(hands, plan)

    # It goes on with the lane's item from where it was sent: the strip in front of the lane's start counts as well.
    here, west = per_strip(fly(scenario, plan, backend), (20.0, 0.0, 120.0), LANE_WEST)
    assert here >= 12
    assert 3 <= west <= 9


def test_way_home_from_a_lane_has_no_pictures() -> None:
    plan = plan_with(two_lanes(), kind=CAMERA)
    whole = two_lanes()
    around = at(-60, 120)
    way = changed(plan, (whole[0], leg(LegKind.TRANSIT, whole[2].start, around), leg(LegKind.TRANSIT, around, whole[-1].start), whole[-1]))

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, plan)
        await wait(hands, 4.0)
        hands.fleet.change_mission("d1", ChangeOrder(mission=way, first_seq=way.navigation_seqs[1]))
        await down(hands, plan)

    assert sum(per_strip(fly(scenario, plan), LANE_A)) >= 3


def test_camera_is_off_after_take_off_and_on_from_each_lane_s_start_to_its_end() -> None:
    (mission,) = missions_of(plan_with(two_lanes(), kind=CAMERA)).values()
    switched = {item.seq: item.param1 for item in mission.items if item.command == TRIGGER}
    first, second = mission.spans
    assert switched == {
        3: 0.0,
        first.start_seq + 1: EVERY_M,
        first.end_seq + 1: 0.0,
        second.start_seq + 1: EVERY_M,
        second.end_seq + 1: 0.0,
    }


def test_lanes_that_follow_each_other_at_once_are_photographed_through() -> None:
    corners = [at(20, 20), at(20, 60), at(20, 120)]
    whole = two_lanes()
    lanes = [leg(LegKind.SWEEP, a, b, lane=name) for name, a, b in zip("ab", corners, corners[1:], strict=False)]
    home = leg(LegKind.TRANSIT, corners[-1], whole[-1].start)
    (mission,) = missions_of(plan_with((*whole[:2], *lanes, home, whole[-1]), kind=CAMERA)).values()
    assert [item.param1 for item in mission.items if item.command == TRIGGER] == [0.0, EVERY_M, 0.0]


def test_quadplane_s_camera_is_off_before_it_lands_however_near_the_lane_ends() -> None:
    whole = two_lanes()
    kind = quad(kind=VehicleKind.QUADPLANE, cruise_mps=20.0, turn_radius_m=60.0, sensor=CAMERA.sensor)
    plan: Plan = plan_with((*whole[:3], leg(LegKind.TRANSIT, whole[2].end, whole[-1].start), whole[-1]), kind=kind)
    items = sortie_mission(plan, plan.sorties[0]).items
    assert [item.param1 for item in items if item.command == TRIGGER] == [0.0, EVERY_M, 0.0]
    assert items[-1].command == MavCmd.NAV_VTOL_LAND


@pytest.mark.parametrize(
    ("numbers", "taken"),
    [([1, 2, 3], 3), ([1, 1, 2], 2), ([1, 2, 5], 5), ([1, 2, 1, 2], 4), ([30_000, 60_000, 2], 65_538)],
    ids=["each", "twice told", "lost on the way", "rebooted", "run over"],
)
def test_pictures_are_counted_by_the_vehicle_s_own_numbers(numbers: list[int], taken: int) -> None:
    state = VehicleState()
    for number in numbers:
        told = m.CameraFeedback(
            time_s=0.0, img_idx=number, lat_deg=HOME.lat_deg, lon_deg=HOME.lon_deg, alt_amsl_m=190.0, relative_alt_m=40.0
        )
        state = apply(state, told, 1.0)
    assert state.pictures == taken
