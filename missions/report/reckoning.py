"""Reckon up a flight: from the plan and the logged events to the account, without any I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import get_args

import numpy as np
import shapely

from mavlink_bridge.events import Alert, AlertLevel, FleetEvent, SessionCrashed, UploadOutcome
from missions.control.messages import (
    DroneProgress,
    Everyone,
    FinalState,
    Fix,
    IntentRefused,
    IntentTaken,
    Land,
    PatrolEnded,
    PatrolEvent,
    PatrolState,
    PatrolStateChanged,
    PlanChanged,
    Recall,
    ReplanProposed,
    Shutdown,
    Verdict,
)
from missions.report.account import DroneAccount, Effort, FlightAccount, NationAccount, SortieTimes
from missions.report.drone_record import DroneRecord, DroneRecorder, Span
from missions.report.energy import Energy, EnergySource, drawn_energy, sum_energies
from missions.report.missed import missed_ground
from missions.report.params import ReportParams
from missions.report.responses import responses
from missions.report.segments import seen_points, segments
from missions.report.separation import encounters
from missions.report.track import Track
from missions.report.verdict import flight_violations, verdict_of
from planner.coverage import CoverageReport, Sweep, flown_coverage, planned_coverage
from planner.geo import LocalFrame, geodesic_m, path_length_m
from planner.model import Drone, Plan, Sortie, Violation

_OF_ONE_DRONE: tuple[type[FleetEvent | Fix | DroneProgress], ...] = (*get_args(FleetEvent), Fix, DroneProgress)


def reckon(
    plan: Plan, plan_sha256: str, logged: Iterable[PatrolEvent], plan_violations: Sequence[Violation], params: ReportParams
) -> FlightAccount:
    """The account of a flight of this plan. `plan_violations` are what `check` finds in it.

    Events are gone through once; those of drones that the plan does not have are ignored.
    """
    frame = LocalFrame.around([plan.area])
    records, notable = _gathered(plan, logged, frame)
    zero_s = _zero_s(plan, notable, records)
    planned = planned_coverage(plan)
    flown = flown_coverage(plan, flown_sweeps(plan, records, frame, params))
    met = [replace(encounter, at_s=encounter.at_s - zero_s) for encounter in encounters(list(records.values()), plan.limits, frame, params)]
    seen = seen_points(plan, records, zero_s, frame, params)
    drones = tuple(_drone_account(plan, drone, records.get(drone.id), frame, params) for drone in _drones_to_report(plan, records))
    verdict, reasons = verdict_of(plan, flown, drones, plan_violations, met, interrupted=_was_interrupted(notable))
    return FlightAccount(
        plan=plan,
        plan_sha256=plan_sha256,
        verdict=verdict,
        reasons=reasons,
        frame=frame,
        zero_s=zero_s,
        duration_s=max([0.0, *(span.end_s - zero_s for record in records.values() for span in record.armed_times)]),
        planned=planned,
        flown=flown,
        missed=missed_ground(plan, planned, flown, frame, params),
        nations=tuple(_nation_accounts(plan, drones, planned, flown)),
        drones=drones,
        sorties=tuple(_sortie_times(plan, records, zero_s)),
        violations=(*plan_violations, *flight_violations(plan, flown, met)),
        alerts=tuple(_alerts(notable, drones, zero_s)),
        encounters=tuple(met),
        records=records,
        segments=tuple(segments(plan, planned, flown, seen, frame)),
        seen=seen,
        responses=tuple(responses(notable, zero_s)),
    )


def flown_sweeps(plan: Plan, records: Mapping[str, DroneRecord], frame: LocalFrame, params: ReportParams) -> Iterator[Sweep]:
    """What was flown with a lane open: between its LaneStarted and its LaneFinished, wherever telemetry tells the way."""
    widths_m = {lane.id: lane.swath_m for lane in plan.lanes}
    nations = {drone.id: drone.nation for drone in plan.drones}
    for record in records.values():
        for span in record.swept:
            for piece in _pieces(record, span, params):
                if len(piece) > 1 and span.lane in widths_m:
                    points = _simplified(piece, params.swept_tolerance_m).places(frame)
                    yield Sweep(
                        drone=record.drone, nation=nations[record.drone], lane=span.lane, swath_m=widths_m[span.lane], points=points
                    )


def _pieces(record: DroneRecord, span: Span, params: ReportParams) -> list[Track]:
    """What is known of the way in a span of time."""
    return record.track.between(span.start_s, span.end_s).pieces(max_gap_s=params.max_gap_s, max_speed_mps=params.max_speed_mps)


def _simplified(track: Track, tolerance_m: float) -> Track:
    line = shapely.simplify(shapely.LineString(np.column_stack([track.east_m, track.north_m])), tolerance_m)
    east_m, north_m = shapely.get_coordinates(line).T
    unknown = np.full(len(east_m), np.nan)
    return Track(at_s=unknown, east_m=east_m, north_m=north_m, amsl_m=unknown, volts=unknown, amperes=unknown, consumed_mah=unknown)


_Notable = PatrolStateChanged | IntentTaken | IntentRefused | ReplanProposed | PlanChanged | PatrolEnded | Alert | SessionCrashed


def _gathered(plan: Plan, logged: Iterable[PatrolEvent], frame: LocalFrame) -> tuple[dict[str, DroneRecord], list[_Notable]]:
    """Each drone's record, and the few events that concern the patrol as a whole."""
    recorders = {drone.id: DroneRecorder(drone.id) for drone in plan.drones}
    notable: list[_Notable] = []
    for event in logged:
        if isinstance(event, _Notable):
            notable.append(event)
        if isinstance(event, _OF_ONE_DRONE) and event.drone in recorders:
            recorders[event.drone].take(event)
    return {recorder.drone: recorder.record(frame) for recorder in recorders.values() if recorder.last_s is not None}, notable


