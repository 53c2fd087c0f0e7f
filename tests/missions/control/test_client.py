from __future__ import annotations

import asyncio
import contextlib

from missions.control.address import HOST, Address
from missions.control.client import ControlClient


def test_giving_up_before_the_snapshot_has_come_closes_the_connection() -> None:
    async def give_up() -> None:
        greeted, left = asyncio.Event(), asyncio.Event()

        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readline()
            greeted.set()
            await reader.read()
            left.set()
            writer.close()

        async with await asyncio.start_server(silent, HOST, 0) as server:
            attaching = asyncio.create_task(ControlClient(Address(port=server.sockets[0].getsockname()[1], token="t")).__aenter__())
            await greeted.wait()
            attaching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await attaching
            await asyncio.wait_for(left.wait(), 10)

    asyncio.run(give_up())
