"""Why an intent makes no sense for a drone right now; empty when it does."""

from __future__ import annotations

from missions.control.drive import Drive
from missions.control.messages import Continue, DronePhase, HandBack, Land, Launch, Pause, Recall, Upload, Withdraw
from missions.control.programme import BEFORE_READY, Programme

ScopedIntent = Upload | Launch | Pause | Continue | Recall | Land | Withdraw | HandBack


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
