"""Lets clients attach to mission control over a loopback socket: events out, intents in, behind a token.

A client gets a `Snapshot` first. Telemetry is thinned for it to the latest of each drone a few times a second; a client
that reads too slowly is dropped, and one that dies or sends nonsense disturbs nobody.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from mavlink_bridge.events import Telemetry
from missions.control.address import HOST, Address
from missions.control.messages import Intent, IntentRefused, PatrolEvent, Snapshot
from missions.control.wire import MAX_INTENT_BYTES, WireError, decode_hello, decode_intent, encode


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerParams:
    """Seconds of wall-clock time: this is about people and sockets, not vehicles."""

    telemetry_period_s: float = 0.1
    greeting_timeout_s: float = 5.0
    backlog_bytes: int = 64 * 1024 * 1024
    goodbye_s: float = 2.0


class ControlServer:
    """`async with ControlServer(...) as server`: listens until left. `publish` every event; intents arrive at `ask`."""

    def __init__(
        self,
        snapshot: Callable[[], Snapshot],
        ask: Callable[[Intent], None],
        *,
        now_s: Callable[[], float],
        port: int = 0,
        params: ServerParams | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._ask = ask
        self._now_s = now_s
        self._port = port
        self._params = params or ServerParams()
        self._token = secrets.token_urlsafe(32)
        self._clients: set[_Client] = set()
        self._server: asyncio.Server | None = None
        self._thinning: asyncio.Task[None] | None = None

    @property
    def address(self) -> Address:
        """Valid while listening."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return Address(port=port, token=self._token)

    @property
    def attached(self) -> int:
        """How many clients there are now."""
        return len(self._clients)

    def publish(self, event: PatrolEvent) -> None:
        """To every client, in order; of telemetry only the latest of each drone, when its time comes."""
        if not self._clients:
            return
        if isinstance(event, Telemetry):
            for client in self._clients:
                client.latest[event.drone] = event
            return
        line = encode(event)
        for client in list(self._clients):
            client.send(line)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, HOST, self._port, limit=MAX_INTENT_BYTES)
        self._thinning = asyncio.create_task(self._send_telemetry())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._server is not None
        assert self._thinning is not None
        self._thinning.cancel()
        self._server.close()
        for client in list(self._clients):
            await client.close(self._params.goodbye_s)

    async def _send_telemetry(self) -> None:
        while True:
            await asyncio.sleep(self._params.telemetry_period_s)
            for client in list(self._clients):
                client.send_latest()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = _Client(writer, self._params.backlog_bytes)
        try:
            if await self._greeted(reader):
                client.send(encode(self._snapshot()))
                self._clients.add(client)
                await self._listen(reader, client)
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError):
            pass  # it has gone, or never said a word: nobody else is concerned
        finally:
            self._clients.discard(client)
            await client.close(0.0)

    async def _greeted(self, reader: asyncio.StreamReader) -> bool:
        async with asyncio.timeout(self._params.greeting_timeout_s):
            line = await _line(reader)
        try:
            return line is not None and decode_hello(line).opens(self._token)
        except WireError:
            return False

    async def _listen(self, reader: asyncio.StreamReader, client: _Client) -> None:
        while (line := await _line(reader)) is not None:
            try:
                self._ask(decode_intent(line))
            except WireError as error:
                client.send(encode(IntentRefused(at_s=self._now_s(), reason=str(error))))


async def _line(reader: asyncio.StreamReader) -> bytes | None:
    """The next line; None at the end, or when it is longer than any honest one."""
    try:
        line = await reader.readline()
    except ValueError:  # StreamReader's way to say that its limit is passed
        return None
    return line or None


class _Client:
    def __init__(self, writer: asyncio.StreamWriter, backlog_bytes: int) -> None:
        self.latest: dict[str, Telemetry] = {}
        self._writer = writer
        self._backlog_bytes = backlog_bytes

    def send(self, line: bytes) -> None:
        """Without waiting; a client that has let too much pile up is cut off."""
        transport = self._writer.transport
        if transport.is_closing():
            return
        if transport.get_write_buffer_size() > self._backlog_bytes:
            transport.abort()
            return
        self._writer.write(line)

    def send_latest(self) -> None:
        """Only once what was sent before has gone out: newer telemetry replaces older."""
        if self._writer.transport.get_write_buffer_size() == 0:
            latest, self.latest = self.latest, {}
            for event in latest.values():
                self.send(encode(event))

    async def close(self, patience_s: float) -> None:
        """Let what is underway go out, for so long at most."""
        self._writer.close()
        try:
            async with asyncio.timeout(patience_s):
                await self._writer.wait_closed()
        except (TimeoutError, ConnectionError):
            self._writer.transport.abort()
