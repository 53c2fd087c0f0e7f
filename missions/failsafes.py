"""What a plan counts on its aircraft to do by themselves: keep to their fence, go on in silence, come home on a low battery, photograph.

ArduPilot's parameters decide it. They are read, compared, shown, and set only when somebody agrees. Of a parameter that was
renamed the spelling that the vehicle has counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntFlag
from typing import Final

from planner.heights_home import highest_m, safe_m
from planner.model import Drone, Plan, VehicleKind

#: Everything that is looked at, and no more: connecting must not become a storm of parameters.
NAMES: Final = (
    "FENCE_ENABLE",
    "FENCE_TYPE",
    "FENCE_ACTION",
    "FENCE_ALT_MAX",
    "FS_GCS_ENABLE",
    "FS_GCS_ENABL",
    "FS_OPTIONS",
    "FS_LONG_ACTN",
    "BATT_FS_LOW_ACT",
    "BATT_LOW_VOLT",
    "BATT_LOW_MAH",
    "BATT_CAPACITY",
    "CAM_AUTO_ONLY",
    "CAM1_TYPE",
    "RTL_ALT",
    "RTL_ALTITUDE",
)


class _FenceType(IntFlag):
    ALT_MAX = 1
    POLYGON = 4


#: FENCE_ACTION: home, or by SMART_RTL; FS_OPTIONS: go on in AUTO when the station is silent; BATT_FS_LOW_ACT: home.
_FENCE_HOME: Final = {1: "RTL", 3: "SMART_RTL or RTL"}
_CONTINUE_WITHOUT_STATION: Final = 2
_COPTER_BATTERY_HOME: Final = frozenset({2, 3, 4})
_PLANE_BATTERY_HOME: Final = frozenset({1, 5, 6})
#: The heights of return, copters' and planes', with how many of its units are a metre.
_RETURN: Final = {"RTL_ALT": 100.0, "RTL_ALTITUDE": 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class FailsafeParams:
    """`headroom_m` is what a drone may be above its highest leg before its fence acts.

    The battery failsafe acts at `reserve_part` of the reserve: the plan counts on landing with the whole of it left.
    """

    headroom_m: float = 5.0
    reserve_part: float = 0.5


DEFAULTS: Final = FailsafeParams()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A parameter that is not what the plan counts on. `has` is None when the vehicle does not tell it."""

    name: str
    has: float | None
    wants: float
    why: str

    def __str__(self) -> str:
        has = "unknown" if self.has is None else f"{self.has:g}"
        return f"{self.name} is {has}, wanted {self.wants:g}: {self.why}"


def differences(
    plan: Plan, drone: Drone, values: Mapping[str, float], *, fence: bool = True, params: FailsafeParams = DEFAULTS
) -> tuple[Difference, ...]:
    """What would have to be set. `fence`: whether a fence is uploaded to it."""
    fences = _fence(plan, drone, values, params) if fence else ()
    return (
        *fences,
        *_return(plan, drone, values),
        *_silence(values),
        *_battery(plan, drone, values, params),
        *_camera(plan, drone, values),
    )


def ceiling_m(plan: Plan, drone: Drone, params: FailsafeParams = DEFAULTS) -> float:
    """Above home: the nation's own limit, and never below what the drone's legs need, over hills its way home too."""
    return max(plan.nation(drone.nation).policy.max_height_m, max(_highest_m(plan, drone), safe_m(plan, drone) or 0.0) + params.headroom_m)


def _highest_m(plan: Plan, drone: Drone) -> float:
    return max((highest_m(sortie) for sortie in plan.sorties_of(drone.id)), default=0.0)


