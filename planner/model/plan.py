"""What a plan promises: sectors, lanes, sorties leg by leg, their figures beside the bounds, and what check found, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from planner.geo import Geographic, LatLon, Position
from planner.model.mission import Agreement, Base, Drone, DroneType, KeepOut, Limits, Nation, Objective, Patrol, Permission, Wind
from planner.terrain import TerrainSource

SCHEMA = 1


class LegKind(StrEnum):
    TAKEOFF = "TAKEOFF"
    TRANSIT = "TRANSIT"
    SWEEP = "SWEEP"
    TURN = "TURN"
    HOLD = "HOLD"
    LAND = "LAND"


class Rule(StrEnum):
    """What `check` can find broken."""

    COVERAGE = "coverage"
    LANE_MISSING = "lane_missing"
    KEEP_OUT = "keep_out"
    AIRSPACE = "airspace"
    PERMISSION = "permission"
    ALTITUDE = "altitude"
    ENDURANCE = "endurance"
    ENERGY = "energy"
    SPEED = "speed"
    CONTINUITY = "continuity"
    BASE = "base"
    SEPARATION = "separation"
    FENCE = "fence"
    TIMING = "timing"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sector:
    """One nation's part of the area."""

    nation: str
    polygon: Geographic


@dataclass(frozen=True, kw_only=True, slots=True)
class Lane:
    """One sweep line, flyable in either direction; it sees `swath_m` of ground across."""

    id: str
    nation: str
    start: LatLon
    end: LatLon
    swath_m: float


@dataclass(frozen=True, kw_only=True, slots=True)
class AboveGround:
    """The least and the greatest height of a leg above the ground, by the plan's terrain."""

    least_m: float
    most_m: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Leg:
    """One movement. `path` holds all points, ends included, when the leg is more than one geodesic. `above_ground` is None where the
    earth is taken for flat, or the ground's height is not known.
    """

    kind: LegKind
    start: Position
    end: Position
    start_s: float
    end_s: float
    energy_wh: float
    path: tuple[Position, ...] | None = None
    lane: str | None = None
    swath_m: float | None = None
    above_ground: AboveGround | None = None

    @property
    def points(self) -> tuple[Position, ...]:
        """All points in order, ends included."""
        return self.path if self.path is not None else (self.start, self.end)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sortie:
    """One flight between two landings."""

    id: str
    drone: str
    nation: str
    start_base: str
    end_base: str
    start_s: float
    end_s: float
    energy_wh: float
    legs: tuple[Leg, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Unreachable:
    """Ground that no drone can see, and why."""

    polygon: Geographic
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Violation:
    """One broken rule: who, by how much, where and when. `at_s` and the place may be unknown."""

    rule: Rule
    subject: str
    amount: float
    unit: str
    text: str
    lat_deg: float | None = None
    lon_deg: float | None = None
    at_s: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Revisit:
    """How a segment of a patrol is seen: the `part` of it that ever is, when all of that has been seen once (`first_s`), and the gaps
    between visits of the places in it, the rest of the patrol after the last one included. `required_s` is what is asked for, None
    where it is to be seen but once; gaps are None where nothing is seen, or is asked for but once.
    """

    patrol: str
    segment: str
    part: float
    visits: float
    first_s: float | None
    worst_s: float | None
    mean_s: float | None
    p95_s: float | None
    required_s: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PatrolFigures:
    """What a patrol comes to as a whole: the part of it that is seen, its worst gap, and what no plan that goes on for ever can undercut.
    `reference_s` is 2L / sum of speeds for a line. `entropy_bits` is how unpredictable a launch is, with random timing.
    """

    patrol: str
    seen: float
    worst_s: float | None
    bound_s: float | None
    reference_s: float | None
    entropy_bits: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanResult:
    """The plan's figures beside their bounds. `gap` is (makespan - bound) / bound, None when the bound is 0. `share` is each nation's
    part of the sweep metres, `ground_share` its part of the ground that is swept (what several see counts for each).
    `patrols` and `revisits` (by patrol and segment) are for lines, points and whatever is seen again and again.
    """

    makespan_s: float
    makespan_bound_s: float
    gap: float | None
    length_m: float
    length_bound_m: float
    coverage: float
    coverage_of_area: float
    share: dict[str, float]
    worst_revisit_s: float | None
    energy_wh: float
    ground_share: dict[str, float] = field(default_factory=dict)
    patrols: tuple[PatrolFigures, ...] = ()
    revisits: tuple[Revisit, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class NationTally:
    """One nation's work in a plan; `home_s` is when its last drone has landed."""

    nation: str
    sorties: int
    length_m: float
    airborne_s: float
    home_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanTally:
    """A plan in few figures. `revisit_s` is how long a place waits at most when the plan is flown again and again, with one battery swap
    between.
    """

    makespan_s: float
    revisit_s: float
    coverage: float
    nations: tuple[NationTally, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """What flying jointly brings: the nations' separate plans beside the joint one, and whether that is the one in the file."""

    separate: PlanTally
    joint: PlanTally
    joint_is_flown: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SolverInfo:
    """How the plan was computed; the only part in which two identical plans may differ."""

    seconds: float
    workers: int
    effort: int | None
    reproducible: bool
    seed: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Everything needed to fly the patrol and to verify it, with nothing but this. With a `terrain` legs follow the ground, and nations'
    greatest heights are above it.
    """

    name: str
    spec_sha256: str
    start_utc: str
    area: Geographic
    coverable: Geographic
    border: Geographic | None
    position_uncertainty_m: float
    nations: tuple[Nation, ...]
    permissions: tuple[Permission, ...]
    keep_outs: tuple[KeepOut, ...]
    limits: Limits
    bases: tuple[Base, ...]
    drone_types: tuple[DroneType, ...]
    drones: tuple[Drone, ...]
    sectors: tuple[Sector, ...]
    lanes: tuple[Lane, ...]
    sorties: tuple[Sortie, ...]
    unreachable: tuple[Unreachable, ...]
    result: PlanResult
    solver: SolverInfo
    violations: tuple[Violation, ...] = ()
    agreement: Agreement = field(default_factory=Agreement)
    comparison: Comparison | None = None
    objective: Objective = Objective.MAKESPAN
    stay_inside: bool = False
    min_coverage: float = 0.99
    wind: Wind = field(default_factory=Wind)
    schema: int = SCHEMA
    notes: tuple[str, ...] = ()
    patrols: tuple[Patrol, ...] = (Patrol(),)
    duration_s: float | None = None
    terrain: TerrainSource | None = None

    def drone(self, drone_id: str) -> Drone:
        return next(drone for drone in self.drones if drone.id == drone_id)

    def drone_type(self, type_id: str) -> DroneType:
        return next(drone_type for drone_type in self.drone_types if drone_type.id == type_id)

    def base(self, base_id: str) -> Base:
        return next(base for base in self.bases if base.id == base_id)

    def nation(self, nation_id: str) -> Nation:
        return next(nation for nation in self.nations if nation.id == nation_id)

    def sorties_of(self, drone_id: str) -> tuple[Sortie, ...]:
        """The drone's sorties in the order they start."""
        return tuple(sorted((sortie for sortie in self.sorties if sortie.drone == drone_id), key=lambda sortie: sortie.start_s))
