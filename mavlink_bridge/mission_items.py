"""A sortie as the mission items ArduPilot wants, and which item begins and ends each lane.

ArduPilot keeps home at seq 0 (mavlink.io/en/services/mission.html#flight_plan_missions), so the take-off is seq 1. What an item
orders in passing (speed, camera) it carries out when the item flown to before is reached.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mavlink_bridge.enums import MavCmd, MavFrame
from mavlink_bridge.messages import MissionItemInt
from mavlink_bridge.mission_comparison import Mismatch, items_match
from planner.geo import LatLon, Position, geodesic_m
from planner.model import DroneType, Leg, LegKind, Plan, Sortie, VehicleKind

__all__ = ["LaneSpan", "Mismatch", "SortieMission", "is_navigation", "items_match", "sortie_mission"]

_DEG_TO_WIRE = 10**7
#: ArduPilot's MAV_CMD_NAV_LAST: commands up to here are flown to, later ones are done in passing (a few we never send excepted).
_NAV_LAST = 95
_THROTTLE_UNCHANGED = -1.0
_GROUND_SPEED, _AIRSPEED = 1.0, 0.0
_PICTURE_AT_ONCE = 1.0
#: ArduPlane's Q_TRANS_DECEL as delivered.
_APPROACH_DECELERATION_MPS2 = 2.0


@dataclass(frozen=True, kw_only=True, slots=True)
class LaneSpan:
    """Which items bound a lane: it has started when `start_seq` is reached, it is finished when `end_seq` is."""

    lane: str
    start_seq: int
    end_seq: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SortieMission:
    """A sortie ready for upload. Items are addressed to nobody (target 0): the upload fills that in.

    `spans` are in flying order.
    """

    sortie: str
    items: tuple[MissionItemInt, ...]
    spans: tuple[LaneSpan, ...]

    @property
    def returning_seq(self) -> int:
        """The item after whose completion only the way home is left: the last lane's end, or what precedes the landing."""
        if self.spans:
            return self.spans[-1].end_seq
        return max(item.seq for item in self.items[:-1] if is_navigation(item.command))

    def ordered(self, command: MavCmd, current_seq: int) -> MissionItemInt | None:
        """The last order of this kind that holds while the item is flown to; while it takes off, what is ordered right after that."""
        until_seq = max(current_seq, *self.navigation_seqs[:2])
        return next((item for item in reversed(self.items[1:until_seq]) if item.command == command), None)

    @property
    def navigation_seqs(self) -> tuple[int, ...]:
        """Seqs of the items that the vehicle flies to; ArduPilot reports no others as reached."""
        return tuple(item.seq for item in self.items[1:] if is_navigation(item.command))


def is_navigation(command: int) -> bool:
    """Whether the vehicle flies to this item, and so reports it as reached (ArduPilot's `AP_Mission::is_nav_cmd`)."""
    return command <= _NAV_LAST


def sortie_mission(plan: Plan, sortie: Sortie) -> SortieMission:
    """The sortie's items: home placeholder, take-off, speed, a waypoint for each point of each leg, landing.

    A camera is released by distance on SWEEP legs, with a picture where they begin; it is told off after the take-off, too,
    because ArduPilot keeps the distance of a mission that was broken off.

    Heights are above home. A leg that does not move (a turn on the spot) has no item: the one before completes it. A quadplane
    begins its landing from further out than a plan's last transit ends, so what lies nearer has no item either.
    """
    builder = _Builder(plan.drone_type(plan.drone(sortie.drone).type))
    builder.add_home(sortie.legs[0].start, plan.base(sortie.start_base).elevation_m)
    for leg in sortie.legs:
        builder.add_leg(leg)
    return SortieMission(
        sortie=sortie.id,
        items=tuple(builder.items),
        spans=tuple(_lane_spans(sortie.legs, builder.leg_seqs)),
    )


