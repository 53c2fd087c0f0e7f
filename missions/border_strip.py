"""Build polygons around a border line: the strip to patrol, and the ground where a neighbour consents to be overflown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from missions.lonlat_shapes import Points, near_longitude, polygonal, rounded, unwrapped
from planner.geo import Geographic, LatLon, LocalFrame, geodesic_m

_Cap = Literal["flat", "round"]


@dataclass(frozen=True, kw_only=True, slots=True)
class StripParams:
    """Lengths and tolerances of buffering along a line."""

    # half of this from a frame's origin, its scale error is 0.004 %
    piece_m: float = 200_000.0
    # an arc of 128 chords to the circle is 0.03 % of its radius inside it
    quad_segs: int = 32
    simplify_m: float = 0.2
    # the width of a corridor that changes is looked at this often
    step_m: float = 250.0
    # holes narrower than rounding, where pieces of two frames meet
    smallest_hole_m2: float = 100.0


def strip_around(line: Geographic, half_width_m: float, params: StripParams, *, cap: _Cap = "flat") -> Geographic:
    """Everything within `half_width_m` of a densified line, ended square (or round) at the line's ends.

    Long lines are buffered in pieces, each in a frame of its own, and united. Longitudes are laid out around the line's.
    """
    middle_deg = float(np.mean(line.geometry.bounds[::2]))
    lines = [part for part in getattr(line.geometry, "geoms", [line.geometry]) if isinstance(part, LineString)]
    pieces = [
        _buffered(piece, half_width_m, params, cap, middle_deg)
        for part in lines
        for piece in _overlapping_pieces(np.asarray(part.coords, dtype=np.float64)[:, :2], half_width_m, params)
    ]
    united = pieces[0] if len(pieces) == 1 else _without_specks(shapely.union_all(pieces), params)
    return Geographic(shapely.orient_polygons(rounded(united)))


def strip_of_widths(line: Geographic, widths_m: Sequence[tuple[float, float]], params: StripParams) -> Geographic:
    """A corridor as wide as said, by pairs of metres along the line and width there; in between widths change evenly, beyond the first
    and the last they stay. Ends are round. Measured in one frame.
    """
    frame = LocalFrame.around([line])
    local = frame.line(line)
    middle_deg = float(np.mean(line.geometry.bounds[::2]))
    begun_m, pieces = 0.0, list[BaseGeometry]()
    for part in shapely.get_parts(shapely.line_merge(local) if local.geom_type == "MultiLineString" else local):
        own_m = np.concatenate([[0.0], np.cumsum(shapely.length([LineString(pair) for pair in pairwise(part.coords)]))])
        marks_m = np.unique(np.concatenate([own_m, np.arange(0.0, part.length, params.step_m), [at - begun_m for at, _ in widths_m]]))
        marks_m = marks_m[(marks_m >= 0) & (marks_m <= part.length)]
        halves_m = np.interp(marks_m + begun_m, [at for at, _ in widths_m], [width for _, width in widths_m]) / 2
        discs = [part.interpolate(at).buffer(half, quad_segs=params.quad_segs) for at, half in zip(marks_m, halves_m, strict=True)]
        pieces += [shapely.union(one, other).convex_hull for one, other in pairwise(discs)]
        begun_m += part.length
    return _laid_out(frame, shapely.union_all(pieces).simplify(params.simplify_m), middle_deg)


@dataclass(frozen=True, kw_only=True, slots=True)
class Consent:
    """A consent given by depth: where, of the host's ground and of the border's uncertain band, a guest may fly."""

    border: Geographic
    host_territory: Geographic
    guest_territory: Geographic
    depth_m: float
    position_uncertainty_m: float
    window: Geographic


def consent_polygon(consent: Consent, params: StripParams) -> Geographic:
    """The host's territory within `depth_m` of the border and the whole uncertain band on both sides, within the window.

    On the guest's own side the band is grown a little, so that no sliver stays between it and the guest's free ground
    when another program approximates the band's round corners differently. Empty when the border is not in the window.
    """
    near = consent.window.geometry.intersection(consent.border.geometry)
    if not isinstance(near, LineString | shapely.MultiLineString) or near.is_empty:
        return Geographic(Polygon())
    line = Geographic(near)
    parts: list[BaseGeometry] = []
    if consent.depth_m > 0:
        parts.append(strip_around(line, consent.depth_m, params, cap="round").geometry.intersection(consent.host_territory.geometry))
    if consent.position_uncertainty_m > 0:
        grown_m = consent.position_uncertainty_m * 1.01 + 1.0
        parts.append(strip_around(line, consent.position_uncertainty_m, params, cap="round").geometry)
        parts.append(strip_around(line, grown_m, params, cap="round").geometry.intersection(consent.guest_territory.geometry))
    united = polygonal(shapely.union_all(parts).intersection(consent.window.geometry))
    return Geographic(shapely.orient_polygons(rounded(_without_specks(united, params))))


def grown(area: Geographic, margin_m: float) -> Geographic:
    """The area and a margin around it, measured in one frame: for neighbourhoods, not for exact offsets of large areas."""
    frame = LocalFrame.around([area])
    return _laid_out(frame, frame.to_local(area).buffer(margin_m), float(np.mean(area.geometry.bounds[::2])))


def between(border: Geographic, host: Geographic, guest: Geographic, position_uncertainty_m: float) -> Geographic:
    """The parts of a border of several nations that lie between these two, as near as the line and the territories are known."""
    tolerance_m = position_uncertainty_m + 50.0
    near = border.geometry.intersection(grown(host, tolerance_m).geometry).intersection(grown(guest, tolerance_m).geometry)
    lines = [part for part in shapely.get_parts(near) if isinstance(part, LineString) and not part.is_empty]
    return Geographic(shapely.line_merge(shapely.MultiLineString(lines)))


def _overlapping_pieces(points: Points, half_width_m: float, params: StripParams) -> Iterator[Points]:
    """Runs of points no longer than a piece; each reaches back over its predecessor, so that square ends are hidden inside."""
    along_m = np.concatenate([[0.0], np.cumsum([geodesic_m(_latlon(a), _latlon(b)) for a, b in pairwise(points)])])
    count = max(1, int(np.ceil(along_m[-1] / params.piece_m)))
    cuts_m = np.linspace(0.0, along_m[-1], count + 1)
    for start_m, end_m in pairwise(cuts_m):
        first = np.searchsorted(along_m, max(0.0, start_m - half_width_m), side="right") - 1
        last = np.searchsorted(along_m, end_m, side="left")
        yield points[max(0, first) : last + 1]


def _buffered(points: Points, half_width_m: float, params: StripParams, cap: _Cap, middle_deg: float) -> BaseGeometry:
    shape = Geographic(LineString(points))
    frame = LocalFrame.around([shape])
    strip = frame.to_local(shape).buffer(half_width_m, cap_style=cap, join_style="round", quad_segs=params.quad_segs)
    return _laid_out(frame, strip.simplify(params.simplify_m), middle_deg).geometry


def _laid_out(frame: LocalFrame, local: BaseGeometry, middle_deg: float) -> Geographic:
    outline = unwrapped(polygonal(frame.to_geographic(local).geometry))
    return Geographic(near_longitude(outline, middle_deg))


def _without_specks(geometry: BaseGeometry, params: StripParams) -> BaseGeometry:
    polygons = polygonal(geometry)
    parts = polygons.geoms if isinstance(polygons, shapely.MultiPolygon) else [polygons]
    kept = [
        Polygon(part.exterior, [hole for hole in part.interiors if _area_m2(hole) > params.smallest_hole_m2])
        for part in parts
        if _area_m2(part.exterior) > params.smallest_hole_m2
    ]
    return polygonal(shapely.MultiPolygon(kept))


def _area_m2(ring: BaseGeometry) -> float:
    shape = Geographic(Polygon(shapely.get_coordinates(ring)))
    return float(LocalFrame.around([shape]).to_local(shape).area)


def _latlon(point: Points) -> LatLon:
    return LatLon(lat_deg=float(point[1]), lon_deg=(float(point[0]) + 180.0) % 360.0 - 180.0)
