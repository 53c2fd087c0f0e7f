"""Read a mission, fence or rally list from a vehicle: REQUEST_LIST, COUNT, then the items, a few at a time."""

from __future__ import annotations

from mavlink_bridge import messages as m
from mavlink_bridge.conversation import Downloaded, Endpoints, Failed, Progress, Send, TransferOutput
from mavlink_bridge.enums import MissionResult, MissionType
from mavlink_bridge.transfer_params import DEFAULT_TRANSFER, TransferParams


class MissionDownload:
    """One download. Ends with `Downloaded` or `Failed`; reading changes nothing on the vehicle.

    A NACK is not terminal: it may belong to a duplicate of an earlier message, or to another station's upload that will
    end. The request is repeated until its tries are used up. ArduPilot answers each request on its own, so several are under way.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        *,
        mission_type: MissionType = MissionType.MISSION,
        most: int | None = None,
        params: TransferParams = DEFAULT_TRANSFER,
    ) -> None:
        """With `most` only so many items are read, spread over the list."""
        self._endpoints = endpoints
        self._most = most
        self._type = mission_type
        self._params = params
        self._count: int | None = None
        self._items: dict[int, m.MissionItemInt] = {}
        #: Items asked for and not received, with the time at which they are asked for again; those not asked for yet.
        self._again_s: dict[int, float] = {}
        self._waiting: list[int] = []
        self._tries_left = 0
        self._list_again_s: float | None = None
        self._last_nack: int | None = None
        self.is_over = False
        #: Whether another station was uploading meanwhile, so that what was read first may have changed since.
        self.is_disturbed = False
        #: Whether something had to be asked for again: in such a pause a whole upload of somebody else's can go unseen.
        self.has_paused = False

    @property
    def deadline_s(self) -> float | None:
        return min(self._again_s.values(), default=self._list_again_s)

    @property
    def count(self) -> int | None:
        """How many items there are, once the vehicle has said it."""
        return self._count

    def start(self, now_s: float) -> list[TransferOutput]:
        self._tries_left = self._params.list_tries
        return self._ask_for_list(now_s)

    def cancel(self) -> list[TransferOutput]:
        """Stop reading; the vehicle is told."""
        if self.is_over:
            return []
        self._end()
        return [Send(self._ack(MissionResult.OPERATION_CANCELLED)), Failed("cancelled")]

    def receive(self, frame: m.Frame, now_s: float) -> list[TransferOutput]:
        if self.is_over or not self._endpoints.is_from_vehicle(frame):
            return []
        match frame.message:
            case m.MissionCount() as count if self._is_ours(count):
                return self._take_count(count.count, now_s)
            case m.MissionItemInt() as item if self._is_ours(item):
                return self._take_item(item, now_s)
            case m.MissionAck() as ack if self._is_ours(ack) and ack.type != MissionResult.ACCEPTED:
                self._last_nack = ack.type
                self.is_disturbed |= ack.type == MissionResult.DENIED
            case m.MissionRequest() | m.MissionRequestInt() as request if request.mission_type == self._type:
                self.is_disturbed = True
        return []

    def tick(self, now_s: float) -> list[TransferOutput]:
        if self.is_over or self.deadline_s is None or now_s < self.deadline_s:
            return []
        if self._tries_left == 0:
            return [self._failed()]
        self.has_paused = True
        if self._count is None:
            return self._ask_for_list(now_s)
        self._tries_left -= 1
        return [self._ask(seq, now_s) for seq, again_s in sorted(self._again_s.items()) if now_s >= again_s]

    def _is_ours(self, message: m.MissionCount | m.MissionItemInt | m.MissionAck) -> bool:
        return message.mission_type == self._type and self._endpoints.is_for_us(message.target_system, message.target_component)

    def _take_count(self, count: int, now_s: float) -> list[TransferOutput]:
        if count == self._count:
            return []
        # Another number than before: the list changed under us (or an answer to an older request came late): begin again.
        self._count = count
        self._items = {}
        self._again_s = {}
        step = 1 if self._most is None else max(1, -(-count // self._most))
        self._waiting = list(range(0 if step == 1 else 1, count, step))
        return self._go_on(now_s)

    def _take_item(self, item: m.MissionItemInt, now_s: float) -> list[TransferOutput]:
        if self._count is None or item.seq not in self._again_s:
            return []
        del self._again_s[item.seq]
        self._items[item.seq] = item
        return [Progress(len(self._items), self._count), *self._go_on(now_s)]

    def _go_on(self, now_s: float) -> list[TransferOutput]:
        if not self._waiting and not self._again_s:
            return self._finish()
        self._tries_left = self._params.item_tries - 1
        sends: list[TransferOutput] = []
        while len(self._again_s) < self._params.read_window and self._waiting:
            sends.append(self._ask(self._waiting.pop(0), now_s))
        return sends

    def _ask_for_list(self, now_s: float) -> list[TransferOutput]:
        self._tries_left -= 1
        self._list_again_s = now_s + self._params.list_timeout_s
        system, component = self._endpoints.system, self._endpoints.component
        return [Send(m.MissionRequestList(target_system=system, target_component=component, mission_type=self._type))]

    def _ask(self, seq: int, now_s: float) -> Send:
        self._again_s[seq] = now_s + self._params.item_timeout_s
        system, component = self._endpoints.system, self._endpoints.component
        return Send(m.MissionRequestInt(target_system=system, target_component=component, seq=seq, mission_type=self._type))

    def _finish(self) -> list[TransferOutput]:
        self._end()
        return [Send(self._ack(MissionResult.ACCEPTED)), Downloaded(tuple(self._items[seq] for seq in sorted(self._items)))]

    def _ack(self, result: MissionResult) -> m.MissionAck:
        system, component = self._endpoints.system, self._endpoints.component
        return m.MissionAck(target_system=system, target_component=component, type=result, mission_type=self._type)

    def _failed(self) -> Failed:
        what = "the mission list" if self._count is None else f"item {min(self._again_s)} of {self._count}"
        self._end()
        answer = "gave no answer" if self._last_nack is None else f"answered {result_name(self._last_nack)}"
        return Failed(f"the vehicle {answer} when asked for {what}")

    def _end(self) -> None:
        self.is_over = True
        self._again_s = {}
        self._list_again_s = None


def result_name(result: int) -> str:
    """MAV_MISSION_RESULT's name, or the number of one we do not know."""
    try:
        return MissionResult(result).name
    except ValueError:
        return f"result {result}"
