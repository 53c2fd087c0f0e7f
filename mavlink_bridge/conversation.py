"""What sans-IO conversations share: who talks to whom, and what a conversation wants done or has found out.

A conversation has `start(now_s)`, `receive(frame, now_s)` and `tick(now_s)`, each returning outputs, and `deadline_s`: when
to call `tick` at the latest (None: nothing to wait for). It opens no socket and reads no clock. It ends exactly once.
"""

from __future__ import annotations

from dataclasses import dataclass

from mavlink_bridge.messages import Frame, Message, MissionItemInt


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoints:
    """Our address and the vehicle's autopilot's; other systems' traffic on the same link is none of our business."""

    own_system: int = 255
    own_component: int = 190
    system: int
    component: int = 1

    def is_from_vehicle(self, frame: Frame) -> bool:
        return frame.system_id == self.system and frame.component_id == self.component

    def is_for_us(self, target_system: int, target_component: int) -> bool:
        # 0 is broadcast (mavlink.io/en/guide/routing.html); ArduPilot before 4.0 left ACK targets at 0.
        return target_system in (0, self.own_system) and target_component in (0, self.own_component)


@dataclass(frozen=True, slots=True)
class Send:
    """Put this message on the vehicle's link."""

    message: Message


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` items have been asked for by the vehicle (upload) or received (download)."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Verified:
    """It is so, and the vehicle itself has shown it."""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What is on the vehicle, in order of seq."""

    items: tuple[MissionItemInt, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """It is not so; the reason says what the vehicle has now."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The vehicle fell silent: it may be so or not."""

    reason: str


TransferOutput = Send | Progress | Verified | Downloaded | Failed | Unknown


def earliest(*deadlines_s: float | None) -> float | None:
    """The first of several deadlines, None when there is none."""
    return min((deadline_s for deadline_s in deadlines_s if deadline_s is not None), default=None)
