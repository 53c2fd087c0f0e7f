"""Notices that the mission on a vehicle is no longer the one that was verified: somebody else, perhaps on another link, has changed it.

ArduPilot's missions have no number of their edition. What shows is how many items MISSION_CURRENT counts, and the text that comes with
every upload by items.
"""

from __future__ import annotations

from dataclasses import dataclass

from mavlink_bridge import messages as m
from mavlink_bridge.mission_items import SortieMission

#: The messages that may tell it; no other need be shown to the guard.
TELLING = (m.MissionCurrent, m.StatusText)
_UPLOADED_TEXT = "Flight plan received"
#: MISSION_CURRENT.total of a vehicle that does not count.
_NOT_COUNTED = frozenset({0, 65535})


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardParams:
    """Vehicle seconds after a verification in which what still comes may be of the time before."""

    settle_s: float = 3.0


class MissionGuard:
    """Feed it what the vehicle says, with the mission that is known to be on board (None while that is not known)."""

    def __init__(self, params: GuardParams | None = None) -> None:
        self._params = params or GuardParams()
        self._mission: SortieMission | None = None
        self._since_s = 0.0
        self._total: int | None = None

    def observe(self, message: m.Message, mission: SortieMission | None, now_s: float) -> str:
        """Why what is on board is no longer this mission; empty when nothing says so."""
        if mission is not self._mission:
            self._mission, self._since_s, self._total = mission, now_s, None
        if mission is None or now_s - self._since_s < self._params.settle_s:
            return ""
        match message:
            case m.MissionCurrent(total=total) if total not in _NOT_COUNTED:
                before, self._total = self._total, total
                return f"it has {total} items now, and had {before}" if before not in (None, total) else ""
            case m.StatusText(text=text) if text.startswith(_UPLOADED_TEXT):
                return f"it says {text!r}"
        return ""
