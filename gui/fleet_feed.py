"""The one door through which mission control's events come in: a reader thread, and one queued signal that something is there.

However many messages come, at most one signal is under way; whoever gets it takes all that has come since. While nobody does, of telemetry
the latest of each drone is kept: a window that was held up neither grows nor falls behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from gui.models.map_scene import MapScene
from gui.models.scene_building import scene_of
from mavlink_bridge.events import Telemetry
from missions.control.address import Address
from missions.control.client import ControlClient, ControlUnreachableError
from missions.control.messages import Intent, PatrolEvent, PlanChanged, Snapshot
from missions.errors import InputError
from missions.plan_file import parse_plan
from planner.model import Plan


@dataclass(frozen=True, kw_only=True, slots=True)
class Attached:
    """The connection stands. What is flown comes with it, so that nobody needs the plan's file."""

    plan: Plan
    scene: MapScene
    snapshot: Snapshot


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanRead:
    """What is flown since a `PlanChanged`, which came just before; `plan_file` is where mission control keeps it."""

    plan: Plan
    scene: MapScene
    plan_file: Path | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanUnread:
    """The plan has changed and could not be had."""

    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Detached:
    """The connection has ended: `reason` is empty when we or mission control ended it in an orderly way."""

    reason: str


FeedItem = Attached | PatrolEvent | PlanRead | PlanUnread | Detached

#: Items that wait before telemetry among them is thinned.
MOST_WAITING = 1_000


class FleetFeed(QObject):
    """At most one connection. On `arrived`, which comes in the GUI thread, `take` gives the items in their order."""

    arrived = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._connection: _Connection | None = None

    def attach(self, address: Address) -> None:
        """Begin to connect; success or not comes as an item."""
        self.detach()
        self._connection = _Connection(address, self.arrived.emit)
        self._connection.start()

    def detach(self) -> None:
        """End the connection and its thread. Mission control and the drones go on."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.stop()

    def ask(self, intent: Intent) -> None:
        """Send an intent; what becomes of it comes as an event. Nothing happens without a connection."""
        if self._connection is not None:
            self._connection.ask(intent)

    def take(self) -> list[FeedItem]:
        """All items that came since the last time."""
        return [] if self._connection is None else self._connection.take()


class _Connection:
    """One connection and its thread, in which an event loop of its own runs the client."""

    def __init__(self, address: Address, tell: Callable[[], None]) -> None:
        self._address = address
        self._tell = tell
        self._items: list[FeedItem] = []
        self._most = MOST_WAITING
        self._lock = threading.Lock()
        self._told = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(self._read())
        self._client: ControlClient | None = None
        self._thread = threading.Thread(target=self._run, name="fleet-feed")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the thread has ended, which takes no longer than its current step."""
        self._in_loop(self._task.cancel)
        self._thread.join()

    def ask(self, intent: Intent) -> None:
        self._in_loop(lambda: self._send(intent))

    def _send(self, intent: Intent) -> None:
        if self._client is not None:
            self._client.ask(intent)

    def take(self) -> list[FeedItem]:
        # Cleared first: an item that comes meanwhile may be told of twice, but never not at all.
        self._told.clear()
        with self._lock:
            items, self._items, self._most = self._items, [], MOST_WAITING
        return items

    def _in_loop(self, callback: Callable[[], object]) -> None:
        # a connection that has ended by itself has closed its loop
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(callback)

    def _run(self) -> None:
        try:
            with contextlib.suppress(asyncio.CancelledError):
                self._loop.run_until_complete(self._task)
        finally:
            self._loop.close()

    async def _read(self) -> None:
        try:
            async with ControlClient(self._address) as client:
                self._put(_attached(client.snapshot))
                self._client = client
                async for event in client.events():
                    self._put(event)
                    if isinstance(event, PlanChanged):
                        self._put(await self._new_plan())
            self._put(Detached(reason=""))
        except (ControlUnreachableError, InputError) as error:
            self._put(Detached(reason=str(error)))
        finally:
            self._client = None

    async def _new_plan(self) -> PlanRead | PlanUnread:
        """Who attaches is told what is flown: a second connection is all it takes, wherever mission control keeps its files."""
        try:
            async with ControlClient(self._address) as client:
                now = _attached(client.snapshot)
        except (ControlUnreachableError, InputError) as error:
            return PlanUnread(reason=str(error))
        # takes a while to import, which is no matter in this thread
        from missions.plan_versions import PLAN_FILE

        folder = now.snapshot.report_folder
        return PlanRead(plan=now.plan, scene=now.scene, plan_file=Path(folder) / PLAN_FILE if folder else None)

    def _put(self, item: FeedItem) -> None:
        with self._lock:
            self._items.append(item)
            if len(self._items) > self._most:
                self._items = thinned(self._items)
                self._most = max(MOST_WAITING, 2 * len(self._items))
        if not self._told.is_set():
            self._told.set()
            self._tell()


def thinned(items: Sequence[FeedItem]) -> list[FeedItem]:
    """Of telemetry the latest of each drone, all else; in the order they came."""
    latest = {item.drone: index for index, item in enumerate(items) if isinstance(item, Telemetry)}
    return [item for index, item in enumerate(items) if not isinstance(item, Telemetry) or latest[item.drone] == index]


def _attached(snapshot: Snapshot) -> Attached:
    """Raises InputError when what is flown is no plan."""
    plan = parse_plan(snapshot.plan.encode(), "mission control's plan")
    return Attached(plan=plan, scene=scene_of(plan), snapshot=snapshot)
