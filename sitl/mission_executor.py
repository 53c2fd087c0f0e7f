"""AUTO as all kinds of vehicle do it: which item is under way, what is said of it, when it begins anew, and how it ends."""

from __future__ import annotations

from abc import ABC, abstractmethod

from mavlink_bridge.enums import MavCmd, MissionState, Severity
from mavlink_bridge.messages import MissionCurrent, MissionItemReached
from sitl.core import Core
from sitl.item_rules import StoredItem
from sitl.mission_runner import MissionRunner, RunState, Step

#: Done on the way by the vehicle itself: their number then stands in MISSION_ITEM_REACHED instead of the item before (c07).
_OVERWRITE_REACHED = frozenset({MavCmd.DO_CHANGE_SPEED, MavCmd.DO_SET_HOME, 201, 205})


class MissionExecutor(ABC):
    """`enter` when AUTO begins, `step` after each step of the flight, `leave` when it ends. What flies fills in the hooks."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.runner = MissionRunner(core.missions)
        self.active = False
        self._waiting_for_origin = False
        self._had_items_ahead = False

    # Hooks

    @abstractmethod
    def _reset(self) -> None:
        """AUTO begins."""

    @abstractmethod
    def _clear_item(self) -> None:
        """Forget what belongs to the item that was under way."""

    @abstractmethod
    def _start_item(self, item: StoredItem) -> None:
        """Make the vehicle do it."""

    @abstractmethod
    def _is_done(self, item: StoredItem) -> bool:
        """Whether the vehicle has done it."""

    @abstractmethod
    def _reached_text(self, item: StoredItem, seq: int) -> str | None:
        """What the vehicle says when the item is done."""

    @abstractmethod
    def _do(self, item: StoredItem) -> None:
        """An item that is done on the way."""

    @abstractmethod
    def _over(self) -> None:
        """The last item is done."""

    @abstractmethod
    def _ends_by_landing(self, item: StoredItem) -> bool:
        """Whether this item was complete when the vehicle disarmed."""

    def _begins_anew(self, item: StoredItem) -> bool:
        """Whether this item is started again when the stored mission changes."""
        del item
        return False

    @property
    def _is_paused(self) -> bool:
        return False

    # Entering, leaving, changing

    def enter(self) -> None:
        self.active = True
        self._reset()
        self._waiting_for_origin = not self._core.readiness.has_home(self._core.now_s)
        if not self._waiting_for_origin:
            # An empty mission is over at once, and stays so when items are uploaded afterwards (k10b).
            self._take(self.runner.start_or_resume())

    def start(self) -> None:
        """MISSION_START: go on, or begin anew when it was over."""
        if self.runner.state is not RunState.RUNNING and self._core.missions.count > 1:
            self._take(self.runner.start_or_resume())

    def begin_again(self) -> None:
        """Start the current item anew, silently: the motors have just been armed."""
        item = self.runner.item
        if item is not None:
            self._start_item(item)

    def leave(self) -> None:
        self.active = False
        self.runner.stop()
        self._clear_item()

    def set_current(self, seq: int, *, from_start: bool = False) -> bool:
        """DO_SET_MISSION_CURRENT and MISSION_SET_CURRENT: whether there is such an item."""
        if from_start:
            self.runner.reset()
            seq = max(seq, 1) if self._core.missions.count > 1 else seq
        if not self.runner.set_current(seq):
            return False
        if self.active and self.runner.state is not RunState.COMPLETE and self._core.missions.count > 1:
            self.runner.state = RunState.RUNNING
            step = self.runner.restart()
            if step is not None:
                self._take(step)
        return True

    def changed(self) -> None:
        """What is stored has changed while it is flown: the running item begins again where the vehicle looks for that (k07).

        ArduCopter does, while it flies to a place; ArduPlane goes on with what it has in memory (AP_Mission_ChangeDetector).
        """
        had_items, self._had_items_ahead = self._had_items_ahead, self.runner.has_items_ahead
        item = self.runner.item
        if not self.active or self.runner.state is not RunState.RUNNING or item is None or not self._begins_anew(item):
            return
        if not had_items and not self._had_items_ahead:
            return
        step = self.runner.restart()
        if step is not None:
            self._take(step)
            self._core.say(Severity.CRITICAL, "Auto mission changed, restarted command")
        else:
            self._core.say(Severity.CRITICAL, "Auto mission changed but failed to restart command")

    def disarmed(self) -> None:
        """On the ground for good: an item that ends by landing is done, and the next flight begins with the first item."""
        item = self.runner.item
        runs = self.active and self.runner.state is RunState.RUNNING
        if runs and item is not None and self._ends_by_landing(item):
            self._announce_reached(self.runner.seq)
            self.runner.state = RunState.COMPLETE
            runs = False
        self.runner.reset()
        self._reset()
        if runs:
            self._take(self.runner.start_or_resume())

    def current(self) -> MissionCurrent:
        """MISSION_CURRENT as the vehicle would say it now."""
        total = max(0, self._core.missions.count - 1)
        return MissionCurrent(seq=self.runner.seq, total=total, mission_state=self._state(total), mission_mode=int(self.active))

    def _state(self, total: int) -> MissionState:
        if total == 0:
            return MissionState.NO_MISSION
        if self.runner.state is RunState.COMPLETE:
            return MissionState.COMPLETE
        if not self.active or self.runner.state is RunState.STOPPED:
            return MissionState.NOT_STARTED
        return MissionState.PAUSED if self._is_paused else MissionState.ACTIVE

    # One step

    def begin_when_possible(self) -> None:
        """AUTO begins its mission when the vehicle knows where it is."""
        if self._waiting_for_origin and self._core.readiness.has_home(self._core.now_s):
            self._waiting_for_origin = False
            self._take(self.runner.start_or_resume())

    def step(self) -> None:
        if self._waiting_for_origin:
            self.begin_when_possible()
            return
        if self.runner.state is not RunState.RUNNING or self._core.missions.count == 0:
            return
        item = self.runner.item
        if item is not None and self._is_done(item):
            self._complete(item)
        elif (pending := self.runner.pending()) is not None:
            self._core.say(Severity.INFO, self.runner.said(pending))
            self._carry_out(pending[1])

    def _complete(self, item: StoredItem) -> None:
        seq = self.runner.seq
        text = self._reached_text(item, seq)
        if text is not None:
            self._core.say(Severity.INFO, text)
        step = self.runner.advance()
        first_done = step.done[0] if step.done else None
        overwritten = first_done is not None and first_done[1].command in _OVERWRITE_REACHED
        self._announce_reached(first_done[0] if overwritten and first_done is not None else seq)
        self._take(step)

    def _carry_out(self, item: StoredItem) -> None:
        self._core.on_order(item)
        self._do(item)

    def _announce_reached(self, seq: int) -> None:
        self._core.out.announce(MissionItemReached(seq=seq))

    def _take(self, step: Step) -> None:
        for text in step.texts:
            self._core.say(Severity.INFO, text)
        for _, item in step.done:
            self._carry_out(item)
        self._clear_item()
        if step.item is None:
            self._over()
            return
        self._start_item(step.item)
        self._had_items_ahead = True
