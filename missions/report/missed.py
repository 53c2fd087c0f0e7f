"""Ground that was to be seen and was not: the pieces, where they are, how big, and whether the plan had promised them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from missions.report.params import ReportParams
from planner.coverage import CoverageReport, without_slivers
from planner.geo import Geographic, LatLon, LocalFrame
from planner.model import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedPiece:
    """One connected piece. `place` is its middle, as far from its edge as can be.

    `promised` tells that the plan would have covered it. `nations` are those in whose sectors it lies.
    """

    number: int
    polygon: Geographic
    place: LatLon
    area_m2: float
    length_m: float
    promised: bool
    nations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedGround:
    """The largest pieces, and the others as a number and an area. `promised_m2` is how much of all the plan would have covered."""

    pieces: tuple[MissedPiece, ...]
    others: int
    others_m2: float
    promised_m2: float
    left_out_m2: float


def missed_ground(plan: Plan, planned: CoverageReport, flown: CoverageReport, frame: LocalFrame, params: ReportParams) -> MissedGround:
    """The largest pieces of a flight's missed ground: those that were promised first, then by size."""
    missed, never_promised = _local(flown.missed, frame), _local(planned.missed, frame)
    promised = _parts(missed.difference(never_promised))
    left_out = _parts(missed.intersection(never_promised))
    parts = sorted([(part, True) for part in promised] + [(part, False) for part in left_out], key=lambda each: -each[0].area)
    largest = [each for each in parts if each[0].area >= params.piece_m2][: params.listed_pieces]
    listed = sorted(largest, key=lambda each: not each[1])
    sectors = [(sector.nation, _local(sector.polygon, frame)) for sector in plan.sectors]
    promised_m2, left_out_m2 = (sum(part.area for part in group) for group in (promised, left_out))
    return MissedGround(
        pieces=tuple(_pieces(listed, sectors, frame)),
        others=len(parts) - len(listed),
        others_m2=promised_m2 + left_out_m2 - sum(part.area for part, _ in listed),
        promised_m2=promised_m2,
        left_out_m2=left_out_m2,
    )


def _pieces(parts: list[tuple[Polygon, bool]], sectors: list[tuple[str, BaseGeometry]], frame: LocalFrame) -> Iterator[MissedPiece]:
    for number, (part, promised) in enumerate(parts, start=1):
        length_m, width_m = _sides_m(part)
        middle = shapely.Point(shapely.maximum_inscribed_circle(part, tolerance=max(width_m / 50, 0.1)).coords[0])
        yield MissedPiece(
            number=number,
            polygon=frame.to_geographic(part),
            place=frame.point_to_geographic(east_m=middle.x, north_m=middle.y),
            area_m2=part.area,
            length_m=length_m,
            promised=promised,
            nations=tuple(nation for nation, ground in sectors if ground.intersection(part).area > 0.5),
        )


def _local(shape: Geographic, frame: LocalFrame) -> BaseGeometry:
    # points that lay on each other's edges in one frame may cross them by a hair in another
    return shapely.make_valid(frame.to_local(shape))


def _parts(ground: BaseGeometry) -> list[Polygon]:
    return list(without_slivers(ground).geoms)


def _sides_m(part: Polygon) -> tuple[float, float]:
    """Length and width of the smallest rectangle around it."""
    corners = shapely.get_coordinates(part.minimum_rotated_rectangle)
    one_m, other_m = (float(shapely.Point(corners[index]).distance(shapely.Point(corners[index + 1]))) for index in (0, 1))
    return max(one_m, other_m), min(one_m, other_m)
