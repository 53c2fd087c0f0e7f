"""The table of formats a plan can be exported to: who writes it, the file's extension, and what it cannot say."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from missions.formats.crew_sheet import crew_sheet_writer
from missions.formats.f3548 import f3548_writers
from missions.formats.fence import fence_writer
from missions.formats.geojson import geojson_writers
from missions.formats.gpkg import gpkg_writers
from missions.formats.gpx import plan_gpx, sortie_gpx
from missions.formats.ical import plan_ical, sortie_ical
from missions.formats.kml import kml_writers
from missions.formats.kmz import kmz_writers
from missions.formats.litchi import litchi_writer
from missions.formats.qgc_plan import qgc_plan_writer
from missions.formats.rally import rally_writer
from missions.formats.script import script_writer
from missions.formats.wpl import sortie_wpl
from missions.formats.wpml import wpml_writer
from missions.formats.writing import Remark, Writers, each
from planner.model import LegKind, Plan, VehicleKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Something a format has no word for, and whether a plan has any of it (None: every plan has)."""

    text: str
    concerns: Callable[[Plan], bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One table row. `prepare` makes a plan's writers; what a sortie in particular loses, they remark."""

    name: str
    extension: str
    about: str
    prepare: Callable[[Plan, Remark], Writers]
    losses: Sequence[Loss]

    def lost_of(self, plan: Plan) -> list[str]:
        """What of this plan the files do not say."""
        return [loss.text for loss in self.losses if loss.concerns is None or loss.concerns(plan)]


def _has_bounded_keep_outs(plan: Plan) -> bool:
    ends = [end for zone in plan.keep_outs for end in (zone.band.min_m, zone.band.max_m, zone.validity.from_s, zone.validity.to_s)]
    return any(math.isfinite(end) for end in ends)


def _has_holds(plan: Plan) -> bool:
    return any(leg.kind is LegKind.HOLD for sortie in plan.sorties for leg in sortie.legs)


def _has_planes(plan: Plan) -> bool:
    return any(drone_type.kind is not VehicleKind.COPTER for drone_type in plan.drone_types)


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
_FAR_AIRSPACE = Loss(text="where the drone may fly further than 500 m from its own legs: the fence ends there")
_MISSION = Loss(text="the mission itself: take it from qgc-plan, wpl or script")
_FENCES = Loss(text="fences and rally points: take them from fence and rally, or use qgc-plan")
_HOLDS = Loss(text="waiting times of holds", concerns=_has_holds)
_TAKE_OFF = Loss(text="take-off and landing as plan legs: the app takes off and comes home in its own way")
_COPTERS_ONLY = Loss(text="how planes fly: the app flies multicopters", concerns=_has_planes)
_DJI_MODEL = Loss(text="the aircraft's model: the file names a Mavic 3 Enterprise; choose yours in the app")
_GROUND = Loss(text="area, sectors, lanes, keep-outs and permissions")
_GEOID = Loss(text="ellipsoid heights: the plan's heights above sea level stand where the standard wants WGS84")
_OTHERS_ZONES = Loss(text="keep-outs, permissions, lanes and energy")
_ROUTE_ONLY = Loss(text="where the sorties lead, beyond the base's position and the length of the route")

FORMATS = {
    entry.name: entry
    for entry in (
        Format(
            name="qgc-plan",
            extension="plan",
            about="QGroundControl: mission, airspace and keep-outs as fences, bases as rally points",
            prepare=qgc_plan_writer,
            losses=(_TIMES, _LANES, _FAR_AIRSPACE, _ENERGY, _BOUNDS),
        ),
        Format(
            name="wpl",
            extension="waypoints",
            about="QGC WPL 110 for Mission Planner, MAVProxy and others: mission only",
            prepare=each(sortie_wpl),
            losses=(_TIMES, _LANES, _KEEP_OUTS, _BASES, _AIRSPACE, _ENERGY),
        ),
        Format(
            name="fence",
            extension="fence.waypoints",
            about="QGC WPL 110 with fence items for MAVProxy and Mission Planner: airspace and keep-outs",
            prepare=fence_writer,
            losses=(_MISSION, _FAR_AIRSPACE, _BOUNDS),
        ),
        Format(
            name="rally",
            extension="rally.waypoints",
            about="QGC WPL 110 with rally points for MAVProxy and Mission Planner: the nation's bases",
            prepare=rally_writer,
            losses=(_MISSION, Loss(text="which base has room, and when")),
        ),
        Format(
            name="geojson",
            extension="geojson",
            about="GeoJSON for maps and geographic information systems",
            prepare=geojson_writers,
            losses=(_TERRITORIES, _FLEET),
        ),
        Format(
            name="gpkg",
            extension="gpkg",
            about="GeoPackage for QGIS and others: a typed layer for each kind of thing",
            prepare=gpkg_writers,
            losses=(_TERRITORIES, _FLEET),
        ),
        Format(
            name="kml",
            extension="kml",
            about="KML in 3D with a timed tour for Google Earth and others",
            prepare=kml_writers,
            losses=(_TERRITORIES, _FLEET, _ELEVATIONS),
        ),
        Format(
            name="kmz",
            extension="kmz",
            about="the same, compressed",
            prepare=kmz_writers,
            losses=(_TERRITORIES, _FLEET, _ELEVATIONS),
        ),
        Format(
            name="gpx",
            extension="gpx",
            about="GPX 1.1 routes with heights and times for navigation devices",
            prepare=each(sortie_gpx, plan_gpx),
            losses=(_GROUND, _ENERGY),
        ),
        Format(
            name="wpml",
            extension="wpml.kmz",
            about="DJI's waylines for Pilot 2, FlightHub 2 and docks",
            prepare=wpml_writer,
            losses=(_TIMES, _LANES, _KEEP_OUTS, _BASES, _AIRSPACE, _ENERGY, _HOLDS, _TAKE_OFF, _COPTERS_ONLY, _DJI_MODEL),
        ),
        Format(
            name="litchi",
            extension="csv",
            about="Litchi's mission hub: waypoints only",
            prepare=litchi_writer,
            losses=(_TIMES, _LANES, _KEEP_OUTS, _BASES, _AIRSPACE, _ENERGY, _HOLDS, _TAKE_OFF, _COPTERS_ONLY),
        ),
        Format(
            name="script",
            extension="script.json",
            about="MAVLink script: every upload and command of a sortie in order, as JSON",
            prepare=script_writer,
            losses=(_LANES, _FAR_AIRSPACE, _ENERGY, _BOUNDS),
        ),
        Format(
            name="f3548",
            extension="f3548.json",
            about="4D volumes in the shape of ASTM F3548-21 operational intents; shaped, not compliant",
            prepare=f3548_writers,
            losses=(_GEOID, _OTHERS_ZONES),
        ),
        Format(
            name="crew-sheet",
            extension="html",
            about="a page for the crew of a sortie, to be printed",
            prepare=crew_sheet_writer,
            losses=(_AIRSPACE, Loss(text="whatever lies further than 1 km from the way")),
        ),
        Format(
            name="ical",
            extension="ics",
            about="iCalendar of launches and landings",
            prepare=each(sortie_ical, plan_ical),
            losses=(_GROUND, _ROUTE_ONLY, _ENERGY, _FENCES),
        ),
    )
}