def _zero_s(plan: Plan, events: Iterable[_Notable], records: Mapping[str, DroneRecord]) -> float:
    """The instant of vehicle time that the plan's times count from: as logged, else so that the first take-off was on time."""
    for event in events:
        if isinstance(event, PatrolStateChanged) and event.patrol_s is not None:
            return event.at_s - event.patrol_s
    starts_s = {sortie.id: sortie.start_s for sortie in plan.sorties}
    spans = [span for record in records.values() for span in record.airtimes]
    first = min(spans, key=lambda span: span.start_s, default=None)
    return 0.0 if first is None else first.start_s - starts_s.get(first.sortie or "", 0.0)


def _was_interrupted(events: Iterable[_Notable]) -> bool:
    for event in events:
        match event:
            case (
                PatrolStateChanged(state=PatrolState.RECALLING)
                | IntentTaken(intent=Shutdown() | Recall(scope=Everyone()) | Land(scope=Everyone()))
                | PatrolEnded(verdict=Verdict.INTERRUPTED)
            ):
                return True
            case _:
                pass
    return False


def _drones_to_report(plan: Plan, records: Mapping[str, DroneRecord]) -> list[Drone]:
    """A drone without a sortie that was never heard had no part in this."""
    busy = {sortie.drone for sortie in plan.sorties} | set(records)
    return [drone for drone in plan.drones if drone.id in busy]


def _drone_account(plan: Plan, drone: Drone, record: DroneRecord | None, frame: LocalFrame, params: ReportParams) -> DroneAccount:
    sorties = plan.sorties_of(drone.id)
    return DroneAccount(
        drone=drone.id,
        nation=drone.nation,
        system_id=record.system_id if record and record.system_id is not None else drone.system_id,
        upload=_upload(record),
        final=_final(plan, drone, record, frame, params),
        planned=_planned_effort(sorties),
        flown=_flown_effort(plan, record, params),
        sorties_planned=len(sorties),
        sorties_flown=len({span.sortie for span in record.airtimes}) if record else 0,
        pictures=(record.pictures if record else 0) if plan.drone_type(drone.type).sensor.trigger_distance_m is not None else None,
    )


def _upload(record: DroneRecord | None) -> UploadOutcome:
    """The worst of the last outcomes of the sorties that were uploaded or flown; unknown when none was, or one has no outcome."""
    if record is None:
        return UploadOutcome.UNKNOWN
    flown = {span.sortie for span in record.airtimes if span.sortie is not None}
    outcomes = {record.uploads.get(sortie, UploadOutcome.UNKNOWN) for sortie in flown | set(record.uploads)}
    worst_first = (UploadOutcome.FAILED, UploadOutcome.UNKNOWN, UploadOutcome.VERIFIED)
    return next((outcome for outcome in worst_first if outcome in outcomes), UploadOutcome.UNKNOWN)


