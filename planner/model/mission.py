"""What a mission asks for: nations and their agreement, airspace, bases, drones, patrols, as frozen data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from planner.geo import Geographic, LatLon
from planner.terrain import Terrain


class VehicleKind(StrEnum):
    COPTER = "copter"
    PLANE = "plane"
    QUADPLANE = "quadplane"


class PatrolKind(StrEnum):
    SWEEP = "sweep"
    LINE = "line"
    POINTS = "points"


class Objective(StrEnum):
    MAKESPAN = "makespan"
    TOTAL_TIME = "total_time"


class PartitionMode(StrEnum):
    """How the area is cut into the nations' sectors."""

    TERRITORY = "territory"
    SHARES = "shares"
    BALANCED = "balanced"
    EQUIDISTANCE = "equidistance"


def _require(condition: bool, text: str) -> None:
    if not condition:
        raise ValueError(text)


@dataclass(frozen=True, kw_only=True, slots=True)
class HeightBand:
    """A height interval, metres above the base a drone starts from; open ends by default."""

    min_m: float = -math.inf
    max_m: float = math.inf

    def __post_init__(self) -> None:
        _require(self.min_m < self.max_m, f"band min_m {self.min_m} is not below max_m {self.max_m}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Validity:
    """A time interval, seconds from the plan's start; open ends by default."""

    from_s: float = -math.inf
    to_s: float = math.inf

    def __post_init__(self) -> None:
        _require(self.from_s < self.to_s, f"validity from_s {self.from_s} is not before to_s {self.to_s}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Wind:
    """Steady wind: where it comes from (degrees clockwise from north) and its speed."""

    from_deg: float = 0.0
    speed_mps: float = 0.0

    def __post_init__(self) -> None:
        _require(self.speed_mps >= 0, f"speed_mps {self.speed_mps} is negative")


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Minima and limits that hold for everyone: separation (both must be below to be a loss) and wind."""

    min_separation_m: float = 50.0
    min_vertical_separation_m: float = 10.0
    max_wind_mps: float = 12.0

    def __post_init__(self) -> None:
        for name in ("min_separation_m", "min_vertical_separation_m", "max_wind_mps"):
            _require(getattr(self, name) > 0, f"{name} {getattr(self, name)} is not positive")


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """A nation's own rules over its territory and drones; the strictest of all that apply wins. A separation that it leaves to the
    mission is None.
    """

    max_height_m: float = 120.0
    min_separation_m: float | None = None
    min_vertical_separation_m: float | None = None

    def __post_init__(self) -> None:
        for name in ("max_height_m", "min_separation_m", "min_vertical_separation_m"):
            value = getattr(self, name)
            _require(value is None or value > 0, f"{name} {value} is not positive")


@dataclass(frozen=True, kw_only=True, slots=True)
class Nation:
    """Who patrols. `share` is the agreed part of the work (0..1), or None when by territory."""

    id: str
    name: str
    territory: Geographic
    share: float | None = None
    policy: Policy = Policy()


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """How the nations divide the work: by which sectors, how far a share may be off (a part of the whole), and whether drones of
    one nation serve lanes in another's sector where permissions let them (`joint`).
    """

    partition: PartitionMode = PartitionMode.TERRITORY
    share_tolerance: float = 0.02
    joint: bool = False

    def __post_init__(self) -> None:
        _require(0 < self.share_tolerance < 1, f"share_tolerance {self.share_tolerance} is outside (0, 1)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Permission:
    """A host's consent that a guest may fly in a volume of its airspace, the border's uncertainty band included."""

    id: str
    host: str
    guest: str
    polygon: Geographic
    band: HeightBand = HeightBand()
    validity: Validity = Validity()
    purpose: str = ""
    max_drones: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class KeepOut:
    """Never entered, transit included: the polygon grown by `buffer_m`, within its height band and validity.

    Where the buffer is made up of what a drone may be off its course, what wind may carry it, and how wrong the border may lie, these
    are stated, and it is at least their sum.
    """

    id: str
    polygon: Geographic
    buffer_m: float = 0.0
    navigation_error_m: float = 0.0
    wind_drift_m: float = 0.0
    border_uncertainty_m: float = 0.0
    band: HeightBand = HeightBand()
    validity: Validity = Validity()

    def __post_init__(self) -> None:
        _require(self.buffer_m >= 0, f"buffer_m {self.buffer_m} is negative")
        stated_m = self.navigation_error_m + self.wind_drift_m + self.border_uncertainty_m
        _require(self.buffer_m >= stated_m - 1e-6, f"buffer_m {self.buffer_m} is less than the {stated_m:g} m it is made up of")


@dataclass(frozen=True, kw_only=True, slots=True)
class Staff:
    """What a base can do: so many drones at once on its `pads` (any number when None), take-offs at least `launch_every_s` apart, and
    `crews` that relieve each other, each on duty for `duty_s` and then off it for `rest_s`. The first begins when the plan does.
    """

    pads: int | None = None
    launch_every_s: float = 0.0
    crews: int = 1
    duty_s: float = math.inf
    rest_s: float = 0.0

    def __post_init__(self) -> None:
        _require(self.pads is None or self.pads >= 1, f"pads {self.pads} is below 1")
        _require(self.launch_every_s >= 0, f"launch_every_s {self.launch_every_s} is negative")
        _require(self.crews >= 1, f"crews {self.crews} is below 1")
        _require(self.duty_s > 0, f"duty_s {self.duty_s} is not positive")
        _require(self.rest_s >= 0, f"rest_s {self.rest_s} is negative")


@dataclass(frozen=True, kw_only=True, slots=True)
class Base:
    """Where drones start, land and get fresh batteries. Elevation is metres above sea level."""

    id: str
    nation: str
    location: LatLon
    elevation_m: float = 0.0
    staff: Staff = Staff()


@dataclass(frozen=True, kw_only=True, slots=True)
class Sensor:
    """A downward sensor: either a fixed `swath_m`, or a field of view across the track. Flat ground is assumed.

    With `trigger_distance_m` it is a camera that the vehicle releases every so many metres along its lanes, and nowhere else.
    """

    fov_across_deg: float | None = None
    swath_m: float | None = None
    trigger_distance_m: float | None = None

    def __post_init__(self) -> None:
        _require((self.fov_across_deg is None) != (self.swath_m is None), "give exactly one of fov_across_deg and swath_m")
        _require(self.fov_across_deg is None or 0 < self.fov_across_deg < 180, f"fov_across_deg {self.fov_across_deg} is outside (0, 180)")
        _require(self.swath_m is None or self.swath_m > 0, f"swath_m {self.swath_m} is not positive")
        trigger_m = self.trigger_distance_m
        _require(trigger_m is None or trigger_m >= 1, f"trigger_distance_m {trigger_m} is below 1")

    def width_m(self, height_m: float) -> float:
        """Ground width seen across the track from this height above ground, metres."""
        if self.swath_m is not None:
            return self.swath_m
        assert self.fov_across_deg is not None
        return 2 * height_m * math.tan(math.radians(self.fov_across_deg) / 2)


@dataclass(frozen=True, kw_only=True, slots=True)
class DroneType:
    """What an airframe can do. `endurance_s` and `battery_wh` both bind, each less its `reserve` part.

    Copters fly each leg from rest to rest with `acceleration_mps2`; planes keep moving and turn with `turn_radius_m`.
    Power is `power_hover_w` on TAKEOFF, HOLD and LAND legs and `power_cruise_w` on all others.
    """

    id: str
    kind: VehicleKind
    cruise_mps: float
    endurance_s: float
    battery_wh: float
    power_hover_w: float
    power_cruise_w: float
    sensor: Sensor
    height_above_home_m: float
    reserve: float = 0.2
    acceleration_mps2: float = 2.5
    climb_mps: float = 2.5
    descent_mps: float = 1.5
    turn_radius_m: float = 0.0
    battery_swap_s: float = 300.0

    def __post_init__(self) -> None:
        positive = ("cruise_mps", "endurance_s", "battery_wh", "power_hover_w", "power_cruise_w", "height_above_home_m")
        for name in (*positive, "acceleration_mps2", "climb_mps", "descent_mps"):
            _require(getattr(self, name) > 0, f"{name} {getattr(self, name)} is not positive")
        _require(0 <= self.reserve < 1, f"reserve {self.reserve} is outside [0, 1)")
        _require(self.turn_radius_m >= 0, f"turn_radius_m {self.turn_radius_m} is negative")
        _require(self.battery_swap_s >= 0, f"battery_swap_s {self.battery_swap_s} is negative")

    @property
    def hovers(self) -> bool:
        """Whether it can stop and turn on the spot in cruise."""
        return self.kind is VehicleKind.COPTER

    @property
    def usable_endurance_s(self) -> float:
        return self.endurance_s * (1 - self.reserve)

    @property
    def usable_energy_wh(self) -> float:
        return self.battery_wh * (1 - self.reserve)

    @property
    def swath_m(self) -> float:
        """Ground width seen at the working height."""
        return self.sensor.width_m(self.height_above_home_m)


@dataclass(frozen=True, kw_only=True, slots=True)
class Drone:
    """One airframe. `system_id` is its MAVLink address, unique within its nation's network."""

    id: str
    nation: str
    type: str
    base: str
    system_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A point to be seen. One of weight 2 is to be seen twice as often as the patrol's interval says."""

    id: str
    location: LatLon
    weight: float = 1.0

    def __post_init__(self) -> None:
        _require(self.weight > 0, f"weight {self.weight} is not positive")


@dataclass(frozen=True, kw_only=True, slots=True)
class Patrol:
    """What is asked for: all of the area (a sweep without `shape`), all ground of a polygon, each metre of lines, or `places`.

    `interval_s` is the revisit interval, None for once. Where drones are too few for all intervals, patrols of more `weight` come off
    better. With `random_timing` visits are as unpredictable as the interval lets them be. `min_seen` is the part of lines and corridors
    that a plan must see; for the area that is the mission's `min_coverage`, and of places none may be missed.
    """

    id: str = "patrol-1"
    kind: PatrolKind = PatrolKind.SWEEP
    side_overlap: float = 0.0
    interval_s: float | None = None
    weight: float = 1.0
    shape: Geographic | None = None
    places: tuple[Place, ...] = ()
    random_timing: bool = False
    min_seen: float = 0.99

    def __post_init__(self) -> None:
        _require(0 <= self.side_overlap < 1, f"side_overlap {self.side_overlap} is outside [0, 1)")
        _require(self.interval_s is None or self.interval_s > 0, f"interval_s {self.interval_s} is not positive")
        _require(self.weight > 0, f"weight {self.weight} is not positive")
        _require((self.kind is PatrolKind.POINTS) == bool(self.places), "places are for patrols of points, which have at least one")

    @property
    def has_ground(self) -> bool:
        """Whether ground is to be seen, the area or a corridor, and not lines or points."""
        return not self.places and (self.shape is None or self.shape.geometry.geom_type in ("Polygon", "MultiPolygon"))


@dataclass(frozen=True, kw_only=True, slots=True)
class MissionSpec:
    """Everything a mission file says, checked. The area has been built from the border when only that was given. Without a terrain the
    earth is flat. With `duration_s` the patrols go on for so long, each place seen again within its interval; without, all is seen once.
    """

    name: str
    start_utc: str
    area: Geographic
    border: Geographic | None
    position_uncertainty_m: float
    nations: tuple[Nation, ...]
    bases: tuple[Base, ...]
    drone_types: tuple[DroneType, ...]
    drones: tuple[Drone, ...]
    patrols: tuple[Patrol, ...] = (Patrol(),)
    permissions: tuple[Permission, ...] = ()
    keep_outs: tuple[KeepOut, ...] = ()
    agreement: Agreement = Agreement()
    objective: Objective = Objective.MAKESPAN
    stay_inside: bool = False
    min_coverage: float = 0.99
    wind: Wind = Wind()
    limits: Limits = Limits()
    terrain: Terrain | None = None
    duration_s: float | None = None

    def nation(self, nation_id: str) -> Nation:
        return next(nation for nation in self.nations if nation.id == nation_id)

    def base(self, base_id: str) -> Base:
        return next(base for base in self.bases if base.id == base_id)

    def drone_type(self, type_id: str) -> DroneType:
        return next(drone_type for drone_type in self.drone_types if drone_type.id == type_id)
