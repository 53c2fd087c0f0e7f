"""The tiny patrol with nothing but its own lanes to cover, so that flying it is the whole job and the report can pass."""

from __future__ import annotations

from dataclasses import replace

import shapely

from planner.coverage import planned_coverage, planned_sweeps, swath
from planner.geo import LocalFrame
from planner.model import Plan, Sector, Sensor
from tests.mavlink_bridge.tiny_patrol import tiny_plan


def whole_tiny_plan(*, sorties_each: int = 1) -> Plan:
    """Two drones, two lanes of 60 m each; without keep-outs, its area exactly what the lanes see."""
    plan = tiny_plan()
    sorties = [sortie for drone in plan.drones for sortie in plan.sorties_of(drone.id)[:sorties_each]]
    kept = [replace(sortie, id=sortie.id.replace("/", ".")) for sortie in sorties]
    types = tuple(replace(kind, sensor=Sensor(swath_m=plan.lanes[0].swath_m)) for kind in plan.drone_types)
    plan = replace(plan, sorties=tuple(kept), drone_types=types, keep_outs=(), permissions=(), min_coverage=0.95)
    frame = LocalFrame.around([plan.area])
    area = frame.to_geographic(shapely.union_all([swath(frame, sweep) for sweep in planned_sweeps(plan)]).buffer(0.01))
    plan = replace(plan, area=area, coverable=area, sectors=(Sector(nation="W", polygon=area),))
    covered = planned_coverage(plan)
    makespan_s = max(sortie.end_s for sortie in kept)
    return replace(
        plan,
        result=replace(
            plan.result,
            coverage=covered.coverage,
            coverage_of_area=covered.coverage_of_area,
            makespan_s=makespan_s,
            energy_wh=sum(sortie.energy_wh for sortie in kept),
        ),
    )
