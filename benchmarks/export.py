"""Export a large plan to every format: `python -m benchmarks.export --sorties 2000 --legs 50`.

The plan is made up: two nations along a winding border, sweeps back and forth, keep-outs with buffers. Times are those of
`jointpatrol export` after the plan has been read: making all files and writing them, whole, into a new folder.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from pathlib import Path

import shapely

from missions.formats.export import export_plan
from missions.formats.registry import FORMATS
from planner import model
from planner.geo import LatLon, LocalFrame, Position, geodesic_m

_HALF_M, _REACH_M, _SPACING_M = 40_000.0, 1_500.0, 100.0
_QUAD = model.DroneType(
    id="quad",
    kind=model.VehicleKind.COPTER,
    cruise_mps=10.0,
    endurance_s=6000.0,
    battery_wh=900.0,
    power_hover_w=380.0,
    power_cruise_w=320.0,
    sensor=model.Sensor(swath_m=_SPACING_M),
    height_above_home_m=80.0,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sorties", type=int, default=2000)
    parser.add_argument("--legs", type=int, default=50)
    parser.add_argument("--only", help="one format")
    asked = parser.parse_args()
    plan = large_plan(asked.sorties, asked.legs)
    print(f"{len(plan.sorties)} sorties of {asked.legs} legs")
    with tempfile.TemporaryDirectory() as folder:
        for name, target in FORMATS.items():
            if asked.only in (None, name):
                _measure(plan, name, Path(folder) / target.name)


def _measure(plan: model.Plan, name: str, folder: Path) -> None:
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    remarks: list[str] = []
    files = export_plan(plan, FORMATS[name], folder, remark=remarks.append)
    wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    size_mb = sum(file.stat().st_size for file in files) / 1e6
    print(f"{name:9} {wall_s:6.2f} s wall {cpu_s:6.2f} s CPU {len(files):5} files {size_mb:7.1f} MB {len(remarks):5} remarks", flush=True)


def large_plan(sorties: int, legs: int, *, half_m: float = _HALF_M) -> model.Plan:
    """Sorties side by side along the border, by both nations in turn, each with so many legs."""
    frame = LocalFrame(LatLon(lat_deg=47.5, lon_deg=19.0))
    border = [(x, 400.0 * math.sin(x / 1_700.0) + 60.0 * math.sin(x / 130.0)) for x in range(int(-half_m), int(half_m) + 1, 50)]
    far_m = 4 * _REACH_M
    north = shapely.Polygon([*border, (half_m, far_m), (-half_m, far_m)])
    south = shapely.Polygon([*border, (half_m, -far_m), (-half_m, -far_m)])
    area = shapely.LineString(border).buffer(_REACH_M, cap_style="flat")
    nations = (("NOR", north, 1.0), ("SOU", south, -1.0))
    bases = tuple(
        model.Base(id=f"{nation}-{number}", nation=nation, location=_at(frame, x, side * 2 * _REACH_M), elevation_m=120.0)
        for nation, _, side in nations
        for number, x in enumerate(range(int(-half_m) + 4000, int(half_m), 8000))
    )
    drones = tuple(model.Drone(id=f"{base.id}-1", nation=base.nation, type="quad", base=base.id) for base in bases)
    keep_outs = tuple(
        model.KeepOut(id=f"zone-{x}", polygon=frame.to_geographic(shapely.Point(x, 300.0).buffer(120.0, quad_segs=8)), buffer_m=30.0)
        for x in range(int(-half_m) + 1000, int(half_m), 4000)
    )
    flown = tuple(_sortie(frame, number, sorties, legs, bases, half_m) for number in range(sorties))
    return model.Plan(
        name="Large",
        spec_sha256="cd" * 32,
        start_utc="2026-06-01T06:00:00Z",
        area=frame.to_geographic(area),
        coverable=frame.to_geographic(area),
        border=frame.to_geographic(shapely.LineString(border)),
        position_uncertainty_m=5.0,
        nations=tuple(model.Nation(id=nation, name=nation, territory=frame.to_geographic(ground)) for nation, ground, _ in nations),
        permissions=(),
        keep_outs=keep_outs,
        limits=model.Limits(),
        bases=bases,
        drone_types=(_QUAD,),
        drones=drones,
        sectors=tuple(model.Sector(nation=nation, polygon=frame.to_geographic(area.intersection(ground))) for nation, ground, _ in nations),
        lanes=tuple(
            model.Lane(id=leg.lane, nation=sortie.nation, start=leg.start.ground, end=leg.end.ground, swath_m=_SPACING_M)
            for sortie in flown
            for leg in sortie.legs
            if leg.lane is not None
        ),
        sorties=flown,
        unreachable=(),
        result=_result(flown),
        solver=model.SolverInfo(seconds=1.0, workers=1, effort=1, reproducible=True),
    )


def _sortie(frame: LocalFrame, number: int, sorties: int, legs: int, bases: tuple[model.Base, ...], half_m: float) -> model.Sortie:
    """Out, back and forth across the border's strip on its own side, and home; a minute after the one before."""
    half = len(bases) // 2
    base = bases[(number % half) + (half if number % 2 else 0)]
    side = -1.0 if number % 2 else 1.0
    x = -half_m + 2000.0 + (2 * half_m - 4000.0) * number / sorties
    home_x, home_y = frame.point_to_local(base.location)
    points: list[tuple[model.LegKind, float, float, float]] = [(model.LegKind.TAKEOFF, home_x, home_y, _QUAD.height_above_home_m)]
    while len(points) < legs - 2:
        index = len(points) - 1
        near, sweep = 600.0 + 900.0 * (index % 4 in (1, 2)), index % 2 == 1
        kind = model.LegKind.SWEEP if sweep else model.LegKind.TRANSIT if index == 0 else model.LegKind.TURN
        points.append((kind, x + _SPACING_M * (index // 2), side * near, _QUAD.height_above_home_m))
    points += [(model.LegKind.TRANSIT, home_x, home_y, _QUAD.height_above_home_m), (model.LegKind.LAND, home_x, home_y, 0.0)]
    flown: list[model.Leg] = []
    now_s = start_s = 60.0 * number
    here = _over(frame, home_x, home_y, 0.0)
    for index, (kind, east_m, north_m, height_m) in enumerate(points):
        there = _over(frame, east_m, north_m, height_m)
        took_s = max(geodesic_m(here, there) / _QUAD.cruise_mps + 4.0, 10.0)
        lane = f"lane-{number}-{index}" if kind is model.LegKind.SWEEP else None
        end_s = now_s + took_s
        flown.append(
            model.Leg(
                kind=kind,
                start=here,
                end=there,
                start_s=now_s,
                end_s=end_s,
                energy_wh=320.0 * took_s / 3600,
                lane=lane,
                swath_m=_SPACING_M if lane else None,
            )
        )
        here, now_s = there, end_s
    return model.Sortie(
        id=f"{base.id}-1.{number}",
        drone=f"{base.id}-1",
        nation=base.nation,
        start_base=base.id,
        end_base=base.id,
        start_s=start_s,
        end_s=now_s,
        energy_wh=sum(leg.energy_wh for leg in flown),
        legs=tuple(flown),
    )


def _result(sorties: tuple[model.Sortie, ...]) -> model.PlanResult:
    makespan_s = max(sortie.end_s for sortie in sorties)
    return model.PlanResult(
        makespan_s=makespan_s,
        makespan_bound_s=makespan_s / 2,
        gap=1.0,
        length_m=1.0,
        length_bound_m=1.0,
        coverage=0.99,
        coverage_of_area=0.99,
        share={"NOR": 0.5, "SOU": 0.5},
        worst_revisit_s=None,
        energy_wh=sum(sortie.energy_wh for sortie in sorties),
    )


def _at(frame: LocalFrame, east_m: float, north_m: float) -> LatLon:
    return frame.point_to_geographic(east_m=east_m, north_m=north_m)


def _over(frame: LocalFrame, east_m: float, north_m: float, height_m: float) -> Position:
    place = _at(frame, east_m, north_m)
    return Position(lat_deg=place.lat_deg, lon_deg=place.lon_deg, height_m=height_m)


if __name__ == "__main__":
    main()
