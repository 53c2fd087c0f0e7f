"""Recorded conversations, held with the embedded vehicle: the same bytes at the same times, and what came back."""

from __future__ import annotations

import difflib
import math
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as dialect

from mavlink_bridge import messages as m
from mavlink_bridge.codec import Decoder
from mavlink_bridge.ftp_payload import FtpOpcode, pack_ftp, unpack_ftp
from mavlink_bridge.messages import Message
from sitl.config import VehicleConfig
from sitl.vehicle import EmbeddedVehicle
from tests.sitl.recordings import record
from tests.sitl.station import HOME

#: Sent by themselves at a rate, or copies of other stations' messages: no answers.
_STREAMED = (m.Heartbeat, m.Timesync, m.Unknown)

#: Index of a value that was not asked for by index.
_BY_NAME = 65535
#: Parameters that ArduPilot sets and tells by itself: sensors, statistics, and what it writes once at its very first boot.
_FOREIGN = ("BARO", "INS_", "COMPASS_", "STAT_", "MOT_THST_HOVER", "ESC_CALIBRATION", "RELAY1_FUNCTION", "CAM1_TYPE", "EK3_SRC1_POSXY")


@dataclass(frozen=True, slots=True)
class Heard:
    """One message that a station received."""

    at_s: float
    link: str
    message: Message


def recorded_answers(name: str) -> list[Heard]:
    """What the real autopilot said, streams left out."""
    decoder = Decoder()
    heard = [
        Heard(entry["t_s"], entry["link"], comparable(frame.message))
        for entry in record(name)["messages"]
        if entry["dir"] == "rx" and entry["src"] == [1, 1]
        for frame in decoder.feed(_bytes(entry))
    ]
    return [one for one in heard if _counts(one.message)]


Preparation = Callable[[EmbeddedVehicle], None]


def held_again(
    name: str, *, before: tuple[str, ...] = (), start: Mapping[str, float] | None = None, prepare: Preparation | None = None
) -> list[Heard]:
    """What the embedded vehicle says when it is told the same at the same times since its boot.

    `before` names recordings of the same session that left it in its state; `start` sets parameters at boot; `prepare` does
    what the session had done just before the recording begins, and what is said then counts.
    """
    data = record(name)
    links = {link: number for number, link in enumerate(data["links"])}
    config = VehicleConfig(
        drone="recorded", system_id=1, home=HOME, home_amsl_m=150.1, parameters={**data["parameter_overrides"], **(start or {})}
    )
    vehicle = EmbeddedVehicle(config)
    decoders = {link: Decoder() for link in links}
    heard: list[Heard] = []

    def listen() -> None:
        for link, number in links.items():
            arrived = [frame for frame in decoders[link].feed(vehicle.take_output(link=number)) if frame.system_id == 1]
            heard.extend(Heard(vehicle.now_s, link, comparable(frame.message)) for frame in arrived)

    for earlier in before:
        for entry in record(earlier)["messages"]:
            if entry["dir"] == "tx" and entry["link"] in links:
                vehicle.step(max(0.0, entry["t_s"] - vehicle.now_s))
                vehicle.receive(_bytes(entry), link=links[entry["link"]])
    for number in links.values():
        vehicle.take_output(link=number)
    first_s = next(entry["t_s"] for entry in data["messages"] if entry["dir"] != "note")
    if prepare is not None:
        vehicle.step(max(0.0, first_s - vehicle.now_s))
        listen()
        heard.clear()
        prepare(vehicle)
        listen()
    for entry in _together(data["messages"]):
        while vehicle.now_s < entry["t_s"] - 1e-9:
            vehicle.step(min(0.1, entry["t_s"] - vehicle.now_s))
            if vehicle.now_s < first_s:
                for number in links.values():
                    vehicle.take_output(link=number)
            listen()
        vehicle.receive(entry["bytes"], link=links[entry["link"]])
        listen()
    vehicle.step(max(0.0, data["messages"][-1]["t_s"] - vehicle.now_s) + 0.02)
    listen()
    return [one for one in heard if _counts(one.message)]


