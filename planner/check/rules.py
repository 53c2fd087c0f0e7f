"""Every rule there is, in the order in which docs/plan_file.md states them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from planner.check.airspace import check_airspace
from planner.check.altitude import check_altitude
from planner.check.base import check_bases
from planner.check.case import Case
from planner.check.continuity import check_continuity
from planner.check.coverage import check_coverage
from planner.check.endurance import check_endurance
from planner.check.energy import check_energy
from planner.check.keep_out import check_keep_outs
from planner.check.lanes import check_lanes
from planner.check.revisits import check_patrols
from planner.check.separation import check_separation
from planner.check.speed import check_speed
from planner.check.staff import check_staff
from planner.check.timing import check_timing
from planner.model import Violation

RULES: tuple[Callable[[Case], Iterable[Violation]], ...] = (
    check_airspace,
    check_keep_outs,
    check_altitude,
    check_continuity,
    check_bases,
    check_timing,
    check_staff,
    check_speed,
    check_energy,
    check_endurance,
    check_lanes,
    check_coverage,
    check_patrols,
    check_separation,
)

#: Those that compare what the plan says of itself with what is flown.
RULES_OF_FIGURES: tuple[Callable[[Case], Iterable[Violation]], ...] = (check_energy, check_coverage, check_patrols)
