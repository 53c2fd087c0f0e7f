"""Whether a vehicle is inside its fence: height, circle around home, polygons and circles (FENCE_TYPE's bits)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag

from mavlink_bridge.enums import LandedState, MavCmd, MavResult, Severity
from sitl.core import Core
from sitl.item_rules import StoredItem

DO_FENCE_ENABLE = 207

#: FENCE_AUTOENABLE.
_AFTER_TAKEOFF, _AFTER_TAKEOFF_KEPT, _WHEN_ARMED = 1, 2, 3

_Points = tuple[tuple[float, float], ...]


class FenceType(IntFlag):
    ALT_MAX = 1
    CIRCLE = 2
    POLYGON = 4
    ALT_MIN = 8


_NOTHING = FenceType(0)
#: The same as plain numbers: fences are looked at ten times a second, and flags are slow.
_ALT_MAX, _CIRCLE, _POLYGON = int(FenceType.ALT_MAX), int(FenceType.CIRCLE), int(FenceType.POLYGON)

#: FENCE_BREACH numbers and ArduPilot's names.
BREACH_NUMBER = {FenceType.ALT_MAX: 2, FenceType.ALT_MIN: 1, FenceType.CIRCLE: 3, FenceType.POLYGON: 3}
NAMES = {FenceType.ALT_MAX: "Max Alt", FenceType.ALT_MIN: "Min Alt", FenceType.CIRCLE: "Circle", FenceType.POLYGON: "Polygon"}


@dataclass(frozen=True, slots=True)
class _Shapes:
    """The stored fence in metres north, east of home."""

    inclusions: tuple[_Points, ...]
    exclusions: tuple[_Points, ...]
    inner_circles: tuple[tuple[float, float, float], ...]
    outer_circles: tuple[tuple[float, float, float], ...]

    def excludes(self, n: float, e: float) -> bool:
        return (
            any(not _contains(polygon, n, e) for polygon in self.inclusions)
            or any(_contains(polygon, n, e) for polygon in self.exclusions)
            or any(math.hypot(n - cn, e - ce) > radius_m for cn, ce, radius_m in self.inner_circles)
            or any(math.hypot(n - cn, e - ce) < radius_m for cn, ce, radius_m in self.outer_circles)
        )

    def clearance_m(self, n: float, e: float) -> float:
        """How far it is to the nearest line, on either side of it."""
        circles = (*self.inner_circles, *self.outer_circles)
        return min(
            (
                *(_distance_m(polygon, n, e) for polygon in (*self.inclusions, *self.exclusions)),
                *(abs(math.hypot(n - cn, e - ce) - radius_m) for cn, ce, radius_m in circles),
            ),
            default=math.inf,
        )


class Fence:
    """The fence that the parameters switch on, and which parts are broken at a place."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._shapes: _Shapes | None = None
        self._home = core.home
        #: Where the shapes were last looked at, how far the next line is from there, and what was found.
        self._looked: tuple[float, float, float, bool] = (0.0, 0.0, -1.0, False)
        self._switched: FenceType | None = None
        self._stage = (False, LandedState.ON_GROUND)
        core.fences.on_change = self._forget

    def _forget(self) -> None:
        self._shapes = None
        self._core.parameters.tell("FENCE_TOTAL", self._core.fences.total, self._core.out)

    @property
    def is_on(self) -> bool:
        """As DO_FENCE_ENABLE left it, or else as FENCE_ENABLE says."""
        return bool(self._switched) if self._switched is not None else self._core.parameters["FENCE_ENABLE"] > 0

    def switch(self, action: int, parts: int = 0) -> MavResult:
        """DO_FENCE_ENABLE: 0 off, 1 on, 2 without the least height; `parts` 0 is all of FENCE_TYPE (GCS_Fence.cpp)."""
        wanted = FenceType(int(parts) & 15 or 15)
        is_now = self._configured if self.is_on and self._switched is None else (self._switched or _NOTHING)
        match action:
            case 0:
                self._switched = is_now & ~wanted
            case 1 if self._present & wanted:
                self._switched = is_now | (self._configured & wanted)
            case 2:
                self._switched = is_now & ~FenceType.ALT_MIN
            case _:
                return MavResult.FAILED
        return MavResult.ACCEPTED

    def switch_by_mission(self, action: int) -> None:
        """DO_FENCE_ENABLE as a mission item."""
        self._switch_and_say(action, "enabled" if action == 1 else "disabled")

    def follow_flight(self, *, armed: bool, state: LandedState) -> None:
        """FENCE_AUTOENABLE: arming (3), take-off and landing (1, and 2 which keeps all but the least height) switch it (AC_Fence.cpp)."""
        (was_armed, was), self._stage = self._stage, (armed, state)
        how = int(self._core.parameters["FENCE_AUTOENABLE"])
        if how == _WHEN_ARMED and armed != was_armed:
            self._switch_by_itself(1 if armed else 0)
        elif how in (_AFTER_TAKEOFF, _AFTER_TAKEOFF_KEPT) and armed and state is not was:
            if was is LandedState.TAKEOFF and state is LandedState.IN_AIR:
                self._switch_by_itself(1)
            elif state is LandedState.LANDING:
                self._switch_by_itself(0 if how == _AFTER_TAKEOFF else 2)

    def _switch_by_itself(self, action: int) -> None:
        self._switch_and_say(action, "auto-enabled" if action == 1 else "auto-disabled")

    def _switch_and_say(self, action: int, done: str) -> None:
        """Say which parts that has changed."""
        before = self.types if self.is_on else _NOTHING
        self.switch(action)
        changed = before ^ (self.types if self.is_on else _NOTHING)
        if changed:
            self._core.say(Severity.NOTICE, f"{fence_names(changed)} {done}")

    def follow_parameter(self) -> None:
        """FENCE_ENABLE has been set: it counts again."""
        self._switched = None

    @property
    def _configured(self) -> FenceType:
        return FenceType(int(self._core.parameters["FENCE_TYPE"]) & 15)

    @property
    def _present(self) -> FenceType:
        """What there is to be broken."""
        return self._configured if self._core.fences.count else self._configured & ~FenceType.POLYGON

    @property
    def types(self) -> FenceType:
        """What is switched on and can be broken: the polygon bit counts only when something is stored."""
        return self._present if self._switched is None else self._present & self._switched

    def breached(self, north_m: float, east_m: float, up_m: float) -> FenceType:
        """Which parts are broken here; the line itself counts, not FENCE_MARGIN before it (c11)."""
        p, broken = self._core.parameters, 0
        types = int(p["FENCE_TYPE"]) if self._switched is None else int(p["FENCE_TYPE"]) & int(self._switched)
        if types & _ALT_MAX and up_m - self._core.home_up_m >= p["FENCE_ALT_MAX"]:
            broken |= _ALT_MAX
        if types & _CIRCLE and math.dist((north_m, east_m), self._core.home_at) >= p["FENCE_RADIUS"]:
            broken |= _CIRCLE
        if types & _POLYGON and self._core.fences.count and self._outside(north_m, east_m):
            broken |= _POLYGON
        return FenceType(broken) if broken else _NOTHING

    def beyond_m(self, north_m: float, east_m: float, up_m: float) -> float:
        """How far outside the height and the circle; polygons do not count (AC_Fence)."""
        p, types = self._core.parameters, self.types
        above_m = up_m - self._core.home_up_m - p["FENCE_ALT_MAX"] if types & FenceType.ALT_MAX else 0.0
        outside_m = math.dist((north_m, east_m), self._core.home_at) - p["FENCE_RADIUS"] if types & FenceType.CIRCLE else 0.0
        return max(0.0, above_m, outside_m)

    def _outside(self, n: float, e: float) -> bool:
        """Looked at anew only when the vehicle may have come to a line since."""
        if self._shapes is None or self._home is not self._core.home:
            self._home = self._core.home
            self._shapes = _shapes(self._core, self._core.fences.items)
            self._looked = (n, e, -1.0, False)
        then_n, then_e, clear_m, outside = self._looked
        if math.hypot(n - then_n, e - then_e) < clear_m:
            return outside
        outside = self._shapes.excludes(n, e)
        self._looked = (n, e, self._shapes.clearance_m(n, e), outside)
        return outside


