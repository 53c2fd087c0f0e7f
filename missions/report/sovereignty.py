"""Where drones flew that their nation may not fly: outside its territory and its neighbours' consent, or over a keep-out.

The plan's check asks the same of the plan, with heights and times; here it is the ground that was really flown over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from missions.formats.features import grown_keep_out
from missions.report.account import DroneAccount, FlightAccount
from planner.geo import LatLon

#: What reported positions and a copter's own corners may be off by.
_TOLERANCE_M = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Intrusion:
    """One drone over ground that it may not fly over: where it was deepest, patrol seconds, and how far beyond the line."""

    drone: str
    at_s: float
    place: LatLon
    beyond_m: float
    what: str

    @property
    def text(self) -> str:
        return f"{self.drone} was {self.beyond_m:.0f} m {self.what} at {self.at_s:.0f} s"


def intrusions(account: FlightAccount, drone: DroneAccount) -> Iterator[Intrusion]:
    """The drone's deepest one into foreign airspace, and into each keep-out."""
    yield from _deepest(account, drone.drone, _allowed(account, drone.nation), "outside its nation's airspace", inside=False)
    for keep_out in account.plan.keep_outs:
        grown = account.frame.to_local(grown_keep_out(keep_out))
        yield from _deepest(account, drone.drone, grown, f"inside keep-out {keep_out.id}", inside=True)


def _allowed(account: FlightAccount, nation: str) -> BaseGeometry:
    plan, frame = account.plan, account.frame
    granted = [frame.to_local(permission.polygon) for permission in plan.permissions if permission.guest == nation]
    allowed = shapely.union_all([frame.to_local(plan.nation(nation).territory), *granted])
    shapely.prepare(allowed)
    return allowed


def _deepest(account: FlightAccount, drone: str, ground: BaseGeometry, what: str, *, inside: bool) -> Iterator[Intrusion]:
    record = account.records.get(drone)
    if record is None:
        return
    edge = ground.boundary
    for span in record.airtimes:
        track = record.track.between(span.start_s, span.end_s)
        wrong = np.flatnonzero(shapely.contains_xy(ground, track.east_m, track.north_m) == inside)
        depths_m = shapely.distance(shapely.points(np.column_stack([track.east_m, track.north_m])[wrong]), edge)
        if len(wrong) == 0 or depths_m.max() <= _TOLERANCE_M:
            continue
        row = int(wrong[int(depths_m.argmax())])
        place = account.frame.point_to_geographic(east_m=float(track.east_m[row]), north_m=float(track.north_m[row]))
        at_s = float(track.at_s[row]) - account.zero_s
        yield Intrusion(drone=drone, at_s=at_s, place=place, beyond_m=float(depths_m.max()), what=what)
        return
