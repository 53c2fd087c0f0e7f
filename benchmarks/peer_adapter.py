"""One peer's path over one polygon, run by the peer's own interpreter: `PYTHON peer_adapter.py NAME < task.json > answer.json`.

Stands alone: nothing but the standard library and the peer is imported. The task holds `outline` and `holes` (metres), the same
outline as `outline_deg` (latitude, longitude) and `swath_m`; the answer holds `paths` (each a list of points in metres) and
`seconds` of the second of two runs, or `refused`.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

Ring = list[list[float]]
Paths = list[Ring]


def coverage_path_planner(task: dict[str, Any]) -> Paths:
    lib: Any = import_module("coverage_path_planner")

    def polygon(ring: Ring) -> Any:
        return lib.Polygon([lib.Point(*point) for point in ring])

    environment = lib.Environment(polygon(task["outline"]))
    for hole in task["holes"]:
        environment.addObstacle(polygon(hole))
    settings = lib.PathSettings()
    settings.pattern, settings.offset, settings.angle, settings.distanceToBorder = "lines", task["swath_m"], 0.0, 0.0
    settings.mowArea, settings.mowBorder, settings.mowExclusionsBorder = True, False, False
    settings.borderLaps = settings.exclusionsBorderLaps = 0
    found = lib.PathService().computeFullTask(environment, settings, lib.Point(*task["outline"][0]))
    return [[[point.x, point.y] for point in found.path.getPoints()][1:]]


def opencoverage(task: dict[str, Any]) -> Paths:
    lib: Any = import_module("opencoverage")
    shapely: Any = import_module("shapely.geometry")
    # A footprint as wide as the swath at 100 m.
    camera = lib.PinholeCamera(
        pixel_size_mm=0.0032, focal_length_mm=10 * 50 / task["swath_m"], sensor_width_mm=5, sensor_height_mm=5, capture_rate_s=3
    )
    mission = lib.plan(
        polygon=shapely.Polygon(task["outline"], task["holes"]),
        uav=lib.UAV(min_height=10, survey_velocity=10, flight_time_s=6_000),
        camera=camera,
        pattern="long_edge",
        lateral_overlap=0.0,
        forward_overlap=0.0,
        target="altitude",
        target_value=100.0,
    )
    return [[[float(point[0]), float(point[1])] for point in mission.path]]


def trajgenpy(task: dict[str, Any]) -> Paths:
    """Its cells one after the other, joined as they come: it has no way between them."""
    lib: Any = import_module("trajgenpy.Geometries")
    shapely: Any = import_module("shapely.geometry")
    holes = shapely.MultiPolygon([shapely.Polygon(hole) for hole in task["holes"]]) if task["holes"] else None
    cells = lib.decompose_polygon(shapely.Polygon(task["outline"]), holes)
    sweeps = [lib.generate_sweep_pattern(cell, task["swath_m"], connect_sweeps=True) for cell in cells]
    return [[[x, y] for sweep in sweeps for line in sweep for x, y in line.coords]]


def uav_coverage_path_planner(task: dict[str, Any]) -> Paths:
    if task["holes"]:
        raise NotImplementedError("no holes")
    lib: Any = import_module("uav_coverage_path_planner")
    models: Any = import_module("uav_coverage_path_planner.models")
    quality = models.QualityConstraints(target_gsd_cm_px=5, side_overlap_percent=1.0, forward_overlap_percent=1.0, profile="efficient")
    problem = lib.PlanningProblem(
        boundary=tuple(tuple(point) for point in task["outline"]),
        takeoff_point=tuple(task["outline"][0]),
        # At 36.31 m its camera sees 50 m less 1 %.
        task_height_m=36.31 * task["swath_m"] / 50,
        quality=quality,
    )
    return [[[float(point[0]), float(point[1])] for point in lib.optimize_coverage_route(problem).route][1:-1]]


def wadl_planner(task: dict[str, Any]) -> Paths:
    if task["holes"]:
        raise NotImplementedError("no holes")
    os.environ["MPLBACKEND"] = "Agg"
    survey_of: Any = import_module("wadl.survey").Survey
    utm: Any = import_module("utm")
    route_parameters: Any = import_module("wadl.lib.route").RouteParameters()
    solver_parameters: Any = import_module("wadl.solver.solver").SolverParameters()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "field.csv"
        file.write_text("id,lat,lon\n" + "".join(f"{number},{lat},{lon}\n" for number, (lat, lon) in enumerate(task["outline_deg"])))
        survey = survey_of(str(Path(folder) / "out"))
        survey.setKeyPoints({"home": tuple(task["outline_deg"][0])})
        route_parameters["limit"], route_parameters["speed"] = 100_000, 10.0
        survey.addTask(str(file), step=task["swath_m"], rotation=0, home="home", routeParameters=route_parameters)
        solver_parameters["subGraph_size"] = 20
        survey.setSolverParamters(solver_parameters)
        survey.plan(write=False, showPlot=False)
        east_m, north_m = utm.from_latlon(*task["outline_deg"][0])[:2]
        first = task["outline"][0]
        return [
            [[x - east_m + first[0], y - north_m + first[1]] for x, y in route.UTMcords]
            for maze in survey
            for route in maze.routeSet.routes
        ]


ADAPTERS: dict[str, Callable[[dict[str, Any]], Paths]] = {
    "coverage-path-planner": coverage_path_planner,
    "opencoverage": opencoverage,
    "trajgenpy": trajgenpy,
    "uav-coverage-path-planner": uav_coverage_path_planner,
    "wadl-planner": wadl_planner,
}

#: What is imported to see whether a peer is there.
MODULES = {
    "coverage-path-planner": "coverage_path_planner",
    "opencoverage": "opencoverage",
    "trajgenpy": "trajgenpy.Geometries",
    "uav-coverage-path-planner": "uav_coverage_path_planner",
    "wadl-planner": "wadl.survey",
}


def main() -> int:
    name, task = sys.argv[1], json.load(sys.stdin)
    seconds, paths = math.inf, []
    answer: dict[str, Any]
    # Peers print as they please.
    with contextlib.redirect_stdout(sys.stderr):
        try:
            for _ in range(2 if name != "wadl-planner" else 1):
                started_s = time.perf_counter()
                paths = ADAPTERS[name](task)
                seconds = time.perf_counter() - started_s
            answer = {"paths": paths, "seconds": seconds}
        except NotImplementedError as refusal:
            answer = {"refused": str(refusal)}
        except Exception as error:  # noqa: BLE001
            answer = {"refused": f"{type(error).__name__}: {error}"[:200]}
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
