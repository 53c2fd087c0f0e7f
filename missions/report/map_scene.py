"""The report's map as shapes in local metres, in drawing order: what is there, not how it looks; no Qt and no SVG."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from missions.formats.features import grown_keep_out
from missions.report.account import FlightAccount
from missions.report.params import ReportParams
from missions.report.track import Track
from planner.geo import Geographic, LatLon, LocalFrame
from planner.model import Plan


class Layer(StrEnum):
    """From the bottom up."""

    AREA = "area"
    SECTOR = "sector"
    UNSEEN = "unseen"
    SEEN_ONCE = "seen-once"
    SEEN_TWICE = "seen-twice"
    SEEN_OFTEN = "seen-often"
    SEGMENT = "segment"
    LEFT_OUT = "left-out"
    MISSED = "missed"
    KEEP_OUT_BUFFER = "keep-out-buffer"
    KEEP_OUT = "keep-out"
    LANE = "lane"
    TRACK = "track"
    SWEPT = "swept"
    BORDER = "border"
    BASE = "base"
    NUMBER = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """`nation` is an id, for the colour; `label` is written beside a point and told of the others on pointing."""

    layer: Layer
    geometry: BaseGeometry
    nation: str | None = None
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapScene:
    """Shapes in drawing order, metres east and north of the frame's origin."""

    shapes: tuple[Shape, ...]
    frame: LocalFrame

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of everything, metres."""
        west_m, south_m, east_m, north_m = shapely.total_bounds([shape.geometry for shape in self.shapes]).tolist()
        return west_m, south_m, east_m, north_m


def flight_scene(account: FlightAccount, params: ReportParams) -> MapScene:
    """The plan's ground and lanes, what was flown over them and what was missed."""
    plan, frame = account.plan, account.frame
    shapes = [
        *_ground(plan, frame),
        *_missed(account),
        *_keep_outs(plan, frame),
        *_lanes(plan, frame),
        *_tracks(account, params),
        *_border(plan, frame),
        *_bases(plan, frame),
        *_numbers(account),
    ]
    return MapScene(shapes=tuple(shapes), frame=frame)


_SEEN = (Layer.UNSEEN, Layer.SEEN_ONCE, Layer.SEEN_TWICE, Layer.SEEN_OFTEN)


def revisit_scene(account: FlightAccount) -> MapScene:
    """How often each piece of ground was seen, and the segments of the tables."""
    seen = account.seen
    half_m = seen.step_m / 2
    squares = shapely.box(seen.east_m - half_m, seen.north_m - half_m, seen.east_m + half_m, seen.north_m + half_m)
    often = np.minimum(seen.visits, len(_SEEN) - 1)
    grounds = [(layer, shapely.union_all(squares[often == visits])) for visits, layer in enumerate(_SEEN)]
    shapes = [
        Shape(layer=Layer.AREA, geometry=account.frame.to_local(account.plan.area)),
        *(Shape(layer=layer, geometry=ground, label=layer.value.replace("-", " ")) for layer, ground in grounds if not ground.is_empty),
        *(Shape(layer=Layer.SEGMENT, geometry=segment.ground) for segment in account.segments if not segment.ground.is_empty),
        *_border(account.plan, account.frame),
        *(Shape(layer=Layer.NUMBER, geometry=_point(each.middle, account.frame), label=str(each.number)) for each in account.segments),
    ]
    return MapScene(shapes=tuple(shapes), frame=account.frame)


def _ground(plan: Plan, frame: LocalFrame) -> Iterator[Shape]:
    yield Shape(layer=Layer.AREA, geometry=frame.to_local(plan.area))
    for sector in plan.sectors:
        label = plan.nation(sector.nation).name
        yield Shape(layer=Layer.SECTOR, geometry=frame.to_local(sector.polygon), nation=sector.nation, label=label)


def _missed(account: FlightAccount) -> Iterator[Shape]:
    for piece in account.missed.pieces:
        layer = Layer.MISSED if piece.promised else Layer.LEFT_OUT
        label = f"missed, number {piece.number}: {piece.area_m2:,.0f} m²"
        yield Shape(layer=layer, geometry=account.frame.to_local(piece.polygon), label=label)


def _numbers(account: FlightAccount) -> Iterator[Shape]:
    """Numbers of the table, at the middle of what the flight missed; what the plan left out needs none."""
    for piece in account.missed.pieces:
        if piece.promised:
            yield Shape(layer=Layer.NUMBER, geometry=_point(piece.place, account.frame), label=str(piece.number))


def _keep_outs(plan: Plan, frame: LocalFrame) -> Iterator[Shape]:
    for keep_out in plan.keep_outs:
        if keep_out.buffer_m > 0:
            label = f"{keep_out.id}: buffer of {keep_out.buffer_m:g} m"
            yield Shape(layer=Layer.KEEP_OUT_BUFFER, geometry=frame.to_local(grown_keep_out(keep_out)), label=label)
        yield Shape(layer=Layer.KEEP_OUT, geometry=frame.to_local(keep_out.polygon), label=f"{keep_out.id}: keep out")


def _lanes(plan: Plan, frame: LocalFrame) -> Iterator[Shape]:
    for lane in plan.lanes:
        line = LineString([frame.point_to_local(lane.start), frame.point_to_local(lane.end)])
        yield Shape(layer=Layer.LANE, geometry=line, nation=lane.nation, label=f"lane {lane.id}")


def _tracks(account: FlightAccount, params: ReportParams) -> Iterator[Shape]:
    """Whole flights thin, swept stretches thick on top."""
    nations = {drone.id: drone.nation for drone in account.plan.drones}
    flights = [
        (record, span, Layer.TRACK, span.sortie or "sortie unknown") for record in account.records.values() for span in record.airtimes
    ]
    sweeps = [(record, span, Layer.SWEPT, f"swept {span.lane}") for record in account.records.values() for span in record.swept]
    for record, span, layer, words in (*flights, *sweeps):
        for piece in record.track.between(span.start_s, span.end_s).pieces(max_gap_s=params.max_gap_s, max_speed_mps=params.max_speed_mps):
            if len(piece) > 1:
                yield Shape(layer=layer, geometry=_line(piece), nation=nations.get(record.drone), label=f"{record.drone}: {words}")


def _line(track: Track) -> LineString:
    return LineString(np.column_stack([track.east_m, track.north_m]))


def _border(plan: Plan, frame: LocalFrame) -> Iterator[Shape]:
    if plan.border is not None:
        label = f"border, known to {plan.position_uncertainty_m:g} m"
        yield Shape(layer=Layer.BORDER, geometry=frame.to_local(Geographic(plan.border.geometry)), label=label)


def _bases(plan: Plan, frame: LocalFrame) -> Iterator[Shape]:
    for base in plan.bases:
        yield Shape(layer=Layer.BASE, geometry=_point(base.location, frame), nation=base.nation, label=base.id)


def _point(place: LatLon, frame: LocalFrame) -> Point:
    return Point(frame.point_to_local(place))
