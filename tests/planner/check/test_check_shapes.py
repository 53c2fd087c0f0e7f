"""A plan's shapes mean the same ground wherever they lie, the antimeridian and degenerate lines included."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely

from planner.check import check_plan
from planner.check.params import DEFAULT
from planner.check.shapes import local_line, local_polygon
from planner.geo import Geographic, LatLon, LocalFrame
from planner.model import KeepOut
from tests.planner.plan_builder import Setting, build

ACROSS = LocalFrame(LatLon(lat_deg=10.0, lon_deg=180.0))


def box(west_deg: float, east_deg: float, half_height_deg: float) -> list[tuple[float, float]]:
    """A ring around 10 degrees north whose edge from 179 to -179 degrees is the short one."""
    low, high = 10.0 - half_height_deg, 10.0 + half_height_deg
    return [(west_deg, low), (east_deg, low), (east_deg, high), (west_deg, high), (west_deg, low)]


@pytest.mark.parametrize("outline", [box(179.0, -179.0, 0.1), box(179.0, 181.0, 0.1), box(-181.0, -179.0, 0.1)])
@pytest.mark.parametrize("hole", [box(-179.5, -179.4, 0.02), box(180.5, 180.6, 0.02), box(179.9, -179.9, 0.02), box(179.5, 179.6, 0.02)])
def test_a_hole_counts_on_whichever_side_of_the_antimeridian_its_numbers_are(
    outline: list[tuple[float, float]], hole: list[tuple[float, float]]
) -> None:
    def area_m2(polygon: shapely.Polygon) -> float:
        return float(local_polygon(Geographic(polygon), ACROSS, DEFAULT).area)

    assert area_m2(shapely.Polygon(outline, [hole])) == pytest.approx(area_m2(shapely.Polygon(outline)) - area_m2(shapely.Polygon(hole)))


def test_edges_are_straight_in_degrees() -> None:
    parallel = Geographic(shapely.LineString([(178.0, 60.0), (-178.0, 60.0)]))
    frame = LocalFrame(LatLon(lat_deg=60.0, lon_deg=180.0))

    points = shapely.get_coordinates(local_line(parallel, frame, DEFAULT))

    lat_deg, _ = frame.arrays_to_geographic(points[:, 0], points[:, 1])
    assert len(points) > 100
    assert lat_deg == pytest.approx(60.0, abs=1e-9)


@pytest.mark.parametrize(
    "line",
    [
        shapely.LineString([(19.0, 47.5), (19.0, 47.5)]),
        shapely.LineString(),
        shapely.MultiLineString([[(19.0, 47.5), (19.0, 47.5)], [(19.0, 47.4), (19.0, 47.4)]]),
    ],
)
def test_a_border_line_without_length_is_no_border(line: shapely.LineString | shapely.MultiLineString) -> None:
    frame = LocalFrame(LatLon(lat_deg=47.5, lon_deg=19.0))

    assert local_line(Geographic(line), frame, DEFAULT).length == 0.0


def test_a_plan_whose_border_has_a_part_without_length_is_judged_by_the_rest() -> None:
    plan = build(Setting())
    assert plan.border is not None
    stub = shapely.LineString([(19.0, 47.5), (19.0, 47.5)])
    border = Geographic(shapely.MultiLineString([*shapely.get_parts(plan.border.geometry), stub]))

    assert check_plan(replace(plan, border=border)) == ()


def test_an_honest_plan_on_the_antimeridian_stays_honest_when_a_keep_outs_numbers_are_a_turn_off() -> None:
    plan = build(Setting(origin=LatLon(lat_deg=10.0, lon_deg=180.0)))

    def turned(keep_out: KeepOut) -> KeepOut:
        return replace(keep_out, polygon=Geographic(shapely.transform(keep_out.polygon.geometry, lambda at: at - [360.0, 0.0])))

    assert check_plan(replace(plan, keep_outs=tuple(turned(each) for each in plan.keep_outs))) == ()
