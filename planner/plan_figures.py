"""What a plan comes to, beside the bounds, and what its reader should know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from planner import bounds, geo
from planner.agreements import agreement_notes, rule_notes
from planner.airspace import Airspace
from planner.clearance import terrain_notes
from planner.coverage import CoverageReport
from planner.model import LegKind, MissionSpec, Plan, PlanResult, Sortie
from planner.revisit.measure import measured
from planner.sectors.claims import Asked


def result_of(
    spec: MissionSpec, airspace: Airspace, plan: Plan, covered: CoverageReport, bound_s: float, bits: Mapping[str, float]
) -> PlanResult:
    """The plan's figures. `covered` is what it promises to see, `bits` how unpredictable take-offs are, by patrol with random timing."""
    if spec.duration_s is not None:
        # Who keeps to the longest interval sees something for the last time no earlier than this.
        bound_s = max(bound_s, spec.duration_s - max((patrol.interval_s or spec.duration_s) for patrol in spec.patrols))
    makespan_s = max((sortie.end_s for sortie in plan.sorties), default=0.0)
    swept_m: dict[str, float] = {nation.id: 0.0 for nation in spec.nations}
    length_m = 0.0
    for sortie in plan.sorties:
        for leg in sortie.legs:
            leg_m = geo.path_length_m(leg.points)
            length_m += leg_m
            if leg.kind is LegKind.SWEEP:
                swept_m[sortie.nation] += leg_m
    figures, revisits = measured(plan, bits)
    return PlanResult(
        makespan_s=makespan_s,
        makespan_bound_s=bound_s,
        gap=bounds.gap(makespan_s, bound_s),
        length_m=length_m,
        length_bound_m=bounds.length_bound_m(spec, airspace),
        coverage=covered.coverage,
        coverage_of_area=covered.coverage_of_area,
        share=bounds.shares(swept_m),
        worst_revisit_s=max((each.worst_s for each in figures if each.worst_s is not None), default=None),
        energy_wh=sum(sortie.energy_wh for sortie in plan.sorties),
        ground_share=bounds.shares({nation.id: covered.nation_covered_m2.get(nation.id, 0.0) for nation in spec.nations}),
        patrols=figures,
        revisits=revisits,
    )


def notes_of(
    spec: MissionSpec,
    airspace: Airspace,
    asked: Asked,
    sorties: Sequence[Sortie],
    heights_m: Mapping[str, float],
    division: Sequence[str],
) -> tuple[str, ...]:
    """What a reader should know: assumptions, agreements, what was not possible."""
    return (*terrain_notes(spec, sorties), *_own_notes(spec, airspace, heights_m), *division, *_beyond_notes(asked))


def _beyond_notes(asked: Asked) -> tuple[str, ...]:
    """Lines and points that nobody may see, or gets to and back."""
    return tuple(
        f"patrol {patrol.id}: nobody may see, or reach and return from, "
        + (", ".join(place.id for place in patrol.places) if patrol.places else "a part of its line")
        for patrol in asked.claims.nobody
    )


def _own_notes(spec: MissionSpec, airspace: Airspace, heights_m: Mapping[str, float]) -> tuple[str, ...]:
    notes = [*agreement_notes(spec, heights_m, airspace.frame), *rule_notes(spec)]
    raised = [drone.id for drone in spec.drones if heights_m[drone.id] > spec.drone_type(drone.type).height_above_home_m]
    if raised:
        notes.append(f"working heights are layered for separation; above their type's height: {', '.join(raised)}")
    return tuple(notes)
