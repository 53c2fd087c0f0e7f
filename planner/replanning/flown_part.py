"""A sortie that was broken off, written as far as it came: the lanes that it swept, whole or in part, and home from there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import shapely

from planner import geo
from planner.airspace import Airspace, build_airspace
from planner.geo import LatLon, LocalFrame
from planner.model import Lane, LegKind, MissionSpec, Plan, Sortie
from planner.nation_work import WorkParams, measure_tracks
from planner.routes.routing import RoutingParams
from planner.routes.tour import TourParams
from planner.timetable.schedule import DroneDay, LegWriter, Piece, shifted
from planner.tracks.lanes import Track

_ROUNDING_M = 0.1
#: What was flown is neither cut nor beyond anybody's range.
_FLOWN = WorkParams(tour=TourParams(moves=1), routing=RoutingParams(steps=0), pieces_per_drone=1, sortie_part=1e6, most_halvings=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class FlownPart:
    """The sortie, and what has become of lanes that it left half-way."""

    sortie: Sortie
    cut: Mapping[str, Lane]


def on_its_leg(plan: Plan, lane: str, place: LatLon) -> LatLon:
    """The point of the lane that is nearest: a drone flies a little beside it."""
    frame = LocalFrame.around([plan.area])
    leg = next(leg for sortie in plan.sorties for leg in sortie.legs if leg.lane == lane)
    line = shapely.LineString([frame.point_to_local(leg.start.ground), frame.point_to_local(leg.end.ground)])
    point = shapely.line_interpolate_point(line, shapely.line_locate_point(line, shapely.Point(frame.point_to_local(place))))
    return frame.point_to_geographic(east_m=point.x, north_m=point.y)


def as_far_as_it_came(
    spec: MissionSpec,
    sortie: Sortie,
    lanes: Mapping[str, Lane],
    swept: Collection[str],
    stopped: Mapping[str, LatLon],
    heights_m: Mapping[str, float],
    *,
    shortest_m: float,
) -> FlownPart | None:
    """None when it swept none. `spec` is the mission with the sortie's drone alone, `stopped` where lanes were left."""
    airspace = build_airspace(replace(spec, drones=spec.drones), heights_m)
    frame = airspace.frame
    pieces: list[Piece] = []
    names: list[str] = []
    cut: dict[str, Lane] = {}
    for leg in sortie.legs:
        left_at = stopped.get(leg.lane or "")
        if leg.kind is not LegKind.SWEEP or leg.lane is None or (leg.lane not in swept and left_at is None):
            continue
        if left_at is not None and geo.geodesic_m(leg.start.ground, left_at) < shortest_m:
            continue
        end = leg.end.ground if left_at is None else left_at
        if left_at is not None:
            cut[leg.lane] = replace(lanes[leg.lane], start=leg.start.ground, end=end)
        track = Track(frame.point_to_local(leg.start.ground), frame.point_to_local(end), lanes[leg.lane].swath_m - _WIDTH_ROUNDING_M)
        pieces.append(Piece(track, len(pieces), 0))
        names.append(leg.lane)
    written = _written(spec, airspace, sortie, pieces, heights_m)
    if written is None:
        return None
    left = iter(names)
    legs = tuple(
        replace(leg, lane=(lane := next(left)), swath_m=lanes[lane].swath_m) if leg.kind is LegKind.SWEEP else leg for leg in written.legs
    )
    return FlownPart(sortie=shifted(replace(written, id=sortie.id, legs=legs), sortie.start_s), cut=cut)


#: A plan file says widths to the millimetre: the drone that the lane was laid for must not see less than it asks for.
_WIDTH_ROUNDING_M = 0.001


def _written(spec: MissionSpec, airspace: Airspace, sortie: Sortie, pieces: list[Piece], heights_m: Mapping[str, float]) -> Sortie | None:
    """The sortie along the pieces; None without any, or without a legal way between them."""
    (drone,) = spec.drones
    tracks = [piece.track for piece in pieces]
    if not pieces:
        return None
    _, work = measure_tracks(spec, _flown_airspace(airspace, sortie.nation), sortie.nation, tracks, heights_m, _FLOWN)
    if len(work.pieces) != len(pieces):
        return None
    day = DroneDay(
        drone=drone,
        drone_type=spec.drone_type(drone.type),
        base=spec.base(drone.base),
        base_index=work.bases.index(drone.base),
        height_m=heights_m[drone.id],
        ways=work.ways[drone.type],
    )
    try:
        return LegWriter(airspace.frame, spec.wind, sortie.nation).sortie(day, 1, [2 * index for index in range(len(pieces))], pieces)
    except LookupError:
        return None


def _flown_airspace(airspace: Airspace, nation: str) -> Airspace:
    """Without the clearance that is kept for planning: what was flown may end in its last metres."""
    allowed = airspace.allowed[nation].buffer(_ROUNDING_M)
    return replace(airspace, flyable={**airspace.flyable, nation: allowed}, approach={**airspace.approach, nation: allowed})
