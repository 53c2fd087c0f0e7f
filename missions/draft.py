"""A mission to begin with: a commented mission file and the geometry it names, from an area or a border and a few answers.

Whatever was not given is filled in so that the mission is sound as it stands, and the comment says what to correct.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import shapely
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import split

from missions.errors import InputError
from missions.formats.antimeridian import within_world
from missions.formats.geojson import geometry_json
from missions.scenario_library import MISSION_FILE_NAME
from missions.utc import utc_text
from planner.geo import Geographic, LatLon, LocalFrame


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftParams:
    """Metres. Territories reach `around_m` beyond the area; a border goes on straight that far beyond its ends."""

    around_m: float = 5_000.0
    near_base_m: float = 50.0


@dataclass(frozen=True, kw_only=True, slots=True)
class KeepOutDraft:
    """`note` says where it comes from."""

    id: str
    polygon: BaseGeometry
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """What is known of a mission. Geometry is longitude, latitude; `area` or `border`, or both."""

    name: str
    start: datetime
    nations: tuple[str, ...]
    area: Polygon | MultiPolygon | None = None
    border: LineString | MultiLineString | None = None
    half_width_m: float = 500.0
    position_uncertainty_m: float = 0.0
    drones: int = 2
    height_m: float = 80.0
    keep_outs: tuple[KeepOutDraft, ...] = ()
    buffer_m: float = 0.0
    bases: tuple[LatLon, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class _Side:
    """A nation's ground and where its drones start."""

    nation: str
    territory: Geographic
    base: LatLon


_USUAL = DraftParams()


def draft_files(draft: Draft, params: DraftParams = _USUAL) -> dict[str, bytes]:
    """File name -> content of the mission's folder. Raises InputError when what is given does not make a mission."""
    sides, border = _sides(draft, params)
    files = {"nations.geojson": features_geojson((side.nation, {}, side.territory.geometry) for side in sides)}
    if draft.area is not None:
        files["area.geojson"] = features_geojson([("area", {}, draft.area)])
    if border is not None:
        files["border.geojson"] = features_geojson([("border", {}, border)])
    if draft.keep_outs:
        files["keep-outs.geojson"] = keep_out_geojson(draft.keep_outs)
    return {MISSION_FILE_NAME: _mission_text(draft, sides, border is not None).encode(), **files}


def features_geojson(features: Iterable[tuple[str, dict[str, object], BaseGeometry]]) -> bytes:
    """A FeatureCollection of ids, properties and geometries, a feature a line."""
    lines = (
        json.dumps(
            {"type": "Feature", "id": name, "properties": properties, "geometry": geometry_json(within_world(geometry))}, ensure_ascii=False
        )
        for name, properties, geometry in features
    )
    return ('{"type": "FeatureCollection", "features": [\n' + ",\n".join(lines) + "\n]}\n").encode()


def keep_out_geojson(keep_outs: Sequence[KeepOutDraft]) -> bytes:
    return features_geojson((zone.id, {"note": zone.note}, zone.polygon) for zone in keep_outs)


def keep_out_tables(keep_outs: Sequence[KeepOutDraft], file: str, buffer_m: float) -> str:
    """The tables that a mission file gets for these keep-outs in that file."""
    return "".join(
        f"\n[[keep_out]]{f'                            # {zone.note}' if zone.note else ''}\n"
        f"id = {toml_text(zone.id)}\npolygon = {toml_text(f'{file}#{zone.id}')}\nbuffer_m = {buffer_m:g}\n"
        for zone in keep_outs
    )


