from __future__ import annotations

import pytest

from mavlink_bridge.events import LaneFinished, LaneStarted, Returning, Telemetry
from mavlink_bridge.vehicle_state import VehicleState
from missions.control.live_coverage import LiveCoverage
from planner.geo import LatLon
from planner.model import Lane
from tests.missions.control.plans import ALD_1, layered_plan

PLAN = layered_plan()


def at(place: LatLon) -> Telemetry:
    return Telemetry(drone=ALD_1, at_s=1.0, state=VehicleState(position=place))


def sweep(live: LiveCoverage, lane: Lane, end: LatLon) -> float:
    live.observe(LaneStarted(drone=ALD_1, at_s=0.0, lane=lane.id, sortie="s"))
    live.observe(at(lane.start))
    live.observe(at(end))
    changed = live.observe(LaneFinished(drone=ALD_1, at_s=9.0, lane=lane.id, sortie="s"))
    assert changed is not None
    assert changed.planned == PLAN.result.coverage
    return changed.flown


def test_each_lane_adds_its_swath_and_the_same_lane_twice_adds_nothing() -> None:
    live = LiveCoverage(PLAN)
    one = sweep(live, PLAN.lanes[0], PLAN.lanes[0].end)
    assert one == pytest.approx(1 / 12, rel=0.01)
    assert sweep(live, PLAN.lanes[0], PLAN.lanes[0].end) == pytest.approx(one)
    assert sweep(live, PLAN.lanes[1], PLAN.lanes[1].end) == pytest.approx(2 * one, rel=0.01)
    assert live.latest is not None


def test_lane_broken_off_counts_as_far_as_it_was_flown() -> None:
    live = LiveCoverage(PLAN)
    lane = PLAN.lanes[0]
    half = LatLon(lat_deg=lane.start.lat_deg, lon_deg=(lane.start.lon_deg + lane.end.lon_deg) / 2)
    live.observe(LaneStarted(drone=ALD_1, at_s=0.0, lane=lane.id, sortie="s"))
    live.observe(at(lane.start))
    live.observe(at(half))
    changed = live.observe(Returning(drone=ALD_1, at_s=5.0, reason="recalled"))
    assert changed is not None
    assert changed.flown == pytest.approx(1 / 24, rel=0.02)


def test_flight_between_lanes_covers_nothing() -> None:
    live = LiveCoverage(PLAN)
    live.observe(at(PLAN.lanes[0].start))
    live.observe(at(PLAN.lanes[0].end))
    assert live.observe(LaneFinished(drone=ALD_1, at_s=9.0, lane=PLAN.lanes[0].id, sortie="s")) is None


def test_what_is_recollected_counts_from_the_next_lane_on() -> None:
    before, after = LiveCoverage(PLAN), LiveCoverage(PLAN)
    first, second = PLAN.lanes[:2]
    events = [
        LaneStarted(drone=ALD_1, at_s=0.0, lane=first.id, sortie="s"),
        at(first.start),
        at(first.end),
        LaneFinished(drone=ALD_1, at_s=9.0, lane=first.id, sortie="s"),
    ]
    for event in events:
        changed = before.observe(event)
        for known in (event, changed) if changed else (event,):
            after.recollect(known)
    assert after.latest == before.latest
    assert sweep(after, second, second.end) == pytest.approx(sweep(before, second, second.end))