def fence_names(parts: FenceType) -> str:
    """As ArduPilot puts it: "Max Alt, Circle and Polygon fences"."""
    names = [NAMES[part] for part in FenceType if part in parts]
    listed = ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else "".join(names)
    return f"{listed} fence{'s' if len(names) > 1 else ''}"


def _shapes(core: Core, items: Sequence[StoredItem]) -> _Shapes:
    polygons: dict[int, list[_Points]] = {}
    circles: dict[int, list[tuple[float, float, float]]] = {}
    index = 0
    while index < len(items):
        item = items[index]
        if item.command in (MavCmd.NAV_FENCE_CIRCLE_INCLUSION, MavCmd.NAV_FENCE_CIRCLE_EXCLUSION):
            circles.setdefault(item.command, []).append((*core.to_local(item.x / 1e7, item.y / 1e7), item.param1))
            index += 1
        elif item.command == MavCmd.NAV_FENCE_RETURN_POINT:
            index += 1
        else:
            vertices = items[index : index + int(item.param1)]
            polygons.setdefault(item.command, []).append(tuple(core.to_local(one.x / 1e7, one.y / 1e7) for one in vertices))
            index += len(vertices)
    return _Shapes(
        tuple(polygons.get(MavCmd.NAV_FENCE_POLYGON_VERTEX_INCLUSION, ())),
        tuple(polygons.get(MavCmd.NAV_FENCE_POLYGON_VERTEX_EXCLUSION, ())),
        tuple(circles.get(MavCmd.NAV_FENCE_CIRCLE_INCLUSION, ())),
        tuple(circles.get(MavCmd.NAV_FENCE_CIRCLE_EXCLUSION, ())),
    )


def _contains(polygon: _Points, n: float, e: float) -> bool:
    """Even-odd rule."""
    inside = False
    n1, e1 = polygon[-1]
    for n2, e2 in polygon:
        if (e1 > e) != (e2 > e) and n < (n2 - n1) * (e - e1) / (e2 - e1) + n1:
            inside = not inside
        n1, e1 = n2, e2
    return inside


def _distance_m(polygon: _Points, n: float, e: float) -> float:
    """To its outline."""
    least = math.inf
    n1, e1 = polygon[-1]
    for n2, e2 in polygon:
        dn, de = n2 - n1, e2 - e1
        square = dn * dn + de * de
        part = min(1.0, max(0.0, ((n - n1) * dn + (e - e1) * de) / square)) if square > 0.0 else 0.0
        least = min(least, math.hypot(n - n1 - part * dn, e - e1 - part * de))
        n1, e1 = n2, e2
    return least
