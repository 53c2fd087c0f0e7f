"""Other coverage planners beside ours on the same polygons: `python -m benchmarks.peers [--env DIR]... [--only NAME]...`.

Nothing is installed. A peer runs in the first of the given environments (virtual environments, whose interpreter is started), or
in this one, that can import it; the others are named as missing. All are judged alike: the length from the first survey point to
the last beside area / swath, the ground within half a swath of the path (caps flat), metres outside the area or in a hole,
turns, and the seconds of one call after a warm-up. Ours is what a plan of one copter flies from its first lane to its last, all
stages and the check of the plan included in its seconds.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.peer_adapter import ADAPTERS, MODULES
from benchmarks.survey_quad import SURVEY_QUAD, SWATH_M
from planner import overlay
from planner.airspace import AirspaceParams
from planner.geo import LatLon, LocalFrame
from planner.model import Base, Drone, LegKind, MissionSpec, Nation, Plan
from planner.pipeline import PlanParams, plan_mission

#: On the central meridian of a UTM zone, so that planners that use it are not turned against us.
_FRAME = LocalFrame(LatLon(lat_deg=47.5, lon_deg=21.0))
_FIELD = shapely.box(0, 0, 1_000, 500)
SHAPES: dict[str, shapely.Polygon] = {
    "rectangle": _FIELD,
    "with a hole": shapely.Polygon(_FIELD.exterior, [shapely.box(400, 150, 600, 350).exterior]),
    "U": shapely.Polygon([(0, 0), (1000, 0), (1000, 500), (700, 500), (700, 200), (300, 200), (300, 500), (0, 500)]),
}
_ADAPTER = Path(__file__).with_name("peer_adapter.py")


@dataclass(frozen=True, kw_only=True, slots=True)
class Scored:
    """A path over a polygon. `ratio` is its length over area / swath."""

    length_m: float
    ratio: float
    coverage: float
    outside_m: float
    turns: int
    seconds: float


def scored(polygon: shapely.Polygon, paths: Sequence[NDArray[np.float64]], seconds: float) -> Scored:
    """Judge paths (rows of metres) by the polygon alone."""
    lines = [shapely.LineString(path) for path in paths if len(path) > 1]
    legs = [shapely.LineString(pair) for path in paths for pair in pairwise(path) if not np.allclose(*pair)]
    seen = overlay.union(leg.buffer(SWATH_M / 2, cap_style="flat") for leg in legs)
    length_m = sum(line.length for line in lines)
    return Scored(
        length_m=length_m,
        ratio=length_m / (polygon.area / SWATH_M),
        coverage=overlay.intersection(seen, polygon).area / polygon.area,
        outside_m=sum(line.difference(polygon.buffer(0.5)).length for line in lines),
        turns=sum(_turns(path) for path in paths),
        seconds=seconds,
    )


def _turns(path: NDArray[np.float64]) -> int:
    steps = np.diff(path, axis=0)
    steps = steps[np.hypot(*steps.T) > 1e-6]
    courses_rad = np.unwrap(np.arctan2(steps[:, 1], steps[:, 0]))
    return int((np.abs(np.diff(courses_rad)) > np.radians(5)).sum())


def our_path(polygon: shapely.Polygon, effort: int) -> Scored:
    """The plan of one copter with a base at the polygon's first corner."""
    spec = _mission(polygon)
    plan_mission(spec, "0" * 64, PlanParams(effort=1))
    started_s = time.perf_counter()
    plan = plan_mission(spec, "0" * 64, PlanParams(effort=effort))
    return scored(polygon, [_survey(plan)], time.perf_counter() - started_s)


def _survey(plan: Plan) -> NDArray[np.float64]:
    legs = [leg for sortie in plan.sorties for leg in sortie.legs]
    sweeps = [index for index, leg in enumerate(legs) if leg.kind is LegKind.SWEEP]
    points = [point.ground for leg in legs[sweeps[0] : sweeps[-1] + 1] for point in leg.points]
    return np.array([_FRAME.point_to_local(point) for point in points])


