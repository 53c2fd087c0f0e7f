"""One command until it is answered: retries with the confirmation counter (COMMAND_LONG has one), IN_PROGRESS, and silence.

mavlink.io/en/services/command.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mavlink_bridge import messages as m
from mavlink_bridge.conversation import Endpoints, Send
from mavlink_bridge.enums import MavResult


@dataclass(frozen=True, kw_only=True, slots=True)
class CommandParams:
    """Vehicle seconds and counts. `progress_timeout_s` is how long an IN_PROGRESS lasts until the next word is due."""

    ack_timeout_s: float = 1.0
    tries: int = 5
    progress_timeout_s: float = 10.0


DEFAULT_COMMAND = CommandParams()


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a command ended. `accepted` is None when the vehicle never answered; `result` is its MAV_RESULT."""

    accepted: bool | None
    result: int | None = None

    @property
    def text(self) -> str:
        """The answer in words, for a reason."""
        if self.result is None:
            return "no answer"
        try:
            return MavResult(self.result).name
        except ValueError:
            return f"result {self.result}"


Command = m.CommandLong | m.CommandInt


class CommandExchange:
    """One command's conversation. Outputs `Send`s, and one `CommandResult` at the end."""

    def __init__(self, command: Command, endpoints: Endpoints, *, params: CommandParams = DEFAULT_COMMAND) -> None:
        """The command is addressed here; its confirmation counts the retries."""
        self._command: Command = replace(command, target_system=endpoints.system, target_component=endpoints.component)
        self._endpoints = endpoints
        self._params = params
        self._sent = 0
        self.deadline_s: float | None = None
        self.is_over = False

    def start(self, now_s: float) -> list[Send | CommandResult]:
        return self._send(now_s)

    def receive(self, frame: m.Frame, now_s: float) -> list[Send | CommandResult]:
        if self.is_over or not self._endpoints.is_from_vehicle(frame):
            return []
        match frame.message:
            case m.CommandAck(command=self._command.command) as ack if self._endpoints.is_for_us(ack.target_system, ack.target_component):
                if ack.result == MavResult.IN_PROGRESS:
                    self.deadline_s = now_s + self._params.progress_timeout_s
                    # It works on it: a retry would start it over.
                    self._sent = self._params.tries
                    return []
                return [self._end(CommandResult(ack.result == MavResult.ACCEPTED, ack.result))]
        return []

    def tick(self, now_s: float) -> list[Send | CommandResult]:
        if self.is_over or self.deadline_s is None or now_s < self.deadline_s:
            return []
        if self._sent < self._params.tries:
            return self._send(now_s)
        return [self._end(CommandResult(None))]

    def _send(self, now_s: float) -> list[Send | CommandResult]:
        self.deadline_s = now_s + self._params.ack_timeout_s
        message = replace(self._command, confirmation=self._sent) if isinstance(self._command, m.CommandLong) else self._command
        self._sent += 1
        return [Send(message)]

    def _end(self, result: CommandResult) -> CommandResult:
        self.is_over = True
        self.deadline_s = None
        return result
