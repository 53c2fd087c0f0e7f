"""Bytes to `messages` and back: one table of fields and scales, the only place that touches pymavlink.

`pymavlink.dialects.v20.ardupilotmega` is used directly: importing `mavutil` would select MAVLink 1 and set global state.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any, Protocol

from pymavlink.dialects.v20 import ardupilotmega as dialect

from mavlink_bridge import messages as m
from mavlink_bridge.framing import Checksum, Framer, MessageShape, RawFrame
from mavlink_bridge.messages import Frame, Message
from mavlink_bridge.scalar_frames import Column, ScalarReader
from mavlink_bridge.wire_fields import DIFFERENT, Field

_WIRE_NAMES: Mapping[type[Any], str] = {m.StatusText: "statustext"}

_TEXTS = {"text": 50, "param_id": 16, "callsign": 9}
_FTP_PAYLOAD_BYTES = 251
_KEY_BYTES = 32
_BOARD_BYTES = 18
_DRONE_ID_BYTES = 20
_CELLS = 10
_UNKNOWN_CELL_MV = 65535
_RC_CHANNELS = 18
_UNUSED_CHANNEL_US = 65535

_RANGES = {
    "uint8_t": (0, 2**8 - 1),
    "int8_t": (-(2**7), 2**7 - 1),
    "uint16_t": (0, 2**16 - 1),
    "int16_t": (-(2**15), 2**15 - 1),
    "uint32_t": (0, 2**32 - 1),
    "int32_t": (-(2**31), 2**31 - 1),
    "uint64_t": (0, 2**64 - 1),
    "int64_t": (-(2**63), 2**63 - 1),
}

_Values = dict[str, Any]


def _read_battery(wire: Any, values: _Values) -> None:
    first_mv = wire.voltages[0]
    values["voltage_v"] = None if first_mv == _UNKNOWN_CELL_MV else first_mv / 1000.0


def _write_battery(message: Any, values: _Values) -> None:
    first_mv = _UNKNOWN_CELL_MV if message.voltage_v is None else min(_UNKNOWN_CELL_MV - 1, max(0, round(message.voltage_v * 1000)))
    values["voltages"] = [first_mv] + [_UNKNOWN_CELL_MV] * (_CELLS - 1)
    values["energy_consumed"] = -1


def _read_channels(wire: Any, values: _Values) -> None:
    values["channels_us"] = tuple(getattr(wire, f"chan{number}_raw") for number in range(1, _RC_CHANNELS + 1))


def _write_channels(message: Any, values: _Values) -> None:
    for number in range(1, _RC_CHANNELS + 1):
        given = message.channels_us[number - 1] if number <= len(message.channels_us) else _UNUSED_CHANNEL_US
        values[f"chan{number}_raw"] = given


def _read_payload(wire: Any, values: _Values) -> None:
    values["payload"] = bytes(wire.payload)


def _write_payload(message: Any, values: _Values) -> None:
    values["payload"] = message.payload.ljust(_FTP_PAYLOAD_BYTES, b"\0")[:_FTP_PAYLOAD_BYTES]


def _read_key(wire: Any, values: _Values) -> None:
    values["secret_key"] = bytes(wire.secret_key)


def _write_key(message: Any, values: _Values) -> None:
    values["secret_key"] = list(message.secret_key.ljust(_KEY_BYTES, b"\0")[:_KEY_BYTES])


def _write_home(_message: Any, values: _Values) -> None:
    values["q"] = [1.0, 0.0, 0.0, 0.0]


def _read_version(wire: Any, values: _Values) -> None:
    values["uid2"] = bytes(wire.uid2)


def _write_version(message: Any, values: _Values) -> None:
    for name in ("flight_custom_version", "middleware_custom_version", "os_custom_version"):
        values[name] = [0] * 8
    values["uid2"] = list(message.uid2.ljust(_BOARD_BYTES, b"\0")[:_BOARD_BYTES])


def _read_basic_id(wire: Any, values: _Values) -> None:
    _read_sender(wire, values)
    values["uas_id"] = bytes(wire.uas_id)


def _write_basic_id(message: Any, values: _Values) -> None:
    _write_sender(message, values)
    values["uas_id"] = list(message.uas_id.ljust(_DRONE_ID_BYTES, b"\0")[:_DRONE_ID_BYTES])


def _read_sender(wire: Any, values: _Values) -> None:
    values["id_or_mac"] = bytes(wire.id_or_mac)


def _write_sender(message: Any, values: _Values) -> None:
    values["id_or_mac"] = list(message.id_or_mac.ljust(_DRONE_ID_BYTES, b"\0")[:_DRONE_ID_BYTES])


def _read_heights(wire: Any, values: _Values) -> None:
    values["heights_m"] = tuple(wire.data)


def _write_heights(message: Any, values: _Values) -> None:
    low, high = _RANGES["int16_t"]
    values["data"] = [min(high, max(low, round(height_m))) for height_m in message.heights_m]


def _nothing(_message: Any, _values: _Values) -> None:
    return None


_Special = Callable[[Any, _Values], None]

#: Array fields, which no scale can express: read, write, and the attribute that they fill.
_SPECIAL: Mapping[type[Any], tuple[_Special, _Special, frozenset[str]]] = {
    m.BatteryStatus: (_read_battery, _write_battery, frozenset({"voltage_v"})),
    m.RcChannels: (_read_channels, _write_channels, frozenset({"channels_us"})),
    m.RcChannelsOverride: (_read_channels, _write_channels, frozenset({"channels_us"})),
    m.FileTransferProtocol: (_read_payload, _write_payload, frozenset({"payload"})),
    m.TerrainData: (_read_heights, _write_heights, frozenset({"heights_m"})),
    m.SetupSigning: (_read_key, _write_key, frozenset({"secret_key"})),
    m.HomePosition: (_nothing, _write_home, frozenset()),
    m.AutopilotVersion: (_read_version, _write_version, frozenset({"uid2"})),
    m.OpenDroneIdBasicId: (_read_basic_id, _write_basic_id, frozenset({"id_or_mac", "uas_id"})),
    m.OpenDroneIdLocation: (_read_sender, _write_sender, frozenset({"id_or_mac"})),
}


def _wire_name(kind: type[Any]) -> str:
    if kind in _WIRE_NAMES:
        return _WIRE_NAMES[kind]
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in kind.__name__).lstrip("_")


class _Entry:
    """One message's way across: built once from the dataclass and pymavlink's class."""

    def __init__(self, kind: type[Any]) -> None:
        self.kind = kind
        self.wire_class = getattr(dialect, f"MAVLink_{_wire_name(kind)}_message")
        self.id: int = self.wire_class.id
        self.is_special = kind in _SPECIAL
        self._read_special, self._write_special, special = _SPECIAL.get(kind, (_nothing, _nothing, frozenset()))
        different = {entry.attribute: entry for entry in DIFFERENT.get(kind, ())}
        names = [item.name for item in fields(kind) if item.name not in special]
        self.fields = tuple(different.get(name, Field(name, name)) for name in names)
        self._texts = tuple(entry for entry in self.fields if entry.wire in _TEXTS)
        self.types = dict(zip(self.wire_class.fieldnames, self.wire_class.fieldtypes, strict=True))
        missing = [entry.wire for entry in self.fields if entry.wire not in self.types]
        if missing:
            raise AssertionError(f"{kind.__name__}: the dialect has no field {missing}")

    def read(self, wire: Any) -> Message:
        values: _Values = {entry.attribute: entry.read(getattr(wire, entry.wire)) for entry in self.fields}
        for entry in self._texts:
            # pymavlink reads ASCII, the specification says UTF-8.
            values[entry.attribute] = getattr(wire, f"_{entry.wire}_raw").split(b"\0", 1)[0].decode("utf-8", "replace")
        self._read_special(wire, values)
        message: Message = self.kind(**values)
        return message

    def write(self, message: Message) -> Any:
        values: _Values = dict.fromkeys(self.types, 0)
        for entry in self.fields:
            values[entry.wire] = self._fitted(entry.wire, entry.write(getattr(message, entry.attribute)))
        self._write_special(message, values)
        return self.wire_class(**{name: value for name, value in values.items() if self._is_wanted(name, value)})

    def _is_wanted(self, name: str, value: Any) -> bool:
        # Unset extension arrays (voltages_ext) keep pymavlink's own defaults.
        return name not in _EXTENSION_ARRAYS or value != 0

    def _fitted(self, wire: str, value: Any) -> Any:
        if wire in _TEXTS:
            # Cut between characters, not within one.
            return str(value).encode("utf-8", "replace")[: _TEXTS[wire]].decode("utf-8", "ignore").encode()
        low_high = _RANGES.get(self.types[wire])
        return min(low_high[1], max(low_high[0], int(value))) if low_high else float(value)


_EXTENSION_ARRAYS = frozenset({"voltages_ext"})

_MAGIC_V2, _SIGNED_FLAG = b"\xfd", 1
#: A frame's header after its first byte.
_HEADER_V2 = struct.Struct("<BBBBBBHB")
_CRC = struct.Struct("<H")
#: pymavlink's own quick one where it has it.
_checksum: Checksum = dialect.mcrf4xx or (lambda data: int(dialect.x25crc(data).crc))

#: How one scalar is scaled: per_unit, and what stands for None.
_Scale = tuple[float, int | None]


class _FastWriter:
    """Frames of a message that has only scalars, packed in one go: what a telemetry stream consists of.

    The bytes are those of pymavlink's own packing (a test compares them for every message); it takes a sixth of the time.
    """

    __slots__ = ("_crc_extra", "_gaps", "_get", "_id_high", "_id_low", "_limits", "_scales", "_struct")

    def __init__(self, entry: _Entry) -> None:
        wire = entry.wire_class
        self._id_low, self._id_high = wire.id & 0xFFFF, wire.id >> 16
        self._crc_extra = bytes([wire.crc_extra])
        self._struct = struct.Struct(bytes(wire.native_format).decode())
        by_wire = {item.wire: item for item in entry.fields}
        given = [name for name in wire.ordered_fieldnames if name in by_wire]
        self._get = attrgetter(*(by_wire[name].attribute for name in given))
        self._scales: tuple[_Scale, ...] = tuple((by_wire[name].per_unit, by_wire[name].unknown) for name in given)
        self._limits = tuple(_RANGES.get(entry.types[name]) for name in given)
        # Wire fields that we do not carry are 0.
        self._gaps = tuple(at for at, name in enumerate(wire.ordered_fieldnames) if name not in by_wire)

    @staticmethod
    def suits(entry: _Entry) -> bool:
        wire = entry.wire_class
        return len(entry.fields) > 1 and not entry.is_special and not any(wire.array_lengths) and not set(entry.types) & set(_TEXTS)

    def frame(self, message: Message, sequence: int, system_id: int, component_id: int) -> bytes:
        values: list[Any] = [
            unknown if value is None else value if per_unit == 1.0 else round(value * per_unit)
            for value, (per_unit, unknown) in zip(self._get(message), self._scales, strict=True)
        ]
        try:
            packed = self._struct.pack(*self._with_gaps(values))
        except struct.error:
            # A fraction where the wire has an integer, or a number out of its range: both are rare.
            fitted = [_clamped(value, limits) for value, limits in zip(values, self._limits, strict=True)]
            packed = self._struct.pack(*self._with_gaps(fitted))
        payload = packed.rstrip(b"\0") or b"\0"
        body = _HEADER_V2.pack(len(payload), 0, 0, sequence, system_id, component_id, self._id_low, self._id_high) + payload
        return _MAGIC_V2 + body + _CRC.pack(_checksum(body + self._crc_extra))

    def _with_gaps(self, values: list[Any]) -> list[Any]:
        if not self._gaps:
            return values
        whole = list(values)
        for at in self._gaps:
            whole.insert(at, 0)
        return whole


def _clamped(value: Any, limits: tuple[int, int] | None) -> Any:
    return value if limits is None else min(limits[1], max(limits[0], int(value)))


_KINDS: tuple[type[Any], ...] = tuple(kind for kind in m.Message.__args__ if kind is not m.Unknown)
_BY_KIND = {kind: _Entry(kind) for kind in _KINDS}
_BY_ID = {entry.id: entry for entry in _BY_KIND.values()}
_FAST = {kind: _FastWriter(entry) for kind, entry in _BY_KIND.items() if _FastWriter.suits(entry)}


def _scalar_reader(entry: _Entry) -> ScalarReader:
    wire = entry.wire_class
    places = list(wire.ordered_fieldnames)
    columns = [Column(item.attribute, places.index(item.wire), item.per_unit, item.unknown) for item in entry.fields]
    return ScalarReader(entry.kind, bytes(wire.native_format).decode(), columns)


class _ChannelsReader:
    """RC_CHANNELS in one go: scalars on the wire, a tuple here."""

    _struct = dialect.MAVLink_rc_channels_message.unpacker

    def read(self, payload: bytes) -> Message:
        time_boot_ms, *channels, count, rssi = self._struct.unpack_from(payload.ljust(self._struct.size, b"\0"))
        return m.RcChannels(time_boot_s=time_boot_ms / 1000.0, chancount=count, channels_us=tuple(channels), rssi=rssi)


class _BatteryReader:
    """BATTERY_STATUS in one go, its first cell alone."""

    _struct = dialect.MAVLink_battery_status_message.unpacker

    def read(self, payload: bytes) -> Message:
        consumed, _, temperature, first_mv, *_, current, number, _, _, remaining = self._struct.unpack_from(
            payload.ljust(self._struct.size, b"\0")
        )[:_BATTERY_FIELDS]
        return m.BatteryStatus(
            id=number,
            voltage_v=None if first_mv == _UNKNOWN_CELL_MV else first_mv / 1000.0,
            current_a=None if current == -1 else current / 100.0,
            consumed_mah=None if consumed == -1 else consumed,
            remaining_pct=None if remaining == -1 else remaining,
            temperature_degc=None if temperature == _UNKNOWN_TEMPERATURE else temperature / 100.0,
        )


#: Consumed charge and energy, temperature, ten cells, current, id, function, type, remaining: what stands before the extensions.
_BATTERY_FIELDS = 18
_UNKNOWN_TEMPERATURE = 32767


class _Reader(Protocol):
    def read(self, payload: bytes) -> Message: ...


_READERS: dict[int, _Reader] = {
    **{_BY_KIND[kind].id: _scalar_reader(_BY_KIND[kind]) for kind in _FAST},
    _BY_KIND[m.RcChannels].id: _ChannelsReader(),
    _BY_KIND[m.BatteryStatus].id: _BatteryReader(),
}


class Encoder:
    """Messages of one sender to MAVLink 2 frames; keeps the sequence number."""

    def __init__(self, *, system_id: int, component_id: int) -> None:
        self._link = dialect.MAVLink(None, srcSystem=system_id, srcComponent=component_id)

    def encode(self, message: Message, sign: Callable[[bytes], bytes] | None = None) -> bytes:
        """One frame's bytes. Integers out of a field's range are clamped; `Unknown` cannot be encoded.

        `sign` completes a frame whose header says that it is signed (`signing.Signing.sign`).
        """
        fast = _FAST.get(type(message))
        link = self._link
        if fast is not None:
            frame = fast.frame(message, link.seq, link.srcSystem, link.srcComponent)
        else:
            frame = bytes(_BY_KIND[type(message)].write(message).pack(link))
        self._link.seq = (self._link.seq + 1) % 256
        return frame if sign is None else sign(_marked_as_signed(frame, _BY_KIND[type(message)].wire_class.crc_extra))


def _marked_as_signed(frame: bytes, crc_extra: int) -> bytes:
    body = frame[1:2] + bytes([frame[2] | _SIGNED_FLAG]) + frame[3:-2]
    return frame[:1] + body + _CRC.pack(_checksum(body + bytes([crc_extra])))


#: Every message of the dialect, spoken or not: a frame's checksum says whose it is.
_SHAPES = {number: MessageShape(bytes([kind.crc_extra]), kind.unpacker.size) for number, kind in dialect.mavlink_map.items()}


class Decoder:
    """Any bytes to frames: never raises, drops what is damaged, and counts it."""

    def __init__(self) -> None:
        self._link = dialect.MAVLink(None)
        self._framer = Framer(_SHAPES, _checksum)
        self._readers = _READERS

    @property
    def bad_count(self) -> int:
        """Stretches of bytes that were no frames."""
        return self._framer.bad_count

    def feed(self, data: bytes) -> list[Frame]:
        """The frames completed by these bytes, in order."""
        return [
            Frame(raw.system_id, raw.component_id, raw.sequence, message, raw.raw)
            for raw in self._framer.feed(data)
            if (message := self._message(raw)) is not None
        ]

    def _message(self, raw: RawFrame) -> Message | None:
        reader = self._readers.get(raw.message_id)
        if reader is not None:
            return reader.read(raw.payload)
        entry = _BY_ID.get(raw.message_id)
        if entry is None:
            return m.Unknown(message_id=raw.message_id)
        try:
            return entry.read(self._link.decode(bytearray(raw.raw)))
        except dialect.MAVError:
            return None
