"""What a vehicle keeps of missions, fences and rally points: ArduPilot's capacity, order, rounding and half-new mixtures.

A mission and a rally list are written item by item, so an upload that ends early leaves new items before old ones (k05,
k09c); a fence is checked and written whole at the end (k03, k09c).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from mavlink_bridge.enums import MavCmd, MissionResult, MissionType, Severity
from mavlink_bridge.messages import MissionItemInt
from sitl.item_rules import StoredItem, single, stored


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreParams:
    """Capacities of ArduPilot's simulated board (16 KiB of storage; recording k06)."""

    mission_items: int = 650
    fence_items: int = 70
    rally_points: int = 46
    fence_bytes: int = 564


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an item or a whole upload was taken, and what the vehicle says about it: to the uploader, or to all (k08)."""

    result: MissionResult
    texts: tuple[tuple[Severity, str], ...] = ()
    for_all: bool = False


_TAKEN = Verdict(MissionResult.ACCEPTED)


class ItemStore(Protocol):
    """One kind of items, as the transfer protocol sees them."""

    @property
    def name(self) -> str: ...
    @property
    def capacity(self) -> int: ...
    @property
    def count(self) -> int: ...
    def read(self, seq: int) -> StoredItem | None: ...
    def begin(self, count: int) -> None: ...
    def write(self, seq: int, item: MissionItemInt) -> Verdict: ...
    def finish(self) -> Verdict: ...
    def clear(self) -> Verdict: ...


class MissionStore:
    """Home at 0, then the mission. `on_change` is called after every change, `on_count` when the number is (re)stated."""

    name = "Mission"

    def __init__(self, capacity: int, *, plane: bool = False) -> None:
        self.capacity = capacity
        self._plane = plane
        self._items: list[StoredItem] = []
        self._expected = 0
        #: Home as item 0 shows it; ArduPilot ignores what is uploaded there.
        self.home: tuple[int, int, float] | None = None
        self.may_clear: Callable[[], bool] = lambda: True
        self.on_change: Callable[[], None] = lambda: None
        self.on_count: Callable[[], None] = lambda: None

    @property
    def count(self) -> int:
        return len(self._items)

    def read(self, seq: int) -> StoredItem | None:
        if not 0 <= seq < len(self._items):
            return None
        if seq == 0:
            x, y, height_m = self.home or (0, 0, 0.0)
            centimetres = round(height_m * 100)
            return StoredItem(MavCmd.NAV_WAYPOINT, 0, 0.0, 0.0, 0.0, 0.0, x, y, single(centimetres * single(0.01)))
        return self._items[seq]

    def adopt(self, other: MissionStore) -> None:
        """What another store holds, unchanged: stores outlive a reboot."""
        self._items = other._items

    def begin(self, count: int) -> None:
        """Cut a longer mission to the new count; the items themselves stay until they are overwritten."""
        self._expected = count
        if count < len(self._items):
            del self._items[count:]
            self.on_count()
            self.on_change()

    def write(self, seq: int, item: MissionItemInt) -> Verdict:
        kept = stored(item, plane=self._plane)
        if isinstance(kept, MissionResult):
            return Verdict(kept)
        if kept.command == MavCmd.DO_JUMP and not 0 < kept.param1 < self._expected:
            return Verdict(MissionResult.ERROR)
        if seq < len(self._items):
            self._items[seq] = kept
        else:
            self._items.append(kept)
            self.on_count()
        self.on_change()
        return _TAKEN

    def take_over(self, items: Sequence[MissionItemInt], start: int, *, keeps: bool) -> None:
        """Items of a file: cleared first where that is allowed, then written up to the first that is refused (k07b)."""
        before = len(self._items)
        clears = not keeps and self.may_clear()
        if clears:
            self._items.clear()
        written = 0
        for seq, item in enumerate(items, start=start):
            kept = stored(item, plane=self._plane)
            jumps_out = item.command == MavCmd.DO_JUMP and not 0 < int(item.param1) < len(items)
            if isinstance(kept, MissionResult) or jumps_out or seq > len(self._items) or seq >= self.capacity:
                break
            self._items[seq : seq + 1] = [kept]
            written += 1
        if clears or len(self._items) != before:
            self.on_count()
        if clears or written:
            self.on_change()

    def finish(self) -> Verdict:
        return Verdict(MissionResult.ACCEPTED, ((Severity.INFO, "Flight plan received"),))

    def clear(self) -> Verdict:
        if not self.may_clear():
            return Verdict(MissionResult.ERROR)
        self._items.clear()
        self.on_count()
        self.on_change()
        return _TAKEN


class RallyStore:
    name = "Rally"

    _HIGHEST_M = 2**15

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._items: list[StoredItem] = []
        self.on_count: Callable[[], None] = lambda: None

    @property
    def count(self) -> int:
        return len(self._items)

    def read(self, seq: int) -> StoredItem | None:
        return self._items[seq] if 0 <= seq < len(self._items) else None

    def adopt(self, other: RallyStore) -> None:
        """What another store holds, unchanged."""
        self._items = other._items

    def begin(self, count: int) -> None:
        if count < len(self._items):
            del self._items[count:]
            self.on_count()

    def write(self, seq: int, item: MissionItemInt) -> Verdict:
        if item.command != MavCmd.NAV_RALLY_POINT:
            return Verdict(MissionResult.UNSUPPORTED)
        if item.frame not in _RALLY_FRAMES:
            return Verdict(MissionResult.UNSUPPORTED_FRAME)
        if abs(item.x) > 90 * 10**7:
            return Verdict(MissionResult.INVALID_PARAM5_X)
        if abs(item.y) > 180 * 10**7:
            return Verdict(MissionResult.INVALID_PARAM6_Y)
        if not abs(item.z) < self._HIGHEST_M:
            return Verdict(MissionResult.INVALID_PARAM7)
        frame = _RALLY_FRAMES[item.frame]
        kept = StoredItem(item.command, frame, 0.0, 0.0, 0.0, 0.0, item.x, item.y, float(int(item.z)))
        if seq < len(self._items):
            self._items[seq] = kept
        else:
            self._items.append(kept)
            self.on_count()
        return _TAKEN

    def take_over(self, items: Sequence[MissionItemInt]) -> None:
        """Items of a file: cleared first, then written up to the first that is refused."""
        self.begin(0)
        for seq, item in enumerate(items[: self.capacity]):
            if self.write(seq, item).result is not MissionResult.ACCEPTED:
                break

    def finish(self) -> Verdict:
        return _TAKEN

    def clear(self) -> Verdict:
        if self._items:
            self._items.clear()
            self.on_count()
        return _TAKEN


class FenceStore:
    """Polygons, circles and a return point; kept whole or not at all."""

    name = "Fence"

    def __init__(self, capacity: int, room_bytes: int) -> None:
        self.capacity = capacity
        self._room_bytes = room_bytes
        self._items: tuple[StoredItem, ...] = ()
        self._coming: list[StoredItem] = []
        self.on_change: Callable[[], None] = lambda: None

    @property
    def count(self) -> int:
        return len(self._items)

    @property
    def items(self) -> tuple[StoredItem, ...]:
        return self._items

    @property
    def total(self) -> int:
        """FENCE_TOTAL as ArduPilot shows it: two more than the items, 0 without a polygon (k03, k10c)."""
        has_polygon = any(item.command in _VERTICES for item in self._items)
        return len(self._items) + 2 if has_polygon else 0

    def read(self, seq: int) -> StoredItem | None:
        return self._items[seq] if 0 <= seq < len(self._items) else None

    def adopt(self, other: FenceStore) -> None:
        """What another store holds, unchanged."""
        self._items = other._items

    def begin(self, count: int) -> None:
        del count
        self._coming.clear()

    def write(self, seq: int, item: MissionItemInt) -> Verdict:
        del seq
        if item.command not in _FENCE_COMMANDS:
            return Verdict(MissionResult.UNSUPPORTED)
        if item.frame not in _FENCE_FRAMES:
            return Verdict(MissionResult.UNSUPPORTED_FRAME)
        first = item.param1
        if item.command in _VERTICES:
            if not 0 <= first <= 255:
                return Verdict(MissionResult.INVALID_PARAM1)
            first = float(int(first))
        elif item.command not in _CIRCLES:
            first = 0.0
        self._coming.append(StoredItem(item.command, 0, single(first), 0.0, 0.0, 0.0, item.x, item.y, 0.0))
        return _TAKEN

    def finish(self) -> Verdict:
        problem = _fence_problem(self._coming, self._room_bytes)
        if problem is not None:
            return Verdict(MissionResult.ERROR, (*problem, (Severity.WARNING, "Fence validation failed")), for_all=True)
        self._items = tuple(self._coming)
        self.on_change()
        return Verdict(MissionResult.ACCEPTED, ((Severity.DEBUG, "Fence Indexed OK"),), for_all=True)

    def clear(self) -> Verdict:
        self._items = ()
        self.on_change()
        return Verdict(MissionResult.ACCEPTED, ((Severity.DEBUG, "Fence Indexed OK"),), for_all=True)


_RALLY_FRAMES: Mapping[int, int] = {0: 0, 3: 3, 5: 0, 6: 3, 10: 10, 11: 10}
_FENCE_FRAMES = frozenset({0, 3, 5, 6, 10, 11})
_VERTICES = frozenset({MavCmd.NAV_FENCE_POLYGON_VERTEX_INCLUSION, MavCmd.NAV_FENCE_POLYGON_VERTEX_EXCLUSION})
_CIRCLES = frozenset({MavCmd.NAV_FENCE_CIRCLE_INCLUSION, MavCmd.NAV_FENCE_CIRCLE_EXCLUSION})
_FENCE_COMMANDS = _VERTICES | _CIRCLES | {MavCmd.NAV_FENCE_RETURN_POINT}

#: How ArduPilot lays a fence out in its storage, bytes.
_HEADER_BYTES, _END_BYTES, _POLYGON_BYTES, _VERTEX_BYTES, _CIRCLE_BYTES, _RETURN_BYTES = 4, 1, 2, 8, 13, 9
#: ArduPilot's own numbers for the two kinds of vertex, which its text names.
_VERTEX_NUMBERS: Mapping[int, int] = {
    MavCmd.NAV_FENCE_POLYGON_VERTEX_INCLUSION: 98,
    MavCmd.NAV_FENCE_POLYGON_VERTEX_EXCLUSION: 97,
}

_Texts = tuple[tuple[Severity, str], ...]


def _warning(text: str) -> _Texts:
    return ((Severity.WARNING, text),)


def _fence_problem(items: list[StoredItem], room_bytes: int) -> _Texts | None:
    """What is wrong with a fence, in ArduPilot's words; an empty tuple is wrong without a word."""
    open_command, wanted, seen = 0, 0, 0
    used_bytes = _HEADER_BYTES + _END_BYTES
    for item in items:
        if wanted and item.command not in _VERTICES:
            return _warning("Received incorrect vertex type")
        if abs(item.x) > 90 * 10**7 or abs(item.y) > 180 * 10**7:
            return _warning("Bad lat or lon")
        if item.command in _CIRCLES:
            used_bytes += _CIRCLE_BYTES
            if item.param1 <= 0:
                return _warning("Non-positive circle radius")
        elif item.command == MavCmd.NAV_FENCE_RETURN_POINT:
            used_bytes += _RETURN_BYTES
        else:
            if not wanted:
                open_command, wanted, seen = item.command, int(item.param1), 0
                used_bytes += _POLYGON_BYTES
                if wanted < 3:
                    return _warning(f"Invalid vertex count ({wanted})")
            elif item.command != open_command:
                numbers = _VERTEX_NUMBERS
                return _warning(f"Received incorrect vertex type (want={numbers[open_command]} got={numbers[item.command]})")
            elif int(item.param1) != wanted:
                return _warning(f"Unexpected vertex count want={wanted} got={int(item.param1)}\n")
            used_bytes += _VERTEX_BYTES
            seen += 1
            if seen == wanted:
                wanted = 0
    if wanted:
        return ((Severity.INFO, "Incorrect item count"),)
    return () if used_bytes > room_bytes else None


def empty_stores(params: StoreParams, *, plane: bool) -> tuple[MissionStore, FenceStore, RallyStore]:
    return (
        MissionStore(params.mission_items, plane=plane),
        FenceStore(params.fence_items, params.fence_bytes),
        RallyStore(params.rally_points),
    )


#: Names of the parameters that count the items of each kind.
TOTALS: Mapping[MissionType, str] = {
    MissionType.MISSION: "MIS_TOTAL",
    MissionType.FENCE: "FENCE_TOTAL",
    MissionType.RALLY: "RALLY_TOTAL",
}
