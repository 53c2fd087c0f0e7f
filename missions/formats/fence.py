"""ArduPilot's polygon fence as `QGC WPL 110` with fence items, as MAVProxy and Mission Planner load it (`fence load`).

Each vertex is a row with the polygon's vertex count in param1; all vertices of a polygon follow each other, without home.
"""

from __future__ import annotations

from collections.abc import Iterator

import shapely
from shapely.geometry import Polygon

from mavlink_bridge.enums import MavCmd, MavFrame
from missions.formats.fences import Fence, Fences
from missions.formats.mission_rows import MissionRow
from missions.formats.wpl import wpl_bytes
from missions.formats.writing import Remark, Writers
from planner.model import Plan, Sortie


def fence_writer(plan: Plan, remark: Remark) -> Writers:
    """One file a sortie: what it stays in, and the keep-outs near it."""
    fences = Fences(plan, remark)

    def write(sortie: Sortie) -> bytes:
        return wpl_bytes(fence_rows(fences.of(sortie)))

    return Writers(write)


def fence_rows(fence: Fence) -> Iterator[MissionRow]:
    """The fence as items, in the order in which they are uploaded."""
    seq = 0
    for inclusion, ring in fence.polygons:
        command = MavCmd.NAV_FENCE_POLYGON_VERTEX_INCLUSION if inclusion else MavCmd.NAV_FENCE_POLYGON_VERTEX_EXCLUSION
        corners = ring_places(ring)
        params = (float(len(corners)), 0.0, 0.0, 0.0)
        for lat_deg, lon_deg in corners:
            yield MissionRow(
                seq=seq,
                frame=MavFrame.GLOBAL_RELATIVE_ALT,
                command=command,
                params=params,
                x=lat_deg,
                y=lon_deg,
                z=0.0,
                autocontinue=True,
            )
            seq += 1


def ring_places(ring: Polygon) -> list[tuple[float, float]]:
    """A ring's corners as latitude and longitude, back within -180..180."""
    return [(lat, (lon + 180) % 360 - 180 if abs(lon) > 180 else lon) for lon, lat in shapely.get_coordinates(ring.exterior)[:-1].tolist()]
