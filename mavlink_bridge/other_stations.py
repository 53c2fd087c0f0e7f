"""What other ground stations do to our vehicles: told by name, as far as the link shows it.

Two things show: a station's own frames, where the link carries them to us, and the vehicle's answers to it. What another station
does on another link shows only in its effect (see `mission_guard`, `mode_watch`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from mavlink_bridge import messages as m
from mavlink_bridge.enums import MavCmd, MissionResult, MissionType
from mavlink_bridge.events import Alert, AlertLevel
from mavlink_bridge.ftp_payload import FtpOpcode

_OPCODE_AT = 3
_FILE_READS = frozenset({FtpOpcode.OPEN_FILE_RO, FtpOpcode.READ_FILE, FtpOpcode.BURST_READ_FILE, FtpOpcode.LIST_DIRECTORY})
_FILE_CHANGES = frozenset(
    {FtpOpcode.CREATE_FILE, FtpOpcode.WRITE_FILE, FtpOpcode.OPEN_FILE_WO, FtpOpcode.REMOVE_FILE, FtpOpcode.TRUNCATE_FILE, FtpOpcode.RENAME}
)
#: Commands that only ask.
_QUESTIONS = frozenset(
    {
        MavCmd.REQUEST_MESSAGE,
        MavCmd.SET_MESSAGE_INTERVAL,
        MavCmd.GET_MESSAGE_INTERVAL,
        MavCmd.GET_HOME_POSITION,
        MavCmd.RUN_PREARM_CHECKS,
    }
)


_ANSWERS = (m.MissionRequest, m.MissionRequestInt, m.MissionAck, m.MissionCount, m.MissionItemInt, m.CommandAck)


class Deed(NamedTuple):
    """What is being done, in words that follow the station's name; what only reads is INFO."""

    text: str
    level: AlertLevel = AlertLevel.WARNING


class Party(NamedTuple):
    """Somebody on a link."""

    system_id: int
    component_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherStationParams:
    """Vehicle seconds: the same deed is told again after so long."""

    again_s: float = 30.0


class OtherStations:
    """Feed it what strangers say on a vehicle's link, and what the vehicle says."""

    def __init__(self, own: Party, params: OtherStationParams | None = None) -> None:
        self._own = own
        self._params = params or OtherStationParams()
        self._told_s: dict[tuple[str, Party, str], float] = {}

    def hear_stranger(self, drone: str, system_id: int, frame: m.Frame, now_s: float) -> list[Alert]:
        """A frame of somebody who is none of our vehicles; `system_id` is our vehicle's, which it may be for."""
        target = getattr(frame.message, "target_system", None)
        deed = deed_of(frame.message) if target in (0, system_id) else None
        return self._tell(drone, Party(frame.system_id, frame.component_id), deed, now_s)

    def hear_vehicle(self, drone: str, frame: m.Frame, now_s: float) -> list[Alert]:
        """A frame of the vehicle: an answer that is not for us tells who was asking."""
        message = frame.message
        if not isinstance(message, _ANSWERS):
            return []
        asker = Party(message.target_system, message.target_component)
        # 0 is for everybody; ours is for us.
        is_other = asker.system_id != 0 and asker != self._own and asker != Party(self._own.system_id, 0)
        return self._tell(drone, asker, answered(message), now_s) if is_other else []

    def _tell(self, drone: str, station: Party, deed: Deed | None, now_s: float) -> list[Alert]:
        if deed is None:
            return []
        key = (drone, station, deed.text)
        told_s = self._told_s.get(key)
        self._told_s[key] = now_s
        if told_s is not None and now_s - told_s < self._params.again_s:
            return []
        self._forget(now_s)
        text = f"another station (system {station.system_id}, component {station.component_id}) {deed.text}"
        return [Alert(drone=drone, at_s=now_s, level=deed.level, rule="other_station", text=text)]

    def _forget(self, now_s: float) -> None:
        """Whoever invents stations does not fill our memory."""
        self._told_s = {key: at_s for key, at_s in self._told_s.items() if now_s - at_s < self._params.again_s}


def deed_of(message: m.Message) -> Deed | None:
    """What a station does with this message; None for what is no concern of ours."""
    match message:
        case m.MissionCount(mission_type=kind) | m.MissionItemInt(mission_type=kind):
            return Deed(f"uploads a {_list(kind)} to it")
        case m.MissionWritePartialList(mission_type=kind):
            return Deed(f"changes a part of its {_list(kind)}")
        case m.MissionClearAll(mission_type=kind):
            return Deed(f"clears its {_list(kind)}")
        case m.MissionRequestList(mission_type=kind):
            return Deed(f"reads its {_list(kind)}", AlertLevel.INFO)
        case m.MissionSetCurrent(seq=seq):
            return Deed(f"sends it to item {seq} of its mission")
        case m.ParamSet(param_id=name):
            return Deed(f"sets its parameter {name}")
        case m.CommandLong(command=command) | m.CommandInt(command=command) if command not in _QUESTIONS:
            return Deed(f"commands {_command(command)}")
        case m.SetMode(custom_mode=mode):
            return Deed(f"sets its mode to {mode}")
        case m.RcChannelsOverride():
            return Deed("moves its sticks")
        case m.SetupSigning():
            return Deed("changes its signing key", AlertLevel.CRITICAL)
        case m.FileTransferProtocol(payload=payload) if len(payload) > _OPCODE_AT:
            return _file_deed(payload[_OPCODE_AT])
        case _:
            return None


def answered(message: m.Message) -> Deed | None:
    """What the vehicle's answer shows that somebody else does."""
    match message:
        case m.MissionRequest(mission_type=kind) | m.MissionRequestInt(mission_type=kind):
            return Deed(f"uploads a {_list(kind)} to it")
        case m.MissionAck(mission_type=kind, type=MissionResult.ACCEPTED):
            return Deed(f"has uploaded or cleared its {_list(kind)}")
        case m.MissionAck(mission_type=kind):
            return Deed(f"was refused a transfer of its {_list(kind)}")
        case m.MissionCount(mission_type=kind) | m.MissionItemInt(mission_type=kind):
            return Deed(f"reads its {_list(kind)}", AlertLevel.INFO)
        case m.CommandAck(command=command) if command not in _QUESTIONS:
            return Deed(f"commands {_command(command)}")
        case _:
            return None


def _file_deed(opcode: int) -> Deed | None:
    if opcode in _FILE_CHANGES:
        return Deed("writes files on it")
    return Deed("reads files of it", AlertLevel.INFO) if opcode in _FILE_READS else None


def _list(kind: int) -> str:
    try:
        return f"{MissionType(kind).name.lower()} list"
    except ValueError:
        return f"list of type {kind}"


def _command(number: int) -> str:
    try:
        return MavCmd(number).name
    except ValueError:
        return f"command {number}"
