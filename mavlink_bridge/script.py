"""What an order has still to do, step after step, and how it is told when it ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from mavlink_bridge import steps
from mavlink_bridge.enums import MavCmd
from mavlink_bridge.steps import Step, StepEnd


@dataclass(frozen=True, slots=True)
class Planned:
    """A step, and the mode in which the vehicle will be through it."""

    step: Step
    mode: int | None = None


@dataclass(slots=True)
class Script:
    """Steps still to do, the current one first. `command` None is our own doing, whose end only `ended` is told."""

    command: MavCmd | None
    planned: deque[Planned]
    ended: Callable[[StepEnd], None] | None = None

    @property
    def has_armed(self) -> bool:
        """Whether arming has been asked for, so that a launch that ends here must be disarmed."""
        return self.command is MavCmd.MISSION_START and not any(isinstance(item.step, steps.Arm) for item in list(self.planned)[1:])