def _sides(draft: Draft, params: DraftParams) -> tuple[list[_Side], BaseGeometry | None]:
    shapes = [Geographic(shape) for shape in (draft.area, draft.border) if shape is not None]
    if not shapes:
        raise InputError("there is neither an area nor a border", mend="give one of them")
    if len(draft.nations) > 2:
        raise InputError(
            f"{len(draft.nations)} nations", key="--nations", mend="give one or two, and draw the others' territories yourself"
        )
    frame = LocalFrame.around(shapes)
    line = None if draft.border is None else frame.line(Geographic(draft.border))
    ground = frame.ground(Geographic(draft.area)) if draft.area is not None else _strip(line, draft)
    window = ground.envelope.buffer(params.around_m, join_style="mitre")
    if len(draft.nations) == 1:
        return [_side(draft, 0, window, ground, frame, params)], None if draft.border is None else draft.border
    divide = line if line is not None else _middle_line(ground)
    halves = _halves(window, divide, params)
    sides = [_side(draft, index, half, ground, frame, params) for index, half in enumerate(halves)]
    return sides, draft.border if draft.border is not None else frame.to_geographic(divide).geometry


def _strip(line: BaseGeometry | None, draft: Draft) -> BaseGeometry:
    assert line is not None
    return line.buffer(draft.half_width_m, cap_style="flat")


def _middle_line(ground: BaseGeometry) -> LineString:
    """A line across the ground's longer extent, for two nations that have not said where their border is."""
    west, south, east, north = ground.envelope.buffer(1.0).bounds
    if east - west >= north - south:
        return LineString([((west + east) / 2, south), ((west + east) / 2, north)])
    return LineString([(west, (south + north) / 2), (east, (south + north) / 2)])


def _halves(window: BaseGeometry, divide: BaseGeometry, params: DraftParams) -> tuple[BaseGeometry, BaseGeometry]:
    """What lies left and right of the border within the window."""
    merged = shapely.line_merge(divide) if isinstance(divide, MultiLineString) else divide
    if not isinstance(merged, LineString):
        raise InputError("the border is in several pieces", mend="join them into one line, or give one nation")
    through = _extended(merged, 4 * params.around_m + merged.length)
    if not through.is_simple:
        raise InputError(
            "the border, or its straight continuation, crosses itself", mend="draw the territories yourself, or give one nation"
        )
    pieces = list(split(window, through).geoms)
    left = [piece for piece in pieces if _is_left(piece, through)]
    right = [piece for piece in pieces if not _is_left(piece, through)]
    if not left or not right:
        raise InputError("the border does not part the ground around it", mend="draw the territories yourself, or give one nation")
    return shapely.union_all(left), shapely.union_all(right)


def _extended(line: LineString, by_m: float) -> LineString:
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = line.coords[0], line.coords[1], line.coords[-2], line.coords[-1]
    before, after = math.hypot(x1 - x0, y1 - y0), math.hypot(x3 - x2, y3 - y2)
    first = (x0 - (x1 - x0) / before * by_m, y0 - (y1 - y0) / before * by_m)
    last = (x3 + (x3 - x2) / after * by_m, y3 + (y3 - y2) / after * by_m)
    return LineString([first, *line.coords, last])


def _is_left(piece: BaseGeometry, line: LineString) -> bool:
    point = piece.representative_point()
    along = line.project(point)
    a, b = line.interpolate(max(along - 0.5, 0.0)), line.interpolate(along + 0.5)
    return (b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x) > 0


def _side(draft: Draft, index: int, ground: BaseGeometry, area: BaseGeometry, frame: LocalFrame, params: DraftParams) -> _Side:
    shut = [frame.ground(Geographic(zone.polygon)).buffer(draft.buffer_m + params.near_base_m) for zone in draft.keep_outs]
    free = ground.difference(shapely.union_all(shut)) if shut else ground
    given = [base for base in draft.bases if free.covers(Point(frame.point_to_local(base)))]
    own = area.intersection(free)
    inner = own.buffer(-params.near_base_m)
    place = (inner if not inner.is_empty else own if not own.is_empty else free).representative_point()
    base = given[0] if given else frame.point_to_geographic(east_m=place.x, north_m=place.y)
    return _Side(draft.nations[index], frame.to_geographic(shapely.segmentize(ground, 1000.0)), base)


