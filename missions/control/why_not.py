"""Why an intent makes no sense for a drone right now; empty when it does."""

from __future__ import annotations

from missions.control.drive import Drive
from missions.control.messages import ChangeSpeed, Continue, DronePhase, HandBack, Land, Launch, Pause, Recall, Upload, Withdraw
from missions.control.programme import BEFORE_READY, Programme

ScopedIntent = Upload | Launch | Pause | Continue | Recall | Land | ChangeSpeed | Withdraw | HandBack


def why_not(intent: ScopedIntent, programme: Programme) -> str:
    """A predicate for the drone as subject: "is down already"."""
    match intent:
        case Upload():
            return _why_no_upload(programme)
        case Launch():
            return "" if programme.phase is DronePhase.UPLOADED else f"has no verified mission to fly: it is {programme.phase}"
        case Recall() | Land():
            return _why_no_recall(programme)
        case Pause():
            return _why_no_pause(programme)
        case ChangeSpeed(speed_mps=speed_mps):
            return why_not_in_hand(programme) or _why_not_so_fast(programme, speed_mps)
        case Continue():
            return "" if programme.phase is DronePhase.PAUSED or programme.grounded else "is not paused"
        case Withdraw():
            return "is withdrawn already" if programme.drive is Drive.OVER else _why_no_recall(programme, on_the_ground="")
        case HandBack():
            return "is in our hands" if programme.automatic else ""


def _why_no_upload(programme: Programme) -> str:
    if programme.progress.sortie is None:
        return "has nothing left to fly"
    held = programme.phase is DronePhase.HELD and not programme.airborne and programme.automatic
    return "" if held or programme.phase in (DronePhase.READY, DronePhase.UPLOADED) else f"is {programme.phase}"


def _why_no_recall(programme: Programme, on_the_ground: str = "is on the ground") -> str:
    if not programme.automatic:
        return "is in other hands: hand it back first"
    if programme.phase is DronePhase.DONE or (on_the_ground and programme.phase in BEFORE_READY):
        return "is down already"
    up = programme.airborne or programme.phase is DronePhase.LAUNCHING
    return "" if up or programme.drive is Drive.PROGRAMME else on_the_ground


def _why_no_pause(programme: Programme) -> str:
    if programme.phase is DronePhase.PAUSED or programme.grounded:
        return "is paused already"
    if not programme.automatic:
        return "is in other hands"
    return f"is {programme.phase}" if programme.phase in (DronePhase.DONE, DronePhase.HELD, DronePhase.LAUNCHING) else ""


def why_not_in_hand(programme: Programme) -> str:
    """Why it takes no orders beside its sortie."""
    if not programme.automatic:
        return "is in other hands: hand it back first"
    if not programme.airborne:
        return "is on the ground"
    return "" if programme.phase in (DronePhase.FLYING, DronePhase.PAUSED) else f"is {programme.phase}"


def _why_not_so_fast(programme: Programme, speed_mps: float) -> str:
    """The plan's times, turns and energy are for the type's cruise."""
    kind = programme.plan.drone_type(programme.plan.drone(programme.drone).type)
    by_hand = programme.params.by_hand
    least_mps, most_mps = by_hand.least_speed * kind.cruise_mps, by_hand.most_speed * kind.cruise_mps
    if least_mps <= speed_mps <= most_mps:
        return ""
    return f"flies at {least_mps:g} to {most_mps:g} m/s, not at {speed_mps:g}"
