"""Read what patrols a mission asks for: sweeps of the area, lines and corridors, points, each with its interval and weight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from shapely import Point

from missions.border_strip import strip_around, strip_of_widths
from missions.lonlat_shapes import near_longitude, polygonal, rounded
from missions.mission_area import AreaAndBorder, GeometryStore
from missions.tables import Table, require_unique
from planner.geo import Geographic, LatLon, LocalFrame
from planner.model import Patrol, PatrolKind, Place

PATROL_KEYS: Final = (
    *("id", "kind", "side_overlap", "interval_s", "weight", "random_timing", "min_seen"),
    *("line", "offsets_m", "width_m", "widths_m", "points", "place"),
)
PLACE_KEYS: Final = ("id", "lat_deg", "lon_deg", "weight")
_OF_LINES: Final = ("line", "offsets_m", "width_m", "widths_m", "min_seen")
_OF_POINTS: Final = ("points", "place")
#: Lines and points may lie so far outside the area: rounding, and corners of strips.
_OUTSIDE_M: Final = 5.0
#: How long a patrol goes on where nothing is said, in its longest interval.
_INTERVALS: Final = 4.0
MAX_DURATION_S: Final = 14 * 86_400.0


def read_patrols(root: Table, store: GeometryStore, ground: AreaAndBorder) -> tuple[Patrol, ...]:
    """All patrols; one sweep of the area where none is named."""
    tables = root.tables("patrol", PATROL_KEYS)
    names = {table.path: table.id("id", f"patrol-{number}") for number, table in enumerate(tables, start=1)}
    require_unique(tables, "id", lambda table: names[table.path])
    patrols = tuple(_patrol(table, names[table.path], store, ground) for table in tables) or (Patrol(),)
    sweeps = [table for table, patrol in zip(tables, patrols, strict=False) if patrol.kind is PatrolKind.SWEEP]
    if len(sweeps) > 1:
        sweeps[1].fail("kind", "is a second sweep of the area", mend='leave one, or give it kind = "line" or "points"', value="sweep")
    _check_intervals(tables, patrols)
    return patrols


def read_duration_s(root: Table, patrols: Sequence[Patrol]) -> float | None:
    """How long the patrols go on; None when everything is to be seen once."""
    intervals = {patrol.id: patrol.interval_s for patrol in patrols if patrol.interval_s is not None}
    if not intervals:
        if root.has("duration_s"):
            root.fail("duration_s", "says how long patrols go on, and none has an interval_s", mend="give each [[patrol]] its interval_s")
        return None
    longest = max(intervals, key=lambda name: intervals[name])
    duration_s = root.number("duration_s", min(MAX_DURATION_S, _INTERVALS * intervals[longest]), above=0, at_most=MAX_DURATION_S)
    if duration_s < intervals[longest]:
        text = f"{duration_s:g} is shorter than the interval of {longest}, {intervals[longest]:g}"
        root.fail("duration_s", text, mend="let the patrol go on for longer, or leave interval_s out to see all once")
    return duration_s


def read_min_coverage(root: Table, patrols: Sequence[Patrol]) -> float:
    """Of the area; 0 when no patrol sweeps it."""
    if any(patrol.kind is PatrolKind.SWEEP for patrol in patrols):
        return root.number("min_coverage", 0.99, at_least=0, at_most=1)
    if root.has("min_coverage"):
        root.fail("min_coverage", "is for sweeps of the area, and there is none", mend="leave it out; a line has min_seen")
    return 0.0


def _check_intervals(tables: Sequence[Table], patrols: Sequence[Patrol]) -> None:
    if len({patrol.interval_s is None for patrol in patrols}) < 2:
        return
    table = next(table for table, patrol in zip(tables, patrols, strict=True) if patrol.interval_s is None)
    table.fail("interval_s", "is missing, and another patrol has one", mend="give every patrol its interval_s, or none")


def _patrol(table: Table, name: str, store: GeometryStore, ground: AreaAndBorder) -> Patrol:
    kind = table.choice("kind", PatrolKind, PatrolKind.SWEEP)
    for keys, owner in ((_OF_LINES, PatrolKind.LINE), (_OF_POINTS, PatrolKind.POINTS)):
        for key in keys:
            if table.has(key) and kind is not owner:
                table.fail(
                    key, f'is for kind = "{owner.value}", this patrol is of kind "{kind.value}"', mend="leave it out, or change kind"
                )
    interval_s = table.number("interval_s", above=0, at_most=MAX_DURATION_S) if table.has("interval_s") else None
    if table.flag("random_timing", False) and interval_s is None:
        table.fail("random_timing", "needs an interval_s: what is seen once has no rhythm", mend="add interval_s")
    return Patrol(
        id=name,
        kind=kind,
        side_overlap=table.number("side_overlap", 0.0, at_least=0, below=1),
        interval_s=interval_s,
        weight=table.number("weight", 1.0, above=0, at_most=1000),
        shape=_shape(table, store, ground) if kind is PatrolKind.LINE else None,
        places=_places(table, store, ground) if kind is PatrolKind.POINTS else (),
        random_timing=table.flag("random_timing", False),
        min_seen=table.number("min_seen", 0.99, above=0, at_most=1),
    )


def _shape(table: Table, store: GeometryStore, ground: AreaAndBorder) -> Geographic:
    """The lines, or with a width the corridor around them."""
    line = _line(table, store, ground)
    wide = [name for name in ("width_m", "widths_m") if table.has(name)]
    if not wide:
        _require_inside(table, line, ground)
        return line
    if len(wide) > 1 or table.has("offsets_m"):
        table.fail(wide[-1], "goes with neither offsets_m nor another width", mend="give one of width_m, widths_m and offsets_m")
    if table.has("width_m"):
        corridor = strip_around(line, table.number("width_m", at_least=1, at_most=100_000) / 2, store.params.strip)
    else:
        corridor = strip_of_widths(line, _widths(table), store.params.strip)
    inside = polygonal(corridor.geometry.intersection(ground.area.geometry))
    if inside.is_empty:
        table.fail("line", "lies outside the area", mend="give a line in the area")
    return Geographic(shapely.orient_polygons(rounded(inside)))


def _line(table: Table, store: GeometryStore, ground: AreaAndBorder) -> Geographic:
    if table.has("line"):
        line = store.laid_out(store.line(table, "line"), ground.lon_deg)
    elif ground.border is not None:
        line = _within_area(ground.border, ground)
    else:
        table.fail("line", "is missing, and the area has no border", mend='add line = "FILE"')
    if not table.has("offsets_m"):
        return line
    offsets_m = _numbers(table, "offsets_m", "[-500, 500]")
    frame = LocalFrame.around([line])
    local = frame.line(line)
    moved = [local if offset == 0 else shapely.offset_curve(local, offset, join_style="mitre", mitre_limit=2.0) for offset in offsets_m]
    lines = shapely.MultiLineString([part for each in moved for part in shapely.get_parts(each) if part.length > 0])
    return Geographic(rounded(near_longitude(frame.to_geographic(lines).geometry, ground.lon_deg)))


def _within_area(border: Geographic, ground: AreaAndBorder) -> Geographic:
    """A border may go on beyond the area."""
    inside = border.geometry.intersection(ground.area.geometry)
    parts = [part for part in shapely.get_parts(inside) if part.geom_type == "LineString" and part.length > 0]
    return Geographic(rounded(shapely.line_merge(shapely.MultiLineString(parts)))) if parts else border


def _numbers(table: Table, name: str, example: str) -> list[float]:
    found = []
    for path, raw in table.items(name):
        if isinstance(raw, bool) or not isinstance(raw, int | float) or not -100_000 <= raw <= 100_000:
            table.fail(name, f"{path} is not a number of metres", mend=f"write {name} = {example}", value=raw)
        found.append(float(raw))
    if not found:
        table.fail(name, "is empty", mend=f"write {name} = {example}")
    return found


def _widths(table: Table) -> list[tuple[float, float]]:
    """Pairs of metres along the line and the corridor's width there, in order."""
    example, found = "[[0, 400], [5000, 900]]", list[tuple[float, float]]()
    for path, raw in table.items("widths_m"):
        numbers = [float(each) for each in raw if _is_metres(each)] if isinstance(raw, list) and len(raw) == 2 else []
        if len(numbers) != 2:
            table.fail("widths_m", f"{path} is not [metres along, metres wide]", mend=f"write widths_m = {example}", value=str(raw))
        along_m, width_m = numbers
        if width_m < 1 or (found and along_m <= found[-1][0]):
            text = f"{path} is narrower than 1 m, or not further along than the one before"
            table.fail("widths_m", text, mend=f"write widths_m = {example}", value=str(raw))
        found.append((along_m, width_m))
    if not found:
        table.fail("widths_m", "is empty", mend=f"write widths_m = {example}")
    return found


