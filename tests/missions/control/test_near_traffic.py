from __future__ import annotations

from dataclasses import replace

from mavlink_bridge.events import AlertLevel
from mavlink_bridge.traffic import Traffic, TrafficSource
from mavlink_bridge.vehicle_state import VehicleState
from missions.control.near_traffic import NearTraffic
from planner.geo import LatLon

HERE = LatLon(lat_deg=47.5, lon_deg=19.0)
DRONE = {"d1": VehicleState(position=HERE, alt_amsl_m=300.0)}


def craft(north_m: float, alt_amsl_m: float | None = 320.0, seen_s: float = 0.0) -> Traffic:
    place = LatLon(lat_deg=HERE.lat_deg + north_m / 111_200, lon_deg=HERE.lon_deg)
    return Traffic(id="icao-1", source=TrafficSource.ADSB, name="HB1234", seen_s=seen_s, place=place, alt_amsl_m=alt_amsl_m)


def test_who_comes_near_is_warned_of_once_and_again_when_no_longer_well_clear() -> None:
    near = NearTraffic()
    levels = []
    for now_s, north_m in enumerate((5000.0, 1900.0, 1500.0, 500.0, 400.0, 1900.0, 5000.0, 1500.0)):
        near.hear(craft(north_m, seen_s=now_s))
        levels.append([alert.level for alert in near.look(DRONE, now_s)])
    warning, critical = [AlertLevel.WARNING], [AlertLevel.CRITICAL]
    assert levels == [[], warning, [], critical, [], [], [], warning]


def test_the_alert_says_who_where_and_how_high() -> None:
    near = NearTraffic()
    near.hear(craft(500.0))
    assert [alert.text for alert in near.look(DRONE, 0.0)] == ["ADS-B HB1234 is 500 m away towards 000°, 20 m above it"]


def test_height_clears_and_an_unknown_height_does_not() -> None:
    for alt_amsl_m, number in ((900.0, 0), (None, 1)):
        near = NearTraffic()
        near.hear(craft(500.0, alt_amsl_m))
        assert len(near.look(DRONE, 0.0)) == number


def test_nobody_is_warned_of_what_was_heard_long_ago_and_a_fast_one_may_have_come_nearer() -> None:
    near = NearTraffic()
    near.hear(replace(craft(2_500.0), speed_mps=100.0))
    assert near.look(DRONE, 1.0) == []
    assert len(near.look(DRONE, 10.0)) == 1
    near.hear(craft(500.0))
    assert near.look(DRONE, 100.0) == []
