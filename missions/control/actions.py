"""What mission control wants done to vehicles; the host performs it on the fleet."""

from __future__ import annotations

from dataclasses import dataclass

from planner.geo import LatLon
from planner.model import KeepOut, Plan, Sortie
from planner.replanning.flown_so_far import Progress


@dataclass(frozen=True, slots=True)
class _Action:
    drone: str


@dataclass(frozen=True, slots=True)
class UploadSortie(_Action):
    sortie: Sortie


@dataclass(frozen=True, slots=True)
class LaunchDrone(_Action):
    pass


@dataclass(frozen=True, slots=True)
class ChangeMission(_Action):
    """In flight: this sortie in the place of the one that it is a version of, the same up to the end of `kept_lanes` lanes."""

    sortie: Sortie
    kept_lanes: int


@dataclass(frozen=True, slots=True)
class FlyHome(_Action):
    """In flight: this way home, because the straight one is not legal."""

    way: Sortie


@dataclass(frozen=True, slots=True)
class RecallDrone(_Action):
    """`retrace`: the way that it came, because the straight one is not legal, or because somebody wants it so."""

    retrace: bool = False


@dataclass(frozen=True, slots=True)
class LandDrone(_Action):
    pass


@dataclass(frozen=True, slots=True)
class PauseDrone(_Action):
    pass


@dataclass(frozen=True, slots=True)
class ResumeDrone(_Action):
    pass


@dataclass(frozen=True, slots=True)
class SendTo(_Action):
    """None stays as it is; `height_m` is above home."""

    place: LatLon | None
    height_m: float | None


@dataclass(frozen=True, slots=True)
class ChangeDroneSpeed(_Action):
    speed_mps: float


@dataclass(frozen=True, slots=True)
class HandBackDrone(_Action):
    """Commands of ours are welcome again on a drone that somebody else had taken."""


@dataclass(frozen=True, slots=True)
class BatterySwapped(_Action):
    """A person has put in a full battery, or in simulation the time for it has passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replan:
    """Compute `planner.replanning.replan.replan` of these, and give the plan to `MissionControl.handle_replan`."""

    plan: Plan
    progress: Progress
    withdrawn: tuple[str, ...]
    closed: tuple[KeepOut, ...]


Action = (
    Replan
    | UploadSortie
    | ChangeMission
    | FlyHome
    | LaunchDrone
    | RecallDrone
    | LandDrone
    | PauseDrone
    | ResumeDrone
    | SendTo
    | ChangeDroneSpeed
    | HandBackDrone
    | BatterySwapped
)
