"""Attach to a running mission control: its events come in as an async iterator, intents go out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

from missions.control.address import HOST, Address
from missions.control.messages import Intent, PatrolEvent, Snapshot
from missions.control.wire import MAX_EVENT_BYTES, Hello, WireError, decode_event, encode


class ControlUnreachableError(Exception):
    """Nobody answers there, or not to this token."""


class ControlClient:
    """`async with ControlClient(address) as client`. `snapshot` is how things stood on attaching; `events` is what came since."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self.snapshot: Snapshot

    async def __aenter__(self) -> Self:
        """Raises ControlUnreachableError."""
        try:
            self._reader, self._writer = await asyncio.open_connection(HOST, self._address.port, limit=MAX_EVENT_BYTES)
        except OSError as error:
            raise ControlUnreachableError(f"no mission control on port {self._address.port}: {error.strerror or error}") from error
        accepted = False
        try:
            self._writer.write(encode(Hello(token=self._address.token)))
            first = await self._next()
            if not isinstance(first, Snapshot):
                raise ControlUnreachableError("mission control did not accept the token")
            self.snapshot, accepted = first, True
        finally:
            if not accepted:  # also when whoever attaches gives up before the snapshot has come
                await self._close()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._close()

    async def events(self) -> AsyncIterator[PatrolEvent]:
        """Until mission control ends the connection."""
        while (event := await self._next()) is not None:
            yield event

    def ask(self, intent: Intent) -> None:
        """What becomes of it comes as an event: IntentTaken or IntentRefused."""
        self._writer.write(encode(intent))

    async def _next(self) -> PatrolEvent | None:
        try:
            line = await self._reader.readline()
            return decode_event(line) if line else None
        except ConnectionError:
            return None
        except (ValueError, WireError) as error:
            raise ControlUnreachableError(f"what answers there is not mission control: {error}") from error

    async def _close(self) -> None:
        self._writer.close()
        with contextlib.suppress(ConnectionError):  # the other side was quicker
            await self._writer.wait_closed()
