"""From a mission specification to a checked plan: partition, cells, lanes, routes, schedule, deconfliction, check."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from shapely.geometry.base import BaseGeometry

from planner import bounds, coverage, overlay
from planner.airspace import Airspace, build_airspace, require_fleet
from planner.band_rounds import Shared, Slower, with_better_seams, with_longer_search
from planner.band_work import BandWork, plan_band, plan_band_in_time
from planner.check import check_figures, check_flights, in_order, look_at_ground
from planner.comparison import better
from planner.contested import contested_ground, contested_notes, settled
from planner.executor import ALONE, Executors
from planner.joint import join
from planner.launching import Flown, fly
from planner.model import (
    MissionSpec,
    Plan,
    PlanResult,
    Sector,
    SolverInfo,
    Unreachable,
)
from planner.nation_work import WorkParams
from planner.plan_figures import notes_of, result_of
from planner.plan_params import DRAFT, ROUNDS, work_of, work_up_to
from planner.plan_params import PlanParams as PlanParams
from planner.progress import Progress as Progress
from planner.relief.surface import too_steep
from planner.revisit.patrol import patrol_again, team_heights
from planner.sectors.allotment import allot
from planner.sectors.bands import Band, bands_of
from planner.sectors.claims import Asked, ask
from planner.sectors.division import Division
from planner.sectors.sectoring import divide
from planner.timetable.deconflict import working_heights

_MIN_UNREACHABLE_M2 = 1.0


def _silent(_progress: Progress) -> None:
    return None


def _never() -> bool:
    return False


def plan_mission(
    spec: MissionSpec,
    spec_sha256: str,
    params: PlanParams,
    *,
    on_progress: Callable[[Progress], None] = _silent,
    should_stop: Callable[[], bool] = _never,
    executors: Executors = ALONE,
) -> Plan:
    """A complete plan with its bounds and what `check` found; ground beyond reach is named in it.

    When `should_stop` says so, the search ends and the best so far is returned. The plan is the same whoever the `executors` are;
    `should_stop` is sent to them, so it must pickle where they are other processes. Raises PlannerError when the specification
    cannot be planned at all. `solver.seconds` is left 0: there is no clock here.
    """
    require_fleet(spec)
    contested = contested_ground(spec)
    said = tuple(contested_notes(spec, contested))
    spec = settled(spec, contested)
    heights_m = working_heights(spec) if spec.duration_s is None else team_heights(spec)
    plan = _attempts(spec, spec_sha256, params, heights_m, on_progress, should_stop, executors)
    return replace(plan, notes=(*said, *plan.notes)) if said else plan


def _attempts(
    spec: MissionSpec,
    spec_sha256: str,
    params: PlanParams,
    heights_m: Mapping[str, float],
    on_progress: Callable[[Progress], None],
    should_stop: Callable[[], bool],
    executors: Executors,
) -> Plan:
    """With all permissions first. Where sorties by those that end or count drones found no time, flying without such may see more."""
    # Who flies over and over keeps to no permission's clock: only those that hold throughout, for all drones, count.
    bounded = frozenset(each.id for each in spec.permissions if spec.duration_s is None)
    best, in_vain = _attempt(spec, spec_sha256, params, heights_m, bounded, on_progress, should_stop, executors)
    if in_vain:
        other, _ = _attempt(spec, spec_sha256, params, heights_m, frozenset(), _silent, should_stop, executors)
        best = max(best, other, key=lambda plan: (round(plan.result.coverage, 6), -plan.result.makespan_s))
    on_progress(Progress("done", 1.0, best.result.makespan_s, best.result.makespan_bound_s))
    return best


def _attempt(
    spec: MissionSpec,
    spec_sha256: str,
    params: PlanParams,
    heights_m: Mapping[str, float],
    bounded: frozenset[str],
    on_progress: Callable[[Progress], None],
    should_stop: Callable[[], bool],
    executors: Executors,
) -> tuple[Plan, bool]:
    """A plan by these permissions among others, and whether they kept it from flying all that it meant to."""
    on_progress(Progress("airspace", 0.0))
    airspace = build_airspace(spec, heights_m, bounded=bounded)
    bounded_by = executors.common.map(_bound_s, [(spec, airspace)])

    def planned(bands: Sequence[Band], work: WorkParams, told: Callable[[Progress], None]) -> list[BandWork]:
        return list(_plan_bands(bands, plan_band, (heights_m, bounded, work, params.seed, should_stop), told, executors))

    def finish_s(sectors: Mapping[str, BaseGeometry]) -> Mapping[str, float]:
        drafted = ask(spec, airspace, sectors, allot(spec, airspace, sectors, heights_m), heights_m)
        drafts = planned(_bands_over(spec, airspace, drafted, {}, executors), DRAFT, _silent)
        return {nation: max(each.work.home_s for each in drafts if each.work.nation == nation) for nation in drafted.allotment.grounds}

    def divided(slower: Slower) -> tuple[Division, Asked]:
        division = divide(spec, airspace, finish_s, slower=slower.nations)
        return division, ask(spec, airspace, division.sectors, allot(spec, airspace, division.sectors, heights_m), heights_m)

    def checked(
        division: Division, asked: Asked, flown_by: Sequence[BandWork], flown: Flown, bits: Mapping[str, float]
    ) -> tuple[Plan, bool]:
        on_progress(Progress("check", 0.9, max((sortie.end_s for sortie in flown.sorties), default=0.0), bound_s))
        plan = _written(spec, spec_sha256, params, airspace, division, asked, flown_by, flown, heights_m)
        # Three parts that take about as long as each other: two for whoever works for us, one for us meanwhile.
        flights, promised = executors.common.map(check_flights, [plan]), executors.common.map(coverage.planned_coverage, [plan])
        seen = look_at_ground(plan)
        plan = replace(plan, result=result_of(spec, airspace, plan, next(promised), bound_s, bits))
        return replace(plan, violations=in_order([*next(flights), *check_figures(plan, seen)])), bool(flown.left_out)

    division, asked = divided(Slower())
    bound_s = next(bounded_by)
    if spec.duration_s is not None:
        on_progress(Progress("rounds", 0.1, None, bound_s))
        again = patrol_again(spec, airspace, asked, division.sectors, heights_m, ROUNDS, params.seed, should_stop)
        flown = Flown(again.lanes, again.sorties, again.swept, ())
        return checked(division, asked, [BandWork(frame=airspace.frame, work=work) for work in again.works], flown, again.bits)
    bands = _bands_over(spec, airspace, asked, {}, executors)
    is_cut = any(band.known is None for band in bands)
    works = planned(bands, work_of(1) if is_cut else work_up_to(params.most_effort), on_progress)
    shared = Shared(slower=Slower(), division=division, asked=asked, bands=bands, works=works)

    passes = itertools.count()

    def in_time(bands: Sequence[Band], effort: int) -> list[BandWork | None]:
        terms = (heights_m, bounded, work_of(effort), params.seed, should_stop)
        on_progress(Progress("seams of bands" if effort == 1 else "longer search", 0.7 + 0.01 * next(passes), shared.home_s, bound_s))
        return list(_plan_bands(bands, plan_band_in_time, terms, _silent, executors))

    def shared_again(slower: Slower) -> Shared | None:
        division, asked = divided(slower)
        bands = _bands_over(spec, airspace, asked, slower.bases, executors)
        works = in_time(bands, 1)
        known = [each for each in works if each is not None]
        return Shared(slower=slower, division=division, asked=asked, bands=bands, works=known) if len(known) == len(works) else None

    if is_cut:
        shared = with_better_seams(shared, shared_again, params.most_effort - 1, should_stop)
        for effort in range(2, params.most_effort + 1):
            shared = with_longer_search(shared, in_time(shared.bands, effort))

    def finished(flown_by: Sequence[BandWork]) -> tuple[Plan, bool]:
        on_progress(Progress("launch times", 0.8, None, bound_s))
        return checked(shared.division, shared.asked, flown_by, fly(spec, airspace, flown_by, heights_m, should_stop, executors.common), {})

    apart = finished(shared.works)
    if not spec.agreement.joint:
        return apart
    joined = join(spec, airspace, shared.works, heights_m, work_up_to(params.most_effort), params.seed, should_stop)
    return better(apart, apart if joined is None else finished(joined))


def _written(
    spec: MissionSpec,
    spec_sha256: str,
    params: PlanParams,
    airspace: Airspace,
    division: Division,
    asked: Asked,
    works: Sequence[BandWork],
    flown: Flown,
    heights_m: Mapping[str, float],
) -> Plan:
    """The plan without its figures and what `check` finds."""
    return Plan(
        name=spec.name,
        spec_sha256=spec_sha256,
        start_utc=spec.start_utc,
        area=spec.area,
        coverable=airspace.frame.to_geographic(airspace.coverable),
        border=spec.border,
        position_uncertainty_m=spec.position_uncertainty_m,
        nations=spec.nations,
        permissions=spec.permissions,
        keep_outs=spec.keep_outs,
        limits=spec.limits,
        bases=spec.bases,
        drone_types=spec.drone_types,
        drones=spec.drones,
        sectors=tuple(Sector(nation=nation, polygon=airspace.frame.to_geographic(ground)) for nation, ground in division.sectors.items()),
        lanes=flown.lanes,
        sorties=flown.sorties,
        unreachable=_unreachable(spec, airspace, asked, works, flown),
        result=_NO_RESULT,
        solver=SolverInfo(
            seconds=0.0, workers=params.workers, effort=params.effort, reproducible=params.effort is not None, seed=params.seed
        ),
        agreement=spec.agreement,
        objective=spec.objective,
        stay_inside=spec.stay_inside,
        min_coverage=spec.min_coverage,
        wind=spec.wind,
        notes=notes_of(spec, airspace, asked, flown.sorties, heights_m, division.notes),
        patrols=spec.patrols,
        duration_s=spec.duration_s,
        terrain=None if spec.terrain is None else spec.terrain.source,
    )


def _bound_s(job: tuple[MissionSpec, Airspace]) -> float:
    return bounds.makespan_bound_s(*job)


def _bands_over(spec: MissionSpec, airspace: Airspace, asked: Asked, slower: Mapping[str, float], executors: Executors) -> list[Band]:
    grounds = asked.allotment.grounds
    cut = {
        nation: executors.of(nation).map(partial(_cut, _for_nation(spec, nation), airspace, slower), [(nation, ground)])
        for nation, ground in grounds.items()
    }
    return [
        replace(band, spec=replace(band.spec, patrols=asked.patrols_of(spec, nation, None if band.known else band.spec.bases[0].id)))
        for nation in grounds
        for band in next(cut[nation])
    ]


def _for_nation(spec: MissionSpec, nation: str) -> MissionSpec:
    """The mission without the drones and bases of others, which a nation's own executor is not told of."""
    drones = tuple(drone for drone in spec.drones if drone.nation == nation)
    return replace(spec, drones=drones, bases=tuple(base for base in spec.bases if base.nation == nation))


