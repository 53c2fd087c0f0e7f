from __future__ import annotations

import pytest
import shapely

from gui.models.seen import SeenGround, SeenParams, Sweeping
from planner.geo import LatLon, LocalFrame
from tests.missions.control.plans import layered_plan

FRAME = LocalFrame(LatLon(lat_deg=47.5, lon_deg=19.0))
PLAN = layered_plan()
LANE, OTHER = PLAN.lanes[0], PLAN.lanes[1]


def swept(lane: str, *east_m: float, from_s: float = 0.0, every_s: float = 1.0, north_m: float = 0.0) -> list[Sweeping]:
    places = [FRAME.point_to_geographic(east_m=east, north_m=north_m) for east in east_m]
    return [Sweeping(lane, place, from_s + every_s * number) for number, place in enumerate(places)]


@pytest.fixture
def seen() -> SeenGround:
    seen = SeenGround()
    seen.restart(FRAME)
    seen.know(PLAN)
    return seen


def test_a_lane_flown_is_seen_as_wide_as_its_swath_in_few_stretches(seen: SeenGround) -> None:
    seen.extend({"a": swept(LANE.id, *range(0, 1001, 10))})
    assert len(seen.stretches) <= 11
    ground = shapely.union_all([shapely.LineString(each[:2]).buffer(each.swath_m / 2, cap_style="flat") for each in seen.stretches])
    assert ground.area == pytest.approx(1000 * LANE.swath_m, rel=1e-3)
    assert seen.stretches[-1].at_s == 100.0


def test_nothing_is_seen_between_lanes_nor_while_nothing_is_heard(seen: SeenGround) -> None:
    seen.extend({"a": swept(LANE.id, 0, 10) + swept(OTHER.id, 500, 510, from_s=2.0)})
    seen.extend({"a": swept(OTHER.id, 900, 910, from_s=60.0)})
    assert [(round(each.start[0]), round(each.end[0])) for each in seen.stretches] == [(0, 10), (500, 510), (900, 910)]


def test_a_bent_way_is_seen_in_several_stretches(seen: SeenGround) -> None:
    seen.extend({"a": swept(LANE.id, 0, 100)})
    seen.extend({"a": swept(LANE.id, 110, 110, from_s=2.0, north_m=100.0)})
    assert len(seen.stretches) == 2


def test_a_lane_that_no_plan_names_is_not_painted(seen: SeenGround) -> None:
    seen.extend({"a": swept("nowhere", 0, 10)})
    assert seen.stretches == []


def test_the_oldest_ground_is_forgotten_when_there_is_too_much() -> None:
    seen = SeenGround(SeenParams(span_s=0.5, most=10))
    seen.restart(FRAME)
    seen.know(PLAN)
    for step in range(30):
        seen.extend({"a": swept(LANE.id, 10.0 * step, from_s=float(step))})
    assert len(seen.stretches) <= 10
    assert seen.stretches[-1].at_s == 29.0
