"""The map fits its page however long and thin the area is, and drawings are well formed."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, Point, Polygon

from missions.report.account import SortieTimes
from missions.report.map_scene import Layer, MapScene, Shape
from missions.report.svg import nice_step, nice_ticks, path_data
from missions.report.svg_map import WIDTH, draws_side_by_side, map_strips
from missions.report.svg_timeline import clock, timeline
from planner.geo import LatLon, LocalFrame

FRAME = LocalFrame(LatLon(lat_deg=47.5, lon_deg=19.0))


def scene(width_m: float, height_m: float, *others: Shape) -> MapScene:
    area = Shape(layer=Layer.AREA, geometry=shapely.box(0, 0, width_m, height_m))
    return MapScene(shapes=(area, *others), frame=FRAME)


def view_box(svg: str) -> tuple[float, ...]:
    return tuple(map(float, (ElementTree.fromstring(svg).get("viewBox") or "").split()))


@pytest.mark.parametrize(
    ("width_m", "height_m", "strips", "side_by_side"),
    [
        (6_000, 2_000, 1, False),
        (102_500, 10_000, 3, False),
        (10_000, 102_500, 4, True),
        (500_000, 1_000, 6, False),
        (1_000, 1_000, 1, False),
    ],
)
def test_long_areas_are_drawn_in_strips(width_m: float, height_m: float, strips: int, side_by_side: bool) -> None:
    drawn = scene(width_m, height_m)
    svgs = map_strips(drawn, {})
    assert len(svgs) == strips
    assert draws_side_by_side(drawn) is side_by_side
    assert len({view_box(svg) for svg in svgs}) == 1
    page_width = sum(view_box(svg)[2] for svg in svgs) if side_by_side else view_box(svgs[0])[2]
    assert page_width <= WIDTH + 1e-6


@given(width_m=st.floats(1, 1e6), height_m=st.floats(1, 1e6))
def test_every_map_is_well_formed_and_has_a_scale_bar_that_fits(width_m: float, height_m: float) -> None:
    for svg in map_strips(scene(width_m, height_m), {}):
        assert "nan" not in svg
        assert "inf" not in svg
        root = ElementTree.fromstring(svg)
        (bar,) = (path for path in root.iter("path") if path.get("class") == "m-scale-bar")
        length = float(re.findall(r"h([\d.]+)", bar.get("d") or "")[0])
        assert 10 < length < float((root.get("viewBox") or "").split()[2])


def test_the_scale_bar_is_as_long_as_it_says() -> None:
    root = ElementTree.fromstring(map_strips(scene(10_000, 5_000), {})[0])
    (bar,) = (path for path in root.iter("path") if path.get("class") == "m-scale-bar")
    (area,) = (path for path in root.iter("path") if path.get("class") == "m-path m-area")
    xs = [float(x) for x in re.findall(r"[ML]([\d.]+) ", area.get("d") or "")]
    units_a_m = (max(xs) - min(xs)) / 10_000
    length = float(re.findall(r"h([\d.]+)", bar.get("d") or "")[0])
    label = next(text.text for text in root.iter("text") if (text.text or "").endswith("m"))
    assert label == "2 km"
    assert length / units_a_m == pytest.approx(2_000, rel=0.01)


def test_north_is_up_and_east_is_right() -> None:
    north_east = Shape(layer=Layer.NUMBER, geometry=Point(900, 900), label="1")
    root = ElementTree.fromstring(map_strips(scene(1_000, 1_000, north_east), {})[0])
    (disc,) = root.iter("circle")
    assert float(disc.get("cx") or 0) > 800
    assert float(disc.get("cy") or 0) < 200


def test_names_of_bases_beside_each_other_do_not_overlap() -> None:
    bases = [Shape(layer=Layer.BASE, geometry=Point(500 + 8 * step, 500), nation="A", label=f"base-{step}") for step in range(3)]
    root = ElementTree.fromstring(map_strips(scene(1_000, 1_000, *bases), {"A": 0})[0])
    spots = [(text.get("x"), text.get("y")) for text in root.iter("text") if "m-name" in (text.get("class") or "")]
    assert len(set(spots)) == 3


def test_paths_keep_holes() -> None:
    ring = Polygon([(0, 0), (10, 0), (10, 10)], [[(5, 1), (9, 1), (9, 5)]])
    assert path_data(ring).count("Z") == 2
    assert path_data(MultiPolygon([ring, shapely.box(20, 20, 21, 21)])).count("Z") == 3
    assert path_data(LineString([(0, 0), (1.256, 2.5)])) == "M0 0L1.26 2.5"


@given(longest=st.floats(1e-3, 1e9))
def test_nice_steps_are_round_and_fit(longest: float) -> None:
    step = nice_step(longest)
    assert longest / 2.5 * (1 - 1e-6) <= step <= longest * (1 + 1e-6)
    assert f"{step:e}"[0] in "125"


def test_ticks_start_at_zero_and_are_few() -> None:
    assert nice_ticks(65.0, at_most=4, steps=(1, 15, 30)) == [0, 30, 60]
    assert nice_ticks(1e9, at_most=4, steps=(1, 15, 30)) == [0.0, 1e9]


@pytest.mark.parametrize(
    ("at_s", "text"), [(0.0, "0:00:00"), (59.6, "0:01:00"), (3725.0, "1:02:05"), (-90.0, "-0:01:30"), (90_000.0, "25:00:00")]
)
def test_clock(at_s: float, text: str) -> None:
    assert clock(at_s) == text


def test_a_sortie_that_never_flew_is_an_empty_bar() -> None:
    times = [
        SortieTimes(sortie="s1", drone="d" * 60, nation="A", planned=(0.0, 600.0), flown=((5.0, 610.0),)),
        SortieTimes(sortie="s2", drone="e", nation="A", planned=(900.0, 1500.0), flown=()),
    ]
    root = ElementTree.fromstring(timeline(times, {"A": 0}))
    assert [bar.get("class") for bar in root.iter("rect")] == ["planned", "flown", "planned not-flown"]
    width = float((root.get("viewBox") or "").split()[2])
    assert all(float(bar.get("x") or 0) + float(bar.get("width") or 0) <= width for bar in root.iter("rect"))
    assert max(len(text.text or "") for text in root.iter("text")) <= 24


def test_a_timeline_of_nothing_is_drawn() -> None:
    assert ElementTree.fromstring(timeline([], {})).tag == "svg"
