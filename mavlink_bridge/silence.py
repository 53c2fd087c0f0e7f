"""When a vehicle that was heard is silent for so long that its link counts as lost, and when it is back."""

from __future__ import annotations

from mavlink_bridge import events as e
from mavlink_bridge.vehicle_state import VehicleState


class Silence:
    """Tell it of everything `heard`, and the time at `deadline_s`. `lost_s` are vehicle seconds."""

    def __init__(self, drone: str, lost_s: float) -> None:
        self._drone = drone
        self._lost_s = lost_s
        self.is_lost = False

    def deadline_s(self, state: VehicleState) -> float | None:
        if self.is_lost or state.heard_s is None:
            return None
        return state.heard_s + self._lost_s

    def heard(self, now_s: float) -> list[e.FleetEvent]:
        if not self.is_lost:
            return []
        self.is_lost = False
        return [e.LinkRestored(drone=self._drone, at_s=now_s)]

    def tick(self, state: VehicleState, now_s: float) -> list[e.FleetEvent]:
        deadline_s = self.deadline_s(state)
        if deadline_s is None or now_s < deadline_s or state.heard_s is None:
            return []
        self.is_lost = True
        return [e.LinkLost(drone=self._drone, at_s=now_s, silent_s=now_s - state.heard_s)]
