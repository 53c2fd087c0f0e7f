"""Rally points as `QGC WPL 110` with rally items, as MAVProxy and Mission Planner load it (`rally load`): the nation's bases.

Copters pass over a rally point that lies outside their fence, and come home instead.
"""

from __future__ import annotations

from collections.abc import Iterator

from mavlink_bridge.enums import MavCmd, MavFrame
from missions.formats.mission_rows import MissionRow
from missions.formats.wpl import wpl_bytes
from missions.formats.writing import Remark, Writers
from planner.geo import LatLon, Position, geodesic_m
from planner.model import Base, LegKind, Plan, Sortie

#: What a small autopilot stores (ArduPilot's SITL board: 46; the format has no limit).
MAX_RALLY_POINTS = 46


def rally_writer(plan: Plan, remark: Remark) -> Writers:
    """One file a sortie."""

    def write(sortie: Sortie) -> bytes:
        points = rally_points(plan, sortie)
        if len(points) > MAX_RALLY_POINTS:
            remark(f"{sortie.id}: {len(points)} rally points, and a small autopilot holds {MAX_RALLY_POINTS}; the nearest come first")
        return wpl_bytes(rally_rows(points))

    return Writers(write)


def rally_points(plan: Plan, sortie: Sortie) -> list[Position]:
    """The bases of the sortie's nation, its own first and then the nearest, at the least height that the sortie flies at.

    So nobody climbs into another's layer on the way there.
    """
    height_m = min((leg.end.height_m for leg in sortie.legs if leg.kind is not LegKind.LAND), default=0.0)
    home = plan.base(sortie.start_base).location
    bases = sorted((base for base in plan.bases if base.nation == sortie.nation), key=lambda base: geodesic_m(home, base.location))
    return [_over(base, height_m) for base in bases]


def rally_rows(points: list[Position]) -> Iterator[MissionRow]:
    """The points as items, in the order in which they are uploaded."""
    for seq, point in enumerate(points):
        yield MissionRow(
            seq=seq,
            frame=MavFrame.GLOBAL_RELATIVE_ALT,
            command=MavCmd.NAV_RALLY_POINT,
            params=(0.0, 0.0, 0.0, 0.0),
            x=point.lat_deg,
            y=point.lon_deg,
            z=point.height_m,
            autocontinue=True,
        )


def _over(base: Base, height_m: float) -> Position:
    place = _within_world(base.location)
    return Position(lat_deg=place.lat_deg, lon_deg=place.lon_deg, height_m=height_m)


def _within_world(place: LatLon) -> LatLon:
    return place if place.lon_deg <= 180 else LatLon(lat_deg=place.lat_deg, lon_deg=place.lon_deg - 360)
