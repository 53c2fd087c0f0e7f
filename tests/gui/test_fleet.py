from __future__ import annotations

import pytest

from gui.models.drone_view import Freshness
from gui.models.figures import Tone
from gui.models.fleet import FleetModel
from gui.models.fleet_columns import COLUMNS, Cell
from gui.models.units import Units
from mavlink_bridge.events import (
    Alert,
    AlertLevel,
    LinkLost,
    LinkRestored,
    SessionCrashed,
    Telemetry,
    TrafficSeen,
    Uploaded,
    UploadOutcome,
    UploadProgress,
)
from mavlink_bridge.traffic import Traffic, TrafficSource
from mavlink_bridge.vehicle_state import VehicleState
from missions.control.messages import (
    DronePhase,
    DroneProgress,
    FinalState,
    IntentRefused,
    PatrolEnded,
    PatrolState,
    PatrolStateChanged,
    Snapshot,
    Verdict,
)
from planner.geo import LatLon
from tests.missions.sample_patrol import sample_plan

DRONE = "ald-west-1"
HERE = LatLon(lat_deg=47.5, lon_deg=19.0)


@pytest.fixture
def fleet() -> FleetModel:
    fleet = FleetModel()
    fleet.reset(sample_plan().drones)
    return fleet


def telemetry(heard_s: float, *, drone: str = DRONE, position: LatLon | None = HERE, battery_pct: int | None = 80) -> Telemetry:
    state = VehicleState(heard_s=heard_s, position=position, battery_remaining_pct=battery_pct, mode_name="AUTO", relative_alt_m=60.4)
    return Telemetry(drone=drone, at_s=heard_s, state=state)


def cell(fleet: FleetModel, title: str, now_s: float, drone: str = DRONE) -> Cell:
    return next(column for column in COLUMNS if column.title == title).cell(fleet.drones[drone], now_s, Units.METRIC)


def test_a_drone_never_heard_claims_nothing(fleet: FleetModel) -> None:
    assert fleet.drones[DRONE].freshness(100.0) is Freshness.NEVER
    assert {cell(fleet, title, 100.0).text for title in ("Battery", "Mode", "Height", "Speed", "Link", "Lanes", "Upload")} == {"–"}


def test_data_grows_stale_and_then_lost_by_this_computers_clock(fleet: FleetModel) -> None:
    fleet.apply([telemetry(5.0)], now_s=100.0)
    drone = fleet.drones[DRONE]
    assert [drone.freshness(now_s) for now_s in (101.0, 103.0, 111.0)] == [Freshness.LIVE, Freshness.STALE, Freshness.LOST]
    assert [cell(fleet, "Link", now_s).text for now_s in (101.0, 103.0, 111.0)] == ["1.0 s", "stale 3.0 s", "LOST 11 s"]


def test_the_same_state_told_again_is_no_news_of_the_vehicle(fleet: FleetModel) -> None:
    fleet.apply([telemetry(5.0)], now_s=100.0)
    fleet.apply([telemetry(5.0)], now_s=104.0)
    assert fleet.drones[DRONE].freshness(104.0) is Freshness.STALE


def test_a_lost_link_is_lost_at_once_and_comes_back(fleet: FleetModel) -> None:
    fleet.apply([telemetry(5.0), LinkLost(drone=DRONE, at_s=10.0, silent_s=5.0)], now_s=100.0)
    assert fleet.drones[DRONE].freshness(100.1) is Freshness.LOST
    fleet.apply([LinkRestored(drone=DRONE, at_s=11.0), telemetry(11.0)], now_s=101.0)
    assert fleet.drones[DRONE].freshness(101.1) is Freshness.LIVE


