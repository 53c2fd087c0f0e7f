"""Which conversation about stored items a message belongs to: missions, fences and rally lists are transferred side by side."""

from __future__ import annotations

from mavlink_bridge import messages as m
from mavlink_bridge.enums import MissionResult, MissionType
from sitl.core import Core
from sitl.mission_protocol import MissionProtocol, Station, acknowledgement

ItemMessage = (
    m.MissionCount
    | m.MissionItemInt
    | m.MissionItem
    | m.MissionRequestList
    | m.MissionRequest
    | m.MissionRequestInt
    | m.MissionClearAll
    | m.MissionWritePartialList
)
#: The types of these messages.
ITEM_MESSAGES: tuple[type[ItemMessage], ...] = ItemMessage.__args__


class ItemConversations:
    """One transfer protocol for each kind of items; other kinds, and "all", are UNSUPPORTED (k09b)."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._protocols: dict[int, MissionProtocol] = {
            MissionType.MISSION: MissionProtocol(MissionType.MISSION, core.missions, core.out),
            MissionType.FENCE: MissionProtocol(MissionType.FENCE, core.fences, core.out),
            MissionType.RALLY: MissionProtocol(MissionType.RALLY, core.rallies, core.out),
        }
        for protocol in self._protocols.values():
            protocol.is_ready = lambda: core.readiness.is_up(core.now_s)

    def handle(self, message: ItemMessage, station: Station, now_s: float) -> None:
        protocol = self._protocols.get(message.mission_type)
        if protocol is None:
            self._core.out.answer(station.link, acknowledgement(station, MissionResult.UNSUPPORTED, message.mission_type))
            return
        match message:
            case m.MissionCount():
                protocol.count(message, station, now_s)
            case m.MissionItemInt():
                protocol.item(message, station, now_s)
            case m.MissionItem():
                protocol.float_item(message, station, now_s)
            case m.MissionRequestList():
                protocol.request_list(station)
            case m.MissionRequest():
                protocol.request(message.seq, station, as_int=False)
            case m.MissionRequestInt():
                protocol.request(message.seq, station, as_int=True)
            case m.MissionClearAll():
                protocol.clear_all(station)
            case m.MissionWritePartialList():
                protocol.write_partial(message, station, now_s)

    def tick(self, now_s: float) -> None:
        for protocol in self._protocols.values():
            protocol.tick(now_s)
