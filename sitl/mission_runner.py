"""Which mission item is flown, what is done between items, and where jumps lead: ArduPilot's AP_Mission.

Navigation items are flown one after another. The others are done on the way to the next: the first at once, the rest while
that item is already flown; jumps are counted and never last (c06, c07).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from mavlink_bridge.enums import MavCmd
from sitl.item_rules import StoredItem
from sitl.mission_store import MissionStore

_NAMES = {
    MavCmd.NAV_WAYPOINT: "WP",
    MavCmd.NAV_LOITER_UNLIM: "LoitUnlim",
    MavCmd.NAV_LOITER_TURNS: "LoitTurns",
    MavCmd.NAV_LOITER_TIME: "LoitTime",
    MavCmd.NAV_RETURN_TO_LAUNCH: "RTL",
    MavCmd.NAV_LAND: "Land",
    MavCmd.NAV_TAKEOFF: "Takeoff",
    MavCmd.NAV_LOITER_TO_ALT: "LoitAltitude",
    82: "SplineWP",
    MavCmd.NAV_VTOL_TAKEOFF: "VTOLTakeoff",
    MavCmd.NAV_VTOL_LAND: "VTOLLand",
    MavCmd.NAV_DELAY: "Delay",
    MavCmd.CONDITION_YAW: "CondYaw",
    112: "CondDelay",
    114: "CondDist",
    MavCmd.DO_JUMP: "Jump",
    MavCmd.DO_CHANGE_SPEED: "ChangeSpeed",
    MavCmd.DO_SET_HOME: "SetHome",
    181: "SetRelay",
    182: "RepeatRelay",
    183: "SetServo",
    184: "RepeatServo",
    189: "LandStart",
    201: "SetROI",
    203: "DigiCamCtrl",
    205: "MountControl",
    MavCmd.DO_SET_CAM_TRIGG_DIST: "SetCamTrigDst",
    207: "FenceEnable",
    211: "Gripper",
    2000: "ImageStartCapture",
    2001: "ImageStopCapture",
}


def item_name(command: int) -> str:
    """ArduPilot's short name, as in "Mission: 2 WP"."""
    return _NAMES.get(command, "?")


#: What AP_Mission counts as landing, and as taking off again.
_LANDS = frozenset({MavCmd.NAV_LAND, MavCmd.NAV_VTOL_LAND, 189})
_TAKES_OFF = frozenset({MavCmd.NAV_TAKEOFF, MavCmd.NAV_VTOL_TAKEOFF})


class RunState(Enum):
    STOPPED = auto()
    RUNNING = auto()
    COMPLETE = auto()


@dataclass(frozen=True, slots=True)
class Step:
    """What happens next: `texts` to say, items done at once, and the navigation item now flown (None: the mission is over)."""

    texts: tuple[str, ...]
    done: tuple[tuple[int, StoredItem], ...]
    seq: int
    item: StoredItem | None