def test_an_upload_is_good_only_when_verified(fleet: FleetModel) -> None:
    shown = []
    for event in (
        UploadProgress(drone=DRONE, at_s=1.0, sent=3, total=9),
        Uploaded(drone=DRONE, at_s=2.0, outcome=UploadOutcome.UNKNOWN, sortie="s"),
        UploadProgress(drone=DRONE, at_s=3.0, sent=1, total=9),
        Uploaded(drone=DRONE, at_s=4.0, outcome=UploadOutcome.FAILED, sortie="s", reason="no space"),
        Uploaded(drone=DRONE, at_s=5.0, outcome=UploadOutcome.VERIFIED, sortie="s"),
    ):
        fleet.apply([event], now_s=100.0)
        shown.append((cell(fleet, "Upload", 100.0).text, cell(fleet, "Upload", 100.0).tone))
    assert shown == [("3/9", Tone.NORMAL), ("unknown", Tone.WARNING), ("1/9", Tone.NORMAL), ("failed", Tone.BAD), ("verified", Tone.GOOD)]


def test_reason_of_a_failed_upload_can_be_read(fleet: FleetModel) -> None:
    fleet.apply([Uploaded(drone=DRONE, at_s=4.0, outcome=UploadOutcome.FAILED, sortie="s", reason="no space")], now_s=1.0)
    assert cell(fleet, "Upload", 1.0).tip == "no space"


@pytest.mark.parametrize(("percent", "tone"), [(80, Tone.NORMAL), (30, Tone.WARNING), (20, Tone.BAD)])
def test_a_low_battery_stands_out(fleet: FleetModel, percent: int, tone: Tone) -> None:
    fleet.apply([telemetry(1.0, battery_pct=percent)], now_s=1.0)
    assert cell(fleet, "Battery", 1.0).tone is tone


def test_unknown_numbers_sort_behind_known_ones(fleet: FleetModel) -> None:
    fleet.apply([telemetry(1.0, battery_pct=80), telemetry(1.0, drone="ald-west-2", battery_pct=9)], now_s=1.0)
    by_battery = sorted(fleet.drones, key=lambda drone: cell(fleet, "Battery", 1.0, drone).sort)
    assert by_battery == ["ald-west-2", "ald-west-1", "bre-east-1"]


def test_a_drone_in_other_hands_says_so(fleet: FleetModel) -> None:
    progress = DroneProgress(at_s=1.0, drone=DRONE, phase=DronePhase.FLYING, automatic=False, note="LOITER by its pilot")
    fleet.apply([progress], now_s=1.0)
    assert (cell(fleet, "State", 1.0).text, cell(fleet, "State", 1.0).tip) == ("in other hands", "LOITER by its pilot")


def test_positions_come_in_order_and_once(fleet: FleetModel) -> None:
    there = LatLon(lat_deg=47.6, lon_deg=19.0)
    fleet.apply([telemetry(1.0), telemetry(2.0), telemetry(3.0, position=there)], now_s=1.0)
    assert fleet.take_moved() == {DRONE: [HERE, there]}
    assert fleet.take_moved() == {}


def test_a_snapshot_brings_everything_and_its_age(fleet: FleetModel) -> None:
    alert = Alert(drone=DRONE, at_s=20.0, level=AlertLevel.CRITICAL, rule="separation", text="too close")
    progress = DroneProgress(at_s=30.0, drone=DRONE, phase=DronePhase.FLYING, lanes_done=2, lanes_total=3, upload=UploadOutcome.VERIFIED)
    snapshot = Snapshot(
        at_s=30.0, plan="", state=PatrolState.FLYING, states={DRONE: telemetry(24.0).state}, progress=(progress,), alerts=(alert,)
    )
    fleet.apply([snapshot], now_s=500.0)
    assert fleet.patrol_state is PatrolState.FLYING
    assert fleet.airborne == (DRONE,)
    assert fleet.drones[DRONE].age_s(500.0) == pytest.approx(6.0)
    assert (cell(fleet, "Lanes", 500.0).text, cell(fleet, "Upload", 500.0).text) == ("2/3", "verified")
    assert [row.text for row in fleet.alerts.rows] == ["too close"]


