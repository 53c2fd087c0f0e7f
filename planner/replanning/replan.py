"""Change a plan that is being flown: drones drop out, ground is closed; what is left is divided anew over the others.

What has been flown is kept, sorties that were broken off as far as they came. The lanes that are then nobody's become further
sorties. Where drones are in the air whose sorties may be changed there, a second plan is made in which their nation's whole rest is
divided anew, their own lanes included; it is taken when it ends enough earlier than the first, which changes nothing in the air.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import shapely
from shapely.geometry.base import BaseGeometry

from planner import bounds, coverage, geo, overlay
from planner.airspace import Airspace, build_airspace
from planner.check import check_plan
from planner.errors import PlannerError
from planner.geo import LatLon
from planner.mission_of import mission_of, working_height_m
from planner.model import Drone, KeepOut, Lane, LegKind, Plan, PlanResult, Rule, Sortie, Unreachable, Validity
from planner.nation_work import NationWork, WorkParams, measure_tracks
from planner.replanning import in_flight
from planner.replanning.flown_part import as_far_as_it_came, on_its_leg
from planner.replanning.flown_so_far import Progress
from planner.replanning.rest_of_day import AirStart, Day, divide
from planner.routes.routing import RoutingParams
from planner.routes.tour import TourParams
from planner.timetable.later_launches import place_later
from planner.timetable.schedule import DroneDay, LegWriter, shifted
from planner.timetable.sortie_names import further_number, next_version
from planner.tracks.lanes import Point, Track

#: Lanes are laid already: they are cut so that drones can be done together. Some 2 s for two hundred pieces.
_WORK = WorkParams(tour=TourParams(moves=300_000), routing=RoutingParams(steps=0), pieces_per_drone=4, sortie_part=0.8)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplanParams:
    """`lead_s` from now until the first further sortie may start: upload and launch. A lane that was broken off is begun again
    `overlap_m` before the last covered point. Rests of lanes shorter than `shortest_m` are not flown for. Up to `outside_m` of a
    lane may lie outside what is surely flyable without being missed. A change in the air takes `pause_s`, and must let the nation be
    down `worthwhile_s` earlier than without. The last `stub_m` of a lane tell from where, and in which direction, it goes on; `edge_m` of
    allowed ground around it may be flown.
    """

    lead_s: float = 90.0
    overlap_m: float = 8.0
    shortest_m: float = 1.0
    outside_m: float = 5.0
    width_rounding_m: float = 0.001
    pause_s: float = 25.0
    worthwhile_s: float = 60.0
    stub_m: float = 2.0
    edge_m: float = 8.0
    work: WorkParams = _WORK


def _never() -> bool:
    return False


def replan(
    plan: Plan,
    progress: Progress,
    withdrawn: Collection[str] = (),
    closed: Sequence[KeepOut] = (),
    params: ReplanParams | None = None,
    should_stop: Callable[[], bool] = _never,
) -> Plan:
    """The plan from here on, checked. `withdrawn` drones fly nothing more; their sorties under way count as broken off.

    `closed` areas hold from now on, whatever their own validity says. Nobody flies where its nation may not: lanes of a nation
    without drones go to others only where permissions let them. What nobody can sweep is named in `unreachable`. A sortie that is
    changed in the air keeps the legs that are flown by then under another name (`sortie_names`).

    Raises PlannerError for a plan that follows a terrain: what it says of the ground is what its legs need, not others.
    """
    if plan.terrain is not None:
        raise PlannerError(
            "the plan follows the ground, and new legs would need a terrain that a plan does not hold: plan the mission again"
        )
    params = params or ReplanParams()
    calm = _Change(plan, progress, frozenset(withdrawn), closed, params, should_stop)
    without = calm.plan()
    freed = frozenset(plan.drone(drone).nation for drone in progress.in_the_air) & calm.bereft
    if not freed:
        return without
    try:
        changed = _Change(plan, progress, frozenset(withdrawn), closed, params, should_stop, freed).plan()
    except LookupError:
        return without
    return changed if _is_worth_it(changed, without, freed, params) else without


def _is_worth_it(changed: Plan, without: Plan, freed: Collection[str], params: ReplanParams) -> bool:
    """Whether changing sorties in the air lets the nations' drones be down enough earlier, or sees more, at no other price."""
    if _faults(changed) - _faults(without):
        return False
    down_s, without_s = (max((each.end_s for each in plan.sorties if each.nation in freed), default=0.0) for plan in (changed, without))
    seen, without_seen = changed.result.coverage, without.result.coverage
    return seen >= without_seen - 1e-3 and (down_s + params.worthwhile_s <= without_s or seen > without_seen + 1e-3)


