"""Notices that the mission on a vehicle is no longer the one that was verified: somebody else, perhaps on another link, has changed it.

ArduPilot's missions have no number of their edition. What shows is how many items MISSION_CURRENT counts, and the text that comes with
every upload by items.
"""

from __future__ import annotations

from dataclasses import dataclass

from mavlink_bridge import messages as m

_UPLOADED_TEXT = "Flight plan received"
#: MISSION_CURRENT.total of a vehicle that does not count.
_NOT_COUNTED = frozenset({0, 65535})


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardParams:
    """Vehicle seconds after a verification in which what still comes may be of the time before."""

    settle_s: float = 3.0


class MissionGuard:
    """`verified` when a mission of ours is on board, `forget` while that is not known."""

    def __init__(self, params: GuardParams | None = None) -> None:
        self._params = params or GuardParams()
        self._since_s: float | None = None
        self._total: int | None = None

    def verified(self, now_s: float) -> None:
        self._since_s, self._total = now_s, None

    def forget(self) -> None:
        self._since_s = self._total = None

    def observe(self, message: m.Message, now_s: float) -> str:
        """Why the mission on board is no longer ours; empty when nothing says so."""
        if self._since_s is None or now_s - self._since_s < self._params.settle_s:
            return ""
        match message:
            case m.MissionCurrent(total=total) if total not in _NOT_COUNTED:
                before, self._total = self._total, total
                return f"it has {total} items now, and had {before}" if before not in (None, total) else ""
            case m.StatusText(text=text) if text.startswith(_UPLOADED_TEXT):
                return f"it says {text!r}"
        return ""