def _mission_text(draft: Draft, sides: Sequence[_Side], has_border: bool) -> str:
    parts = [
        _head(draft),
        _area_table(draft, has_border),
        '\n[[patrol]]\nkind = "sweep"\nside_overlap = 0.15                     # part of a swath that its neighbour sees as well\n',
        *(_nation_table(draft, side) for side in sides),
        keep_out_tables(draft.keep_outs, "keep-outs.geojson", draft.buffer_m),
        *(_base_table(side) for side in sides),
        _type_table(draft),
        *(_fleet_table(draft, index, side) for index, side in enumerate(sides)),
    ]
    return "".join(parts)


def _head(draft: Draft) -> str:
    source = f"# Geometry from {draft.source}.\n" if draft.source else ""
    start = utc_text(draft.start)
    return (
        f"{source}# docs/mission_file.md describes every key. Check with: jointpatrol check THIS-FOLDER\n"
        f"schema = 1\nname = {toml_text(draft.name)}\n"
        f"start_utc = {start}        # all times in a plan count from it\n"
        'objective = "makespan"                  # finish early; "total_time" flies as little as possible\n'
        "min_coverage = 0.98                     # of what can be covered; small areas lose more at their rims\n"
        "limits = { max_wind_mps = 12, min_separation_m = 50, min_vertical_separation_m = 10 }\n"
    )


def _area_table(draft: Draft, has_border: bool) -> str:
    lines = ["\n[area]\n"]
    if draft.area is not None:
        lines.append('polygon = "area.geojson"                # what is to be covered\n')
    if has_border:
        drawn = "" if draft.border is not None else "            # drawn through the middle: replace it"
        lines.append(f'border = "border.geojson"{drawn}\n')
        uncertainty = f"position_uncertainty_m = {draft.position_uncertainty_m:g}"
        lines.append(f"{uncertainty:40}# how wrong the border may be: nobody flies that near to it\n")
    if draft.area is None:
        lines.append(f"half_width_m = {draft.half_width_m:g}                      # to each side of the border\n")
    return "".join(lines)


def _nation_table(draft: Draft, side: _Side) -> str:
    return (
        f"\n[[nation]]\nid = {toml_text(side.nation)}\n"
        f"territory = {toml_text(f'nations.geojson#{side.nation}')}     # drawn around the area: replace it by the real one\n"
        f"policy = {{ max_height_m = {max(120.0, draft.height_m + 40):g} }}\n"
    )


def _base_table(side: _Side) -> str:
    return (
        f"\n[[base]]\nid = {toml_text(f'{side.nation.lower()}-base')}\nnation = {toml_text(side.nation)}\n"
        f"lat_deg = {side.base.lat_deg:.7f}                  # a place in the area: move it to where drones really start\n"
        f"lon_deg = {side.base.lon_deg:.7f}\n# elevation_m = 0                       # above sea level; else the terrain's, else 0\n"
    )


def _type_table(draft: Draft) -> str:
    return (
        "\n# a small quadcopter: correct every figure from the maker's sheet and your own flights\n"
        '[[drone_type]]\nid = "quad"\nkind = "copter"\ncruise_mps = 10\nendurance_s = 1500\nbattery_wh = 180\n'
        "power_hover_w = 380\npower_cruise_w = 320\nreserve = 0.2                           # never planned with\n"
        f"height_above_home_m = {draft.height_m:g}\nsensor = {{ fov_across_deg = 70 }}        # camera's field of view across the track\n"
    )


def _fleet_table(draft: Draft, index: int, side: _Side) -> str:
    base = f"{side.nation.lower()}-base"
    return (
        f'\n[[fleet]]\nbase = {toml_text(base)}\ntype = "quad"\ncount = {draft.drones}                               # {base}-1, ...\n'
        f"first_system_id = {1 + index * draft.drones}\n"
    )


def toml_text(text: str) -> str:
    """A text as it stands in a mission file."""
    # JSON's strings are TOML's basic strings
    return json.dumps(text, ensure_ascii=False)
