"""Energy a drone drew, from what its battery said, or from the plan's model when it said too little."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from missions.report.drone_record import DroneRecord, Span
from missions.report.params import ReportParams
from missions.report.track import Track
from planner.model import DroneType, Plan


class EnergySource(StrEnum):
    """Best first; a drone's figure is as good as the worst of its flights'."""

    POWER = "measured: volts times amperes"
    CHARGE = "measured: charge times volts"
    MODEL = "modelled: planned power times time flown"
    NONE = "did not fly"


_SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Energy:
    wh: float
    source: EnergySource


def drawn_energy(plan: Plan, record: DroneRecord, params: ReportParams) -> Energy:
    """What the drone drew while armed, all flights together."""
    flights = [_of_flight(plan, record, span, params) for span in record.armed_times]
    return sum_energies(flights)


def sum_energies(parts: Iterable[Energy]) -> Energy:
    listed = [part for part in parts if part.source is not EnergySource.NONE]
    if not listed:
        return Energy(wh=0.0, source=EnergySource.NONE)
    worst = max((part.source for part in listed), key=list(EnergySource).index)
    return Energy(wh=sum(part.wh for part in listed), source=worst)


def _of_flight(plan: Plan, record: DroneRecord, span: Span, params: ReportParams) -> Energy:
    track = record.track.between(span.start_s, span.end_s)
    by_power = _by_power(track, span, params)
    if by_power is not None:
        return Energy(wh=by_power, source=EnergySource.POWER)
    by_charge = _by_charge(track, span, params)
    if by_charge is not None:
        return Energy(wh=by_charge, source=EnergySource.CHARGE)
    return Energy(wh=_modelled(plan, record, span), source=EnergySource.MODEL)


def _by_power(track: Track, span: Span, params: ReportParams) -> float | None:
    """Volts times amperes over time (trapezoids); None when readings leave too much of the flight out."""
    known = np.isfinite(track.volts) & np.isfinite(track.amperes)
    at_s, watts = track.at_s[known], (track.volts * track.amperes)[known]
    steps_s = np.diff(at_s)
    close = steps_s <= params.max_gap_s
    heard_s = float(steps_s[close].sum())
    if heard_s < params.energy_share * span.duration_s or heard_s == 0:
        return None
    drawn_ws = float((((watts[1:] + watts[:-1]) / 2) * steps_s)[close].sum())
    # gaps, at most a tenth of the flight, drew what the rest did on average
    return drawn_ws / _SECONDS_PER_HOUR * span.duration_s / heard_s


def _by_charge(track: Track, span: Span, params: ReportParams) -> float | None:
    """Charge drawn times mean volts; a counter that falls was reset by a fresh battery and starts again."""
    known = np.isfinite(track.consumed_mah) & np.isfinite(track.volts)
    at_s, charge_mah = track.at_s[known], track.consumed_mah[known]
    if len(at_s) < 2 or at_s[-1] - at_s[0] < params.energy_share * span.duration_s:
        return None
    drawn_mah = float(np.maximum(np.diff(charge_mah), 0.0).sum())
    return drawn_mah / 1000 * float(track.volts[known].mean()) if drawn_mah > 0 else None


def _modelled(plan: Plan, record: DroneRecord, span: Span) -> float:
    """The planned sortie's mean power, or cruise power when it is not known which sortie it was, over the time flown."""
    sortie = next((sortie for sortie in plan.sorties if sortie.id == span.sortie), None)
    if sortie is not None:
        return sortie.energy_wh * span.duration_s / (sortie.end_s - sortie.start_s)
    return _type_of(plan, record.drone).power_cruise_w * span.duration_s / _SECONDS_PER_HOUR


def _type_of(plan: Plan, drone: str) -> DroneType:
    return plan.drone_type(plan.drone(drone).type)