class _Builder:
    """Collects items in order; `leg_seqs[i]` is the item that completes the i-th leg added."""

    def __init__(self, drone_type: DroneType) -> None:
        self._type = drone_type
        self._is_vtol = drone_type.kind is VehicleKind.QUADPLANE
        self._transit_from = 0
        self._trigger_m = drone_type.sensor.trigger_distance_m
        self._releases = False
        self.items: list[MissionItemInt] = []
        self.leg_seqs: list[int] = []

    def add_home(self, place: Position, elevation_m: float) -> None:
        x, y = _wire_xy(place)
        self._add(MavCmd.NAV_WAYPOINT, frame=MavFrame.GLOBAL, x=x, y=y, z=elevation_m)

    def add_leg(self, leg: Leg) -> None:
        if self._trigger_m is not None and self._releases is not (leg.kind is LegKind.SWEEP):
            self._release(0.0 if self._releases else self._trigger_m)
        match leg.kind:
            case LegKind.TAKEOFF:
                self._add_takeoff(leg)
            case LegKind.LAND:
                self._add_landing(leg)
            case LegKind.HOLD:
                self._add_hold(leg)
            case LegKind.TRANSIT | LegKind.SWEEP | LegKind.TURN:
                self._add_waypoints(leg)
        self.leg_seqs.append(self._last_navigation_seq())
        if leg.kind is not LegKind.TRANSIT:
            self._transit_from = len(self.items)

    def _add_takeoff(self, leg: Leg) -> None:
        self._add_at(MavCmd.NAV_VTOL_TAKEOFF if self._is_vtol else MavCmd.NAV_TAKEOFF, leg.end)
        self._add(
            MavCmd.DO_CHANGE_SPEED,
            param1=_GROUND_SPEED if self._type.hovers else _AIRSPEED,
            param2=self._type.cruise_mps,
            param3=_THROTTLE_UNCHANGED,
        )
        if self._trigger_m is not None:
            self._release(0.0)

    def _release(self, every_m: float) -> None:
        """Every so many metres, 0 not at all."""
        self._releases = every_m > 0
        self._add(MavCmd.DO_SET_CAM_TRIGG_DIST, param1=every_m, param3=_PICTURE_AT_ONCE if self._releases else 0.0)
        self._transit_from = len(self.items)

    def _add_landing(self, leg: Leg) -> None:
        if not self._is_vtol:
            self._add_at(MavCmd.NAV_LAND, leg.end)
            return
        # ArduPlane refuses to arm when the approach is too short to slow down in: "VTOL land too short" (ArduPlane/AP_Arming.cpp).
        slow_down_m = self._type.cruise_mps**2 / (2 * _APPROACH_DECELERATION_MPS2)
        while len(self.items) > self._transit_from and geodesic_m(_place(self.items[-1]), leg.end) < slow_down_m:
            self.items.pop()
        self._add_at(MavCmd.NAV_VTOL_LAND, leg.end)

    def _add_hold(self, leg: Leg) -> None:
        # ArduPilot stores whole seconds; copters wait at a waypoint, planes circle it.
        hold_s = float(math.ceil(leg.end_s - leg.start_s))
        self._add_at(MavCmd.NAV_WAYPOINT if self._type.hovers else MavCmd.NAV_LOITER_TIME, leg.end, param1=hold_s)

    def _add_waypoints(self, leg: Leg) -> None:
        for point in leg.points[1:]:
            x, y = _wire_xy(point)
            last = self.items[self._last_navigation_seq()]
            if (x, y, point.height_m) != (last.x, last.y, last.z):
                self._add_at(MavCmd.NAV_WAYPOINT, point)

    def _last_navigation_seq(self) -> int:
        return next(item.seq for item in reversed(self.items) if is_navigation(item.command))

    def _add_at(self, command: MavCmd, place: Position, *, param1: float = 0.0) -> None:
        x, y = _wire_xy(place)
        self._add(command, frame=MavFrame.GLOBAL_RELATIVE_ALT_INT, param1=param1, x=x, y=y, z=place.height_m)

    def _add(
        self,
        command: MavCmd,
        *,
        frame: MavFrame = MavFrame.MISSION,
        param1: float = 0.0,
        param2: float = 0.0,
        param3: float = 0.0,
        x: int = 0,
        y: int = 0,
        z: float = 0.0,
    ) -> None:
        self.items.append(
            MissionItemInt(
                target_system=0,
                target_component=0,
                seq=len(self.items),
                frame=frame,
                command=command,
                param1=param1,
                param2=param2,
                param3=param3,
                x=x,
                y=y,
                z=z,
            )
        )


def _wire_xy(place: Position) -> tuple[int, int]:
    # round() is half to even: truncation would shift everything up to 1.1 cm to one side.
    return round(place.lat_deg * _DEG_TO_WIRE), round(_wrapped_deg(place.lon_deg) * _DEG_TO_WIRE)


def _place(item: MissionItemInt) -> LatLon:
    return LatLon(lat_deg=item.x / _DEG_TO_WIRE, lon_deg=item.y / _DEG_TO_WIRE)


def _wrapped_deg(lon_deg: float) -> float:
    return lon_deg - 360.0 if lon_deg > 180.0 else lon_deg


def _lane_spans(legs: Sequence[Leg], leg_seqs: Sequence[int]) -> Iterator[LaneSpan]:
    """One span for each run of SWEEP legs along one lane."""
    open_span: LaneSpan | None = None
    for index, leg in enumerate(legs):
        lane = leg.lane if leg.kind is LegKind.SWEEP else None
        if open_span is not None and lane != open_span.lane:
            yield open_span
            open_span = None
        if lane is not None:
            start_seq = open_span.start_seq if open_span else leg_seqs[index - 1]
            open_span = LaneSpan(lane=lane, start_seq=start_seq, end_seq=leg_seqs[index])
    if open_span is not None:
        yield open_span
