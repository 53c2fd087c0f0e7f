"""The table of formats a plan can be exported to: who writes it, the file's extension, and what it cannot say."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from missions.formats.geojson import plan_geojson, sortie_geojson
from missions.formats.kml import plan_kml, sortie_kml
from missions.formats.qgc_plan import sortie_qgc_plan
from missions.formats.wpl import sortie_wpl
from planner.model import Plan, Sortie

PlanWriter = Callable[[Plan], bytes]
SortieWriter = Callable[[Plan, Sortie], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Something a format has no word for, and whether a plan has any of it (None: every plan has)."""

    text: str
    concerns: Callable[[Plan], bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One table row. A file per sortie is always written; `whole_plan` is None where a file holds one vehicle's mission."""

    name: str
    extension: str
    about: str
    sortie: SortieWriter
    whole_plan: PlanWriter | None
    losses: Sequence[Loss]

    def lost_of(self, plan: Plan) -> list[str]:
        """What of this plan the files do not say."""
        return [loss.text for loss in self.losses if loss.concerns is None or loss.concerns(plan)]


def _has_bounded_keep_outs(plan: Plan) -> bool:
    ends = [end for zone in plan.keep_outs for end in (zone.band.min_m, zone.band.max_m, zone.validity.from_s, zone.validity.to_s)]
    return any(math.isfinite(end) for end in ends)


_TIMES = Loss(text="departure times and what separates the drones in time: launch the sorties in the plan's order, at its times")
_LANES = Loss(text="lanes and swaths, so what is to be covered")
_AIRSPACE = Loss(text="nations' territories and permissions, so where else the drone may fly")
_ENERGY = Loss(text="energy and endurance")
_KEEP_OUTS = Loss(text="keep-outs: upload them as a fence, or use qgc-plan", concerns=lambda plan: bool(plan.keep_outs))
_BASES = Loss(text="bases other than the one it starts from", concerns=lambda plan: len(plan.bases) > 1)
_BOUNDS = Loss(text="heights and times of keep-outs: each is closed at all heights, always", concerns=_has_bounded_keep_outs)
_ELEVATIONS = Loss(
    text="a base's elevation where it is 0: legs from there are drawn above the ground below them, not above the base",
    concerns=lambda plan: any(base.elevation_m == 0 for base in plan.bases),
)
_TERRITORIES = Loss(text="territories and the coverable ground")
_FLEET = Loss(text="drone types and what a drone can do")

FORMATS = {
    entry.name: entry
    for entry in (
        Format(
            name="qgc-plan",
            extension="plan",
            about="QGroundControl: mission, keep-outs as fences, bases as rally points",
            sortie=sortie_qgc_plan,
            whole_plan=None,
            losses=(_TIMES, _LANES, _AIRSPACE, _ENERGY, _BOUNDS),
        ),
        Format(
            name="wpl",
            extension="waypoints",
            about="QGC WPL 110 for Mission Planner, MAVProxy and others: mission only",
            sortie=sortie_wpl,
            whole_plan=None,
            losses=(_TIMES, _LANES, _KEEP_OUTS, _BASES, _AIRSPACE, _ENERGY),
        ),
        Format(
            name="geojson",
            extension="geojson",
            about="GeoJSON for maps and geographic information systems",
            sortie=sortie_geojson,
            whole_plan=plan_geojson,
            losses=(_TERRITORIES, _FLEET),
        ),
        Format(
            name="kml",
            extension="kml",
            about="KML in 3D for Google Earth and others",
            sortie=sortie_kml,
            whole_plan=plan_kml,
            losses=(_TERRITORIES, _FLEET, _ELEVATIONS),
        ),
    )
}