def test_alerts_are_newest_first_counted_and_read(fleet: FleetModel) -> None:
    low = Alert(drone=DRONE, at_s=1.0, level=AlertLevel.WARNING, rule="battery", text="low")
    fleet.apply([low, low, SessionCrashed(drone=DRONE, at_s=2.0, text="oops"), IntentRefused(at_s=3.0, reason="no")], now_s=1.0)
    assert [(row.text, row.count) for row in fleet.alerts.rows] == [("refused: no", 1), ("our own code failed: oops", 1), ("low", 2)]
    assert (fleet.alerts.unseen(), fleet.alerts.unseen(AlertLevel.CRITICAL)) == (3, 1)
    fleet.alerts.mark_seen()
    assert fleet.alerts.unseen() == 0


def test_an_alert_that_comes_again_after_it_was_read_is_news(fleet: FleetModel) -> None:
    low = Alert(drone=DRONE, at_s=1.0, level=AlertLevel.WARNING, rule="battery", text="low")
    fleet.apply([low], now_s=1.0)
    fleet.alerts.mark_seen()
    fleet.apply([low], now_s=2.0)
    assert fleet.alerts.unseen() == 1


def test_a_batch_is_told_once(fleet: FleetModel) -> None:
    told: list[int] = []
    fleet.changed.connect(lambda: told.append(1))
    fleet.apply([telemetry(float(second)) for second in range(500)], now_s=1.0)
    assert len(told) == 1


def test_drones_that_the_plan_does_not_have_are_passed_over(fleet: FleetModel) -> None:
    fleet.apply([telemetry(1.0, drone="stranger"), LinkLost(drone="stranger", at_s=1.0, silent_s=5.0)], now_s=1.0)
    assert list(fleet.drones) == ["ald-west-1", "ald-west-2", "bre-east-1"]
    assert fleet.take_moved() == {}


def test_after_a_patrol_that_ended_nobody_looks_lost_but_those_who_are(fleet: FleetModel) -> None:
    home = DroneProgress(at_s=1.0, drone=DRONE, phase=DronePhase.DONE, final=FinalState.HOME_DISARMED)
    flying = DroneProgress(at_s=1.0, drone="bre-east-1", phase=DronePhase.HELD, final=FinalState.FLYING)
    fleet.apply([telemetry(1.0), telemetry(1.0, drone="bre-east-1"), home, flying], now_s=1.0)
    fleet.apply([PatrolEnded(at_s=2.0, verdict=Verdict.FAIL)], now_s=2.0)
    assert fleet.drones[DRONE].freshness(60.0) is Freshness.OVER
    assert fleet.drones["bre-east-1"].freshness(60.0) is Freshness.LOST
    assert fleet.airborne == ("bre-east-1",)


def test_who_attaches_while_everybody_holds_sees_the_plans_clock_stand_still() -> None:
    fleet = FleetModel()
    fleet.reset(sample_plan().drones)
    fleet.apply([Snapshot(at_s=100.0, plan="", state=PatrolState.FLYING, patrol_s=40.0, paused=True)], now_s=0.0)
    fleet.apply([PatrolStateChanged(at_s=130.0, state=PatrolState.FLYING, patrol_s=40.0)], now_s=30.0)
    assert fleet.patrol_now_s == 40.0


def test_of_a_day_of_passing_traffic_the_latest_is_kept(fleet: FleetModel) -> None:
    craft = [Traffic(id=f"icao-{n}", source=TrafficSource.ADSB, name=f"n{n}", seen_s=float(n), place=HERE) for n in range(3000)]
    fleet.apply([TrafficSeen(drone=DRONE, at_s=each.seen_s, traffic=each) for each in craft], now_s=0.0)
    assert len(fleet.traffic) <= 1000
    assert {f"icao-{n}" for n in range(2600, 3000)} <= set(fleet.traffic)