def _faults(plan: Plan) -> set[tuple[Rule, str]]:
    return {(each.rule, each.subject.split("/")[0]) for each in plan.violations}


class _Change:
    """One plan. `freed` nations have the rest of their sorties in the air, and all that have not begun, divided anew."""

    def __init__(
        self,
        plan: Plan,
        progress: Progress,
        withdrawn: frozenset[str],
        closed: Sequence[KeepOut],
        params: ReplanParams,
        should_stop: Callable[[], bool],
        freed: frozenset[str] = frozenset(),
    ) -> None:
        self._old, self._progress, self._withdrawn, self._params = plan, progress, withdrawn, params
        self._should_stop, self._freed = should_stop, freed
        self._closed = tuple(replace(each, validity=Validity(from_s=max(progress.now_s, each.validity.from_s))) for each in closed)
        self._heights_m = {drone.id: working_height_m(plan, drone) for drone in plan.drones}
        self._spec = mission_of(plan, self._closed)
        self._airspace = build_airspace(self._spec, self._heights_m)
        self._frame = self._airspace.frame
        self._lanes = {lane.id: lane for lane in plan.lanes}
        self._cut: dict[str, Lane] = {}
        self._stopped = {lane: on_its_leg(plan, lane, place) for lane, place in progress.stopped.items() if lane in self._lanes}
        #: Sorties that are changed in the air, up to where, by drone.
        self._parts: dict[str, Sortie] = {}
        #: Nations with lanes that are nobody's.
        self.bereft: frozenset[str] = frozenset()

    def plan(self) -> Plan:
        kept, orphans = self._kept()
        self.bereft = frozenset(self._lanes[lane].nation for lane in orphans)
        tracks = [track for lane in orphans for track in self._rest_of(lane)]
        taken: list[Lane] = []
        further, unserved = self._divide(tracks, kept, taken)
        # What was seen was seen: flown lanes stay even when no sortie could be made of them.
        names = dict.fromkeys([*_lanes_of([*kept, *self._parts.values()]), *sorted(self._progress.swept)])
        lanes = [self._cut.get(lane, self._lanes[lane]) for lane in names if lane in self._lanes]
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

    # --- what stays ----------------------------------------------------------------------------------------------------

    def _kept(self) -> tuple[list[Sortie], list[str]]:
        """Sorties that stay, broken off ones as far as they came; and the lanes that are nobody's now."""
        progress, kept, orphans = self._progress, list[Sortie](), list[str]()
        barred = shapely.union_all([self._frame.ground(each.polygon).buffer(each.buffer_m) for each in self._closed])
        for sortie in self._old.sorties:
            lanes = list(_lanes_of([sortie]))
            broken = sortie.id in progress.broken_off or (
                sortie.drone in self._withdrawn and not set(lanes) <= progress.swept and sortie.id in progress.begun
            )
            part = self._part(sortie)
            if broken:
                kept += self._as_far_as_it_came(sortie)
                orphans += [lane for lane in lanes if lane not in progress.swept]
            elif part is not None:
                self._parts[sortie.drone] = part
                orphans += _lanes_of([replace(sortie, legs=sortie.legs[len(part.legs) :])])
            elif sortie.id in progress.begun:
                kept.append(sortie)
            elif sortie.drone in self._withdrawn or sortie.nation in self._freed or self._crosses(sortie, barred):
                orphans += lanes
            else:
                kept.append(sortie)
        return kept, orphans

    def _part(self, sortie: Sortie) -> Sortie | None:
        """What stays of a sortie that is changed in the air."""
        air = self._progress.in_the_air.get(sortie.drone)
        is_changed = air is not None and air.sortie == sortie.id and sortie.nation in self._freed
        return in_flight.beginning(sortie, air.last_leg) if air is not None and is_changed else None

    def _crosses(self, sortie: Sortie, barred: BaseGeometry) -> bool:
        if barred.is_empty:
            return False
        points = [self._frame.point_to_local(point.ground) for leg in sortie.legs for point in leg.points]
        return bool(shapely.LineString(points).intersects(barred))

    def _as_far_as_it_came(self, sortie: Sortie) -> list[Sortie]:
        spec = replace(mission_of(self._old, ()), drones=(self._old.drone(sortie.drone),))
        flown = as_far_as_it_came(
            spec, sortie, self._lanes, self._progress.swept, self._stopped, self._heights_m, shortest_m=self._params.shortest_m
        )
        if flown is None:
            return []
        self._cut |= flown.cut
        return [flown.sortie]

    # --- what is left --------------------------------------------------------------------------------------------------

    def _rest_of(self, name: str) -> list[Track]:
        """What of the lane is still to be swept, outside what is closed."""
        lane = self._lanes[name]
        start, end = self._rest_ends(lane)
        track = self._track(start, end, lane.swath_m)
        open_line = track.line.difference(
            shapely.union_all([self._frame.ground(each.polygon).buffer(each.buffer_m + self._params.overlap_m) for each in self._closed])
        )
        return self._parts_of(track, open_line)

    def _parts_of(self, track: Track, line: BaseGeometry) -> list[Track]:
        """What of the track the line is, in pieces worth flying for."""
        parts = [part for part in shapely.get_parts(line) if part.geom_type == "LineString" and part.length > self._params.shortest_m]
        return [Track(_point(part.coords[0]), _point(part.coords[-1]), track.swath_m) for part in parts]

    def _rest_ends(self, lane: Lane) -> tuple[LatLon, LatLon]:
        stopped = self._stopped.get(lane.id)
        if stopped is None:
            return lane.start, lane.end
        leg = next(leg for sortie in self._old.sorties for leg in sortie.legs if leg.lane == lane.id)
        return in_flight.towards(stopped, leg.start.ground, self._params.overlap_m), leg.end.ground

    def _divide(self, tracks: Sequence[Track], kept: Sequence[Sortie], taken: list[Lane]) -> tuple[tuple[Sortie, ...], list[Track]]:
        """Further sorties for the tracks, nation by nation, and the tracks that nobody can sweep. `taken` gets the new lanes."""
        chains: dict[str, list[Sortie]] = {}
        left = list(tracks)
        ready_s = self._ready_s(kept)
        for nation in self._old.nations:
            drones = tuple(drone for drone in self._old.drones if drone.nation == nation.id and drone.id in ready_s)
            flyable = self._airspace.flyable[nation.id]
            mine = [part for track in left for part in self._parts_of(track, track.line.intersection(flyable))] if drones else []
            starts = [self._start(drone) for drone in drones if drone.id in self._parts]
            if not mine and not starts:
                continue
            spec = replace(self._spec, drones=drones)
            stubs = [start.stub for start in starts]
            airspace = self._with_edges(nation.id, stubs)
            problem, work = measure_tracks(spec, airspace, nation.id, [*stubs, *mine], self._heights_m, self._params.work)
            types = {drone.id: self._old.drone_type(drone.type) for drone in drones}
            days = divide(problem, work, ready_s, starts, types, self._params.work.tour, self._should_stop)
            swept = {state // 2 for day in days.values() for states in day.sorties for state in states}
            missed = [piece.track for number, piece in enumerate(work.pieces) if number not in swept and piece.parent >= len(stubs)]
            outside = [part for track in left for part in self._parts_of(track, track.line.difference(flyable))]
            left = [part for part in outside if part.length_m > self._params.outside_m] + missed
            left += [each.piece.track for each in work.unserved]
            writer = LegWriter(self._frame, self._old.wind, nation.id)
            chains |= {drone.id: self._chain(drone, days[drone.id], starts, work, writer) for drone in drones}
            self._rename(writer, [chains[drone.id] for drone in drones], taken)
        late = [shifted(sortie, self._progress.delay_s.get(sortie.drone, 0.0)) for sortie in kept if sortie.id in self._progress.begun]
        settled = [*kept, *late, *self._parts.values()]
        late_s = {drone: self._late_s(drone) for drone in self._parts}
        placed = place_later(settled, chains, ready_s, frame=self._frame, plan=self._old, late_s=late_s)
        return tuple(self._joined(sortie) for sortie in placed), left

    # --- in the air ----------------------------------------------------------------------------------------------------

    def _late_s(self, drone: str) -> float:
        """How much later than planned a drone will go on after its mission was changed in the air."""
        return max(0.0, self._progress.delay_s.get(drone, 0.0)) + self._params.pause_s

    def _start(self, drone: Drone) -> AirStart:
        part, late_s = self._parts[drone.id], self._late_s(drone.id)
        last = part.legs[-1]
        return AirStart(
            drone=drone.id,
            stub=self._track(
                in_flight.towards(last.end.ground, last.start.ground, self._params.stub_m), last.end.ground, last.swath_m or 0.0
            ),
            at_s=part.end_s + late_s,
            spent_s=part.end_s - part.legs[0].end_s + late_s + self._progress.in_the_air[drone.id].lost_s,
            height_m=self._heights_m[drone.id],
        )

    def _with_edges(self, nation: str, stubs: Sequence[Track]) -> Airspace:
        """Flyable ground with what is allowed around the stubs that lie at its edge, as bases do there."""
        flyable = self._airspace.flyable[nation]
        edges = [stub.line.buffer(self._params.edge_m) for stub in stubs if not flyable.covers(stub.line)]
        if not edges:
            return self._airspace
        around = shapely.union_all(edges).intersection(self._airspace.allowed[nation])
        return replace(
            self._airspace,
            flyable={**self._airspace.flyable, nation: shapely.union(flyable, around)},
            approach={**self._airspace.approach, nation: shapely.union(self._airspace.approach[nation], around)},
        )

    def _chain(self, drone: Drone, day: Day, starts: Sequence[AirStart], work: NationWork, writer: LegWriter) -> list[Sortie]:
        """The drone's sorties; the first is the rest of the one that it is on when that is changed."""
        places = {start.drone: number for number, start in enumerate(starts)}
        sorties = list(day.sorties)
        chain: list[Sortie] = []
        if drone.id in places:
            stub = next(index for index, piece in enumerate(work.pieces) if piece.parent == places[drone.id])
            on = sorties.pop(0) if day.goes_on else ()
            chain.append(in_flight.rest(self._parts[drone.id], writer.sortie(self._day(drone, work), 0, (2 * stub, *on), work.pieces)))
        first = further_number(self._old.sorties_of(drone.id))
        chain += [writer.sortie(self._day(drone, work), first + number, states, work.pieces) for number, states in enumerate(sorties)]
        return chain

    def _joined(self, sortie: Sortie) -> Sortie:
        part = self._parts.get(sortie.drone)
        if part is None or sortie.id != next_version(part.id):
            return sortie
        return in_flight.joined(part, sortie, self._old.drone_type(self._old.drone(sortie.drone).type))

    # --- words and numbers ---------------------------------------------------------------------------------------------

    def _rename(self, writer: LegWriter, chains: Iterable[list[Sortie]], taken: list[Lane]) -> None:
        """New lanes get numbers that none has had."""
        numbers = [int(found.group(1)) for lane in (*self._old.lanes, *taken) if (found := re.search(r"(\d+)$", lane.id))]
        first = max(numbers, default=0)
        flown = set(_lanes_of(sortie for chain in chains for sortie in chain))
        lanes = [lane for lane in writer.lanes if lane.id in flown]
        names = {lane.id: f"{lane.nation}-{first + number:03d}" for number, lane in enumerate(lanes, start=1)}
        taken += [replace(lane, id=names[lane.id]) for lane in lanes]
        for chain in chains:
            chain[:] = [
                replace(sortie, legs=tuple(replace(leg, lane=names[leg.lane]) if leg.lane else leg for leg in sortie.legs))
                for sortie in chain
            ]

    def _ready_s(self, kept: Sequence[Sortie]) -> dict[str, float]:
        """When each drone that flies on could start a further sortie, or go on in the air."""
        ready_s = {}
        for drone in self._old.drones:
            if drone.id in self._withdrawn or not self._old.sorties_of(drone.id):
                continue
            if drone.id in self._parts:
                ready_s[drone.id] = self._parts[drone.id].end_s
                continue
            swap_s = self._old.drone_type(drone.type).battery_swap_s
            late_s = max(0.0, self._progress.delay_s.get(drone.id, 0.0))
            ends = [sortie.end_s + late_s + swap_s for sortie in kept if sortie.drone == drone.id]
            ready_s[drone.id] = max([self._progress.now_s + self._params.lead_s, *ends])
        return ready_s

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
        ground = overlay.intersection(overlay.union(track.ground for track in unserved), self._airspace.coverable)
        left = coverage.without_slivers(geo.polygons_of(ground))
        if left.is_empty:
            return named
        out = ", ".join(sorted(self._withdrawn)) or "none"
        reason = f"no drone that is left may fly there and reach it (withdrawn: {out})"
        return [*named, Unreachable(polygon=self._frame.to_geographic(left), reason=reason)]


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
