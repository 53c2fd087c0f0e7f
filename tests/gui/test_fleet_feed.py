from __future__ import annotations

from gui.fleet_feed import thinned
from mavlink_bridge.events import Alert, AlertLevel, Telemetry
from mavlink_bridge.vehicle_state import VehicleState


def test_a_window_that_was_held_up_gets_the_latest_of_each_drone_and_every_alert() -> None:
    alert = Alert(drone="a", at_s=1.0, level=AlertLevel.WARNING, rule="battery", text="low battery")
    told = [Telemetry(drone=drone, at_s=at_s, state=VehicleState(heard_s=at_s)) for at_s in (0.0, 1.0, 2.0) for drone in ("a", "b")]
    assert thinned([*told[:3], alert, *told[3:]]) == [alert, *told[4:]]
