"""Where a drone's programme goes on when another mission control has taken it up."""

from __future__ import annotations

from mavlink_bridge.events import AlertLevel, Recognised
from missions.control import actions as do
from missions.control.drive import Drive
from missions.control.messages import DronePhase, DroneProgress, FinalState
from missions.control.programme import BEFORE_READY, Outputs, Programme

_ON_THE_GROUND = (*BEFORE_READY, DronePhase.READY, DronePhase.UPLOADING)


def recollect(programme: Programme, told: DroneProgress) -> None:
    """Stand where the mission control before us said that it stood; lanes are counted from their own events."""
    programme.phase, programme.upload, programme.automatic, programme.note = told.phase, told.upload, told.automatic, told.note
    programme.final = told.final if told.final in (FinalState.LOST, FinalState.LANDED_AWAY) else None
    if told.recalled:
        programme.drive = Drive.OVER


def take_up(programme: Programme, now_s: float) -> Outputs:
    """What its log said was under way is gone on with; what was being sent is begun anew.

    `programme.state` is what the drone says now, if it was heard.
    """
    programme.silent_s = None  # from now on the new sessions tell
    match programme.phase:
        case phase if phase in _ON_THE_GROUND and not programme.airborne:
            programme.phase, programme.upload = DronePhase.OFFLINE, None
            if programme.drive is Drive.PROGRAMME:
                programme.ready_by_s = now_s + programme.params.ready_timeout_s
        case DronePhase.UPLOADED:
            programme.unrecognised = True
        case DronePhase.LAUNCHING if not programme.airborne:
            return _launch_again(programme, now_s)
        case DronePhase.LAUNCHING:
            programme.launches.try_again_at(now_s + programme.params.launch_timeout_s)
        case DronePhase.FLYING if programme.changing and programme.airborne and programme.progress.sortie is not None:
            # Nobody knows how far it came: from the beginning, with what its mission is by now as what it had.
            return programme.change_mission(programme.progress.sortie, programme.kept_lanes)
        case DronePhase.RETURNING if programme.drive is Drive.OVER and not programme.comes_as_called:
            programme.note = ""
            return [] if programme.awaits_turn else programme.ask_home(now_s)
        case _:
            pass
    return []


def _launch_again(programme: Programme, now_s: float) -> Outputs:
    """Nobody knows how far it came: one that is armed is disarmed first, and then launched like any other."""
    programme.unrecognised = True
    if programme.state.armed:
        programme.launches.try_again_at(now_s + programme.params.launch_timeout_s)
        return [do.RecallDrone(programme.drone)]
    programme.phase = DronePhase.UPLOADED
    return []


def recognised(programme: Programme, event: Recognised, now_s: float) -> Outputs:
    """What is on board was read back. On the ground it is sent again when it is not what it should be."""
    programme.unrecognised = False
    if event.on_board:
        return []
    if programme.airborne and event.on_board is None:
        text = f"what is on board could not be read back ({event.reason}): followed by what was verified before"
        return [programme.alert(now_s, AlertLevel.WARNING, "mission", text)]
    if programme.airborne:
        text = f"flies another mission than {event.sortie} ({event.reason}): it is left alone until handed back"
        programme.automatic = False
        return programme.hold(now_s, "mission", text)
    return programme.begin_upload() if programme.phase is DronePhase.UPLOADED else []
