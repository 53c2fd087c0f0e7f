"""SMART_RTL: remember the way that was flown, cut its loops and straighten it, and fly it back (AP_SmartRTL, ArduCopter 4.7.0-dev).

Not recorded; after ArduPilot's documentation of the two algorithms and of when SMART_RTL can be used.
"""

from __future__ import annotations

import math
from enum import Enum, auto

from sitl.copter_flight import CopterFlight
from sitl.parameters import Parameters
from sitl.waypoint_nav import Vector


class ReturnPath:
    """Places on the way since arming, at least SRTL_ACCURACY apart, no more than SRTL_POINTS; the first is home."""

    #: How often a place is remembered, and how long without one until SMART_RTL is given up, seconds.
    _EVERY_S, _GIVE_UP_S = 1.0 / 3.0, 15.0
    #: Places off the straight by this part of SRTL_ACCURACY stay; closer than this part two legs meet.
    _STRAIGHT_PART, _LOOP_PART = 0.5, 0.99
    #: Fewer free places than this have the path straightened.
    _MARGIN = 10

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._points: list[Vector] = []
        self._next_s = self._good_s = self._kept_s = 0.0
        self._lost: str | None = None

    @property
    def is_usable(self) -> bool:
        return bool(self._points) and self._lost is None

    def begin(self, home: Vector, now_s: float) -> None:
        """Armed: forget the last flight. SRTL_POINTS 0 switches it off."""
        wanted = self._parameters["SRTL_POINTS"] > 0 and self._accuracy_m > 0
        self._points = [home] if wanted else []
        self._lost = None
        self._good_s = self._kept_s = now_s

    def pass_by(self, place: Vector, now_s: float, *, position_is_good: bool) -> str | None:
        """Remember where the vehicle is; why it is given up, in the moment when it is."""
        if now_s < self._next_s or not self.is_usable:
            return None
        self._next_s = now_s + self._EVERY_S
        if position_is_good:
            self._good_s = now_s
            if self._keep(place):
                self._kept_s = now_s
            elif now_s - self._kept_s > self._GIVE_UP_S:
                self._lost = "buffer full"
        elif now_s - self._good_s > self._GIVE_UP_S:
            self._lost = "bad position"
        return self._lost

    def _keep(self, place: Vector) -> bool:
        if math.dist(place, self._points[-1]) < self._accuracy_m:
            return True
        room = int(self._parameters["SRTL_POINTS"])
        if len(self._points) >= room - self._MARGIN:
            self._points = straightened(self._points, self._STRAIGHT_PART * self._accuracy_m)
        if len(self._points) >= room:
            self._points = without_loops(self._points, self._LOOP_PART * self._accuracy_m)
        if len(self._points) >= room:
            return False
        self._points.append(place)
        return True

    @property
    def _accuracy_m(self) -> float:
        return self._parameters["SRTL_ACCURACY"]

    def cleaned(self) -> list[Vector]:
        """The whole path, straightened and without loops, home first."""
        straight = straightened(self._points, self._STRAIGHT_PART * self._accuracy_m)
        return without_loops(straight, self._LOOP_PART * self._accuracy_m)

    def restore(self, left: list[Vector]) -> None:
        """What was not flown back, home first: another SMART_RTL goes on from there."""
        self._points = left


def straightened(points: list[Vector], off_m: float) -> list[Vector]:
    """Ramer, Douglas and Peucker: without the points that are nowhere farther than this from the straight."""
    kept = {0, len(points) - 1}
    open_ends = [(0, len(points) - 1)]
    while open_ends:
        first, last = open_ends.pop()
        farthest, distance_m = 0, off_m
        for index in range(first + 1, last):
            off = _off_segment_m(points[index], points[first], points[last])
            if off > distance_m:
                farthest, distance_m = index, off
        if farthest:
            kept.add(farthest)
            open_ends += [(first, farthest), (farthest, last)]
    return [points[index] for index in sorted(kept)]


def without_loops(points: list[Vector], near_m: float) -> list[Vector]:
    """Where the way came back to itself, what lies between is left out; the two legs are joined half-way between them."""
    index = 0
    while index < len(points) - 3:
        for later in range(len(points) - 2, index + 1, -1):
            distance_m, middle = _segments_meet((points[index], points[index + 1]), (points[later], points[later + 1]))
            if distance_m < near_m:
                points = [*points[: index + 1], middle, *points[later + 1 :]]
                break
        index += 1
    return points


