"""What people write for a link, and what it means."""

from __future__ import annotations

import pytest

from mavlink_bridge.errors import LinkAddressError
from mavlink_bridge.link_address import LinkAddress, SerialAddress, TcpAddress, UdpAddress, parse_link


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("tcp:127.0.0.1:5760", TcpAddress("127.0.0.1", 5760)),
        ("tcp:drone-3.example.org:1", TcpAddress("drone-3.example.org", 1)),
        ("tcp:::1:5760", TcpAddress("::1", 5760)),
        ("udp:192.168.4.1:14555", UdpAddress("192.168.4.1", 14555, listens=False)),
        ("udpin:0.0.0.0:14550", UdpAddress("0.0.0.0", 14550, listens=True)),
        ("serial:/dev/ttyUSB0:57600", SerialAddress("/dev/ttyUSB0", 57600)),
        ("serial:COM3:115200", SerialAddress("COM3", 115200)),
    ],
)
def test_address_is_understood(text: str, address: LinkAddress) -> None:
    assert parse_link(text) == address


@pytest.mark.parametrize(
    "text",
    [
        *("", "tcp", "tcp:", "tcp::5760", "tcp:host", "tcp:host:", "tcp:host:port", "tcp:host:-1", "tcp:host:5760 ", "tcp:host:5760.5"),
        *("http:host:80", "TCP:h:1", "udp:host:0", "tcp:host:65536", "serial:/dev/ttyUSB0", "serial::57600", "/dev/ttyUSB0:57600"),
    ],
)
def test_what_is_no_address_is_refused_with_its_own_text_in_the_error(text: str) -> None:
    with pytest.raises(LinkAddressError) as caught:
        parse_link(text)
    assert repr(text) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_error_says_how_to_write_it() -> None:
    with pytest.raises(LinkAddressError, match="tcp:HOST:PORT"):
        parse_link("nowhere")
