"""Read bases, drone types and fleets of a mission file, and count each fleet out into drones."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from missions.errors import nearest_mend, shortened
from missions.tables import Table, require_unique
from planner.geo import LatLon
from planner.model import Base, Drone, DroneType, Sensor, Staff, VehicleKind

STAFF_KEYS: Final = ("pads", "launch_every_s", "crews", "duty_s", "rest_s")
BASE_KEYS: Final = ("id", "nation", "lat_deg", "lon_deg", "elevation_m", *STAFF_KEYS)
DRONE_TYPE_KEYS: Final = (
    "id",
    "kind",
    "cruise_mps",
    "endurance_s",
    "battery_wh",
    "power_hover_w",
    "power_cruise_w",
    "sensor",
    "height_above_home_m",
    "reserve",
    "acceleration_mps2",
    "climb_mps",
    "descent_mps",
    "turn_radius_m",
    "battery_swap_s",
)
FLEET_KEYS: Final = ("base", "type", "count", "first_system_id")

#: MAVLink addresses run to 255; ground stations use the last one (mavlink.io/en/services/heartbeat.html).
MAX_SYSTEM_ID: Final = 254
MAX_FLEET: Final = 250

_STANDARD_GRAVITY_MPS2: Final = 9.80665
_DEFAULT_BANK_DEG: Final = 30.0


def read_bases(tables: Sequence[Table], nation_ids: Sequence[str]) -> tuple[Base, ...]:
    """All bases, each of a known nation."""
    require_unique(tables, "id", lambda table: table.id("id"))
    return tuple(_base(table, nation_ids) for table in tables)


def read_drone_types(tables: Sequence[Table]) -> tuple[DroneType, ...]:
    """All drone types."""
    require_unique(tables, "id", lambda table: table.id("id"))
    return tuple(_drone_type(table) for table in tables)


def read_drones(fleets: Sequence[Table], bases: Sequence[Base], drone_types: Sequence[DroneType]) -> tuple[Drone, ...]:
    """Every fleet counted out: `<base>-<n>`, or `<base>-<type>-<n>` where a base has several types.

    A fleet without `first_system_id` is numbered on from the highest system id used so far in the file.
    """
    bases_by_id = {base.id: base for base in bases}
    kinds = [(_known(fleet, "base", list(bases_by_id)), _known(fleet, "type", [t.id for t in drone_types])) for fleet in fleets]
    types_at = Counter(base for base, _ in set(kinds))
    counted: Counter[str] = Counter()
    drones: list[Drone] = []
    for fleet, (base, kind) in zip(fleets, kinds, strict=True):
        stem = base if types_at[base] == 1 else f"{base}-{kind}"
        for system_id in _system_ids(fleet, drones):
            counted[stem] += 1
            drone = Drone(id=f"{stem}-{counted[stem]}", nation=bases_by_id[base].nation, type=kind, base=base, system_id=system_id)
            _check_unique(fleet, drone, drones)
            drones.append(drone)
    return tuple(drones)


def level_turn_radius_m(speed_mps: float) -> float:
    """Radius of a level turn at 30 degrees of bank: the default for aircraft that cannot stop."""
    return speed_mps**2 / (_STANDARD_GRAVITY_MPS2 * math.tan(math.radians(_DEFAULT_BANK_DEG)))


def _base(table: Table, nation_ids: Sequence[str]) -> Base:
    return Base(
        id=table.id("id"),
        nation=_known(table, "nation", nation_ids),
        location=LatLon(lat_deg=_degrees(table, "lat_deg", 90.0), lon_deg=_degrees(table, "lon_deg", 180.0)),
        elevation_m=table.number("elevation_m", 0.0, at_least=-500.0, at_most=9000.0),
        staff=_staff(table),
    )


def _staff(table: Table) -> Staff:
    for name in ("rest_s", "crews"):
        if table.has(name) and not table.has("duty_s"):
            table.fail(name, "goes with duty_s: who is on duty without end never rests", mend="add duty_s, or leave it out")
    usual = Staff()
    return Staff(
        pads=table.integer("pads", at_least=1, at_most=MAX_FLEET) if table.has("pads") else None,
        launch_every_s=table.number("launch_every_s", usual.launch_every_s, at_least=0, at_most=86_400),
        crews=table.integer("crews", usual.crews, at_least=1, at_most=100),
        duty_s=table.number("duty_s", above=0, at_most=1e7) if table.has("duty_s") else usual.duty_s,
        rest_s=table.number("rest_s", usual.rest_s, at_least=0, at_most=1e7),
    )


def _degrees(table: Table, name: str, limit_deg: float) -> float:
    value = table.number(name)
    if abs(value) > limit_deg:
        table.fail(name, f"{value:g} is outside the world", mend=f"give -{limit_deg:g} to {limit_deg:g}: are lat_deg and lon_deg swapped?")
    return value


def _drone_type(table: Table) -> DroneType:
    kind = table.choice("kind", VehicleKind)
    cruise_mps = table.number("cruise_mps", above=0)
    with table.checked():
        return DroneType(
            id=table.id("id"),
            kind=kind,
            cruise_mps=cruise_mps,
            endurance_s=table.number("endurance_s", above=0),
            battery_wh=table.number("battery_wh", above=0),
            power_hover_w=table.number("power_hover_w", above=0),
            power_cruise_w=table.number("power_cruise_w", above=0),
            sensor=_sensor(table),
            height_above_home_m=table.number("height_above_home_m", above=0),
            reserve=table.number("reserve", 0.2, at_least=0, below=1),
            acceleration_mps2=table.number("acceleration_mps2", 2.5, above=0),
            climb_mps=table.number("climb_mps", 2.5, above=0),
            descent_mps=table.number("descent_mps", 1.5, above=0),
            turn_radius_m=_turn_radius_m(table, kind, cruise_mps),
            battery_swap_s=table.number("battery_swap_s", 300.0, at_least=0),
        )


def _turn_radius_m(table: Table, kind: VehicleKind, cruise_mps: float) -> float:
    if kind is VehicleKind.COPTER:
        return table.number("turn_radius_m", 0.0, at_least=0)
    return table.number("turn_radius_m", level_turn_radius_m(cruise_mps), above=0)


def _sensor(table: Table) -> Sensor:
    table.raw("sensor")
    sensor = table.table("sensor", ("fov_across_deg", "swath_m", "trigger_distance_m"))
    if sensor.has("fov_across_deg") == sensor.has("swath_m"):
        table.fail("sensor", "needs exactly one of fov_across_deg and swath_m", mend="write sensor = { fov_across_deg = 60 }")
    trigger_m = sensor.number("trigger_distance_m", at_least=1) if sensor.has("trigger_distance_m") else None
    if sensor.has("swath_m"):
        return Sensor(swath_m=sensor.number("swath_m", above=0), trigger_distance_m=trigger_m)
    return Sensor(fov_across_deg=sensor.number("fov_across_deg", above=0, below=180), trigger_distance_m=trigger_m)


def _known(table: Table, name: str, ids: Sequence[str]) -> str:
    value = table.text(name)
    if value not in ids:
        table.fail(name, f"{shortened(value)!r} is not the id of any known one", mend=nearest_mend(value, ids, what=f"{name} ids"))
    return value


def _system_ids(fleet: Table, drones: Sequence[Drone]) -> Iterator[int]:
    count = fleet.integer("count", at_least=1, at_most=MAX_FLEET)
    highest = max((drone.system_id or 0 for drone in drones), default=0)
    first = fleet.integer("first_system_id", highest + 1, at_least=1, at_most=MAX_SYSTEM_ID)
    if first + count - 1 > MAX_SYSTEM_ID:
        fleet.fail("count", f"system ids {first} to {first + count - 1} pass {MAX_SYSTEM_ID}", mend="give a lower first_system_id")
    return iter(range(first, first + count))


def _check_unique(fleet: Table, drone: Drone, drones: Sequence[Drone]) -> None:
    for other in drones:
        if other.id == drone.id:
            fleet.fail("base", f"its drone {drone.id} has the id of another fleet's", mend="rename the base or the type", value=drone.id)
        if other.nation == drone.nation and other.system_id == drone.system_id:
            text = f"{other.id} and {drone.id} of nation {drone.nation} both have system id {drone.system_id}"
            fleet.fail("first_system_id", text, mend="give each drone of a nation its own system id", value=drone.system_id)
