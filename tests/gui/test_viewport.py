from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.models.units import Units
from gui.models.viewport import DEFAULT_PARAMS, Bounds, Viewport, scale_bar

metres = st.floats(-200_000, 200_000)
pixels = st.floats(0, 2000)
viewports = st.builds(
    Viewport,
    centre_east_m=metres,
    centre_north_m=metres,
    metres_per_px=st.floats(DEFAULT_PARAMS.min_metres_per_px, DEFAULT_PARAMS.max_metres_per_px),
    width_px=st.floats(200, 4000),
    height_px=st.floats(200, 3000),
)


def test_up_on_screen_is_north() -> None:
    view = Viewport(metres_per_px=2.0, width_px=100, height_px=100)
    assert view.to_screen(east_m=20.0, north_m=60.0) == (60.0, 20.0)


@given(viewports, pixels, pixels)
def test_a_pixel_and_its_ground_are_the_same_place(view: Viewport, x_px: float, y_px: float) -> None:
    east_m, north_m = view.to_ground(x_px=x_px, y_px=y_px)
    assert view.to_screen(east_m=east_m, north_m=north_m) == pytest.approx((x_px, y_px), abs=1e-3)


@given(viewports, st.floats(0.1, 10), pixels, pixels)
def test_zooming_keeps_the_ground_under_the_cursor(view: Viewport, factor: float, x_px: float, y_px: float) -> None:
    under = view.to_ground(x_px=x_px, y_px=y_px)
    zoomed = view.zoomed(factor, x_px=x_px, y_px=y_px)
    assert zoomed.to_ground(x_px=x_px, y_px=y_px) == pytest.approx(under, abs=1e-6 * zoomed.metres_per_px + 1e-6)


def test_zoom_ends_at_its_limits_and_then_moves_nothing() -> None:
    closest = Viewport(metres_per_px=DEFAULT_PARAMS.min_metres_per_px)
    assert closest.zoomed(4.0, x_px=10, y_px=10) == closest


@given(viewports, st.floats(-500, 500), st.floats(-500, 500))
def test_panning_moves_the_ground_with_the_hand(view: Viewport, dx_px: float, dy_px: float) -> None:
    east_m, north_m = view.to_ground(x_px=100, y_px=100)
    x_px, y_px = view.panned(dx_px=dx_px, dy_px=dy_px).to_screen(east_m=east_m, north_m=north_m)
    assert (x_px, y_px) == pytest.approx((100 + dx_px, 100 + dy_px), abs=1e-3)


@given(viewports, metres, metres, st.floats(0, 100_000), st.floats(0, 100_000))
def test_everything_fitted_is_in_view_with_a_margin(view: Viewport, west_m: float, south_m: float, wide_m: float, high_m: float) -> None:
    bounds = Bounds(west_m=west_m, south_m=south_m, east_m=west_m + wide_m, north_m=south_m + high_m)
    fitted = view.fitted(bounds)
    left, bottom = fitted.to_screen(east_m=bounds.west_m, north_m=bounds.south_m)
    right, top = fitted.to_screen(east_m=bounds.east_m, north_m=bounds.north_m)
    margin = DEFAULT_PARAMS.margin_px - 0.01
    assert margin <= left <= right <= fitted.width_px - margin
    assert margin <= top <= bottom <= fitted.height_px - margin


@given(viewports, st.floats(20, 400))
def test_scale_bar_is_a_round_length_that_fits(view: Viewport, max_px: float) -> None:
    bar = scale_bar(view, Units.METRIC, max_px=max_px)
    leading = bar.length_m / 10 ** math.floor(math.log10(bar.length_m) + 1e-9)
    assert any(math.isclose(leading, step) for step in (1, 2, 5))
    assert 0.39 * max_px <= bar.width_px <= max_px * (1 + 1e-9)
    assert bar.width_px * view.metres_per_px == pytest.approx(bar.length_m)


@pytest.mark.parametrize(("metres_per_px", "label"), [(1.0, "100 m"), (25.0, "2 km"), (0.02, "2 m")])
def test_scale_bar_changes_to_kilometres(metres_per_px: float, label: str) -> None:
    assert scale_bar(Viewport(metres_per_px=metres_per_px), Units.METRIC, max_px=120).label == label


def test_bounds_inside_out_are_refused() -> None:
    with pytest.raises(ValueError, match="inside out"):
        Bounds(west_m=1, south_m=0, east_m=0, north_m=1)


def test_a_scale_bar_in_aviation_units_is_round_in_feet_or_nautical_miles() -> None:
    labels = [scale_bar(Viewport(metres_per_px=scale), Units.AVIATION, max_px=120).label for scale in (0.1, 10.0, 40.0)]
    assert labels == ["20 ft", "2000 ft", "2 NM"]
