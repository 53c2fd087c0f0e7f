"""One serial port of a vehicle: what it reads, writes, signs and repeats by itself."""

from __future__ import annotations

from mavlink_bridge.codec import Decoder, Encoder
from mavlink_bridge.messages import Message
from sitl.link_signing import LinkSigning
from sitl.telemetry import LinkStreams


class VehicleLink:
    """`buffer` is what waits to be taken; `heard` whether anybody has ever spoken here."""

    __slots__ = ("_encoder", "buffer", "decoder", "heard", "signing", "streams")

    def __init__(self, number: int, system_id: int, now_s: float) -> None:
        self.decoder = Decoder()
        self._encoder = Encoder(system_id=system_id, component_id=1)
        self.buffer = bytearray()
        self.streams = LinkStreams(now_s)
        self.signing = LinkSigning(number)
        self.heard = False

    def write(self, message: Message) -> None:
        frame = self._encoder.encode(message)
        self.buffer += self.signing.signed(frame) if self.signing.is_on else frame
