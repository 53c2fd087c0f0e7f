"""Say when a camera that is to be released along a lane took hardly any pictures there."""

from __future__ import annotations

from dataclasses import dataclass, field

from mavlink_bridge.events import Alert, AlertLevel, FleetEvent, LaneFinished, LaneStarted, PictureTaken
from planner.geo import geodesic_m
from planner.model import Sortie

#: Of the pictures that a lane's length asks for; the vehicle's own numbers make up for what was lost on the way.
_ENOUGH = 0.5


@dataclass(slots=True)
class CameraWatch:
    """`every_m` None is a drone whose camera is nobody's business. Said again only after a lane that was photographed."""

    drone: str
    every_m: float | None
    _taken: int = 0
    _before: dict[str, int] = field(default_factory=dict)
    _said: bool = False

    def observe(self, event: FleetEvent, sortie: Sortie | None) -> list[Alert]:
        """`sortie` is the one that is flown."""
        match event:
            case PictureTaken(number=number):
                self._taken = number
            case LaneStarted(lane=lane):
                self._before = {lane: self._taken}
            case LaneFinished(lane=lane) if lane in self._before and sortie is not None and self.every_m is not None:
                return self._lane_ended(lane, self._taken - self._before.pop(lane), sortie, self.every_m, event.at_s)
        return []

    def _lane_ended(self, lane: str, taken: int, sortie: Sortie, every_m: float, now_s: float) -> list[Alert]:
        shortest_m = min((geodesic_m(leg.start, leg.end) for leg in sortie.legs if leg.lane == lane), default=0.0)
        wanted = int(shortest_m / every_m)
        is_said, self._said = self._said, taken < _ENOUGH * wanted
        if is_said or not self._said:
            return []
        text = f"its camera told of {taken} pictures over lane {lane}, some {wanted} were to be taken"
        return [Alert(drone=self.drone, at_s=now_s, level=AlertLevel.WARNING, rule="camera", text=text)]
