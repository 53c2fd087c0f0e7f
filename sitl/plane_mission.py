"""AUTO: a plane or quadplane carries out its mission, item by item (q01, q02, q03)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from mavlink_bridge.enums import MavCmd, Severity
from sitl.core import Core
from sitl.item_rules import StoredItem
from sitl.kinematics import turned_deg
from sitl.mission_executor import MissionExecutor
from sitl.plane_course import Circle, Leg
from sitl.plane_flight import PlaneFlight

_Place = tuple[float, float, float]


class PlaneMission(MissionExecutor):
    """A plane's items. `go_home` is asked for at the mission's end: a plane does not stay where it is."""

    def __init__(self, core: Core, flight: PlaneFlight, *, hovers: bool, go_home: Callable[[], None]) -> None:
        super().__init__(core)
        self._flight = flight
        self._hovers = hovers
        self._go_home = go_home
        self._reached_s: float | None = None
        #: What it circled for is done; it leaves the circle where that points to the next item.
        self._circled = False
        self.is_landing = False
        self._start: Mapping[int, Callable[[StoredItem], None]] = {
            MavCmd.NAV_VTOL_TAKEOFF: self._start_takeoff,
            MavCmd.NAV_TAKEOFF: self._start_takeoff,
            MavCmd.NAV_WAYPOINT: self._start_waypoint,
            82: self._start_waypoint,
            MavCmd.NAV_LOITER_UNLIM: self._start_circle,
            MavCmd.NAV_LOITER_TIME: self._start_circle,
            MavCmd.NAV_LOITER_TURNS: self._start_circle,
            MavCmd.NAV_LOITER_TO_ALT: self._start_circle,
            MavCmd.NAV_RETURN_TO_LAUNCH: self._start_return,
            MavCmd.NAV_VTOL_LAND: self._start_landing,
            MavCmd.NAV_LAND: self._start_landing,
            MavCmd.NAV_DELAY: self._start_delay,
        }
        self._verify: Mapping[int, Callable[[StoredItem], bool]] = {
            MavCmd.NAV_VTOL_TAKEOFF: lambda _item: self._flight.takeoff_is_done,
            MavCmd.NAV_TAKEOFF: lambda _item: self._flight.takeoff_is_done,
            MavCmd.NAV_WAYPOINT: self._waypoint_is_done,
            82: self._waypoint_is_done,
            MavCmd.NAV_LOITER_TIME: lambda item: self._leaves_circle(done=self._time_is_up(item), text="Loiter time complete"),
            MavCmd.NAV_LOITER_TURNS: lambda item: self._leaves_circle(
                done=self._flight.turns >= item.param1, text="Loiter orbits complete"
            ),
            MavCmd.NAV_LOITER_TO_ALT: lambda _item: self._leaves_circle(done=self._height_is_reached(), text="Loiter to alt complete"),
            MavCmd.NAV_LOITER_UNLIM: lambda _item: False,
            MavCmd.NAV_RETURN_TO_LAUNCH: lambda _item: False,
            MavCmd.NAV_VTOL_LAND: lambda _item: False,
            MavCmd.NAV_LAND: lambda _item: False,
            MavCmd.NAV_DELAY: lambda item: self._since_s >= item.param1,
        }

    # Hooks

    def _reset(self) -> None:
        self._flight.wings.wanted_mps = None

    def _clear_item(self) -> None:
        self._reached_s = None
        self._circled = False
        self.is_landing = False

    def _start_item(self, item: StoredItem) -> None:
        starts = self._start.get(item.command)
        if starts is not None:
            starts(item)

    def _is_done(self, item: StoredItem) -> bool:
        verify = self._verify.get(item.command)
        return verify is None or (self._core.armed and verify(item))

    def _reached_text(self, item: StoredItem, seq: int) -> str | None:
        if item.command not in (MavCmd.NAV_WAYPOINT, 82):
            return None
        word = "Passed" if self._flight.has_passed else "Reached"
        return f"{word} waypoint #{seq} dist {self._flight.distance_m:.0f}m"

    def _do(self, item: StoredItem) -> None:
        if item.command == MavCmd.DO_CHANGE_SPEED:
            self.change_speed(int(item.param1), item.param2)

    def _over(self) -> None:
        if self._flight.is_flying:
            self._core.say(Severity.NOTICE, "Mission complete, changing mode to RTL")
            self._go_home()

    def _ends_by_landing(self, item: StoredItem) -> bool:
        # A plane's landing stays the current item (q01).
        del item
        return False

    def disarmed(self) -> None:
        if not self.active:
            self.runner.reset()

    def change_speed(self, kind: int, speed_mps: float) -> bool:
        """Indicated airspeed within its limits; a plane does not hold a speed over ground."""
        p = self._core.parameters
        if kind != 0 or not p["AIRSPEED_MIN"] <= speed_mps <= p["AIRSPEED_MAX"]:
            return False
        self._flight.wings.wanted_mps = speed_mps
        return True

    # Starting items

    def _default_place(self) -> _Place:
        match self._flight.course:
            case Leg(end=(n, e), end_up_m=up_m) | Circle(centre=(n, e), up_m=up_m):
                return n, e, up_m
        return *self._flight.body.at, self._flight.body.up_m

    def _start_takeoff(self, item: StoredItem) -> None:
        if self._core.armed:
            self._flight.take_off(max(self._core.height_of(item, self._flight.body.up_m), 1.0))

    def _start_waypoint(self, item: StoredItem) -> None:
        if not self._flight.is_flying:
            return
        n, e, up_m = self._core.place_of(item, self._default_place())
        self._flight.follow((n, e), up_m)

    def _start_circle(self, item: StoredItem) -> None:
        if not self._flight.is_flying:
            return
        n, e, up_m = self._core.place_of(item, self._default_place())
        signed_m = item.param2 if item.command == MavCmd.NAV_LOITER_TO_ALT else item.param3
        # A circle by time has no radius of its own (Plane::verify_loiter_time).
        wanted_m = 0.0 if item.command == MavCmd.NAV_LOITER_TIME else abs(signed_m)
        radius_m = wanted_m if wanted_m > 1.0 else abs(self._core.parameters["WP_LOITER_RAD"])
        self._flight.circle((n, e), radius_m, up_m, clockwise=signed_m >= 0, left_from_centre=item.param4 <= 0)

    def _start_return(self, item: StoredItem) -> None:
        del item
        if self._flight.is_flying:
            self._go_home()

    def _start_landing(self, item: StoredItem) -> None:
        flight = self._flight
        if not flight.is_flying:
            return
        n, e, _ = self._core.place_of(item, self._default_place())
        self.is_landing = True
        if self._hovers:
            flight.land_on_rotors((n, e))
        else:
            flight.land_on_wheels((n, e))

    def _start_delay(self, item: StoredItem) -> None:
        self._reached_s = self._core.now_s
        self._core.say(Severity.INFO, f"Delaying {int(item.param1)} sec")

    # Verifying items

    @property
    def _since_s(self) -> float:
        return -1.0 if self._reached_s is None else self._core.now_s - self._reached_s

    def _waypoint_is_done(self, item: StoredItem) -> bool:
        flight = self._flight
        radius_m = item.param2 if item.param2 > 0 else flight.wings.acceptance_m(self._core.parameters["WP_RADIUS"], self._next_turn_deg())
        return flight.distance_m <= radius_m or flight.has_passed

    def _next_turn_deg(self) -> float:
        """How far the next leg turns off; 90 when there is none (Plane::setup_turn_angle)."""
        leg, following = self._flight.course, self.runner.peek_next(self.runner.seq)
        if not isinstance(leg, Leg) or following is None or not following.has_place:
            return 90.0
        return turned_deg(leg.bearing_deg, _bearing_deg(leg.end, self._core.to_local(following.x / 1e7, following.y / 1e7)))

    def _time_is_up(self, item: StoredItem) -> bool:
        if self._reached_s is None and self._flight.wings.on_circle:
            self._reached_s = self._core.now_s
        return self._since_s >= item.param1

    def _leaves_circle(self, *, done: bool, text: str) -> bool:
        """Whether it goes on now (Plane::verify_loiter_heading); told once."""
        if not self._circled:
            if not done:
                return False
            self._circled = True
            self._flight.wings.turned_deg = 0.0
        if not self._is_lined_up():
            return False
        self._core.say(Severity.INFO, text)
        return True

    def _is_lined_up(self) -> bool:
        """Within 10 degrees of the way to the next item, as it would fly on the ideal circle, and 10 more after each turn."""
        circle, following = self._flight.course, self.runner.peek_next(self.runner.seq)
        if not isinstance(circle, Circle) or following is None:
            return True
        n, e = self._core.to_local(following.x / 1e7, following.y / 1e7)
        left_m = math.dist((n, e), circle.centre)
        if left_m == 0.0:
            return True
        at = self._flight.body.at
        turn = 1.0 if circle.clockwise else -1.0
        out_deg = _bearing_deg(circle.centre, at)
        if left_m >= circle.radius_m:
            out = math.radians(out_deg)
            on_circle = (circle.centre[0] + circle.radius_m * math.cos(out), circle.centre[1] + circle.radius_m * math.sin(out))
            wanted_deg = _bearing_deg(on_circle, (n, e))
        else:
            early_deg = 2 * math.degrees(math.asin((circle.radius_m - left_m) / (2 * circle.radius_m)))
            wanted_deg = _bearing_deg(circle.centre, (n, e)) + turn * (90.0 - early_deg)
        return abs(turned_deg(out_deg + turn * 90.0, wanted_deg)) <= 10.0 * (1 + int(self._flight.turns))

    def _height_is_reached(self) -> bool:
        course = self._flight.course
        return isinstance(course, Circle) and self._flight.wings.on_circle and abs(self._flight.body.up_m - course.up_m) < 2.0


def _bearing_deg(start: tuple[float, float], end: tuple[float, float]) -> float:
    return math.degrees(math.atan2(end[1] - start[1], end[0] - start[0]))
