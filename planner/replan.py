"""Change a plan that is being flown: drones drop out, ground is closed; what is left goes to the others as further sorties.

Nothing is changed in the air. Sorties that have begun are kept, those that were broken off are kept as far as they came, and
those that have not begun stay as they are unless a closed area is in their way. The lanes that are then nobody's are divided.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import shapely
from shapely.geometry.base import BaseGeometry

from planner import bounds, coverage, geo
from planner.airspace import Airspace, build_airspace
from planner.check import check_plan
from planner.flown_so_far import Progress
from planner.further_sorties import further_sorties
from planner.geo import LatLon
from planner.lanes import Point, Track
from planner.later_launches import place_later
from planner.model import Drone, KeepOut, Lane, Leg, LegKind, MissionSpec, Patrol, Plan, PlanResult, Sortie, Unreachable, Validity
from planner.nation_work import NationWork, WorkParams, measure_tracks
from planner.routing import RoutingParams
from planner.schedule import DroneDay, LegWriter, Piece, shifted
from planner.tour import TourParams


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplanParams:
    """`lead_s` from now until the first further sortie may start: upload and launch. A lane that was broken off is begun again
    `overlap_m` before the last covered point. Rests of lanes shorter than `shortest_m` are not flown for. Up to `outside_m` of a
    lane may lie outside what is surely flyable without being missed.
    """

    lead_s: float = 90.0
    overlap_m: float = 8.0
    shortest_m: float = 1.0
    outside_m: float = 5.0
    width_rounding_m: float = 0.001


def replan(
    plan: Plan,
    progress: Progress,
    withdrawn: Collection[str] = (),
    closed: Sequence[KeepOut] = (),
    params: ReplanParams | None = None,
) -> Plan:
    """The plan from here on, checked. `withdrawn` drones fly nothing more; their sorties under way count as broken off.

    `closed` areas hold from now on, whatever their own validity says. Nobody flies where its nation may not: lanes of a nation
    without drones go to others only where permissions let them. What nobody can sweep is named in `unreachable`.
    """
    return _Change(plan, progress, frozenset(withdrawn), closed, params or ReplanParams()).plan()


class _Change:
    def __init__(self, plan: Plan, progress: Progress, withdrawn: frozenset[str], closed: Sequence[KeepOut], params: ReplanParams) -> None:
        self._old, self._progress, self._withdrawn, self._params = plan, progress, withdrawn, params
        self._closed = tuple(replace(each, validity=Validity(from_s=max(progress.now_s, each.validity.from_s))) for each in closed)
        self._heights_m = {drone.id: _height_m(plan, drone) for drone in plan.drones}
        self._spec = _spec_of(plan, self._closed)
        self._airspace = build_airspace(self._spec, self._heights_m)
        self._frame = self._airspace.frame
        self._lanes = {lane.id: lane for lane in plan.lanes}
        self._cut: dict[str, Lane] = {}
        self._stopped = {lane: self._on_its_leg(lane, place) for lane, place in progress.stopped.items() if lane in self._lanes}

    def plan(self) -> Plan:
        kept, orphans = self._kept()
        tracks = [track for lane in orphans for track in self._rest_of(lane)]
        taken: list[Lane] = []
        further, unserved = self._divide(tracks, kept, taken)
        # What was seen was seen: flown lanes stay even when no sortie could be made of them.
        swept = sorted(self._progress.swept)
        lanes = [self._cut.get(lane, self._lanes[lane]) for lane in dict.fromkeys([*_lanes_of(kept), *swept]) if lane in self._lanes]
        plan = replace(
            self._old,
            keep_outs=(*self._old.keep_outs, *self._closed),
            coverable=self._frame.to_geographic(self._airspace.coverable) if self._closed else self._old.coverable,
            lanes=(*lanes, *taken),
            sorties=tuple(sorted((*kept, *further), key=lambda sortie: (sortie.start_s, sortie.id))),
            unreachable=(*self._old.unreachable, *self._named(unserved)),
        )
        plan = replace(plan, result=_result(plan))
        return replace(plan, violations=check_plan(plan))

    def _on_its_leg(self, lane: str, place: LatLon) -> LatLon:
        """The point of the lane that is nearest: a drone flies a little beside it."""
        leg = next(leg for sortie in self._old.sorties for leg in sortie.legs if leg.lane == lane)
        line = shapely.LineString([self._frame.point_to_local(leg.start.ground), self._frame.point_to_local(leg.end.ground)])
        point = shapely.line_interpolate_point(line, shapely.line_locate_point(line, shapely.Point(self._frame.point_to_local(place))))
        return self._frame.point_to_geographic(east_m=point.x, north_m=point.y)

    # --- what stays ----------------------------------------------------------------------------------------------------

    def _kept(self) -> tuple[list[Sortie], list[str]]:
        """Sorties that stay, broken off ones as far as they came; and the lanes that are nobody's now."""
        progress, kept, orphans = self._progress, [], []
        barred = shapely.union_all([self._frame.ground(each.polygon).buffer(each.buffer_m) for each in self._closed])
        for sortie in self._old.sorties:
            lanes = list(_lanes_of([sortie]))
            broken = sortie.id in progress.broken_off or (
                sortie.drone in self._withdrawn and not set(lanes) <= progress.swept and sortie.id in progress.begun
            )
            if broken:
                kept += self._as_far_as_it_came(sortie)
                orphans += [lane for lane in lanes if lane not in progress.swept]
            elif sortie.id in progress.begun:
                kept.append(sortie)
            elif sortie.drone in self._withdrawn or self._crosses(sortie, barred):
                orphans += lanes
            else:
                kept.append(sortie)
        return kept, orphans

    def _crosses(self, sortie: Sortie, barred: BaseGeometry) -> bool:
        if barred.is_empty:
            return False
        points = [self._frame.point_to_local(point.ground) for leg in sortie.legs for point in leg.points]
        return bool(shapely.LineString(points).intersects(barred))

    def _as_far_as_it_came(self, sortie: Sortie) -> list[Sortie]:
        """The sortie with the lanes that it swept, whole or in part, and home from there; nothing when it swept none."""
        pieces: list[Piece] = []
        states: list[int] = []
        names: list[str] = []
        for leg in sortie.legs:
            stopped = self._stopped.get(leg.lane or "")
            if leg.kind is not LegKind.SWEEP or leg.lane is None or (leg.lane not in self._progress.swept and stopped is None):
                continue
            if stopped is not None and geo.geodesic_m(leg.start.ground, stopped) < self._params.shortest_m:
                continue
            lane = self._lanes[leg.lane]
            track = self._track(leg.start.ground, leg.end.ground if stopped is None else stopped, lane.swath_m)
            if stopped is not None:
                self._cut[lane.id] = replace(lane, start=leg.start.ground, end=stopped)
            states.append(2 * len(pieces))
            pieces.append(Piece(track, len(pieces), 0))
            names.append(leg.lane)
        if not pieces:
            return []
        airspace = build_airspace(_spec_of(self._old, ()), self._heights_m)
        drone = self._old.drone(sortie.drone)
        spec = replace(self._spec, drones=(drone,))
        tracks = [piece.track for piece in pieces]
        _, work = measure_tracks(spec, _flown_airspace(airspace, sortie.nation), sortie.nation, tracks, self._heights_m, _FLOWN)
        if len(work.pieces) != len(pieces):
            return []
        try:
            written = LegWriter(self._frame, self._old.wind, sortie.nation).sortie(self._day(drone, work), 1, states, pieces)
        except LookupError:  # no legal way between them is left
            return []
        legs = iter(names)
        renamed = tuple(self._named_leg(leg, next(legs)) if leg.kind is LegKind.SWEEP else leg for leg in written.legs)
        return [shifted(replace(written, id=sortie.id, legs=renamed), sortie.start_s)]

    def _named_leg(self, leg: Leg, lane: str) -> Leg:
        return replace(leg, lane=lane, swath_m=self._lanes[lane].swath_m)

    # --- what is left --------------------------------------------------------------------------------------------------

    def _rest_of(self, name: str) -> list[Track]:
        """What of the lane is still to be swept, outside what is closed."""
        lane = self._lanes[name]
        start, end = self._rest_ends(lane)
        track = self._track(start, end, lane.swath_m)
        open_line = track.line.difference(
            shapely.union_all([self._frame.ground(each.polygon).buffer(each.buffer_m + self._params.overlap_m) for each in self._closed])
        )
        return self._parts(track, open_line)

    def _parts(self, track: Track, line: BaseGeometry) -> list[Track]:
        """What of the track the line is, in pieces worth flying for."""
        parts = [part for part in shapely.get_parts(line) if part.geom_type == "LineString" and part.length > self._params.shortest_m]
        return [Track(_point(part.coords[0]), _point(part.coords[-1]), track.swath_m) for part in parts]

    def _rest_ends(self, lane: Lane) -> tuple[LatLon, LatLon]:
        stopped = self._stopped.get(lane.id)
        if stopped is None:
            return lane.start, lane.end
        leg = next(leg for sortie in self._old.sorties for leg in sortie.legs if leg.lane == lane.id)
        back = geo.geodesic_m(leg.start.ground, stopped)
        here, there = self._frame.point_to_local(stopped), self._frame.point_to_local(leg.start.ground)
        part = min(1.0, self._params.overlap_m / back) if back > 0 else 0.0
        east_m, north_m = here[0] + (there[0] - here[0]) * part, here[1] + (there[1] - here[1]) * part
        return self._frame.point_to_geographic(east_m=east_m, north_m=north_m), leg.end.ground

    def _divide(self, tracks: Sequence[Track], kept: Sequence[Sortie], taken: list[Lane]) -> tuple[tuple[Sortie, ...], list[Track]]:
        """Further sorties for the tracks, nation by nation, and the tracks that nobody can sweep. `taken` gets the new lanes."""
        chains: dict[str, list[Sortie]] = {}
        left = list(tracks)
        ready_s = self._ready_s(kept)
        for nation in self._old.nations:
            drones = tuple(drone for drone in self._old.drones if drone.nation == nation.id and drone.id in ready_s)
            flyable = self._airspace.flyable[nation.id]
            mine = [part for track in left for part in self._parts(track, track.line.intersection(flyable))] if drones else []
            if not mine:
                continue
            spec = replace(self._spec, drones=drones)
            problem, work = measure_tracks(spec, self._airspace, nation.id, mine, self._heights_m, _UNCUT)
            days = further_sorties(problem, ready_s)
            swept = {state // 2 for sorties in days.values() for states in sorties for state in states}
            missed = [piece.track for number, piece in enumerate(work.pieces) if number not in swept]
            outside = [part for track in left for part in self._parts(track, track.line.difference(flyable))]
            left = [part for part in outside if part.length_m > self._params.outside_m] + missed
            left += [each.piece.track for each in work.unserved]
            writer = LegWriter(self._frame, self._old.wind, nation.id)
            for drone in drones:
                first = self._first_number(drone)
                written = (
                    writer.sortie(self._day(drone, work), first + number, states, work.pieces)
                    for number, states in enumerate(days[drone.id])
                )
                chains[drone.id] = list(written)
            self._rename(writer, [chains[drone.id] for drone in drones], taken)
        late = [shifted(sortie, self._progress.delay_s.get(sortie.drone, 0.0)) for sortie in kept if sortie.id in self._progress.begun]
        return place_later([*kept, *late], chains, ready_s, frame=self._frame, plan=self._old), left

    def _rename(self, writer: LegWriter, chains: Iterable[list[Sortie]], taken: list[Lane]) -> None:
        """New lanes get numbers that none has had."""
        used = [int(found.group(1)) for lane in (*self._old.lanes, *taken) if (found := re.search(r"(\d+)$", lane.id))]
        first = max(used, default=0)
        names = {lane.id: f"{lane.nation}-{first + number:03d}" for number, lane in enumerate(writer.lanes, start=1)}
        taken += [replace(lane, id=names[lane.id]) for lane in writer.lanes]
        for chain in chains:
            chain[:] = [
                replace(sortie, legs=tuple(replace(leg, lane=names[leg.lane]) if leg.lane else leg for leg in sortie.legs))
                for sortie in chain
            ]

    def _ready_s(self, kept: Sequence[Sortie]) -> dict[str, float]:
        """When each drone that flies on could start a further sortie."""
        ready_s = {}
        for drone in self._old.drones:
            if drone.id in self._withdrawn or not self._old.sorties_of(drone.id):
                continue
            swap_s = self._old.drone_type(drone.type).battery_swap_s
            late_s = max(0.0, self._progress.delay_s.get(drone.id, 0.0))
            ends = [sortie.end_s + late_s + swap_s for sortie in kept if sortie.drone == drone.id]
            ready_s[drone.id] = max([self._progress.now_s + self._params.lead_s, *ends])
        return ready_s

    def _first_number(self, drone: Drone) -> int:
        used = [int(found.group(1)) for sortie in self._old.sorties_of(drone.id) if (found := re.search(r"(\d+)$", sortie.id))]
        return max(used, default=0) + 1

    def _day(self, drone: Drone, work: NationWork) -> DroneDay:
        return DroneDay(
            drone=drone,
            drone_type=self._old.drone_type(drone.type),
            base=self._old.base(drone.base),
            base_index=work.bases.index(drone.base),
            height_m=self._heights_m[drone.id],
            ways=work.ways[drone.type],
        )

    def _track(self, start: LatLon, end: LatLon, swath_m: float) -> Track:
        # A plan file says widths to the millimetre: the drone that the lane was laid for must not see less than it asks for.
        width_m = swath_m - self._params.width_rounding_m
        return Track(self._frame.point_to_local(start), self._frame.point_to_local(end), width_m)

    def _named(self, unserved: Sequence[Track]) -> list[Unreachable]:
        """The ground that is given up, and why."""
        closed = [(each, self._frame.ground(each.polygon).intersection(self._airspace.area)) for each in self._closed]
        named = [
            Unreachable(polygon=self._frame.to_geographic(ground), reason=f"closed during the flight: {each.id}")
            for each, ground in closed
            if ground.area > 1.0
        ]
        ground = shapely.union_all([track.ground for track in unserved]).intersection(self._airspace.coverable)
        left = coverage.without_slivers(geo.polygons_of(ground))
        if left.is_empty:
            return named
        out = ", ".join(sorted(self._withdrawn)) or "none"
        reason = f"no drone that is left may fly there and reach it (withdrawn: {out})"
        return [*named, Unreachable(polygon=self._frame.to_geographic(left), reason=reason)]


#: Lanes are laid already, so they are cut only where endurance asks for it.
_UNCUT = WorkParams(tour=TourParams(moves=1), routing=RoutingParams(steps=0), pieces_per_drone=1, sortie_part=0.8)
_ROUNDING_M = 0.1
_FLOWN = replace(_UNCUT, sortie_part=1e6, most_halvings=0)


def _flown_airspace(airspace: Airspace, nation: str) -> Airspace:
    """Without the clearance that is kept for planning: what was flown may end in its last metres."""
    allowed = airspace.allowed[nation].buffer(_ROUNDING_M)
    return replace(airspace, flyable={**airspace.flyable, nation: allowed}, approach={**airspace.approach, nation: allowed})


def _spec_of(plan: Plan, closed: Sequence[KeepOut]) -> MissionSpec:
    """The mission that the plan is of."""
    return MissionSpec(
        name=plan.name,
        start_utc=plan.start_utc,
        area=plan.area,
        border=plan.border,
        position_uncertainty_m=plan.position_uncertainty_m,
        nations=plan.nations,
        bases=plan.bases,
        drone_types=plan.drone_types,
        drones=plan.drones,
        patrols=(Patrol(),),
        permissions=plan.permissions,
        keep_outs=(*plan.keep_outs, *closed),
        objective=plan.objective,
        stay_inside=plan.stay_inside,
        min_coverage=plan.min_coverage,
        wind=plan.wind,
        limits=plan.limits,
    )


def _height_m(plan: Plan, drone: Drone) -> float:
    """Where the drone's sorties work; its type's height when it has none."""
    tops = [leg.end.height_m for sortie in plan.sorties_of(drone.id) for leg in sortie.legs[:1]]
    return max(tops, default=plan.drone_type(drone.type).height_above_home_m)


def _lanes_of(sorties: Iterable[Sortie]) -> Iterable[str]:
    return (leg.lane for sortie in sorties for leg in sortie.legs if leg.kind is LegKind.SWEEP and leg.lane is not None)


def _point(coordinates: Sequence[float]) -> Point:
    return float(coordinates[0]), float(coordinates[1])


def _result(plan: Plan) -> PlanResult:
    """The figures of the changed plan; its bounds are those of the whole mission."""
    makespan_s = max((sortie.end_s for sortie in plan.sorties), default=0.0)
    covered = coverage.planned_coverage(plan)
    swept_m = {nation.id: 0.0 for nation in plan.nations}
    length_m = 0.0
    for sortie in plan.sorties:
        for leg in sortie.legs:
            leg_m = geo.path_length_m(leg.points)
            length_m += leg_m
            swept_m[sortie.nation] += leg_m if leg.kind is LegKind.SWEEP else 0.0
    return replace(
        plan.result,
        makespan_s=makespan_s,
        gap=bounds.gap(makespan_s, plan.result.makespan_bound_s),
        length_m=length_m,
        coverage=covered.coverage,
        coverage_of_area=covered.coverage_of_area,
        share=bounds.shares(swept_m),
        energy_wh=sum(sortie.energy_wh for sortie in plan.sorties),
    )
