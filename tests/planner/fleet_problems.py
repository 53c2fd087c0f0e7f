"""Routing problems of any size from a seed: tracks in a plane, drones that fly straight."""

from __future__ import annotations

import numpy as np

from planner.model import Objective
from planner.routes.fleet_problem import DroneClass, FleetProblem, Routes, Seat, sortie_s


def random_problem(
    seed: int,
    *,
    tracks: int = 12,
    seats: int = 3,
    bases: int = 2,
    classes: int = 2,
    sorties_worth: float = 3.0,
    objective: Objective = Objective.MAKESPAN,
) -> FleetProblem:
    """Each drone can fly about `sorties_worth` average tracks a sortie; the second class may not serve every third track."""
    dice = np.random.default_rng(seed)
    starts = dice.uniform(0, 1000, (tracks, 2))
    ends = starts + dice.uniform(-200, 200, (tracks, 2))
    places = dice.uniform(0, 1000, (bases, 2))
    entries = np.stack([starts, ends], axis=1).reshape(-1, 2)
    exits = np.stack([ends, starts], axis=1).reshape(-1, 2)
    found = []
    for number in range(classes):
        speed = 10.0 - 2 * number
        service = np.repeat(np.hypot(*(ends - starts).T), 2) / speed + 1
        out = np.hypot(*(entries[None] - places[:, None]).transpose(2, 0, 1)) / speed
        between = np.hypot(*(entries[None] - exits[:, None]).transpose(2, 0, 1)) / speed
        home = np.hypot(*(exits[:, None] - places[None]).transpose(2, 0, 1)) / speed
        alone = (out.min(axis=0) + service + home.min(axis=1)).reshape(-1, 2).min(axis=1)
        if number == 1:
            service[np.arange(2 * tracks) // 2 % 3 == 0] = np.inf
        worst = (out.max(axis=0) + service + home.max(axis=1))[np.isfinite(service)]
        found.append(
            DroneClass(
                id=f"class{number}",
                service_s=service,
                out_s=out,
                between_s=between,
                home_s=home,
                limit_s=float(max(worst.max(initial=0.0), sorties_worth * np.where(np.isfinite(alone), alone, 0.0).max())),
                overhead_s=30.0,
                swap_s=60.0,
                cruise_w=300.0,
                overhead_wh=5.0,
            )
        )
    return FleetProblem(
        tracks=tracks,
        classes=tuple(found),
        seats=tuple(Seat(drone=f"d{number}", drone_class=number % classes, base=number % bases) for number in range(seats)),
        objective=objective,
    )


def complaints(problem: FleetProblem, routes: Routes) -> list[str]:
    """What is wrong with routes; nothing, one hopes."""
    found = []
    flown = sorted(state // 2 for sorties in routes for sortie in sorties for state in sortie)
    if flown != list(range(problem.tracks)):
        found.append(f"tracks flown: {flown}")
    if len(routes) != len(problem.seats):
        found.append(f"{len(routes)} seats")
    for seat, sorties in enumerate(routes):
        for sortie in sorties:
            if not sortie:
                found.append(f"seat {seat} has an empty sortie")
            elif not sortie_s(problem, seat, sortie) <= problem.class_of(seat).limit_s + 1e-5:
                found.append(f"seat {seat} flies {sortie_s(problem, seat, sortie)} s of {problem.class_of(seat).limit_s}")
    return found
