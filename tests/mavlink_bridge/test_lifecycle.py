"""The promised order of events, when messages come late, twice, in another order, or not at all."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mavlink_bridge import events as e
from mavlink_bridge import messages as m
from mavlink_bridge.enums import EkfFlag, SensorFlag
from mavlink_bridge.lifecycle import Lifecycle, LifecycleParams
from mavlink_bridge.vehicle_state import VehicleState, apply
from tests.mavlink_bridge.small_patrol import missions_of, plan_with, promised_story, two_lanes

MISSION = missions_of(plan_with(two_lanes()))["d1"]
ON_GROUND, IN_AIR, TAKEOFF, LANDING = 1, 2, 3, 4
COPTER, WING = 2, 1


class Told:
    """A lifecycle, fed messages at its own pace, and what it says."""

    def __init__(self) -> None:
        self.machine = Lifecycle("d1", 1, LifecycleParams())
        self.machine.follow(MISSION)
        self.state = VehicleState()
        self.now_s = 0.0
        self.events: list[e.FleetEvent] = []

    def hear(self, *messages: m.Message, after_s: float = 0.1) -> Told:
        for message in messages:
            self.wait(after_s)
            before, self.state = self.state, apply(self.state, message, self.now_s)
            self.events += self.machine.observe(before, self.state, message, self.now_s)
        return self

    def wait(self, seconds: float) -> Told:
        self.now_s += seconds
        self.events += self.machine.tick(self.now_s)
        return self

    @property
    def story(self) -> list[str]:
        return [" ".join([type(event).__name__, getattr(event, "lane", "")]).strip() for event in self.events]


def beat(armed: bool, *, mode: int = 3, kind: int = COPTER) -> m.Heartbeat:
    return m.Heartbeat(type=kind, autopilot=3, base_mode=217 if armed else 81, custom_mode=mode, system_status=4 if armed else 3)


def landed(state: int) -> m.ExtendedSysState:
    return m.ExtendedSysState(landed_state=state)


def reached(seq: int) -> m.MissionItemReached:
    return m.MissionItemReached(seq=seq)


def current(seq: int) -> m.MissionCurrent:
    return m.MissionCurrent(seq=seq, total=8, mission_state=3, mission_mode=1)


def flying(kind: int = COPTER) -> Told:
    return Told().hear(beat(armed=False, kind=kind), beat(armed=True, kind=kind), landed(TAKEOFF), landed(IN_AIR))


GOOD = (
    m.GpsRawInt(time_s=0, fix_type=3, lat_deg=47.5, lon_deg=19, alt_amsl_m=150, satellites_visible=10),
    m.EkfStatusReport(flags=int(EkfFlag(831))),
    m.HomePosition(lat_deg=47.5, lon_deg=19.0, alt_amsl_m=150.0),
    m.SysStatus(sensors_present=SensorFlag.PREARM_CHECK, sensors_enabled=SensorFlag.PREARM_CHECK, sensors_health=SensorFlag.PREARM_CHECK),
)


def test_the_whole_story_when_everything_comes_in_its_place() -> None:
    told = Told().hear(beat(armed=False), *GOOD, beat(armed=True), landed(TAKEOFF), reached(1), landed(IN_AIR))
    told.hear(*(reached(seq) for seq in (3, 4, 5, 6, 7)), landed(LANDING), landed(ON_GROUND), reached(8), beat(armed=False))
    assert told.story == [word for word in promised_story(MISSION) if word != "Uploaded"]


def test_items_whose_report_was_lost_are_known_from_the_current_one() -> None:
    told = flying().hear(current(3), current(4), current(7))
    assert told.story[3:] == ["LaneStarted L20a", "LaneFinished L20a", "LaneStarted L20b", "LaneFinished L20b", "Returning"]


def test_a_report_that_comes_twice_or_late_tells_nothing_again() -> None:
    told = flying().hear(reached(3), reached(3), current(4), reached(1), reached(4), reached(3))
    assert told.story[3:] == ["LaneStarted L20a", "LaneFinished L20a"]


def test_a_current_item_counts_only_in_auto() -> None:
    assert flying().hear(beat(armed=True, mode=6), current(7)).story[3:] == []


def test_items_beyond_the_mission_are_somebody_elses() -> None:
    assert flying().hear(reached(40)).story[3:] == []


def test_nothing_is_reached_on_the_ground_before_arming() -> None:
    assert Told().hear(beat(armed=False), reached(3), current(7)).story == ["Connected"]


def test_the_first_lane_is_never_told_before_the_take_off() -> None:
    told = Told().hear(beat(armed=False), beat(armed=True), reached(3), landed(IN_AIR))
    assert told.story == ["Connected", "Armed", "Airborne", "LaneStarted L20a"]


def test_disarming_that_is_heard_before_the_landing_tells_the_landing_first() -> None:
    assert flying().hear(beat(armed=False), landed(ON_GROUND)).story[3:] == ["Landed", "Disarmed"]


def test_a_bounce_is_no_landing() -> None:
    told = flying().hear(landed(ON_GROUND), landed(IN_AIR), landed(ON_GROUND))
    assert "Landed" not in told.story
    assert told.wait(1.1).story[3:] == ["Landed"]


def test_a_wing_that_flickers_on_touching_down_lands_once() -> None:
    told = flying(WING).hear(landed(ON_GROUND), after_s=1.0).hear(landed(IN_AIR), after_s=2.0)
    told.hear(landed(ON_GROUND), landed(IN_AIR), beat(armed=False, kind=WING), landed(ON_GROUND))
    assert told.story[3:] == ["Landed", "Disarmed"]


def test_turning_home_during_the_climb_is_a_return_from_the_air() -> None:
    told = Told().hear(beat(armed=False), beat(armed=True), landed(TAKEOFF))
    told.events += told.machine.returning(told.state, "recalled", told.now_s)
    assert told.story == ["Connected", "Armed", "Airborne", "Returning"]


def test_turning_home_on_the_ground_is_no_return() -> None:
    told = Told().hear(beat(armed=False), beat(armed=True), landed(ON_GROUND))
    assert told.machine.returning(told.state, "recalled", told.now_s) == []


def test_it_returns_once_a_flight_and_again_in_the_next() -> None:
    told = flying().hear(reached(6))
    assert told.machine.returning(told.state, "recalled", told.now_s) == []
    told.hear(beat(armed=False), beat(armed=True), landed(IN_AIR))
    assert [type(event) for event in told.machine.returning(told.state, "recalled", told.now_s)] == [e.Returning]


def test_the_next_flight_tells_its_lanes_anew() -> None:
    told = flying().hear(reached(4), beat(armed=False), beat(armed=True), landed(IN_AIR), reached(4))
    assert told.story.count("LaneFinished L20a") == 2


def test_ready_is_said_once_and_again_only_for_a_flight_that_is_prepared() -> None:
    told = Told().hear(beat(armed=False), *GOOD, GOOD[-1])
    told.hear(beat(armed=True), landed(IN_AIR), beat(armed=False), *GOOD)
    assert told.story.count("Ready") == 1
    told.machine.prepare()
    assert told.hear(GOOD[-1], GOOD[-1]).story.count("Ready") == 2


def test_a_vehicle_that_flies_when_it_is_first_heard_is_followed_from_there() -> None:
    told = Told().hear(beat(armed=True), landed(IN_AIR), current(5))
    assert told.story == ["Connected", "Armed", "Airborne", "LaneStarted L20a", "LaneFinished L20a"]


MESSAGES = [
    *(beat(armed=armed, mode=mode) for armed, mode in itertools.product((False, True), (3, 4, 6))),
    *(landed(state) for state in (ON_GROUND, IN_AIR, TAKEOFF, LANDING)),
    *(reached(seq) for seq in range(1, 10)),
    *(current(seq) for seq in range(10)),
    *GOOD,
]
ORDER = ["Connected", "Ready", "Armed", "Airborne", "Returning", "Landed", "Disarmed"]


@settings(max_examples=150, deadline=None)
@given(script=st.lists(st.tuples(st.sampled_from(MESSAGES), st.floats(0, 3)), max_size=80))
def test_whatever_comes_no_flight_tells_its_events_out_of_order(script: list[tuple[m.Message, float]]) -> None:
    told = Told()
    for message, pause_s in script:
        told.hear(message, after_s=pause_s)
    flights: list[list[str]] = [[]]
    for word in told.story:
        flights[-1].append(word)
        if word == "Disarmed":
            flights.append([])
    for words in flights:
        names = [word.split()[0] for word in words]
        assert "Disarmed" not in names or "Armed" in names
        assert names.count("Armed") <= 1
        assert names.count("Returning") <= 1
        # It may touch down and go on; nothing else happens twice in a flight.
        others = [word for word in words if word not in ("Airborne", "Landed")]
        assert len(set(others)) == len(others)
        before_landing = list(itertools.takewhile(lambda name: name != "Landed", names))
        ranks = [ORDER.index(name) for name in before_landing if not name.startswith("Lane")]
        assert ranks == sorted(ranks)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_end_of_a_flight_is_told_alike_in_whatever_order_its_messages_arrive(order: tuple[int, ...]) -> None:
    last: list[m.Message] = [reached(6), landed(ON_GROUND), beat(armed=False)]
    told = flying().hear(reached(5)).hear(*(last[number] for number in order), after_s=0.02).wait(10.0)
    assert told.story[-2:] == ["Landed", "Disarmed"]
