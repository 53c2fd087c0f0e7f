"""How far a plan has been flown, for planning the rest of it anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from planner.geo import LatLon


@dataclass(frozen=True, kw_only=True, slots=True)
class InTheAir:
    """A drone whose sortie may be changed in flight: after the leg at `last_leg` (a SWEEP, flown to its end) other legs may follow.
    `lost_s` of its endurance are gone, or will be, that the plan does not know of: it is late, or its battery is weaker.
    """

    sortie: str
    last_leg: int
    lost_s: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far the plan is flown at `now_s`, plan seconds.

    `begun` sorties have taken off or are about to; `broken_off` are those of them that will not be flown to their end. `swept`
    lanes were flown end to end; `stopped` tells for a lane that was broken off the last point
    covered. `delay_s` and `in_the_air` are by drone.
    """

    now_s: float
    begun: frozenset[str] = frozenset()
    broken_off: frozenset[str] = frozenset()
    swept: frozenset[str] = frozenset()
    stopped: Mapping[str, LatLon] = field(default_factory=dict)
    delay_s: Mapping[str, float] = field(default_factory=dict)
    in_the_air: Mapping[str, InTheAir] = field(default_factory=dict)