def _mission(polygon: shapely.Polygon) -> MissionSpec:
    # Peers fly on the very outline; the planner's clearance must leave ours that far too.
    allowed = polygon.buffer(AirspaceParams().clearance_m + 0.05, join_style="mitre")
    return MissionSpec(
        name="peers",
        start_utc="2026-06-01T06:00:00Z",
        area=_FRAME.to_geographic(polygon),
        border=None,
        position_uncertainty_m=0.0,
        nations=(Nation(id="A", name="A", territory=_FRAME.to_geographic(allowed)),),
        bases=(Base(id="base", nation="A", location=_FRAME.point_to_geographic(east_m=0.0, north_m=0.0)),),
        drone_types=(SURVEY_QUAD,),
        drones=(Drone(id="one", nation="A", type="quad", base="base"),),
    )


def peer_path(name: str, python: str, polygon: shapely.Polygon, limit_s: float) -> Scored | str:
    """What a peer makes of the polygon, or why it makes nothing."""
    outline = [list(point) for point in polygon.exterior.coords[:-1]]
    places = [_FRAME.point_to_geographic(east_m=x, north_m=y) for x, y in outline]
    task = {
        "outline": outline,
        "holes": [[list(point) for point in ring.coords[:-1]] for ring in polygon.interiors],
        "outline_deg": [[place.lat_deg, place.lon_deg] for place in places],
        "swath_m": SWATH_M,
    }
    try:
        run = subprocess.run(
            [python, str(_ADAPTER), name], input=json.dumps(task), capture_output=True, text=True, timeout=limit_s, check=False
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {limit_s:.0f} s"
    if run.returncode != 0:
        return f"ended with {run.returncode}"
    answer: dict[str, Any] = json.loads(run.stdout)
    if "refused" in answer:
        return str(answer["refused"])
    return scored(polygon, [np.array(path, dtype=np.float64) for path in answer["paths"]], float(answer["seconds"]))


def python_for(name: str, folders: Sequence[Path]) -> str | None:
    """The first interpreter that can import the peer."""
    candidates = [*(str(folder / "bin" / "python") for folder in folders), sys.executable]
    for python in candidates:
        if (
            Path(python).exists()
            and subprocess.run([python, "-c", f"import {MODULES[name]}"], capture_output=True, check=False).returncode == 0
        ):
            return python
    return None


def table(rows: Sequence[tuple[str, str, Scored | str]]) -> Iterator[str]:
    """A line for each, ratios to ours on the same polygon in the last columns."""
    ours = {shape: found for shape, name, found in rows if name == "ours" and isinstance(found, Scored)}
    columns = f"{'length m':>9} {'/(A/w)':>7} {'covered':>8} {'outside m':>9} {'turns':>6} {'s':>8} {'length/ours':>12}"
    yield f"{'polygon':12} {'planner':26} {columns}"
    for shape, name, found in rows:
        if isinstance(found, str):
            yield f"{shape:12} {name:26} {found}"
            continue
        figures = (
            f"{found.length_m:9.0f} {found.ratio:7.3f} {found.coverage:8.2%} {found.outside_m:9.0f} {found.turns:6d} {found.seconds:8.4f}"
        )
        yield f"{shape:12} {name:26} {figures} {found.length_m / ours[shape].length_m:12.3f}"


def main() -> int:
    parser = argparse.ArgumentParser(description="Run other coverage planners beside ours.")
    parser.add_argument(
        "--env", type=Path, action="append", default=[], metavar="DIR", help="a virtual environment with peers; may be repeated"
    )
    parser.add_argument("--only", choices=sorted(ADAPTERS), action="append", help="this peer; may be repeated")
    parser.add_argument("--effort", type=int, default=3)
    parser.add_argument("--limit", type=float, default=120.0, metavar="S", help="for one peer on one polygon")
    arguments = parser.parse_args()
    pythons = {name: python_for(name, arguments.env) for name in arguments.only or ADAPTERS}
    rows: list[tuple[str, str, Scored | str]] = []
    for shape, polygon in SHAPES.items():
        rows.append((shape, "ours", our_path(polygon, arguments.effort)))
        for name, python in pythons.items():
            rows.append((shape, name, "is not installed" if python is None else peer_path(name, python, polygon, arguments.limit)))
    print("\n".join(table(rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
