"""What was asked of the patrol and what became of its plan while it flew: the answers to the alerts, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from missions.control.messages import (
    Accept,
    CloseArea,
    Everyone,
    Intent,
    IntentRefused,
    IntentTaken,
    OfNation,
    PatrolEvent,
    PlanChanged,
    Reject,
    ReplanProposed,
    Scope,
    Shutdown,
    TheseDrones,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """`at_s` is patrol seconds."""

    at_s: float
    text: str


def responses(events: Iterable[PatrolEvent], zero_s: float) -> Iterator[Response]:
    """In the order of the log."""
    for event in events:
        match event:
            case IntentTaken(at_s=at_s, intent=intent):
                text = f"asked: {_intent(intent)}"
            case IntentRefused(at_s=at_s, intent=intent, reason=reason):
                text = f"asked and refused: {'something unreadable' if intent is None else _intent(intent)} ({reason})"
            case ReplanProposed(at_s=at_s, proposal=number, added=added, coverage=coverage):
                text = f"proposal {number}: {len(added)} new sorties, coverage {100 * coverage:.2f} %"
            case PlanChanged(at_s=at_s, proposal=number):
                text = f"proposal {number} is what is flown from here on"
            case _:
                continue
        yield Response(at_s=at_s - zero_s, text=text)


def _intent(intent: Intent) -> str:
    match intent:
        case CloseArea(name=name, buffer_m=buffer_m):
            return f"close {name}, {buffer_m:g} m kept from it"
        case Accept(proposal=number) | Reject(proposal=number):
            return f"{type(intent).__name__.lower()} proposal {number}"
        case Shutdown(leave_flying=leave_flying):
            return "leave at once" if leave_flying else "call everybody home and end"
    scope: Scope | None = getattr(intent, "scope", None)
    return f"{type(intent).__name__.lower()}{'' if scope is None else f' {_scope(scope)}'}"


def _scope(scope: Scope) -> str:
    match scope:
        case Everyone():
            return "everybody"
        case OfNation(nation=nation):
            return f"all of {nation}"
        case TheseDrones(drones=drones):
            return ", ".join(drones)