def _fence(plan: Plan, drone: Drone, values: Mapping[str, float], params: FailsafeParams) -> Iterator[Difference]:
    top_m = ceiling_m(plan, drone, params)
    low_m = max(_highest_m(plan, drone), safe_m(plan, drone) or 0.0)
    kinds = float(_FenceType.ALT_MAX | _FenceType.POLYGON)
    height_m = values.get("FENCE_ALT_MAX")
    # Shape and height first: a fence that is switched on before they are right would act at once.
    if values.get("FENCE_TYPE") != kinds:
        yield _difference("FENCE_TYPE", values, kinds, "its fence is a polygon and a greatest height, not a circle around home")
    if height_m is None or not low_m + params.headroom_m <= height_m <= top_m:
        yield _difference("FENCE_ALT_MAX", values, top_m, "the greatest height that it may have above home")
    if values.get("FENCE_ACTION") not in _FENCE_HOME:
        yield _difference("FENCE_ACTION", values, 1.0, "it comes home when it breaks its fence")
    if values.get("FENCE_ENABLE") != 1.0:
        yield _difference("FENCE_ENABLE", values, 1.0, "it watches its fence itself")


def _return(plan: Plan, drone: Drone, values: Mapping[str, float]) -> Iterator[Difference]:
    """Who comes home straight comes over hills that no leg of its own need lead over."""
    height_m = safe_m(plan, drone)
    for name, units in _RETURN.items():
        if height_m is not None and name in values and values[name] < height_m * units:
            yield _difference(name, values, float(math.ceil(height_m) * units), "it comes home above the highest that this plan flies over")


def _silence(values: Mapping[str, float]) -> Iterator[Difference]:
    """Mission control counts on a drone that it cannot reach to go on with its sortie, and to land at its end."""
    if "FS_GCS_ENABL" in values:
        if values["FS_GCS_ENABL"] and values.get("FS_LONG_ACTN"):
            yield _difference("FS_LONG_ACTN", values, 0.0, "it goes on with its mission when the station is silent")
    elif "FS_GCS_ENABLE" not in values:
        yield Difference(name="FS_GCS_ENABLE", has=None, wants=0.0, why="it goes on with its mission when the station is silent")
    elif values["FS_GCS_ENABLE"] and not int(values.get("FS_OPTIONS", 0)) & _CONTINUE_WITHOUT_STATION:
        wanted = float(int(values.get("FS_OPTIONS", 0)) | _CONTINUE_WITHOUT_STATION)
        yield _difference("FS_OPTIONS", values, wanted, "it goes on with its mission when the station is silent")


def _battery(plan: Plan, drone: Drone, values: Mapping[str, float], params: FailsafeParams) -> Iterator[Difference]:
    kind = plan.drone_type(drone.type)
    is_copter = kind.kind is VehicleKind.COPTER
    good = _COPTER_BATTERY_HOME if is_copter else _PLANE_BATTERY_HOME
    if not values.get("BATT_LOW_VOLT") and not values.get("BATT_LOW_MAH"):
        mah = round(params.reserve_part * kind.reserve * values.get("BATT_CAPACITY", 0.0))
        if mah > 0:
            yield _difference("BATT_LOW_MAH", values, float(mah), f"{100 * params.reserve_part:.0f} % of the reserve")
    if values.get("BATT_FS_LOW_ACT") not in good:
        yield _difference("BATT_FS_LOW_ACT", values, 2.0 if is_copter else 1.0, "it comes home on a low battery")


def _camera(plan: Plan, drone: Drone, values: Mapping[str, float]) -> Iterator[Difference]:
    """Missions release it along lanes; who leaves a lane by a failsafe or a recall leaves AUTO."""
    if plan.drone_type(drone.type).sensor.trigger_distance_m is None:
        return
    if not values.get("CAM1_TYPE"):
        yield _difference("CAM1_TYPE", values, 1.0, "it has a camera to release (1 is by servo), from its next boot on")
    if values.get("CAM_AUTO_ONLY") != 1.0:
        yield _difference("CAM_AUTO_ONLY", values, 1.0, "its camera is released by distance in its mission only")


def _difference(name: str, values: Mapping[str, float], wants: float, why: str) -> Difference:
    return Difference(name=name, has=values.get(name), wants=wants, why=why)
