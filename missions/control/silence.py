"""What it means that a drone is silent, in words."""

from __future__ import annotations

from mavlink_bridge.events import AlertLevel
from missions.control.messages import DronePhase


def silence(phase: DronePhase, silent_s: float, *, airborne: bool) -> tuple[AlertLevel, str]:
    """How much it matters, and why."""
    if airborne:
        return AlertLevel.CRITICAL, f"silent for {silent_s:.0f} s; the autopilot goes on with what it was told"
    # without its battery it has to be silent
    level = AlertLevel.INFO if phase is DronePhase.BATTERY_SWAP else AlertLevel.WARNING
    return level, f"silent for {silent_s:.0f} s, on the ground"
