"""Sweep the AC300 instances (Agarwal and Akella 2022) and score the routes anew, beside the published numbers.

The score reads the written routes only: time from stop to stop, and ground seen by sweep legs with flat ends.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import multiprocessing
import time
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from planner import overlay
from planner.sweep_search.params import SearchParams
from planner.sweep_search.solve import SweepRoutes, fewest_routes, sweep
from planner.sweep_search.world import SweepTask

SWATH_M, SPEED_MPS, ACCELERATION_MPS2 = 3.0, 3.0, 1.0


@dataclass(frozen=True, slots=True)
class Score:
    """Seconds of all routes and of the longest, the part of the ground seen, and metres flown outside or in holes."""

    total_s: float
    longest_s: float
    coverage: float
    outside_m: float


def main() -> None:
    arguments = _arguments()
    instances = json.loads(arguments.data.read_text())["instances"]
    chosen = [instance for instance in instances if arguments.only in (None, instance["id"])]
    arguments.out.mkdir(parents=True, exist_ok=True)
    makespan = arguments.objective == "makespan"
    reference = "longest_route_1200_s" if makespan else "cost_inf_s" if math.isinf(arguments.capacity) else "cost_1200_s"
    sums = [0.0, 0.0, 0.0]
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as executor:
        _warm_up(chosen[0], executor)
        print(f"{'instance':12}{'ours s':>10}{'published':>11}{'ratio':>8}{'coverage':>10}{'published':>11}{'longest':>9}{'seconds':>9}")
        for instance in chosen:
            started_s = time.perf_counter()
            found = _solve(instance, arguments.capacity, arguments.routes, makespan, executor)
            seconds = time.perf_counter() - started_s
            routes = _written(instance, found)
            (arguments.out / f"{instance['id']}.json").write_text(json.dumps({"id": instance["id"], "routes": routes, "seconds": seconds}))
            score, published = scored(instance, routes), instance["published"]
            ours = score.longest_s if makespan else score.total_s
            sums = [sums[0] + ours, sums[1] + published[reference], sums[2] + seconds]
            problems = _problems(score, published, arguments.capacity)
            print(
                f"{instance['id']:12}{ours:10.2f}{published[reference]:11.2f}{ours / published[reference]:8.4f}{score.coverage:10.6f}"
                f"{published['service_coverage']:11.6f}{score.longest_s:9.2f}{seconds:9.2f} {problems}",
                flush=True,
            )
    print(f"sum {sums[0]:.2f} s, published {sums[1]:.2f} s, ratio {sums[0] / sums[1]:.4f}; mean {sums[2] / len(chosen):.2f} s an instance")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", help="one instance's id")
    parser.add_argument("--capacity", type=float, default=math.inf, help="seconds that a route may take")
    parser.add_argument("--routes", help="'published' or a number; without it as many as the capacity asks for")
    parser.add_argument("--objective", choices=("total", "makespan"), default="total")
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


def task_of(instance: dict[str, Any]) -> SweepTask:
    ground = shapely.Polygon(instance["outer"], instance["holes"])
    return SweepTask(
        ground=ground, flyable=ground, swath_m=SWATH_M, speed_mps=SPEED_MPS, acceleration_mps2=ACCELERATION_MPS2,
        depot=(instance["depot"][0], instance["depot"][1]), least_coverage=instance["published"]["service_coverage"],
    )  # fmt: skip


def _warm_up(instance: dict[str, Any], executor: Executor) -> None:
    few = SearchParams(coarse_moves=10, fine_moves=10, mending_moves=10, start_moves=10)
    sweep(task_of(instance), params=few, executor=executor)


def _solve(instance: dict[str, Any], capacity_s: float, routes: str | None, makespan: bool, executor: Executor) -> SweepRoutes:
    task = task_of(instance)
    if routes is not None:
        count = int(instance["published"]["routes_1200"] if routes == "published" else routes)
        return sweep(task, routes=count, limit_s=capacity_s, makespan=makespan, executor=executor)
    if math.isinf(capacity_s):
        return sweep(task, executor=executor)
    for count in range(fewest_routes(task, capacity_s), 1000):
        found = sweep(task, routes=count, limit_s=capacity_s, makespan=makespan, executor=executor)
        if max(found.seconds) <= capacity_s:
            return found
    raise ValueError(f"{instance['id']}: no routes within {capacity_s} s")


def _written(instance: dict[str, Any], found: SweepRoutes) -> list[list[tuple[float, float, str]]]:
    depot = (*instance["depot"], "transit")
    return [[depot, *((leg.east_m, leg.north_m, "sweep" if leg.sweep else "transit") for leg in route)] for route in found.routes]


def scored(instance: dict[str, Any], routes: list[list[tuple[float, float, str]]]) -> Score:
    """Read off the points alone; a leg's mode is that of the point where it arrives."""
    ground = shapely.Polygon(instance["outer"], instance["holes"])
    allowed = ground.buffer(1e-3, join_style="mitre")
    swaths, times, outside_m = [], [], 0.0
    for route in routes:
        seconds = 0.0
        for (x1, y1, _), (x2, y2, mode) in itertools.pairwise(route):
            leg = shapely.LineString([(x1, y1), (x2, y2)])
            seconds += leg_s(leg.length)
            outside_m += leg.difference(allowed).length
            if mode == "sweep":
                swaths.append(leg.buffer(SWATH_M / 2, cap_style="flat"))
        times.append(seconds)
    seen_m2 = overlay.intersection(overlay.union(swaths), ground).area
    return Score(sum(times), max(times), seen_m2 / ground.area, outside_m)


def leg_s(length_m: float) -> float:
    """A leg from stop to stop with the instances' speed and acceleration."""
    ramp_m = SPEED_MPS**2 / ACCELERATION_MPS2
    return length_m / SPEED_MPS + SPEED_MPS / ACCELERATION_MPS2 if length_m >= ramp_m else 2 * math.sqrt(length_m / ACCELERATION_MPS2)


def _problems(score: Score, published: dict[str, Any], capacity_s: float) -> str:
    found = []
    if score.coverage < published["service_coverage"] - 5e-7:
        found.append("sees less")
    if score.longest_s > capacity_s:
        found.append("over capacity")
    if score.outside_m > 1e-6:
        found.append(f"{score.outside_m:.3f} m outside")
    return ", ".join(found)


if __name__ == "__main__":
    main()
