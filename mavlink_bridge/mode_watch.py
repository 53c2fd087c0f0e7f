"""Who changed the mode: we, the vehicle's own failsafe, or somebody else.

A change we did not ask for and that no failsafe explains is a foreign hand, and it outranks us. ArduPilot says why a
failsafe acted right *after* the HEARTBEAT that shows the new mode (recorded: c10, c11, c12, c14), so a change that a
failsafe could have made waits a moment for that text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum, auto

from mavlink_bridge.enums import MavState
from mavlink_bridge.modes import Modes
from mavlink_bridge.vehicle_state import VehicleState


class ModeCause(Enum):
    OURS = auto()
    VEHICLE = auto()
    FOREIGN = auto()


@dataclass(frozen=True, slots=True)
class ModeDecision:
    """A new mode and whose it is; `reason` is the vehicle's own text for a failsafe, else empty."""

    mode: int
    name: str
    cause: ModeCause
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ModeWatchParams:
    """Vehicle seconds: how long a command of ours explains a change, and how far apart a failsafe's text and mode may be."""

    expect_s: float = 20.0
    text_before_s: float = 2.0
    text_after_s: float = 1.0


_FAILSAFE_TEXT = re.compile(r"failsafe|fence.*breached|\bcrash|thrust loss|battery .* (low|critical)", re.IGNORECASE)
_CLEARED_TEXT = re.compile(r"cleared|disabled", re.IGNORECASE)


def is_failsafe_text(text: str) -> bool:
    """Whether a STATUSTEXT tells of a failsafe acting (and not of its end)."""
    return bool(_FAILSAFE_TEXT.search(text)) and not _CLEARED_TEXT.search(text) and not text.startswith(("PreArm:", "Arm:"))


class ModeWatch:
    """Feed it states and texts; `tick` at `deadline_s`. It decides about each change exactly once, in order."""

    def __init__(self, params: ModeWatchParams) -> None:
        self._params = params
        self._expected: dict[int, float] = {}
        self._text: tuple[float, str] | None = None
        self._open: ModeDecision | None = None
        self.deadline_s: float | None = None

    @property
    def is_undecided(self) -> bool:
        return self._open is not None

    def expect(self, mode: int, now_s: float) -> None:
        """We have asked for this mode."""
        self._expected[mode] = now_s + self._params.expect_s

    def text(self, text: str, now_s: float) -> list[ModeDecision]:
        """Take a STATUSTEXT; a failsafe's explains the change that waits for one."""
        if not is_failsafe_text(text):
            return []
        self._text = (now_s, text)
        return self._close(replace(self._open, cause=ModeCause.VEHICLE, reason=text)) if self._open else []

    def observe(self, before: VehicleState, after: VehicleState, modes: Modes, now_s: float) -> list[ModeDecision]:
        """Take a new state; `before.custom_mode` None is the first ever, which is nobody's doing."""
        mode = after.custom_mode
        if mode is None or before.custom_mode is None or mode == before.custom_mode:
            return []
        # A second change while one is open: the first had no failsafe's text, so it was somebody's hand.
        earlier = self.flush()
        if self._expected.get(mode, now_s) > now_s:
            return [*earlier, ModeDecision(mode, after.mode_name, ModeCause.OURS)]
        if before.custom_mode in modes.coming_home and mode in modes.by_itself:
            return [*earlier, ModeDecision(mode, after.mode_name, ModeCause.OURS)]
        return [*earlier, *self._not_ours(before, after, modes, now_s)]

    def tick(self, now_s: float) -> list[ModeDecision]:
        return self.flush() if self.deadline_s is not None and now_s >= self.deadline_s else []

    def flush(self) -> list[ModeDecision]:
        """Decide now about what is still open: no text came."""
        return self._close(self._open) if self._open else []

    def _not_ours(self, before: VehicleState, after: VehicleState, modes: Modes, now_s: float) -> list[ModeDecision]:
        assert after.custom_mode is not None
        if after.custom_mode not in modes.failsafe:
            return [ModeDecision(after.custom_mode, after.mode_name, ModeCause.FOREIGN)]
        # A failsafe raises system_status too, so that a lost text does not make it somebody's hand.
        turned_critical = before.system_status < MavState.CRITICAL <= after.system_status
        guess = (ModeCause.VEHICLE, "its own failsafe") if turned_critical else (ModeCause.FOREIGN, "")
        self._open = ModeDecision(after.custom_mode, after.mode_name, *guess)
        self.deadline_s = now_s + self._params.text_after_s
        if self._text is not None and now_s - self._text[0] <= self._params.text_before_s:
            return self._close(replace(self._open, cause=ModeCause.VEHICLE, reason=self._text[1]))
        return []

    def _close(self, decision: ModeDecision) -> list[ModeDecision]:
        self._open = None
        self.deadline_s = None
        return [decision]
