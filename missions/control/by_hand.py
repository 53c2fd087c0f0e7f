"""One drone is sent somewhere by hand: never out of its airspace, never above its ceiling."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from mavlink_bridge.events import Alert
from missions.control.actions import Action
from missions.control.homecoming import Homecoming
from missions.control.messages import ControlEvent, GoTo, IntentRefused, IntentTaken
from missions.control.programme import Programme
from missions.control.why_not import why_not_in_hand
from missions.failsafes import ceiling_m
from planner.geo import LatLon
from planner.model import Plan, Sortie

Output = Action | Alert | ControlEvent
#: Whether a way stays within the fence that a sortie has on board.
LetsPass = Callable[[Plan, Sortie, Sequence[LatLon]], bool]


def go_to(
    intent: GoTo, programmes: Mapping[str, Programme], homecoming: Homecoming, lets_pass: LetsPass, now_s: float, patrol_s: float
) -> list[Output]:
    """The order, or why not."""
    programme = programmes.get(intent.drone)
    if programme is None:
        return [IntentRefused(at_s=now_s, intent=intent, reason=f"the plan has no drone {intent.drone}")]
    why = why_not_in_hand(programme) or _why_not_there(intent, programme, homecoming, lets_pass, patrol_s)
    if why:
        return [IntentRefused(at_s=now_s, intent=intent, reason=f"{intent.drone} {why}")]
    return [IntentTaken(at_s=now_s, intent=intent), *programme.go_to(_place(intent), intent.height_m)]


def _why_not_there(intent: GoTo, programme: Programme, homecoming: Homecoming, lets_pass: LetsPass, patrol_s: float) -> str:
    plan, sortie, here = homecoming.plan, programme.progress.sortie, programme.state.position
    if (intent.lat_deg is None) != (intent.lon_deg is None) or (intent.lat_deg is None and intent.height_m is None):
        return "needs a place, a height, or both"
    if intent.lat_deg is not None and not (abs(intent.lat_deg) <= 90 and abs(intent.lon_deg or 0.0) <= 180):
        return "cannot fly there: that is no place on earth"
    low_m, top_m = programme.params.by_hand.least_height_m, ceiling_m(plan, plan.drone(programme.drone))
    if intent.height_m is not None and not low_m <= intent.height_m <= top_m:
        return f"flies at {low_m:g} to {top_m:g} m above home, not at {intent.height_m:g}"
    if here is None or sortie is None:
        return "does not know where it is"
    place = _place(intent) or here
    is_legal = homecoming.lets_pass(programme.drone, here, place, patrol_s)
    return "" if is_legal and lets_pass(plan, sortie, (here, place)) else "would leave its airspace on the way there"


def _place(intent: GoTo) -> LatLon | None:
    if intent.lat_deg is None or intent.lon_deg is None:
        return None
    return LatLon(lat_deg=intent.lat_deg, lon_deg=intent.lon_deg)
