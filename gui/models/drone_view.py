"""One drone as last heard, and how far that can be trusted to be now."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from msgspec import Struct

from mavlink_bridge.events import UploadOutcome
from mavlink_bridge.vehicle_state import VehicleState
from missions.control.messages import DronePhase, DroneProgress, FinalState


class Freshness(StrEnum):
    NEVER = "never heard"
    LIVE = "live"
    STALE = "stale"
    LOST = "lost"
    OVER = "over"
    """The patrol has ended in good order; nothing more is to be expected."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FreshnessParams:
    """Ages by this computer's clock: what an operator looks at must be fresh whatever the simulation's speed."""

    stale_after_s: float = 2.5
    lost_after_s: float = 10.0


DEFAULT_FRESHNESS = FreshnessParams()

# Thousands of drones are asked many times a second, and asking an enum's class for a member takes a microsecond (Python 3.11).
_NEVER, _LIVE, _STALE, _LOST, _OVER = Freshness

#: Phases in which a drone is off the ground or about to be.
_AIRBORNE = frozenset({DronePhase.LAUNCHING, DronePhase.FLYING, DronePhase.PAUSED, DronePhase.RETURNING})


class DroneView(Struct, frozen=True, kw_only=True):
    """`heard_s` is this computer's clock; everything else is what the drone or mission control said.

    A struct, because thousands are made a second and a frozen dataclass takes ten times as long.
    """

    id: str
    nation: str
    system_id: int | None = None
    state: VehicleState | None = None
    progress: DroneProgress | None = None
    upload: UploadOutcome | None = None
    upload_reason: str = ""
    sent_items: int = 0
    total_items: int = 0
    link_lost: bool = False
    heard_s: float | None = None
    over: bool = False
    logged: bool = False
    """Heard from a log, which keeps less than was said: a lost link alone tells of silence then."""

    def age_s(self, now_s: float) -> float | None:
        """How long ago anything came from it; None when nothing ever did."""
        return None if self.heard_s is None else max(0.0, now_s - self.heard_s)

    def freshness(self, now_s: float, params: FreshnessParams = DEFAULT_FRESHNESS) -> Freshness:
        age_s = self.age_s(now_s)
        if age_s is None:
            return _NEVER
        if self.over:
            return _OVER
        if self.link_lost or (age_s >= params.lost_after_s and not self.logged):
            return _LOST
        return _STALE if age_s >= params.stale_after_s and not self.logged else _LIVE

    @property
    def phase(self) -> DronePhase:
        return DronePhase.OFFLINE if self.progress is None else self.progress.phase

    @property
    def airborne(self) -> bool:
        """Off the ground or about to be, also when somebody else flies it; how it ended outweighs what it said last."""
        progress = self.progress
        if progress is not None and progress.final is not None:
            return progress.final is FinalState.FLYING
        return (self.state is not None and self.state.armed) or (progress is not None and progress.phase in _AIRBORNE)