def _is_metres(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1e7


def _require_inside(table: Table, line: Geographic, ground: AreaAndBorder) -> None:
    frame = LocalFrame.around([line])
    local = frame.line(line)
    outside_m = local.difference(frame.ground(ground.area).buffer(_OUTSIDE_M)).length
    if outside_m > 0:
        name = next((key for key in ("offsets_m", "line") if table.has(key)), "line")
        text = f"{outside_m:.0f} of its {local.length:.0f} m lie outside the area"
        table.fail(name, text, mend="give a line in the area, or a wider area", value=f"{local.length:.0f} m")


def _places(table: Table, store: GeometryStore, ground: AreaAndBorder) -> tuple[Place, ...]:
    places = [*_listed(table), *_from_file(table, store)]
    if not places:
        table.fail("place", "is missing: a patrol of points needs some", mend='add [[patrol.place]] tables, or points = "FILE#*"')
    seen: set[str] = set()
    frame = LocalFrame.around([ground.area])
    area = frame.ground(ground.area).buffer(_OUTSIDE_M)
    for where, place in places:
        if place.id in seen:
            table.fail("place", f"two points are called {place.id}", mend="give each its own id", value=place.id)
        seen.add(place.id)
        if not area.intersects(Point(frame.point_to_local(place.location))):
            name = f"{place.location.lat_deg:g}, {place.location.lon_deg:g}"
            table.fail(where, f"point {place.id} lies outside the area", mend="move it, or widen the area", value=name)
    return tuple(place for _, place in places)


def _listed(table: Table) -> list[tuple[str, Place]]:
    found = []
    for number, each in enumerate(table.tables("place", PLACE_KEYS), start=1):
        place = LatLon(lat_deg=each.number("lat_deg", at_least=-90, at_most=90), lon_deg=each.number("lon_deg", at_least=-180, at_most=180))
        weight = each.number("weight", 1.0, above=0, at_most=1000)
        found.append(("place", Place(id=each.id("id", f"point-{number}"), location=place, weight=weight)))
    return found


def _from_file(table: Table, store: GeometryStore) -> list[tuple[str, Place]]:
    if not table.has("points"):
        return []
    found = []
    points = shapely.get_coordinates(store.points(table, "points"))
    for number, (lon_deg, lat_deg) in enumerate(np.round(points[:, :2], 9).tolist(), start=1):
        if not (-180 <= lon_deg <= 180 and -90 <= lat_deg <= 90):
            table.fail("points", f"its point {number} lies outside the world", mend="positions are [longitude, latitude]: swapped?")
        found.append(("points", Place(id=f"point-{number}", location=LatLon(lat_deg=lat_deg, lon_deg=lon_deg))))
    return found
