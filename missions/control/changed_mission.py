"""What a drone does when its mission was changed in flight, or was to be and was not."""

from __future__ import annotations

from mavlink_bridge.events import AlertLevel, MissionChanged
from missions.control import actions as do
from missions.control.homecoming import way_home_name
from missions.control.messages import DronePhase
from missions.control.programme import Outputs, Programme


def mission_changed(programme: Programme, event: MissionChanged, now_s: float) -> Outputs:
    if event.sortie == way_home_name(programme.progress.sortie):
        return _way_home_given(programme, event, now_s)
    if event.sortie != programme.changing:
        return []
    programme.changing, programme.note = "", ""
    if (event.changed and event.flies_on) or not programme.automatic or programme.phase is not DronePhase.FLYING:
        return []
    # Others fly its lanes by now, so what it had is no longer its own.
    text = f"is called home, its mission was not changed: {event.reason}"
    return [programme.alert(now_s, AlertLevel.WARNING, "retasking", text), *programme.call_back(now_s)]


def _way_home_given(programme: Programme, event: MissionChanged, now_s: float) -> Outputs:
    if event.flies_on or not programme.automatic or programme.phase is not DronePhase.RETURNING:
        return []
    text = f"comes back the way it came: {event.reason or 'it does not fly on'}"
    return [programme.alert(now_s, AlertLevel.WARNING, "recall", text), do.RecallDrone(programme.drone, retrace=True)]
