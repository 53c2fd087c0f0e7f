from __future__ import annotations

import pytest

from gui.models.coordinates import position_text
from gui.models.text import age_text, duration_text, length_text, part_text
from gui.models.words import counted
from planner.geo import LatLon


@pytest.mark.parametrize(
    ("duration_s", "text"), [(0, "0:00:00"), (59.6, "0:01:00"), (3723, "1:02:03"), (-5, "-0:00:05"), (-0.2, "0:00:00")]
)
def test_durations_are_hours_minutes_seconds(duration_s: float, text: str) -> None:
    assert duration_text(duration_s) == text


@pytest.mark.parametrize(("part", "text"), [(1.0, "100.0 %"), (0.99999, "99.9 %"), (0.5, "50.0 %"), (0.0, "0.0 %")])
def test_a_part_that_is_not_all_never_reads_100_percent(part: float, text: str) -> None:
    assert part_text(part) == text


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg", "text"),
    [
        (47.5, 19.25, "47.500000° N  19.250000° E"),
        (-33.0, -70.5, "33.000000° S  70.500000° W"),
        # beyond the antimeridian, as LatLon allows it
        (10.0, 181.0, "10.000000° N  179.000000° W"),
    ],
)
def test_positions_say_their_hemispheres(lat_deg: float, lon_deg: float, text: str) -> None:
    assert position_text(LatLon(lat_deg=lat_deg, lon_deg=lon_deg)) == text


def test_ages_get_coarser() -> None:
    assert [age_text(age_s) for age_s in (0.04, 9.94, 11.7, 119.0, 600.0, 7300.0)] == ["0.0 s", "9.9 s", "11 s", "119 s", "10 min", "2 h"]


def test_units_follow_the_size() -> None:
    assert [length_text(412.3), length_text(184_700.0)] == ["412 m", "184.7 km"]
    assert [counted(n, "{n} drone", "{n} drones") for n in (1, 0)] == ["1 drone", "0 drones"]
