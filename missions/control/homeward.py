"""Bring drones that are called home down one after the other at each base: who waits for its turn holds where it is.

Heights keep drones apart on the way, but not over the base, where all descend. So the next one sets out when it will arrive after
those before it are down. Who is short of battery does not wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HomewardParams:
    """Seconds. `landing_extra_s` is what a landing takes beyond height over descent: the pause above the base, the slow last
    metres (ArduPilot's RTL_LOIT_TIME and LAND_SPEED). `slack_s` is kept between one on the ground and the next arrival.
    """

    landing_extra_s: float = 30.0
    slack_s: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Homeward:
    """A drone on its way to a landing, or waiting for its turn. `way_s` is to the base, `descent_s` from there to the ground.

    `waits` is False once it has set out. `urgent` drones are never kept waiting.
    """

    drone: str
    base: str
    way_s: float
    descent_s: float
    waits: bool
    urgent: bool = False


def whose_turn(drones: Sequence[Homeward], params: HomewardParams) -> dict[str, str]:
    """For each drone that waits: empty when it may set out now, else the drone that lands before it.

    The nearest goes first. Whoever has set out keeps its place.
    """
    answers: dict[str, str] = {}
    ahead = [drone for drone in drones if not drone.waits]
    for drone in sorted((drone for drone in drones if drone.waits), key=lambda drone: (not drone.urgent, drone.way_s, drone.drone)):
        others = () if drone.urgent else (other for other in ahead if other.base == drone.base)
        answers[drone.drone] = next((other.drone for other in others if answers.get(other.drone) or _meet(drone, other, params)), "")
        ahead.append(drone)
    return answers


def _meet(one: Homeward, other: Homeward, params: HomewardParams) -> bool:
    """Whether they would be over the base together, setting out now."""
    one_down_s, other_down_s = (each.way_s + each.descent_s + params.landing_extra_s for each in (one, other))
    return one.way_s < other_down_s + params.slack_s and other.way_s < one_down_s + params.slack_s
