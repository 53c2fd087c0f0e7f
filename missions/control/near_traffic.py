"""Whether others in the air come near our drones, from what receivers on board have heard of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mavlink_bridge.events import Alert, AlertLevel
from mavlink_bridge.traffic import Traffic
from mavlink_bridge.vehicle_state import VehicleState
from planner.geo import azimuth_deg, geodesic_m


@dataclass(frozen=True, slots=True, kw_only=True)
class NearTrafficParams:
    """Within `near_m` and `near_up_m` a craft is warned of; within the others it is no longer well clear (ASTM F3442: 2,000 ft
    and 250 ft). Heights that are unknown count as the same. What was not heard for `forget_s` is gone. `leave` times further
    off it is told of again when it comes back.
    """

    near_m: float = 2_000.0
    near_up_m: float = 200.0
    clear_m: float = 610.0
    clear_up_m: float = 76.0
    forget_s: float = 30.0
    leave: float = 1.2


@dataclass(slots=True)
class NearTraffic:
    """`hear` all that comes, `look` now and then."""

    params: NearTrafficParams = field(default_factory=NearTrafficParams)
    _craft: dict[str, Traffic] = field(default_factory=dict)
    _told: dict[tuple[str, str], AlertLevel] = field(default_factory=dict)

    def hear(self, traffic: Traffic) -> None:
        self._craft[traffic.id] = traffic

    def look(self, airborne: Mapping[str, VehicleState], now_s: float) -> list[Alert]:
        """What comes near, or nearer, since the last look."""
        self._craft = {name: craft for name, craft in self._craft.items() if now_s - craft.seen_s <= self.params.forget_s}
        alerts = [alert for drone, state in airborne.items() for alert in self._near(drone, state, now_s)] if self._craft else []
        self._told = {pair: level for pair, level in self._told.items() if pair[0] in airborne and pair[1] in self._craft}
        return alerts

    def _near(self, drone: str, state: VehicleState, now_s: float) -> Iterator[Alert]:
        for craft in self._craft.values():
            if state.position is None:
                continue
            away_m = max(0.0, geodesic_m(state.position, craft.place) - (craft.speed_mps or 0.0) * (now_s - craft.seen_s))
            up_m = 0.0 if None in (craft.alt_amsl_m, state.alt_amsl_m) else (craft.alt_amsl_m or 0.0) - (state.alt_amsl_m or 0.0)
            pair, level = (drone, craft.id), self._level(away_m, abs(up_m))
            before = self._told.get(pair)
            if level is None:
                leaves = self._level(away_m / self.params.leave, abs(up_m) / self.params.leave) is None
                if leaves:
                    self._told.pop(pair, None)
            elif before is None or (before is AlertLevel.WARNING and level is AlertLevel.CRITICAL):
                self._told[pair] = level
                yield Alert(drone=drone, at_s=now_s, level=level, rule="traffic", text=_text(state, craft, away_m, up_m))

    def _level(self, away_m: float, up_m: float) -> AlertLevel | None:
        if away_m <= self.params.clear_m and up_m <= self.params.clear_up_m:
            return AlertLevel.CRITICAL
        return AlertLevel.WARNING if away_m <= self.params.near_m and up_m <= self.params.near_up_m else None


def _text(state: VehicleState, craft: Traffic, away_m: float, up_m: float) -> str:
    assert state.position is not None
    if craft.alt_amsl_m is None or state.alt_amsl_m is None:
        height = "at an unknown height"
    else:
        height = f"{abs(up_m):.0f} m {'above' if up_m >= 0 else 'below'} it"
    towards_deg = math.fmod(azimuth_deg(state.position, craft.place) + 360.0, 360.0)
    return f"{craft.source} {craft.name} is {away_m:.0f} m away towards {towards_deg:03.0f}°, {height}"