def _off_segment_m(point: Vector, start: Vector, end: Vector) -> float:
    return math.dist(point, _nearest(point, start, end))


def _nearest(point: Vector, start: Vector, end: Vector) -> Vector:
    along = [b - a for a, b in zip(start, end, strict=True)]
    square = sum(part * part for part in along)
    if square == 0.0:
        return start
    part = sum((p - a) * d for p, a, d in zip(point, start, along, strict=True)) / square
    return _between(start, end, min(1.0, max(0.0, part)))


def _between(start: Vector, end: Vector, part: float) -> Vector:
    return (
        start[0] + part * (end[0] - start[0]),
        start[1] + part * (end[1] - start[1]),
        start[2] + part * (end[2] - start[2]),
    )


def _segments_meet(one: tuple[Vector, Vector], other: tuple[Vector, Vector]) -> tuple[float, Vector]:
    """Least distance of two segments, and the middle between the two nearest points."""
    (a, b), (c, d) = one, other
    pairs = [(a, _nearest(a, c, d)), (b, _nearest(b, c, d)), (_nearest(c, a, b), c), (_nearest(d, a, b), d)]
    if (crossing := _crossing(a, b, c, d)) is not None:
        pairs.append(crossing)
    p, q = min(pairs, key=lambda pair: math.dist(*pair))
    return math.dist(p, q), _between(p, q, 0.5)


def _crossing(a: Vector, b: Vector, c: Vector, d: Vector) -> tuple[Vector, Vector] | None:
    """The nearest points of two lines, when both lie within their segments."""
    u, v, w = ([q - p for p, q in zip(start, end, strict=True)] for start, end in ((a, b), (c, d), (c, a)))
    uu, uv, vv, uw, vw = (sum(x * y for x, y in zip(*pair, strict=True)) for pair in ((u, u), (u, v), (v, v), (u, w), (v, w)))
    size = uu * vv - uv * uv
    if size <= 1e-9 * uu * vv:
        return None
    s, t = (uv * vw - vv * uw) / size, (uu * vw - uv * uw) / size
    return (_between(a, b, s), _between(c, d, t)) if 0 <= s <= 1 and 0 <= t <= 1 else None


class _Phase(Enum):
    STOPPING = auto()
    FOLLOWING = auto()
    ARRIVING = auto()
    LANDING = auto()


class CopterSmartRtl:
    """One return along the path; `step` after each step of the flight. It does not climb, and stops above home to land."""

    #: Home is approached from so much above the first place; straightening the path takes a moment.
    _ABOVE_HOME_M, _CLEANING_S = 2.0, 0.3

    def __init__(self, flight: CopterFlight, path: ReturnPath, now_s: float) -> None:
        self._flight = flight
        self._path = path
        self._since_s = now_s
        self._left: list[Vector] = []
        self._phase = _Phase.STOPPING
        flight.begin_legs()
        flight.nav.fly_to(flight.stopping_point())

    @property
    def is_landing(self) -> bool:
        return self._phase is _Phase.LANDING

    def step(self, now_s: float) -> None:
        nav = self._flight.nav
        match self._phase:
            case _Phase.STOPPING if now_s - self._since_s >= self._CLEANING_S and nav.reached:
                self._left = self._path.cleaned()
                self._phase = _Phase.FOLLOWING
                self._next()
            case _Phase.FOLLOWING if nav.reached:
                self._next()
            case _Phase.ARRIVING if nav.reached:
                self._phase = _Phase.LANDING
                self._flight.land()
            case _:
                pass

    def _next(self) -> None:
        nav = self._flight.nav
        target = self._left.pop()
        if not self._left:
            self._phase = _Phase.ARRIVING
            nav.fly_to(self._above(target))
            return
        nav.fly_to(target)
        following = self._left[-1]
        nav.announce(self._above(following) if len(self._left) == 1 else following)

    def _above(self, place: Vector) -> Vector:
        return place[0], place[1], place[2] + self._ABOVE_HOME_M

    def leave(self) -> None:
        """Another mode begins: what is left of the way is remembered."""
        if self._left:
            self._path.restore([*self._left, self._flight.nav.destination])
