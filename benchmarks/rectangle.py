"""Sweep 1 km x 0.5 km with a 50 m swath, plain and with a 200 m x 200 m hole: `python -m benchmarks.rectangle`.

The path runs from the first survey point to the last, no base. All ground is to be seen by sweep legs with flat ends.
"""

from __future__ import annotations

import argparse
import time

import shapely
from shapely.geometry.base import BaseGeometry

from benchmarks.swept_path import INSTANT_MPS2, points_of, scored
from planner.sweep_search.params import SearchParams
from planner.sweep_search.solve import sweep
from planner.sweep_search.world import SweepTask

SWATH_M = 50.0
_FIELD = shapely.box(0, 0, 1_000, 500)
#: The ground and the length / (area / swath) to reach.
GROUNDS = {
    "rectangle": (_FIELD, 1.045),
    "with a hole": (_FIELD.difference(shapely.box(400, 150, 600, 350)), 1.08),
}
#: Of the ground, for what the search's 0.1 mm from edges and the arithmetic of areas leave out.
UNSEEN = 1e-6

_PARAMS = SearchParams(finalists=4, coarse_moves=60_000, fine_moves=40_000)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    all_reached = True
    print(f"{'ground':12}{'length m':>10}{'/(A/w)':>9}{'reach':>8}{'coverage':>11}{'outside m':>11}{'seconds':>9}")
    for name, (ground, reach) in GROUNDS.items():
        started_s = time.perf_counter()
        path = list(points_of(sweep(task_on(ground), params=_PARAMS, seed=arguments.seed)))
        seconds = time.perf_counter() - started_s
        score = scored(ground, path, SWATH_M)
        reached = score.ratio <= reach + 1e-6 and score.coverage >= 1.0 - UNSEEN and score.outside_m == 0.0
        all_reached = all_reached and reached
        print(
            f"{name:12}{score.length_m:10.1f}{score.ratio:9.5f}{reach:8.3f}{score.coverage:11.7f}{score.outside_m:11.3f}{seconds:9.2f}"
            f" {'' if reached else 'NOT reached'}"
        )
    return 0 if all_reached else 1


def task_on(ground: BaseGeometry) -> SweepTask:
    """The ground itself may be flown over, edges included; its seconds are metres."""
    return SweepTask(
        ground=ground, flyable=ground, swath_m=SWATH_M, speed_mps=1.0, acceleration_mps2=INSTANT_MPS2, depot=None,
        least_coverage=1.0 - UNSEEN / 2,
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
