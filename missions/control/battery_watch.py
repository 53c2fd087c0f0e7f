"""Say once a sortie that a battery is below its reserve, and once more when half of that is gone."""

from __future__ import annotations

from dataclasses import dataclass, field

from mavlink_bridge.events import Alert, AlertLevel
from mavlink_bridge.vehicle_state import VehicleState


@dataclass(slots=True)
class BatteryWatch:
    """`reserve_pct` is what the plan keeps back. Looks only at drones in the air."""

    drone: str
    reserve_pct: float
    _said: list[AlertLevel] = field(default_factory=list)

    def observe(self, state: VehicleState, now_s: float) -> list[Alert]:
        left_pct = state.battery_remaining_pct
        if not state.armed:
            self._said.clear()
            return []
        if left_pct is None or left_pct >= self.reserve_pct:
            return []
        level = AlertLevel.CRITICAL if left_pct < self.reserve_pct / 2 else AlertLevel.WARNING
        if level in self._said or AlertLevel.CRITICAL in self._said:
            return []
        self._said.append(level)
        return [
            Alert(
                drone=self.drone, at_s=now_s, level=level, rule="battery", text=f"battery at {left_pct} %, reserve {self.reserve_pct:.0f} %"
            )
        ]
