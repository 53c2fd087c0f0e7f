"""Mission control's tuning values, in vehicle time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from missions.control.following import FollowingParams
from missions.control.homeward import HomewardParams
from missions.control.messages import StandingRule


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHandParams:
    """What people may order beside the plan: speeds as parts of the type's cruise, and the least height to be sent to."""

    least_speed: float = 0.5
    most_speed: float = 1.25
    least_height_m: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlParams:
    """Defaults fit small copters; a battery swap's length comes from the drone's type."""

    tick_period_s: float = 1.0
    ready_timeout_s: float = 240.0
    """After Start: a drone that is not ready by then stays on the ground."""
    upload_attempts: int = 3
    upload_retry_s: float = 3.0
    launch_attempts: int = 2
    launch_timeout_s: float = 240.0
    """For the launch command to end: it may wait for the vehicle's own checks."""
    airborne_slack_s: float = 40.0
    """From then on until it has climbed, beyond what the plan gives that (times `overdue_factor`)."""
    usual_launch_s: float = 8.0
    """What arming usually takes, until one launch has shown it."""
    launch_patience_s: float = 600.0
    """A drone due for so long is launched although others' forecasts come near; only what is near the base now still stops it."""
    approach_m: float = 150.0
    """Nobody is launched while a drone that comes in to land is this near the base."""
    forecast_step_s: float = 1.0
    gate_recheck_s: float = 2.0
    home_radius_m: float = 30.0
    """Landed within this distance of the sortie's end base counts as home."""
    lost_after_s: float = 120.0
    """Silence beyond this and beyond the time it should have landed makes a drone lost."""
    overdue_factor: float = 1.5
    overdue_slack_s: float = 300.0
    """In the air for longer than planned times the factor plus the slack: it is called home."""
    recall_repeat_s: float = 60.0
    """A drone that is called home and shows no sign of coming is asked again."""
    decide_s: Mapping[StandingRule, float] = field(
        default_factory=lambda: {StandingRule.ASK: 60.0, StandingRule.ACCEPT: 15.0, StandingRule.NEVER: 0.0}
    )
    """How much later at least than a proposal a mission in the air is changed: time to compute it, and to decide."""
    retask_period_s: float = 5.0
    """How often is looked for lanes that are nobody's any more."""
    standing_rule: StandingRule = StandingRule.ASK
    """What becomes of proposals to fly on otherwise."""
    homeward: HomewardParams = field(default_factory=HomewardParams)
    """How drones that are called home wait for each other."""
    following: FollowingParams = field(default_factory=FollowingParams)
    """What is told of a flight that is off its way, short of battery or out of touch."""
    by_hand: ByHandParams = field(default_factory=ByHandParams)
    """What people may order beside the plan."""
    separation_period_s: float = 1.0
    stale_position_s: float = 3.0
    """Positions older than this say nothing about separation."""
    separation_tolerance_m: float = 1.0

    def __post_init__(self) -> None:
        for name in ("upload_attempts", "launch_attempts", "forecast_step_s", "gate_recheck_s", "separation_period_s"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} {getattr(self, name)} is not positive")
