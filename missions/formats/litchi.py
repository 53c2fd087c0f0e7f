"""Litchi's waypoint CSV, metric variant (litchiutilities.com/docs/litchiCsv.php; columns as its mission hub exports them)."""

from __future__ import annotations

from collections.abc import Iterator

from missions.formats.waypoints import Waypoint, sortie_waypoints
from missions.formats.writing import Remark, Writers
from planner.model import Plan, Sortie

MAX_WAYPOINTS = 99
MAX_SPEED_MPS = 15.0
_HEIGHTS_M = (-200.0, 500.0)
_ACTIONS = 15
_NO_ACTION = "-1,0"
COLUMNS = (
    "latitude",
    "longitude",
    "altitude(m)",
    "heading(deg)",
    "curvesize(m)",
    "rotationdir",
    "gimbalmode",
    "gimbalpitchangle",
    *(f"action{part}{number}" for number in range(1, _ACTIONS + 1) for part in ("type", "param")),
    "altitudemode",
    "speed(m/s)",
    "poi_latitude",
    "poi_longitude",
    "poi_altitude(m)",
    "poi_altitudemode",
    "photo_timeinterval",
    "photo_distinterval",
)
#: gimbalmode 2 is interpolation between waypoints: with the same angle everywhere it stays put.
_GIMBAL_INTERPOLATES, _STRAIGHT_DOWN_DEG = 2, -90
_ABOVE_TAKE_OFF, _NOTHING = 0, -1


def litchi_writer(plan: Plan, remark: Remark) -> Writers:
    """One file a sortie, camera straight down; photos by distance along lanes where the plan has them, else left to the app."""

    def write(sortie: Sortie) -> bytes:
        waypoints = sortie_waypoints(plan, sortie)
        cruise_mps = plan.drone_type(plan.drone(sortie.drone).type).cruise_mps
        for text in _remarks(waypoints, cruise_mps):
            remark(f"{sortie.id}: {text}")
        speed_mps = min(cruise_mps, MAX_SPEED_MPS)
        return "\n".join([",".join(COLUMNS), *(_row(waypoint, speed_mps) for waypoint in waypoints), ""]).encode()

    return Writers(write)


def _remarks(waypoints: list[Waypoint], cruise_mps: float) -> Iterator[str]:
    if len(waypoints) > MAX_WAYPOINTS:
        yield f"{len(waypoints)} waypoints, and Litchi flies {MAX_WAYPOINTS}"
    if cruise_mps > MAX_SPEED_MPS:
        yield f"{cruise_mps:g} m/s, and Litchi flies {MAX_SPEED_MPS:g}: it takes longer than planned"
    if any(not _HEIGHTS_M[0] <= waypoint.height_m <= _HEIGHTS_M[1] for waypoint in waypoints):
        yield f"a height outside Litchi's {_HEIGHTS_M[0]:g} to {_HEIGHTS_M[1]:g} m"


def _row(waypoint: Waypoint, speed_mps: float) -> str:
    where = f"{waypoint.place.lat_deg:.8f},{waypoint.place.lon_deg:.8f},{waypoint.height_m:.2f},{waypoint.course_deg:.1f}"
    camera = f"0,0,{_GIMBAL_INTERPOLATES},{_STRAIGHT_DOWN_DEG}"
    actions = ",".join([_NO_ACTION] * _ACTIONS)
    return f"{where},{camera},{actions},{_ABOVE_TAKE_OFF},{speed_mps:g},0,0,0,0,{_NOTHING},{waypoint.trigger_m or _NOTHING:g}"
