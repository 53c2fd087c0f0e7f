"""Where a plane on its wings is going: along a leg, around a circle, or straight to a place."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sitl.l1_navigation import L1Params, Point, follow_circle, follow_leg


@dataclass(frozen=True, slots=True)
class Leg:
    """From one place to another, up or down its slope unless the height is sought at once."""

    start: Point
    end: Point
    start_up_m: float
    end_up_m: float
    sloped: bool

    def height_m(self, at: Point) -> float:
        if not self.sloped:
            return self.end_up_m
        length_m = math.dist(self.start, self.end)
        done = 1.0 - min(1.0, math.dist(at, self.end) / length_m) if length_m > 1.0 else 1.0
        return self.start_up_m + (self.end_up_m - self.start_up_m) * done

    @property
    def slope(self) -> float:
        """Metres up per metre on."""
        return (self.end_up_m - self.start_up_m) / max(1.0, math.dist(self.start, self.end))

    @property
    def aim(self) -> Point:
        return self.end

    @property
    def bearing_deg(self) -> float:
        return math.degrees(math.atan2(self.end[1] - self.start[1], self.end[0] - self.start[0]))

    def has_passed(self, at: Point) -> bool:
        """Beyond the line across its end."""
        (n0, e0), (n1, e1) = self.start, self.end
        return (at[0] - n1) * (n1 - n0) + (at[1] - e1) * (e1 - e0) >= 0.0

    def steer(self, params: L1Params, at: Point, velocity: Point) -> tuple[float, bool]:
        """Acceleration to the right; a leg is no circle."""
        return follow_leg(params, at, velocity, self.start, self.end), False


@dataclass(frozen=True, slots=True)
class Circle:
    centre: Point
    radius_m: float
    clockwise: bool
    up_m: float
    #: The leg that comes next begins at the centre, not where the circle is left (a mission's circle, Location::loiter_xtrack).
    left_from_centre: bool = False

    def height_m(self, at: Point) -> float:
        del at
        return self.up_m

    @property
    def aim(self) -> Point:
        return self.centre

    def steer(self, params: L1Params, at: Point, velocity: Point) -> tuple[float, bool]:
        """Acceleration to the right, and whether the plane is on the circle."""
        return follow_circle(params, at, velocity, self.centre, self.radius_m, clockwise=self.clockwise)


@dataclass(frozen=True, slots=True)
class Homing:
    """Straight to a place from wherever it is, `over_m` higher than there until it is `far_m` away, then down to `near_m`."""

    end: Point
    up_m: float
    over_m: float
    near_m: float
    far_m: float

    def height_m(self, at: Point) -> float:
        left_m = math.dist(at, self.end)
        return self.up_m + self.over_m * max(0.0, min(1.0, (left_m - self.near_m) / max(1.0, self.far_m - self.near_m)))

    @property
    def aim(self) -> Point:
        return self.end

    def steer(self, params: L1Params, at: Point, velocity: Point) -> tuple[float, bool]:
        """Acceleration to the right; no leg is held."""
        return follow_leg(params, at, velocity, at, self.end), False


Course = Leg | Circle | Homing
