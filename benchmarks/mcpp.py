"""Sweep the regions of Apostolidis et al. 2022 (mCPP) with one drone each, and score the paths anew: `python -m benchmarks.mcpp`.

A path is open, with a free start. It is to see 0.999 of the region by sweep legs (40 m wide, flat ends), never above an obstacle
or outside; every leg counts, measured on the ellipsoid. The score reads the written points only.
Straight ways between lanes are planned as sweep legs where they see what no other leg does: the published paths are scored by every leg.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from benchmarks.swept_path import INSTANT_MPS2, PathScore, points_of, scored
from planner.geo import Geographic, LatLon, LocalFrame, path_length_m
from planner.sweep_search.params import SearchParams
from planner.sweep_search.solve import sweep
from planner.sweep_search.world import SweepTask

SWATH_M, LEAST_COVERAGE = 40.0, 0.999
REACH_OF_SUM, REACH_OF_EACH = 1.10, 1.35

#: From the edges, so that a leg along one stays inside whether edges are taken as straight in degrees, on a map or on the ellipsoid.
_MARGIN_M = 0.02
#: Above the least coverage, for the same reason.
_SPARE_COVERAGE = 2e-5

_PARAMS = SearchParams(
    directions=12, rings=True, finalists=4, coarse_moves=480_000, coarse_cells=8, warm_s=0.15, refined=4, fine_moves=120_000, fine_cells=20,
    fine_dear=3.0, mendings=8,
)  # fmt: skip

#: Latitude, longitude, mode of the leg that arrives there.
GeoPoint = tuple[float, float, str]


def main() -> int:
    arguments = _arguments()
    instances = json.loads(arguments.data.read_text())["instances"]
    arguments.out.mkdir(parents=True, exist_ok=True)
    length_m, least_m, sound = 0.0, 0.0, True
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as executor:
        _warm_up(executor)
        print(f"{'region':8}{'area km2':>10}{'length m':>10}{'/(A/w)':>8}{'coverage':>10}{'outside m':>10}{'points':>8}{'seconds':>9}")
        for instance in instances:
            if arguments.only not in (None, instance["id"]):
                continue
            started_s = time.perf_counter()
            path = planned(instance, executor, arguments.seed)
            seconds = time.perf_counter() - started_s
            written = {"id": instance["id"], "routes": [path], "seconds": seconds}
            (arguments.out / f"{instance['id']}.json").write_text(json.dumps(written))
            score = score_of(instance, path)
            length_m, least_m = length_m + score.length_m, least_m + score.length_m / score.ratio
            sound = sound and score.coverage >= LEAST_COVERAGE and score.outside_m == 0.0 and score.ratio <= REACH_OF_EACH
            print(
                f"{instance['id']:8}{least_m_to_km2(score):10.4f}{score.length_m:10.0f}{score.ratio:8.4f}{score.coverage:10.6f}"
                f"{score.outside_m:10.3f}{len(path):8d}{seconds:9.2f}",
                flush=True,
            )
    reached = sound and length_m <= REACH_OF_SUM * least_m
    print(f"sum {length_m:.0f} m, {length_m / least_m:.4f} x sum of area / swath; {'reached' if reached else 'NOT reached'}")
    return 0 if reached else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", help="one region's id")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


def least_m_to_km2(score: PathScore) -> float:
    return score.length_m / score.ratio * SWATH_M / 1e6


def frame_and_ground(instance: dict[str, Any]) -> tuple[LocalFrame, BaseGeometry]:
    """A frame on the region, and the region in its metres."""
    rings = [[(lon, lat) for lat, lon in ring] for ring in (instance["outer_lat_lon"], *instance["holes_lat_lon"])]
    outline = shapely.Polygon(rings[0])
    region = Geographic(outline.difference(shapely.union_all([shapely.Polygon(ring) for ring in rings[1:]])))
    frame = LocalFrame.around([Geographic(outline)])
    return frame, frame.ground(region)


def task_on(ground: BaseGeometry) -> SweepTask:
    return SweepTask(
        ground=ground, flyable=ground.buffer(-_MARGIN_M, join_style="mitre"), swath_m=SWATH_M, speed_mps=1.0,
        acceleration_mps2=INSTANT_MPS2, depot=None, least_coverage=LEAST_COVERAGE + _SPARE_COVERAGE, hops_see=True,
    )  # fmt: skip


def planned(instance: dict[str, Any], executor: Executor | None, seed: int = 0) -> list[GeoPoint]:
    frame, ground = frame_and_ground(instance)
    path = []
    for east_m, north_m, mode in points_of(sweep(task_on(ground), params=_PARAMS, executor=executor, seed=seed)):
        point = frame.point_to_geographic(east_m=east_m, north_m=north_m)
        path.append((point.lat_deg, point.lon_deg, mode))
    return path


def score_of(instance: dict[str, Any], path: Sequence[GeoPoint]) -> PathScore:
    """Read off the points alone."""
    frame, ground = frame_and_ground(instance)
    places = [LatLon(lat_deg=lat_deg, lon_deg=lon_deg) for lat_deg, lon_deg, _ in path]
    local = [(*frame.point_to_local(place), mode) for place, (_, _, mode) in zip(places, path, strict=True)]
    return scored(ground, local, SWATH_M, path_length_m(places))


def _warm_up(executor: Executor) -> None:
    few = replace(_PARAMS, coarse_moves=10, fine_moves=10, mending_moves=10, start_moves=10)
    sweep(task_on(shapely.box(0, 0, 400, 300)), params=few, executor=executor)


if __name__ == "__main__":
    raise SystemExit(main())
