"""What travels with each mission: the airspace around its sortie as a fence, its nation's bases as rally points.

The same fences as in exports (`formats.fences`), cut to what the vehicle says that it can hold. What makes them is loaded when the
first is wanted: a mission control that takes up flights wants none yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import shapely
from shapely.geometry import LineString

from mavlink_bridge.list_work import Airspace
from mavlink_bridge.messages import MissionItemInt
from planner.geo import LatLon
from planner.model import Plan, Sortie

if TYPE_CHECKING:
    from missions.formats.fences import Fence, Fences
    from missions.formats.mission_rows import MissionRow

_DEG_TO_WIRE = 10**7


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many items a vehicle holds, as it said itself; None counts on a small autopilot's."""

    fence: int | None = None
    rally: int | None = None


@dataclass(slots=True)
class Airspaces:
    """Of every sortie of a plan, for the vehicle that flies it. `rooms` are by drone. What does not fit is in `remarks` afterwards."""

    rooms: Mapping[str, Room] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    _plan: Plan | None = None
    _fences: dict[int | None, Fences] = field(default_factory=dict)
    _found: dict[Sortie, Fence] = field(default_factory=dict)

    def of(self, plan: Plan, sortie: Sortie) -> Airspace:
        from missions.formats.fence import fence_rows
        from missions.formats.rally import MAX_RALLY_POINTS, rally_points, rally_rows

        most = self.rooms.get(sortie.drone, Room()).rally
        points = rally_points(plan, sortie)[: MAX_RALLY_POINTS if most is None else most]
        return Airspace(fence=_items(fence_rows(self._fence(plan, sortie))), rally=_items(rally_rows(points)))

    def lets_pass(self, plan: Plan, sortie: Sortie, way: Iterable[LatLon]) -> bool:
        """Whether a straight way between these points stays within the sortie's fence."""
        fence = self._fence(plan, sortie)
        points = [(place.lon_deg, place.lat_deg) for place in way]
        line = LineString(points) if len(points) > 1 else shapely.Point(points[0])
        is_in = fence.inclusion is None or bool(fence.inclusion.covers(line))
        return is_in and not any(ring.intersects(line) for ring in fence.exclusions)

    def _fence(self, plan: Plan, sortie: Sortie) -> Fence:
        from missions.formats.fences import FenceParams, Fences

        if self._plan is not plan:
            self._plan = plan
            self._fences.clear()
            self._found.clear()
        if sortie not in self._found:
            most = self.rooms.get(sortie.drone, Room()).fence
            if most not in self._fences:
                params = FenceParams() if most is None else FenceParams(max_items=most)
                self._fences[most] = Fences(plan, self.remarks.append, params)
            self._found[sortie] = self._fences[most].of(sortie)
        return self._found[sortie]


def _items(rows: Iterable[MissionRow]) -> tuple[MissionItemInt, ...]:
    return tuple(
        MissionItemInt(
            target_system=0,
            target_component=0,
            seq=row.seq,
            frame=row.frame,
            command=row.command,
            param1=row.params[0],
            x=round(row.x * _DEG_TO_WIRE),
            y=round(row.y * _DEG_TO_WIRE),
            z=row.z,
        )
        for row in rows
    )