def _together(messages: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What a station sent, one after another; what it sent at the same moment came in one piece."""
    held: dict[str, Any] | None = None
    for entry in messages:
        if entry["dir"] != "tx":
            if held is not None:
                yield held
            held = None
        elif held is not None and held["link"] == entry["link"] and entry["t_s"] - held["t_s"] < 0.001:
            held["bytes"] += _bytes(entry)
        else:
            if held is not None:
                yield held
            held = {"t_s": entry["t_s"], "link": entry["link"], "bytes": _bytes(entry)}
    if held is not None:
        yield held


def _counts(message: Message) -> bool:
    if isinstance(message, m.ParamValue):
        return message.param_index < _BY_NAME or not message.param_id.startswith(_FOREIGN)
    return not isinstance(message, _STREAMED)


def comparable(message: Message) -> Message:
    """The message without what differs between any two vehicles: number of parameters, times, boards."""
    match message:
        case m.ParamValue():
            return replace(message, param_count=0)
        case m.StatusText():
            return replace(message, text="<system-id>" if _is_board(message.text) else message.text)
        case m.MissionItemInt(seq=0, mission_type=0):
            # Home, which the estimator moves by a centimetre.
            return replace(message, x=round(message.x, -2), y=round(message.y, -2), z=round(message.z, 1))
        case m.SystemTime():
            return replace(message, time_unix_s=0.0, time_boot_s=0.0)
        case m.FenceStatus():
            return replace(message, breach_time_s=0.0)
        case m.FileTransferProtocol():
            # Opened parameters announce themselves with 12 bytes each.
            return replace(message, payload=_without_parameters(message.payload))
        case m.AutopilotVersion():
            return m.AutopilotVersion(capabilities=message.capabilities)
        case m.MessageInterval() | m.MissionAck() | m.CommandAck():
            return message
        case m.HomePosition() | m.GpsGlobalOrigin():
            return replace(
                message, lat_deg=round(message.lat_deg, 6), lon_deg=round(message.lon_deg, 6), alt_amsl_m=round(message.alt_amsl_m, 1)
            )
    return message


def _without_parameters(payload: bytes) -> bytes:
    """What a burst of parameters carries differs with their number; that something is carried, and in which order, does not."""
    answer = unpack_ftp(payload)
    if answer.req_opcode == FtpOpcode.BURST_READ_FILE:
        return pack_ftp(replace(answer, data=b"", size=0, offset=0))
    if answer.req_opcode == FtpOpcode.OPEN_FILE_RO and answer.opcode == FtpOpcode.ACK and answer.data != bytes((0, 0, 16, 0)):
        return pack_ftp(replace(answer, data=b"", size=0))
    return payload


def _is_board(text: str) -> bool:
    return text == "<system-id>" or (len(text) == 16 and all(letter in "0123456789abcdef" for letter in text))


def _bytes(entry: dict[str, Any]) -> bytes:
    """A recorded message as a frame of its sender; byte for byte where the bytes were kept (k16)."""
    if "raw_hex" in entry and entry["dir"] == "tx":
        return bytes.fromhex(entry["raw_hex"])
    kind = getattr(dialect, f"MAVLink_{entry['name'].lower()}_message")
    values = {}
    for name, wire_type, length in zip(kind.fieldnames, kind.fieldtypes, kind.array_lengths, strict=True):
        if name in entry["fields"]:
            values[name] = _as_wire(entry["fields"][name], wire_type, length)
    link = dialect.MAVLink(None, srcSystem=entry["src"][0], srcComponent=entry["src"][1])
    return bytes(kind(**values).pack(link))


def _as_wire(value: Any, wire_type: str, length: int) -> Any:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, list):
        return [math.nan if one is None else one for one in value]
    if value is None:
        return math.nan
    if isinstance(value, dict):
        return list(_ftp_payload(value, length))
    return int(value) if "int" in wire_type else float(value)


def _ftp_payload(fields: dict[str, Any], length: int) -> bytes:
    """MAVFTP's payload from its decoded form."""
    head = struct.pack(
        "<HBBBBBBI",
        fields["seq_number"],
        fields["session"],
        fields["opcode"],
        fields["size"],
        fields.get("req_opcode", 0),
        int(bool(fields.get("burst_complete", 0))),
        0,
        fields.get("offset", 0),
    )
    return (head + bytes.fromhex(fields.get("data_hex") or "")).ljust(length, b"\0")


#: What a vehicle says at its own time while it boots; told apart so that a tenth of a second does not change an order.
_BOOT_TEXTS = ("EKF3 ", "GPS 1", "Field Elevation", "Barometer ", "Calibrating ", "ArduPilot Ready", "AHRS: ", "RC7: ")
_ORIGIN_S = (19.9, 20.3)


def is_spontaneous(one: Heard) -> bool:
    match one.message:
        case m.StatusText():
            return one.message.text.startswith(_BOOT_TEXTS)
        case m.HomePosition() | m.GpsGlobalOrigin():
            return _ORIGIN_S[0] < one.at_s < _ORIGIN_S[1]
    return False


def answers(heard: list[Heard], *, streamed: tuple[type[Any], ...] = ()) -> list[Heard]:
    """Without what came by itself, at boot or at a rate; an unanswered request that is repeated counts once."""
    kept: list[Heard] = []
    asked: dict[str, Message] = {}
    for one in heard:
        if is_spontaneous(one) or isinstance(one.message, streamed):
            continue
        if isinstance(one.message, m.MissionRequest):
            if asked.get(one.link) == one.message:
                continue
            asked[one.link] = one.message
        kept.append(one)
    return kept


def differences(recorded: list[Heard], again: list[Heard]) -> Iterator[str]:
    """Every answer that one of the two has alone, in order, link by link."""
    for link in sorted({one.link for one in recorded} | {one.link for one in again}):
        left = [one for one in recorded if one.link == link]
        right = [one for one in again if one.link == link]
        matcher = difflib.SequenceMatcher(None, [_key(one) for one in left], [_key(one) for one in right], autojunk=False)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            if tag != "equal":
                yield from (f"{link} {one.at_s:.2f} recorded only: {one.message}" for one in left[i1:i2])
                yield from (f"{link} {one.at_s:.2f} embedded only: {one.message}" for one in right[j1:j2])


def _key(one: Heard) -> str:
    parts = []
    for item in fields(one.message):
        value = getattr(one.message, item.name)
        parts.append(f"{item.name}={value:.5g}" if isinstance(value, float) else f"{item.name}={value}")
    return f"{type(one.message).__name__} {' '.join(parts)}"