def _cut(spec: MissionSpec, airspace: Airspace, slower: Mapping[str, float], job: tuple[str, BaseGeometry]) -> list[Band]:
    nation, ground = job
    return bands_of(spec, airspace, nation, ground, slower=slower)


_Terms = tuple[Mapping[str, float], frozenset[str], WorkParams, int, Callable[[], bool]]
_Planned = TypeVar("_Planned", BandWork, BandWork | None)


def _plan_bands(
    bands: Sequence[Band],
    plan_one: Callable[..., _Planned],
    terms: _Terms,
    on_progress: Callable[[Progress], None],
    executors: Executors,
) -> Iterator[_Planned]:
    """Each nation's bands by whoever works for it; it hears of its own drones only."""
    heights_m, bounded, params, seed, should_stop = terms
    planned = partial(plan_one, bounded=bounded, params=params, seed=seed, should_stop=should_stop)
    by_nation: dict[str, Iterator[_Planned]] = {}
    for nation in dict.fromkeys(band.nation for band in bands):
        own = [band for band in bands if band.nation == nation]
        own_m = {drone.id: heights_m[drone.id] for band in own for drone in band.spec.drones}
        by_nation[nation] = executors.of(nation).map(partial(planned, heights_m=own_m), own)
    for index, band in enumerate(bands):
        on_progress(Progress(f"routes of {band.nation}", 0.1 + 0.6 * index / len(bands)))
        yield next(by_nation[band.nation])


