"""Fly a route as its file has it on one simulated vehicle: fences, rally points and items uploaded, read back, flown, measured.

The vehicle stands at the route's home, its fence switched on: a route that breaks its own fence ends early, as it would outside.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import shapely
from shapely.geometry import LineString

from mavlink_bridge.enums import MavCmd, MavType
from mavlink_bridge.events import Airborne, Alert, AlertLevel, CommandEnded, Disarmed, FleetEvent, Telemetry, Uploaded, UploadOutcome
from mavlink_bridge.fleet import Fleet, VehicleAddress
from mavlink_bridge.list_work import Airspace
from mavlink_bridge.mission_items import SortieMission
from mavlink_bridge.modes import VehicleClass, vehicle_class
from missions.errors import InputError
from missions.routes.route import PLACED, Route, fence_items, rally_items, upload_items
from missions.vehicles import ArduPilot, Embedded, open_simulated
from planner.geo import LatLon, LocalFrame, Position, geodesic_m, path_length_m
from planner.model import VehicleKind
from sitl.config import VehicleConfig

DRONE = "route"
_WOBBLE_M = 1.0
#: FENCE_ENABLE and FENCE_TYPE: polygons and circles, no heights.
_FENCED = {"FENCE_ENABLE": 1.0, "FENCE_TYPE": 4.0}


@dataclass(frozen=True, kw_only=True, slots=True)
class RouteFlightParams:
    """Vehicle seconds: a flight that is not over by `longest_s` is given up (a jump may repeat for ever), as is one that does not
    take off in `start_s` after it was told to. Positions nearer than `step_m` to the last one are not kept.
    """

    longest_s: float = 6 * 3600.0
    start_s: float = 300.0
    step_m: float = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class FlownPoint:
    """Where it was and which item it was flying to."""

    at_s: float
    place: Position
    seq: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RouteFlight:
    """`failure` is empty when the route was flown to its end; `track` holds what was heard in the air."""

    upload: UploadOutcome
    failure: str
    duration_s: float
    track: tuple[FlownPoint, ...]

    @property
    def length_m(self) -> float:
        return path_length_m([point.place for point in self.track])


_USUAL = RouteFlightParams()


async def fly_route(route: Route, vehicles: Embedded | ArduPilot, folder: Path, params: RouteFlightParams = _USUAL) -> RouteFlight:
    """Fly it to its end. `folder` is for what simulated vehicles write. Raises InputError for a route that cannot be uploaded."""
    mission = SortieMission(sortie=DRONE, items=upload_items(route), spans=())
    airspace = Airspace(fence=fence_items(route), rally=rally_items(route))
    return await fly_mission(mission, airspace, vehicle_config(route), vehicles, folder, params)


async def fly_mission(
    mission: SortieMission,
    airspace: Airspace,
    config: VehicleConfig,
    vehicles: Embedded | ArduPilot,
    folder: Path,
    params: RouteFlightParams = _USUAL,
) -> RouteFlight:
    """Fly any mission on a vehicle of its own."""
    async with open_simulated([config], vehicles, folder) as opened:
        return await _Pilot(opened.fleet(), opened.addresses[0], params).fly(mission, airspace)


@dataclass(slots=True)
class _Pilot:
    """Uploads, launches, and listens until the vehicle is disarmed again."""

    fleet: Fleet
    address: VehicleAddress
    params: RouteFlightParams
    upload: UploadOutcome = UploadOutcome.UNKNOWN
    failure: str = ""
    is_over: bool = False
    start_by_s: float = math.inf
    airborne_s: float | None = None
    ended_s: float = 0.0
    track: list[FlownPoint] = field(default_factory=list)

    async def fly(self, mission: SortieMission, airspace: Airspace) -> RouteFlight:
        self.fleet.upload(self.address.drone, mission, airspace)
        while not self.is_over:
            for event in await self.fleet.step():
                self._take(event)
            self._watch_time()
        duration_s = 0.0 if self.airborne_s is None else self.ended_s - self.airborne_s
        return RouteFlight(upload=self.upload, failure=self.failure, duration_s=duration_s, track=tuple(self.track))

    def _take(self, event: FleetEvent) -> None:
        match event:
            case Uploaded(outcome=UploadOutcome.VERIFIED):
                self.upload, self.start_by_s = UploadOutcome.VERIFIED, event.at_s + self.params.start_s
                self.fleet.launch(self.address.drone)
            case Uploaded(outcome=outcome, reason=reason):
                self.upload = outcome
                self._give_up(f"the upload is {outcome.value}: {reason}")
            case CommandEnded(command=MavCmd.MISSION_START, accepted=accepted, reason=reason) if not accepted:
                self._give_up(f"it does not start: {reason}")
            case Airborne(at_s=at_s):
                self.airborne_s, self.start_by_s = at_s, math.inf
            case Telemetry() if self.airborne_s is not None:
                self._keep(event)
            case Alert(level=AlertLevel.CRITICAL, text=text):
                self.failure = self.failure or text
            case Disarmed(at_s=at_s):
                self.ended_s, self.is_over = at_s, True
                if self.airborne_s is None:
                    self._give_up("it was disarmed before it took off")

    def _keep(self, event: Telemetry) -> None:
        state = event.state
        if state.position is None or state.relative_alt_m is None:
            return
        place = Position(lat_deg=state.position.lat_deg, lon_deg=state.position.lon_deg, height_m=state.relative_alt_m)
        last = self.track[-1] if self.track else None
        if last is None or last.seq != state.mission_seq or geodesic_m(last.place, place) >= self.params.step_m:
            self.track.append(FlownPoint(at_s=event.at_s, place=place, seq=state.mission_seq))

    def _watch_time(self) -> None:
        now_s = self.fleet.now_s
        if now_s > self.start_by_s:
            self._give_up("it did not take off")
        elif now_s > self.params.longest_s:
            self.ended_s = now_s
            self._give_up(f"it was still flying after {self.params.longest_s / 3600:g} h")

    def _give_up(self, reason: str) -> None:
        self.failure, self.is_over = self.failure or reason, True


@dataclass(frozen=True, kw_only=True, slots=True)
class FlownAgainstRoute:
    """Horizontal metres: the route's way and the flown one, and how far the latter was off at most. `coverage` is the part of what a
    swath along the route's way sees that was seen in flight; None without a swath.
    """

    route_m: float
    flown_m: float
    deviation_m: float
    coverage: float | None


def against_route(route: Route, flight: RouteFlight, *, swath_m: float | None = None) -> FlownAgainstRoute:
    """Hold what was flown to the route's own way, from the first place after take-off to the last one."""
    places = [place.ground for place in route.places]
    if len(places) < 2:
        raise InputError("the route has no way to hold a flight to", mend="give two waypoints or more")
    first, last = _ways(route)
    flown = [point.place.ground for point in flight.track if first < point.seq <= last]
    frame = LocalFrame(places[0])
    wanted = _line(places, frame)
    if len(flown) < 2:
        return FlownAgainstRoute(route_m=path_length_m(places), flown_m=0.0, deviation_m=0.0, coverage=None if swath_m is None else 0.0)
    way = _line(flown, frame)
    coverage = None
    if swath_m is not None:
        # what wobbles by less than a metre where it turns would turn the strip's whole end
        seen, to_see = (line.simplify(_WOBBLE_M).buffer(swath_m / 2, cap_style="flat") for line in (way, wanted))
        coverage = float(seen.intersection(to_see).area / to_see.area) if to_see.area else 0.0
    deviation_m = float(shapely.distance(shapely.points(shapely.get_coordinates(way)), wanted).max())
    return FlownAgainstRoute(route_m=path_length_m(places), flown_m=path_length_m(flown), deviation_m=deviation_m, coverage=coverage)


