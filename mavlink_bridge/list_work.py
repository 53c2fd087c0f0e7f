"""What is to become of a vehicle's lists (mission, fence, rally points): orders, and their conversations one after the other.

The fast way, files, is taken when the vehicle offers it and no other station is there: files can be read while somebody else
uploads, so they prove less (see `ftp_upload`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import cycle
from typing import Protocol

from mavlink_bridge import messages as m
from mavlink_bridge.conversation import Downloaded, Endpoints, Failed, Progress, Send, TransferOutput, Unknown, Verified
from mavlink_bridge.enums import MissionType
from mavlink_bridge.ftp_requests import DEFAULT_FTP, FtpParams
from mavlink_bridge.ftp_upload import FtpUpload
from mavlink_bridge.mission_clear import MissionClear
from mavlink_bridge.mission_download import MissionDownload
from mavlink_bridge.mission_upload import MissionUpload
from mavlink_bridge.transfer_params import DEFAULT_TRANSFER, TransferParams

#: MAV_PROTOCOL_CAPABILITY_FTP.
_FILES = 1 << 5
#: Session numbers that others are unlikely to use: they begin at 0.
_SESSIONS = range(16, 240)


class ListAction(StrEnum):
    UPLOAD = "upload"
    DOWNLOAD = "download"
    CLEAR = "clear"


@dataclass(frozen=True, kw_only=True, slots=True)
class ListOrder:
    """`items` are what to upload, numbered from 0."""

    kind: MissionType
    action: ListAction
    items: tuple[m.MissionItemInt, ...] = ()

    def __post_init__(self) -> None:
        if (self.action is ListAction.UPLOAD) != bool(self.items):
            raise ValueError(f"an order to {self.action} a {self.kind.name.lower()} list has {len(self.items)} items")
        if [item.seq for item in self.items] != list(range(len(self.items))):
            raise ValueError(f"the items of a {self.kind.name.lower()} list must be numbered 0, 1, 2 ...")
        if any(item.mission_type not in (MissionType.MISSION, self.kind) for item in self.items):
            raise ValueError(f"the items of a {self.kind.name.lower()} list must be of its type, or of none")


@dataclass(frozen=True, kw_only=True, slots=True)
class Airspace:
    """A vehicle's own limits, which travel with a mission: where it may be, and where else it may land.

    Fence items are MAV_CMD_NAV_FENCE_*, rally points MAV_CMD_NAV_RALLY_POINT, each numbered from 0. An empty list is cleared on
    the vehicle: yesterday's fence is not today's.
    """

    fence: tuple[m.MissionItemInt, ...] = ()
    rally: tuple[m.MissionItemInt, ...] = ()

    @property
    def orders(self) -> tuple[ListOrder, ...]:
        return (_become(MissionType.FENCE, self.fence), _become(MissionType.RALLY, self.rally))


def _become(kind: MissionType, items: tuple[m.MissionItemInt, ...]) -> ListOrder:
    return ListOrder(kind=kind, action=ListAction.UPLOAD if items else ListAction.CLEAR, items=items)


class ListConversation(Protocol):
    @property
    def deadline_s(self) -> float | None: ...

    def start(self, now_s: float) -> list[TransferOutput]: ...

    def receive(self, frame: m.Frame, now_s: float) -> list[TransferOutput]: ...

    def tick(self, now_s: float) -> list[TransferOutput]: ...


class ListWays:
    """Which conversation fulfils an order with this vehicle. `capabilities` is from its AUTOPILOT_VERSION, once it is known."""

    def __init__(
        self, endpoints: Endpoints, *, use_files: bool = True, params: TransferParams = DEFAULT_TRANSFER, ftp: FtpParams = DEFAULT_FTP
    ) -> None:
        self._endpoints = endpoints
        self._params = params
        self._ftp = ftp
        self._use_files = use_files
        #: FTP session numbers, for whatever else travels by file.
        self.sessions: Iterator[int] = cycle(_SESSIONS)
        self.capabilities: int | None = None
        self.is_alone = True

    def __call__(self, order: ListOrder) -> ListConversation:
        match order.action:
            case ListAction.UPLOAD if self.has_files:
                return FtpUpload(
                    order.items, self._endpoints, sessions=self.sessions, mission_type=order.kind, params=self._params, ftp=self._ftp
                )
            case ListAction.UPLOAD:
                return MissionUpload(order.items, self._endpoints, mission_type=order.kind, params=self._params)
            case ListAction.DOWNLOAD:
                return MissionDownload(self._endpoints, mission_type=order.kind, params=self._params)
            case ListAction.CLEAR:
                return MissionClear(self._endpoints, mission_type=order.kind, params=self._params)

    @property
    def has_files(self) -> bool:
        return self._use_files and self.is_alone and bool((self.capabilities or 0) & _FILES)


class ListSequence:
    """Orders one after the other as one conversation: ends like the last one, or like the first that does not succeed.

    Progress is the mission's alone. Reasons of other lists name them.
    """

    def __init__(self, orders: Sequence[ListOrder], way: Callable[[ListOrder], ListConversation]) -> None:
        if not orders:
            raise ValueError("there must be one order at least")
        self._orders = list(orders)
        self._way = way
        self._now: ListConversation | None = None

    @property
    def deadline_s(self) -> float | None:
        return self._now.deadline_s if self._now else None

    def start(self, now_s: float) -> list[TransferOutput]:
        self._now = self._way(self._orders[0])
        return self._follow(self._now.start(now_s), now_s)

    def receive(self, frame: m.Frame, now_s: float) -> list[TransferOutput]:
        return self._follow(self._now.receive(frame, now_s), now_s) if self._now else []

    def tick(self, now_s: float) -> list[TransferOutput]:
        return self._follow(self._now.tick(now_s), now_s) if self._now else []

    def other_station_heard(self) -> None:
        """What is under way must be proven by the item protocol."""
        if isinstance(self._now, FtpUpload):
            self._now.is_alone = False

    def _follow(self, outputs: list[TransferOutput], now_s: float) -> list[TransferOutput]:
        followed: list[TransferOutput] = []
        for output in outputs:
            match output:
                case Verified() | Downloaded() if len(self._orders) > 1:
                    self._orders.pop(0)
                    return followed + self.start(now_s)
                case Failed() | Unknown():
                    followed.append(replace(output, reason=self._named(output.reason)))
                    self._now = None
                case Verified() | Downloaded():
                    followed.append(output)
                    self._now = None
                case Progress() if self._orders[0].kind is not MissionType.MISSION:
                    pass
                case Send() | Progress():
                    followed.append(output)
        return followed

    def _named(self, reason: str) -> str:
        kind = self._orders[0].kind
        if kind is MissionType.MISSION:
            return reason
        mission = "; the mission was not sent" if len(self._orders) > 1 else ""
        return f"{kind.name.lower()}: {reason}{mission}"
