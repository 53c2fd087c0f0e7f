"""What an intent means for one drone that can obey it, and the words for those that cannot."""

from __future__ import annotations

from collections.abc import Mapping

from mavlink_bridge.enums import MavCmd
from mavlink_bridge.events import Airborne, Alert, AlertLevel, CommandEnded, FleetEvent
from missions.control.actions import Action, ChangeDroneSpeed
from missions.control.messages import (
    ChangeSpeed,
    Continue,
    Everyone,
    HandBack,
    Land,
    Launch,
    OfNation,
    Pause,
    Recall,
    Scope,
    TheseDrones,
    Upload,
    Withdraw,
)
from missions.control.programme import Programme
from missions.control.why_not import ScopedIntent
from planner.model import Plan


def in_scope(scope: Scope, plan: Plan, programmes: Mapping[str, Programme]) -> list[Programme]:
    """Whom an intent is for. Raises KeyError naming what the plan does not have."""
    match scope:
        case Everyone():
            return list(programmes.values())
        case OfNation(nation=nation):
            if nation not in {known.id for known in plan.nations}:
                raise KeyError(f"nation {nation}")
            return [programmes[drone.id] for drone in plan.drones if drone.nation == nation and drone.id in programmes]
        case TheseDrones(drones=drones):
            unknown = [drone for drone in drones if drone not in programmes]
            if unknown:
                raise KeyError(f"drone {', '.join(unknown)}")
            return [programmes[drone] for drone in dict.fromkeys(drones)]


def departs(event: FleetEvent) -> bool:
    return isinstance(event, Airborne) or (
        isinstance(event, CommandEnded) and event.command == MavCmd.MISSION_START and event.accepted is True
    )


def ends_patrol(intent: ScopedIntent) -> bool:
    return isinstance(intent, Recall | Land) and isinstance(intent.scope, Everyone)


def act(intent: ScopedIntent, programme: Programme, now_s: float) -> list[Action | Alert]:
    match intent:
        case Upload():
            return programme.begin_upload()
        case Launch():
            return programme.want_launch()
        case Pause():
            return programme.pause()
        case Continue():
            return programme.resume()
        case Recall(retrace=retrace):
            return programme.recall(now_s, retrace=retrace)
        case ChangeSpeed(speed_mps=speed_mps):
            return [ChangeDroneSpeed(programme.drone, speed_mps)]
        case Land():
            return programme.recall(now_s, where_it_is=True)
        case Withdraw():
            return programme.recall(now_s)
        case HandBack():
            return programme.hand_back(now_s)


def not_reached(programme: Programme, reason: str, now_s: float) -> Alert:
    return Alert(drone=programme.drone, at_s=now_s, level=AlertLevel.WARNING, rule="recall", text=f"was not called home: it {reason}")


def joined(reasons: dict[str, str]) -> str:
    return "; ".join(f"{drone} {reason}" for drone, reason in reasons.items())
