"""Messages of a mission transfer as a station hears them, and two missions to transfer: what tests of transfers share."""

from __future__ import annotations

from mavlink_bridge import messages as m
from mavlink_bridge.mission_transfer import Endpoints, MissionUpload
from tests.mavlink_bridge.fake_vehicle import FakeStore, mission, packed

ENDPOINTS = Endpoints(system=1)
NEW = mission(8)
OLD = [packed(item) for item in mission(13, start_deg=40.0)]


def upload(items: list[m.MissionItemInt] | None = None) -> MissionUpload:
    return MissionUpload(NEW if items is None else items, ENDPOINTS)


def frame(message: m.Message, *, system: int = 1, component: int = 1) -> m.Frame:
    return m.Frame(system, component, 0, message)


def request(seq: int, *, to: int = 255, mission_type: int = 0, system: int = 1) -> m.Frame:
    return frame(m.MissionRequest(target_system=to, target_component=190, seq=seq, mission_type=mission_type), system=system)


def ack(result: int, *, to: int = 255, mission_type: int = 0, system: int = 1) -> m.Frame:
    return frame(m.MissionAck(target_system=to, target_component=190, type=result, mission_type=mission_type), system=system)


def is_new(store: FakeStore, items: list[m.MissionItemInt] | None = None) -> bool:
    wanted = [packed(item) for item in (NEW if items is None else items)]
    same_heights = all(abs(ours.z - theirs.z) < 0.011 for ours, theirs in zip(wanted, store.items, strict=False))
    return places(store.items) == places(wanted) and same_heights


def places(items: tuple[m.MissionItemInt, ...] | list[m.MissionItemInt]) -> list[tuple[float, ...]]:
    return [(item.seq, item.command, item.x, item.y, item.param1, round(item.param2, 3)) for item in items]