def _ways(route: Route) -> tuple[int, int]:
    """The items between which the way lies: the first place's, and the last one's."""
    seqs = [row.seq for row in route.items if row.command in PLACED]
    return seqs[0], seqs[-1]


def _line(places: Iterable[LatLon], frame: LocalFrame) -> LineString:
    return LineString([frame.point_to_local(place) for place in places])


def vehicle_config(route: Route) -> VehicleConfig:
    """A vehicle that stands where the route begins. Raises InputError when no place is named."""
    home = route.home or next(iter(route.places), None)
    if home is None:
        raise InputError("the route names no place", mend="give home, or a waypoint")
    elevation_m = home.height_m if route.home is not None else 0.0
    parameters = _FENCED if route.fences else {}
    config = VehicleConfig(drone=DRONE, system_id=1, home=home.ground, kind=_kind(route), home_amsl_m=elevation_m, parameters=parameters)
    # a plane of usual size; the route itself says how fast it wants to fly
    return config if config.kind is VehicleKind.COPTER else replace(config, cruise_mps=20.0, turn_radius_m=70.0)


def _kind(route: Route) -> VehicleKind:
    lifts = any(row.command in (MavCmd.NAV_VTOL_TAKEOFF, MavCmd.NAV_VTOL_LAND) for row in route.items)
    if lifts or (route.vehicle_type is not None and vehicle_class(route.vehicle_type) is VehicleClass.QUADPLANE):
        return VehicleKind.QUADPLANE
    return VehicleKind.PLANE if route.vehicle_type == MavType.FIXED_WING else VehicleKind.COPTER