def _final(plan: Plan, drone: Drone, record: DroneRecord | None, frame: LocalFrame, params: ReportParams) -> FinalState:
    if record is None:
        return FinalState.LOST
    if record.in_the_air or record.armed:
        return FinalState.LOST if record.silent else FinalState.FLYING
    place = record.last_place(frame)
    if place is None:
        return FinalState.LOST
    at_home = any(geodesic_m(place, plan.base(base).location) <= params.home_radius_m for base in _home_bases(plan, drone, record))
    return FinalState.HOME_DISARMED if at_home else FinalState.LANDED_AWAY


def _home_bases(plan: Plan, drone: Drone, record: DroneRecord) -> set[str]:
    """Where its last sortie was to end, and where it began: a drone that is called back goes there."""
    last = record.airtimes[-1].sortie if record.airtimes else None
    sortie = next((sortie for sortie in plan.sorties if sortie.id == last), None)
    return {sortie.start_base, sortie.end_base} if sortie is not None else {drone.base}


def _planned_effort(sorties: Iterable[Sortie]) -> Effort:
    listed = list(sorties)
    legs = [leg for sortie in listed for leg in sortie.legs]
    return Effort(
        time_s=sum(sortie.end_s - sortie.start_s for sortie in listed),
        length_m=sum(path_length_m(leg.points) for leg in legs),
        energy=Energy(wh=sum(sortie.energy_wh for sortie in listed), source=EnergySource.MODEL),
    )


def _flown_effort(plan: Plan, record: DroneRecord | None, params: ReportParams) -> Effort:
    if record is None:
        return Effort(time_s=0.0, length_m=0.0, energy=sum_energies([]))
    ways_m = (piece.length_m(min_step_m=params.min_step_m) for span in record.airtimes for piece in _pieces(record, span, params))
    return Effort(
        time_s=sum(span.duration_s for span in record.airtimes),
        length_m=sum(ways_m),
        energy=drawn_energy(plan, record, params),
    )


def _nation_accounts(plan: Plan, drones: Sequence[DroneAccount], planned: CoverageReport, flown: CoverageReport) -> Iterator[NationAccount]:
    for nation in plan.nations:
        own = [account for account in drones if account.nation == nation.id]
        yield NationAccount(
            nation=nation.id,
            name=nation.name,
            planned=_together([account.planned for account in own]),
            flown=_together([account.flown for account in own]),
            planned_coverage=planned.nation_coverage.get(nation.id, 1.0),
            flown_coverage=flown.nation_coverage.get(nation.id, 1.0),
        )


def _together(efforts: Sequence[Effort]) -> Effort:
    return Effort(
        time_s=sum(effort.time_s for effort in efforts),
        length_m=sum(effort.length_m for effort in efforts),
        energy=sum_energies([effort.energy for effort in efforts]),
    )


def _sortie_times(plan: Plan, records: Mapping[str, DroneRecord], zero_s: float) -> Iterator[SortieTimes]:
    for sortie in sorted(plan.sorties, key=lambda sortie: (sortie.drone, sortie.start_s)):
        record = records.get(sortie.drone)
        spans = [span for span in record.airtimes if span.sortie == sortie.id] if record else []
        yield SortieTimes(
            sortie=sortie.id,
            drone=sortie.drone,
            nation=sortie.nation,
            planned=(sortie.start_s, sortie.end_s),
            flown=tuple((span.start_s - zero_s, span.end_s - zero_s) for span in spans),
        )


def _alerts(events: Iterable[_Notable], drones: Iterable[DroneAccount], zero_s: float) -> Iterator[Alert]:
    """What was raised in flight, in patrol seconds, then what a reader must know about these figures."""
    for event in events:
        match event:
            case Alert():
                yield replace(event, at_s=event.at_s - zero_s)
            case SessionCrashed():
                yield Alert(drone=event.drone, at_s=event.at_s - zero_s, level=AlertLevel.CRITICAL, rule="session", text=event.text)
            case _:
                pass
    for account in drones:
        if account.flown.energy.source is EnergySource.MODEL:
            text = "its battery said too little: energy is modelled, not measured"
            yield Alert(drone=account.drone, at_s=0.0, level=AlertLevel.INFO, rule="energy", text=text)
