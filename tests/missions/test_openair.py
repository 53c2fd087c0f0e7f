"""OpenAir airspaces are where the file says, and never smaller."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from missions.geometry_files import Reference, read_features, select
from missions.lonlat_shapes import ShapeError
from missions.openair import is_openair, read_openair
from planner.geo import Geographic, LatLon, LocalFrame

FILE = b"""* made up
AC R
AN LOWER FORD
AH 2000ft MSL
AL SFC
DP 47:30:00 N 019:00:00 E
DP 47:30:00 N 019:06:00 E
DP 47:36:00 N 019:06:00 E

AC CTR
AN ROUND FIELD
AH FL65
AL GND
V X=48:00:00 S 010:30:00 W
DC 5
"""


def test_points_become_polygons_with_their_names_and_heights() -> None:
    first, second = read_openair(FILE)
    assert (first.name, first.category, first.floor, first.ceiling) == ("LOWER FORD", "R", "SFC", "2000ft MSL")
    assert first.polygon.bounds == pytest.approx((19.0, 47.5, 19.1, 47.6))
    assert second.name == "ROUND FIELD"


def test_a_circle_lies_inside_its_polygon() -> None:
    frame = LocalFrame(LatLon(lat_deg=-48.0, lon_deg=-10.5))
    drawn = frame.to_local(Geographic(read_openair(FILE)[1].polygon))
    circle = shapely.Point(0, 0).buffer(5 * 1852.0, quad_segs=90)
    assert drawn.buffer(0.5).covers(circle)
    assert drawn.area < 1.01 * circle.area


@pytest.mark.parametrize(("way", "area_part"), [("+", 0.25), ("-", 0.75)], ids=["clockwise", "the other way"])
def test_an_arc_goes_the_way_that_is_said(way: str, area_part: float) -> None:
    text = f"AC D\nAN PIE\nV D={way}\nV X=47:30:00 N 019:00:00 E\nDP 47:30:00 N 019:00:00 E\nDA 10,0,90\n"
    (pie,) = read_openair(text.encode())
    frame = LocalFrame(LatLon(lat_deg=47.5, lon_deg=19.0))
    whole = 3.14159 * 18520.0**2
    assert frame.to_local(Geographic(pie.polygon)).area == pytest.approx(area_part * whole, rel=0.01)


def test_a_mission_may_name_an_airspace_as_geometry(tmp_path: Path) -> None:
    (tmp_path / "air.txt").write_bytes(FILE)
    reference = Reference.parse("air.txt#LOWER FORD", tmp_path)
    shape = select(read_features(reference.path), reference.feature)
    assert shape.bounds == pytest.approx((19.0, 47.5, 19.1, 47.6))


@pytest.mark.parametrize(
    "line",
    ["DP 47:30:00 N", "DP 97:30:00 N 019:00:00 E", "DC 5", "DC -1", "DA 1,2", "DB 47:30:00 N 019:00:00 E", "XYZ 3", "V X=here"],
)
def test_what_is_malformed_is_told_with_its_line(line: str) -> None:
    with pytest.raises(ShapeError, match=r"line 3: "):
        read_openair(f"AC R\nAN A\n{line}\n".encode())


def test_other_text_is_not_taken_for_openair() -> None:
    assert is_openair(FILE)
    assert not is_openair(b"QGC WPL 110\n")
    assert not is_openair(b"47.5 19.0\n")
    assert not is_openair(b"")
