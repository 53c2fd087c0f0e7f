"""Addresses of links as people write them, such as `tcp:127.0.0.1:5760` or `serial:/dev/ttyUSB0:57600`."""

from __future__ import annotations

from dataclasses import dataclass

from mavlink_bridge.errors import LinkAddressError

_FORMS = "tcp:HOST:PORT, udp:HOST:PORT, udpin:HOST:PORT or serial:DEVICE:BAUD"


@dataclass(frozen=True, slots=True)
class TcpAddress:
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class UdpAddress:
    """`listens`: wait there for the vehicle to speak first."""

    host: str
    port: int
    listens: bool


@dataclass(frozen=True, slots=True)
class SerialAddress:
    device: str
    baud: int


LinkAddress = TcpAddress | UdpAddress | SerialAddress


def parse_link(url: str) -> LinkAddress:
    """The address that the text means. Raises LinkAddressError."""
    kind, _, rest = url.partition(":")
    place, _, number = rest.rpartition(":")
    if kind not in ("tcp", "udp", "udpin", "serial") or not place or not number.isdecimal():
        raise LinkAddressError(f"{url!r} is no link address: write {_FORMS}")
    value = int(number)
    if kind == "serial":
        return SerialAddress(place, value)
    if not 0 < value < 65536:
        raise LinkAddressError(f"{url!r}: port {value} is outside 1..65535")
    return TcpAddress(place, value) if kind == "tcp" else UdpAddress(place, value, listens=kind == "udpin")