_NO_RESULT = PlanResult(
    makespan_s=0.0,
    makespan_bound_s=0.0,
    gap=None,
    length_m=0.0,
    length_bound_m=0.0,
    coverage=0.0,
    coverage_of_area=0.0,
    share={},
    worst_revisit_s=None,
    energy_wh=0.0,
)


def _unreachable(spec: MissionSpec, airspace: Airspace, asked: Asked, works: Sequence[BandWork], flown: Flown) -> tuple[Unreachable, ...]:
    """Ground that stays unswept for a reason: nobody may see it, or nobody gets there and back."""
    by_reason: dict[str, list[BaseGeometry]] = defaultdict(list)
    by_reason["no nation may fly where it could be seen from"].append(overlay.intersection(airspace.unseen, asked.ground))
    for item in asked.allotment.beyond:
        by_reason[item.reason].append(item.ground)
    for each in works:
        for unserved in each.work.unserved:
            unswept = each.seen_from(airspace.frame, unserved.piece.track.ground)
            by_reason[unserved.reason].append(overlay.intersection(unswept, airspace.coverable))
    for ground, reason in flown.left_out:
        by_reason[reason].append(overlay.intersection(ground, airspace.coverable))
    found = {reason: overlay.difference(overlay.union(grounds), flown.swept) for reason, grounds in by_reason.items()}
    for reason, steep in too_steep(spec, airspace.frame).items():
        unswept = overlay.difference(overlay.intersection(steep, airspace.coverable), flown.swept)
        found = {reason: unswept} | {other: overlay.difference(ground, unswept) for other, ground in found.items()}
    left = overlay.difference(airspace.coverable, overlay.union([flown.swept, *found.values()]))
    let_go_m2 = (1 - spec.min_coverage) * airspace.coverable.area
    if left.area > let_go_m2:
        # More than the mission lets go is never missed in silence, not even in slivers of a tiny area.
        trimmed = coverage.without_slivers(left)
        small = overlay.difference(left, trimmed).area > let_go_m2
        found["no lane that drones could fly and leave was found over it"] = left if small else trimmed
    return tuple(
        Unreachable(polygon=airspace.frame.to_geographic(ground), reason=reason)
        for reason, ground in found.items()
        if ground.area > min(_MIN_UNREACHABLE_M2, 0.001 * airspace.coverable.area)
    )
