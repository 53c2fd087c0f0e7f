"""Mission items as ground stations write them in files: degrees instead of wire integers, frames without INT."""

from __future__ import annotations

from dataclasses import dataclass

from mavlink_bridge.enums import MavFrame
from mavlink_bridge.messages import MissionItemInt
from mavlink_bridge.mission_items import sortie_mission
from planner.model import Plan, Sortie

_WIRE_TO_DEG = 10**7
#: Files hold degrees whatever the frame; QGroundControl knows the frames without INT only.
_FILE_FRAMES = {
    MavFrame.GLOBAL_INT: MavFrame.GLOBAL,
    MavFrame.GLOBAL_RELATIVE_ALT_INT: MavFrame.GLOBAL_RELATIVE_ALT,
    MavFrame.GLOBAL_TERRAIN_ALT_INT: MavFrame.GLOBAL_TERRAIN_ALT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionRow:
    """One item. `params` are param1..param4; `x`, `y` are latitude and longitude in degrees where `has_place`."""

    seq: int
    frame: int
    command: int
    params: tuple[float, float, float, float]
    x: float
    y: float
    z: float
    autocontinue: bool

    @property
    def has_place(self) -> bool:
        return self.frame != MavFrame.MISSION


def mission_rows(plan: Plan, sortie: Sortie) -> list[MissionRow]:
    """Exactly the items that an upload of this sortie sends, home first."""
    return [_row(item) for item in sortie_mission(plan, sortie).items]


def _row(item: MissionItemInt) -> MissionRow:
    scale = 1 if item.frame == MavFrame.MISSION else _WIRE_TO_DEG
    return MissionRow(
        seq=item.seq,
        frame=next((file for wire, file in _FILE_FRAMES.items() if wire == item.frame), item.frame),
        command=item.command,
        params=(item.param1, item.param2, item.param3, item.param4),
        x=item.x / scale,
        y=item.y / scale,
        z=item.z,
        autocontinue=bool(item.autocontinue),
    )
