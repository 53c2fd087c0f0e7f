"""A sheet of paper for the crew of a sortie: when, where, how, what is near, what to check. HTML that prints and needs nothing else."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

import jinja2
import numpy as np
import shapely
from markupsafe import Markup, escape
from numpy.typing import NDArray
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from missions.formats.writing import Remark, Writers
from missions.utc import UtcTexts, at_utc
from planner.geo import LocalFrame, Position, azimuth_deg, geodesic_m, path_length_m
from planner.model import Base, KeepOut, Leg, LegKind, Plan, Sortie

_NEAR_M = 1000.0
_MAP_WIDTH, _MAP_HEIGHT = 800.0, 300.0
_CHECKS = (
    "Battery of the right type, charged, voltage noted",
    "Propellers, arms and camera sound",
    "System id matches the sheet",
    "Fence and rally points loaded",
    "Mission uploaded and read back",
    "GPS fix and home position right",
    "Wind below the limit here and above",
    "Base free, people away",
    "Neighbour's watch told",
    "Way home known if the link is lost",
)

_Row = dict[str, Any]
_Drawn = Callable[[BaseGeometry], BaseGeometry]


def crew_sheet_writer(plan: Plan, _remark: Remark) -> Writers:
    """One page a sortie."""
    frame, day = LocalFrame.around([plan.area]), _Day(plan)
    shapes = np.array([frame.ground(zone.polygon).buffer(zone.buffer_m) for zone in plan.keep_outs], dtype=object)
    shapely.prepare(shapes)

    def write(sortie: Sortie) -> bytes:
        track = _track(sortie, frame)
        near = np.flatnonzero(shapely.dwithin(shapes, track, _NEAR_M)).tolist()
        drawn = _map(sortie, track, [shapes[index] for index in near], plan.base(sortie.start_base), frame)
        return _template().render(_facts(day, sortie) | _around(day, sortie, [plan.keep_outs[index] for index in near], drawn)).encode()

    return Writers(write)


class _Day:
    """A plan's sorties in the order of their launches. What many sheets say is made once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.clock = UtcTexts(plan.start_utc).clock
        self._order = sorted(plan.sorties, key=lambda sortie: sortie.start_s)
        self._starts_s = [sortie.start_s for sortie in self._order]
        self._longest_s = max((sortie.end_s - sortie.start_s for sortie in self._order), default=0.0)
        self._lines: dict[str, Markup] = {}

    def following(self, sortie: Sortie) -> Sortie | None:
        """The drone's next."""
        later = islice(self._order, bisect_right(self._starts_s, sortie.start_s), None)
        return next((other for other in later if other.drone == sortie.drone), None)

    def meanwhile(self, sortie: Sortie) -> Markup:
        """A row of a table for each other sortie that is in the air at the time."""
        first = bisect_right(self._starts_s, sortie.start_s - self._longest_s - 1.0)
        last = bisect_left(self._starts_s, sortie.end_s)
        others = (other for other in self._order[first:last] if other is not sortie and sortie.start_s < other.end_s)
        return Markup("".join(self._line(other) for other in others))

    def _line(self, other: Sortie) -> Markup:
        if other.id not in self._lines:
            names = (escape(name) for name in (other.id, other.drone, other.nation, other.start_base))
            self._lines[other.id] = Markup(
                f"<tr><td>{'</td><td>'.join(names)}</td>"
                f'<td class="n">{self.clock(other.start_s)}</td><td class="n">{self.clock(other.end_s)}</td></tr>\n'
            )
        return self._lines[other.id]


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    environment = jinja2.Environment(loader=jinja2.PackageLoader("missions"), autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.get_template("crew_sheet.html")


def _facts(day: _Day, sortie: Sortie) -> _Row:
    plan = day.plan
    drone = plan.drone(sortie.drone)
    kind = plan.drone_type(drone.type)
    following = day.following(sortie)
    return {
        "plan": plan,
        "sortie": sortie,
        "drone": drone,
        "drone_type": kind,
        "nation": plan.nation(sortie.nation),
        "day": f"{at_utc(plan.start_utc, sortie.start_s):%d %B %Y}",
        "launch": day.clock(sortie.start_s),
        "landing": day.clock(sortie.end_s),
        "minutes": math.ceil((sortie.end_s - sortie.start_s) / 60),
        "usable_minutes": math.floor(kind.usable_endurance_s / 60),
        "energy_wh": math.ceil(sortie.energy_wh),
        "usable_wh": math.floor(kind.usable_energy_wh),
        "battery_wh": f"{kind.battery_wh:g}",
        "length_km": f"{sum(path_length_m(leg.points) for leg in sortie.legs) / 1000:.1f}",
        "sweeps": len({leg.lane for leg in sortie.legs if leg.kind is LegKind.SWEEP}),
        "height_m": f"{max(point.height_m for leg in sortie.legs for point in leg.points):.0f}",
        "cruise_mps": f"{kind.cruise_mps:g}",
        "max_wind_mps": f"{plan.limits.max_wind_mps:g}",
        "swap": f"flies again at {day.clock(following.start_s)}" if following else "its last sortie",
        "checks": _CHECKS,
        "legs": Markup("".join(_leg_line(day, number, leg) for number, leg in enumerate(sortie.legs, start=1))),
    }


def _around(day: _Day, sortie: Sortie, near: Sequence[KeepOut], drawn: Markup) -> _Row:
    plan = day.plan
    home = plan.base(sortie.start_base)
    own = sorted((base for base in plan.bases if base.nation == sortie.nation), key=lambda base: geodesic_m(home.location, base.location))
    return {
        "map": drawn,
        "keep_outs": [_zone_row(day, zone) for zone in near],
        "others": day.meanwhile(sortie),
        "bases": [_base_row(base) for base in own],
    }


def _leg_line(day: _Day, number: int, leg: Leg) -> Markup:
    """A row of the table of the way: a template's loop would take a third of the time of a sheet."""
    length_m = path_length_m(leg.points)
    numbers = (
        f"{leg.end.lat_deg:.6f}",
        f"{_within_world(leg.end.lon_deg):.6f}",
        f"{leg.end.height_m:.0f}",
        f"{azimuth_deg(leg.start, leg.end):03.0f}°" if length_m > 1 else "",
        f"{length_m:.0f}" if length_m > 1 else "",
        day.clock(leg.end_s),
    )
    cells = "".join(f'<td class="n">{cell}</td>' for cell in numbers)
    row = '<tr class="sweep">' if leg.kind is LegKind.SWEEP else "<tr>"
    return Markup(f'{row}<td class="n">{number}</td><td>{leg.kind.value.lower()}</td><td>{escape(leg.lane or "")}</td>{cells}</tr>\n')


def _zone_row(day: _Day, zone: KeepOut) -> _Row:
    heights = _interval(zone.band.min_m, zone.band.max_m, lambda value: f"{value:g} m")
    times = _interval(zone.validity.from_s, zone.validity.to_s, day.clock)
    return {"id": zone.id, "buffer": f"{zone.buffer_m:g}", "heights": heights, "times": times}


def _interval(low: float, high: float, told: Callable[[float], str]) -> str:
    match math.isfinite(low), math.isfinite(high):
        case True, True:
            return f"{told(low)} to {told(high)}"
        case True, False:
            return f"from {told(low)}"
        case False, True:
            return f"to {told(high)}"
        case _:
            return "all"


def _base_row(base: Base) -> _Row:
    lat, lon = f"{base.location.lat_deg:.6f}", f"{_within_world(base.location.lon_deg):.6f}"
    return {"id": base.id, "lat": lat, "lon": lon, "elevation": f"{base.elevation_m:g}"}


def _within_world(lon_deg: float) -> float:
    return lon_deg - 360 if lon_deg > 180 else lon_deg


def _track(sortie: Sortie, frame: LocalFrame) -> LineString:
    return LineString(_local([point for leg in sortie.legs for point in leg.points], frame))


def _local(points: Sequence[Position], frame: LocalFrame) -> NDArray[np.float64]:
    lat_deg = np.array([point.lat_deg for point in points])
    return np.column_stack(frame.arrays_to_local(lat_deg, np.array([point.lon_deg for point in points])))


def _map(sortie: Sortie, track: LineString, zones: list[BaseGeometry], home: Base, frame: LocalFrame) -> Markup:
    """The way in metres, north up, in a box that it fills."""
    west, south, east, north = track.bounds
    scale = min((_MAP_WIDTH - 40) / max(east - west, 50.0), (_MAP_HEIGHT - 40) / max(north - south, 50.0))
    middle_x, middle_y = (west + east) / 2, (south + north) / 2

    def drawn(shape: BaseGeometry) -> BaseGeometry:
        return shapely.transform(shape, lambda p: np.column_stack([400 + (p[:, 0] - middle_x) * scale, 150 - (p[:, 1] - middle_y) * scale]))

    x, y = drawn(Point(frame.point_to_local(home.location))).coords[0]
    parts = [
        *(
            f'<path d="{_path(shapely.get_coordinates(part))} Z" fill="#c81e2d" fill-opacity=".3" stroke="#c81e2d"/>'
            for part in _rings(zones, drawn)
        ),
        *_leg_paths(sortie, drawn(track)),
        f'<rect x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" fill="#14181c"/>',
    ]
    box = f'viewBox="0 0 {_MAP_WIDTH:g} {_MAP_HEIGHT:g}"'
    return Markup(f'<svg {box} role="img" aria-label="map of the way">{"".join(parts)}</svg>')


def _rings(zones: list[BaseGeometry], drawn: _Drawn) -> Iterator[BaseGeometry]:
    for zone in zones:
        yield from (part.exterior for part in shapely.get_parts(drawn(zone)) if isinstance(part, Polygon))


def _leg_paths(sortie: Sortie, way: BaseGeometry) -> Iterator[str]:
    points, begin = shapely.get_coordinates(way), 0
    for leg in sortie.legs:
        end, width = begin + len(leg.points), 3 if leg.kind is LegKind.SWEEP else 1.2
        yield f'<path d="{_path(points[begin:end])}" fill="none" stroke="#0b4f8a" stroke-width="{width}"/>'
        begin = end


def _path(points: NDArray[np.float64]) -> str:
    return "M" + " L".join(f"{x:.1f},{y:.1f}" for x, y in points.tolist())
