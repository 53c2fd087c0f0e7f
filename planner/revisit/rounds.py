"""What each team flies over and over: its own ground, lines and points in one drone's sorties, at least time, and how often."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import shapely
from shapely.geometry.base import BaseGeometry

from planner import overlay
from planner.airspace import Airspace
from planner.model import Drone, MissionSpec, Objective, Patrol, Place
from planner.nation_work import NationWork, WorkParams, plan_nation
from planner.sectors.arrangements import TypeGroup, side_by_side
from planner.sectors.claims import Team, ground_asked
from planner.sectors.division import among_bases
from planner.sectors.effort import seconds_per_m2


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """What some of a team's drones do: a patrol's part (or several patrols' parts), to be seen every `interval_s`."""

    patrols: tuple[Patrol, ...]
    ground: BaseGeometry
    interval_s: float
    weight: float

    @property
    def is_random(self) -> bool:
        return any(patrol.random_timing for patrol in self.patrols)


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamRound:
    """A task and the sorties (states over the work's pieces) in which one drone of the team does it. `key` tells it from all others."""

    key: int
    team: Team
    task: Task
    work: NationWork
    sorties: tuple[tuple[int, ...], ...]


def tasks_of(spec: MissionSpec, patrols: Sequence[Patrol], grounds: Mapping[str, BaseGeometry]) -> list[Task]:
    """The team's part of each patrol; points of several weights are several tasks. `grounds` is its ground by patrol."""
    found = []
    for patrol in spec.patrols:
        if patrol.has_ground:
            ground = grounds.get(patrol.id, shapely.Polygon())
            if not ground.is_empty:
                found.append(_task(patrol, (patrol,), ground, 1.0))
            continue
        for own in patrols:
            if own.id == patrol.id:
                found += [_task(patrol, (part,), shapely.Polygon(), weight) for part, weight in _by_weight(own)]
    return found


def _task(patrol: Patrol, patrols: tuple[Patrol, ...], ground: BaseGeometry, weight: float) -> Task:
    assert patrol.interval_s is not None
    return Task(patrols=patrols, ground=ground, interval_s=patrol.interval_s / weight, weight=patrol.weight)


def _by_weight(patrol: Patrol) -> list[tuple[Patrol, float]]:
    if not patrol.places:
        return [(patrol, 1.0)]
    weights: dict[float, list[Place]] = {}
    for place in patrol.places:
        weights.setdefault(place.weight, []).append(place)
    return [(replace(patrol, places=tuple(places)), weight) for weight, places in weights.items()]


def together(tasks: Sequence[Task]) -> Task:
    """All of it in one round, as often as the most urgent part needs."""
    return Task(
        patrols=tuple(patrol for task in tasks for patrol in task.patrols),
        ground=overlay.union(task.ground for task in tasks),
        interval_s=min(task.interval_s for task in tasks),
        weight=max(task.weight for task in tasks),
    )


def grounds_of(
    spec: MissionSpec, airspace: Airspace, grounds: Mapping[str, BaseGeometry], teams: Sequence[Team]
) -> list[dict[str, BaseGeometry]]:
    """Each team's ground by patrol: a nation's ground is divided among its bases, a base's among its types."""
    found: list[dict[str, BaseGeometry]] = [{} for _ in teams]
    for nation, ground in grounds.items():
        numbers = [number for number, team in enumerate(teams) if team.nation == nation]
        for patrol in spec.patrols:
            if not patrol.has_ground:
                continue
            asked = overlay.intersection(ground, ground_asked(airspace, (patrol,)))
            if not asked.is_empty and numbers:
                for number, part in _among_teams(spec, airspace, asked, [(number, teams[number]) for number in numbers]):
                    found[number][patrol.id] = part
    return found


def _among_teams(
    spec: MissionSpec, airspace: Airspace, ground: BaseGeometry, teams: Sequence[tuple[int, Team]]
) -> list[tuple[int, BaseGeometry]]:
    bases = list(dict.fromkeys(team.base for _, team in teams))
    parts: Mapping[str, BaseGeometry] = {bases[0]: ground}
    if len(bases) > 1:
        drones = {base: [drone for _, team in teams if team.base == base for drone in team.drones] for base in bases}
        places = {team.base: shapely.Point(team.place) for _, team in teams}
        parts = among_bases(ground, places, {base: seconds_per_m2(spec, airspace.frame, drones[base]) for base in bases})
    found = []
    for base in bases:
        there = [(number, team) for number, team in teams if team.base == base]
        groups = [TypeGroup(drone_type=team.drone_type, count=len(team.drones), place=team.place) for _, team in there]
        shares = [parts[base]] if len(there) == 1 else [part for _, part in side_by_side(parts[base], groups)]
        found += [(number, part) for (number, _), part in zip(there, shares, strict=True)]
    return found


def plan_round(
    key: int,
    spec: MissionSpec,
    airspace: Airspace,
    team: Team,
    task: Task,
    heights_m: Mapping[str, float],
    params: WorkParams,
    seed: int,
    should_stop: Callable[[], bool],
) -> TeamRound:
    """The task as one drone alone would fly it at least time, the drone that works highest."""
    drone: Drone = max(team.drones, key=lambda each: heights_m[each.id])
    own = replace(spec, drones=(drone,), patrols=task.patrols, objective=Objective.TOTAL_TIME)
    work = plan_nation(own, airspace, team.nation, task.ground, heights_m, params, seed, should_stop)
    return TeamRound(key=key, team=team, task=task, work=work, sorties=work.routes.get(drone.id, ()))
