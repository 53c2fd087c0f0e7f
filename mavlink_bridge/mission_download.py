"""Read a mission, fence or rally list from a vehicle: REQUEST_LIST, COUNT, then one item after the other."""

from __future__ import annotations

from mavlink_bridge import messages as m
from mavlink_bridge.conversation import Downloaded, Endpoints, Failed, Progress, Send, TransferOutput
from mavlink_bridge.enums import MissionResult, MissionType
from mavlink_bridge.transfer_params import DEFAULT_TRANSFER, TransferParams


class MissionDownload:
    """One download. Ends with `Downloaded` or `Failed`; reading changes nothing on the vehicle.

    A NACK is not terminal: it may belong to a duplicate of an earlier message, or to another station's upload that will
    end. The request is repeated until its tries are used up.
    """

    def __init__(
        self, endpoints: Endpoints, *, mission_type: MissionType = MissionType.MISSION, params: TransferParams = DEFAULT_TRANSFER
    ) -> None:
        self._endpoints = endpoints
        self._type = mission_type
        self._params = params
        self._count: int | None = None
        self._items: list[m.MissionItemInt] = []
        self._tries_left = 0
        self._last_nack: int | None = None
        self.deadline_s: float | None = None
        self.is_over = False

    @property
    def has_count(self) -> bool:
        """Whether the vehicle has said how many items there are."""
        return self._count is not None

    def start(self, now_s: float) -> list[TransferOutput]:
        self._tries_left = self._params.list_tries
        return self._ask(now_s)

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
        return []

    def tick(self, now_s: float) -> list[TransferOutput]:
        if self.is_over or self.deadline_s is None or now_s < self.deadline_s:
            return []
        if self._tries_left == 0:
            return [self._failed()]
        return self._ask(now_s)

    def _is_ours(self, message: m.MissionCount | m.MissionItemInt | m.MissionAck) -> bool:
        return message.mission_type == self._type and self._endpoints.is_for_us(message.target_system, message.target_component)

    def _take_count(self, count: int, now_s: float) -> list[TransferOutput]:
        if count == self._count:
            return []
        # Another number than before: the list changed under us (or an answer to an older request came late): begin again.
        self._count = count
        self._items = []
        return self._next(now_s)

    def _take_item(self, item: m.MissionItemInt, now_s: float) -> list[TransferOutput]:
        if self._count is None or item.seq != len(self._items):
            return []
        self._items.append(item)
        return [Progress(len(self._items), self._count), *self._next(now_s)]

    def _next(self, now_s: float) -> list[TransferOutput]:
        if len(self._items) == self._count:
            return self._finish()
        self._tries_left = self._params.item_tries
        return self._ask(now_s)

    def _ask(self, now_s: float) -> list[TransferOutput]:
        self._tries_left -= 1
        target = (self._endpoints.system, self._endpoints.component)
        if self._count is None:
            self.deadline_s = now_s + self._params.list_timeout_s
            return [Send(m.MissionRequestList(target_system=target[0], target_component=target[1], mission_type=self._type))]
        self.deadline_s = now_s + self._params.item_timeout_s
        seq = len(self._items)
        return [Send(m.MissionRequestInt(target_system=target[0], target_component=target[1], seq=seq, mission_type=self._type))]

    def _finish(self) -> list[TransferOutput]:
        self._end()
        ack = m.MissionAck(
            target_system=self._endpoints.system,
            target_component=self._endpoints.component,
            type=MissionResult.ACCEPTED,
            mission_type=self._type,
        )
        return [Send(ack), Downloaded(tuple(self._items))]

    def _failed(self) -> Failed:
        self._end()
        what = "the mission list" if self._count is None else f"item {len(self._items)} of {self._count}"
        answer = "gave no answer" if self._last_nack is None else f"answered {result_name(self._last_nack)}"
        return Failed(f"the vehicle {answer} when asked for {what}")

    def _end(self) -> None:
        self.is_over = True
        self.deadline_s = None


def result_name(result: int) -> str:
    """MAV_MISSION_RESULT's name, or the number of one we do not know."""
    try:
        return MissionResult(result).name
    except ValueError:
        return f"result {result}"