class MissionRunner:
    """Walks the stored mission. An item is its number in the store; 0 is "none"."""

    #: Jumps in a row before ArduPilot gives up looking for something to fly.
    _ENDLESS = 300

    def __init__(self, store: MissionStore) -> None:
        self._store = store
        self.state = RunState.STOPPED
        self.seq = 0
        #: Since an item that lands was begun; a take-off ends it (AP_Mission::start_command).
        self.in_landing = False
        self._item: StoredItem | None = None
        self._jumped: dict[int, int] = {}
        self._pending: list[tuple[int, StoredItem]] = []

    @property
    def item(self) -> StoredItem | None:
        """The navigation item under way, as it was stored when it began: a change of the store does not touch it."""
        return self._item

    @property
    def starts_with_takeoff(self) -> bool:
        """What is flown next (jumps aside) must lift the vehicle off: from the current item on, not from the first."""
        ahead = map(self._store.read, range(self.seq or 1, self._store.count))
        first = next((item for item in ahead if item is not None and item.is_navigation), None)
        return first is not None and first.command in _TAKES_OFF

    def reset(self) -> None:
        """Forget the progress: the next start begins with the first item."""
        self.seq = 0
        self.in_landing = False
        self._item = None
        self._jumped.clear()
        self._pending.clear()

    def stop(self) -> None:
        if self.state is RunState.RUNNING:
            self.state = RunState.STOPPED

    def start_or_resume(self) -> Step:
        """Go on with the current item, or from the beginning after a reset or a completed mission."""
        if self.state is RunState.COMPLETE or self._stored is None:
            self.reset()
            self.state = RunState.RUNNING
            return self.advance()
        self.state = RunState.RUNNING
        return self._onto(self.seq)

    def set_current(self, seq: int) -> bool:
        """Whether the item exists. The caller restarts it when the mission runs."""
        if not 0 <= seq < max(1, self._store.count):
            return False
        self._pending.clear()
        self.seq = seq
        self.in_landing = False
        self._item = self._stored
        if self.state is RunState.COMPLETE:
            self.state = RunState.STOPPED
        return True

    def restart(self) -> Step | None:
        """Fly the current item again, as stored now; None when it is gone."""
        if self._stored is None:
            return self.advance() if self.seq == 0 and self._store.count > 1 else None
        return self._onto(self.seq)

    @property
    def _stored(self) -> StoredItem | None:
        """The current item as it is stored now."""
        return self._store.read(self.seq) if self.seq > 0 else None

    @property
    def has_items_ahead(self) -> bool:
        """Whether anything to fly is stored from the current item on."""
        return self.peek_next(self.seq - 1) is not None if self.seq > 0 else False

    def advance(self) -> Step:
        """On to the next navigation item."""
        return self._onto(self.seq + 1)

    def pending(self) -> tuple[int, StoredItem] | None:
        """The next item to be done while the current one is flown."""
        return self._pending.pop(0) if self._pending else None

    def peek_next(self, seq: int) -> StoredItem | None:
        """The navigation item after this one, jumps followed but not counted."""
        jumped = dict(self._jumped)
        index = seq + 1
        for _ in range(self._ENDLESS):
            item = self._store.read(index)
            if item is None:
                return None
            if item.command == MavCmd.DO_JUMP:
                index = self._jump(index, item, jumped)
                continue
            if item.is_navigation:
                return item
            index += 1
        return None

    def _onto(self, index: int) -> Step:
        texts: list[str] = []
        found: list[tuple[int, StoredItem]] = []
        self._pending.clear()
        for _ in range(self._ENDLESS):
            item = self._store.read(index) if index > 0 else None
            if item is None:
                break
            if item.command == MavCmd.DO_JUMP:
                before = self._jumped.get(index, 0)
                target = self._jump(index, item, self._jumped)
                if target != index + 1:
                    times = "unlimited" if item.param2 < 0 else f"{before + 1}/{int(item.param2)}"
                    texts.append(f"Mission: {index} Jump {times}")
                index = target
                continue
            if item.command in _LANDS or item.command in _TAKES_OFF:
                self.in_landing = item.command in _LANDS
            if item.is_navigation:
                self.seq, self._item = index, item
                self._pending = found[1:]
                return Step((*texts, *self._said(found[:1]), f"Mission: {index} {item_name(item.command)}"), tuple(found[:1]), index, item)
            found.append((index, item))
            index += 1
        self.state = RunState.COMPLETE
        return Step((*texts, *self._said(found)), tuple(found), self.seq, None)

    @staticmethod
    def said(numbered: tuple[int, StoredItem]) -> str:
        """What the vehicle says when it begins an item."""
        return f"Mission: {numbered[0]} {item_name(numbered[1].command)}"

    def _said(self, items: list[tuple[int, StoredItem]]) -> list[str]:
        return [self.said(item) for item in items]

    @staticmethod
    def _jump(index: int, item: StoredItem, jumped: dict[int, int]) -> int:
        times, done = int(item.param2), jumped.get(index, 0)
        if times >= 0 and done >= times:
            return index + 1
        jumped[index] = done + 1
        return int(item.param1)
