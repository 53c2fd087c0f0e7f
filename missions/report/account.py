"""The account of a flight: every figure of the report, as frozen data, before any of it is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mavlink_bridge.events import Alert, UploadOutcome
from missions.control.messages import FinalState, Verdict
from missions.report.drone_record import DroneRecord
from missions.report.energy import Energy
from missions.report.missed import MissedGround
from missions.report.responses import Response
from missions.report.segments import SeenPoints, Segment
from missions.report.separation import Encounter
from planner.coverage import CoverageReport
from planner.geo import LocalFrame
from planner.model import Plan, Violation


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """Time in the air, horizontal way and energy."""

    time_s: float
    length_m: float
    energy: Energy


@dataclass(frozen=True, slots=True, kw_only=True)
class DroneAccount:
    """One drone, promised and done. `sorties_flown` of `sorties_planned` took off; `pictures` None: it has no camera to release."""

    drone: str
    nation: str
    system_id: int | None
    upload: UploadOutcome
    final: FinalState
    planned: Effort
    flown: Effort
    sorties_planned: int
    sorties_flown: int
    pictures: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NationAccount:
    """One nation's drones together; coverage is that of its sector, by whomever."""

    nation: str
    name: str
    planned: Effort
    flown: Effort
    planned_coverage: float
    flown_coverage: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SortieTimes:
    """When a sortie was to be in the air and when it was, patrol seconds; `flown` is empty for one that never flew."""

    sortie: str
    drone: str
    nation: str
    planned: tuple[float, float]
    flown: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightAccount:
    """All figures. Times are patrol seconds: 0 is when the plan's times began to count; `zero_s` is that in vehicle time.

    `violations` are those of the plan, and those that the flight added. `reasons` say why it is no PASS.
    """

    plan: Plan
    plan_sha256: str
    verdict: Verdict
    reasons: tuple[str, ...]
    frame: LocalFrame
    zero_s: float
    duration_s: float
    planned: CoverageReport
    flown: CoverageReport
    missed: MissedGround
    nations: tuple[NationAccount, ...]
    drones: tuple[DroneAccount, ...]
    sorties: tuple[SortieTimes, ...]
    violations: tuple[Violation, ...]
    alerts: tuple[Alert, ...]
    encounters: tuple[Encounter, ...]
    records: Mapping[str, DroneRecord]
    segments: tuple[Segment, ...]
    seen: SeenPoints
    responses: tuple[Response, ...]

    @property
    def min_separation_m(self) -> float | None:
        """Least horizontal distance of two airborne drones that were within the vertical minimum; None when none ever were."""
        return self.encounters[0].horizontal_m if self.encounters else None
