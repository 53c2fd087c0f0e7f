"""Which part of the ground is on the screen: north up, logical pixels right and down from the top left corner."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from gui.models.units import Units


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """A rectangle on the ground, metres east and north of the scene's frame."""

    west_m: float
    south_m: float
    east_m: float
    north_m: float

    def __post_init__(self) -> None:
        if not (self.west_m <= self.east_m and self.south_m <= self.north_m):
            raise ValueError(f"bounds {self} are inside out")


@dataclass(frozen=True, kw_only=True, slots=True)
class ViewportParams:
    """How close and how far one may look, and the space `fitted` leaves around."""

    min_metres_per_px: float = 0.02
    max_metres_per_px: float = 20_000.0
    margin_px: float = 32.0
    smallest_fit_m: float = 200.0


DEFAULT_PARAMS = ViewportParams()


@dataclass(frozen=True, kw_only=True, slots=True)
class Viewport:
    centre_east_m: float = 0.0
    centre_north_m: float = 0.0
    metres_per_px: float = 10.0
    width_px: float = 640.0
    height_px: float = 480.0

    def __post_init__(self) -> None:
        if not (self.metres_per_px > 0 and self.width_px > 0 and self.height_px > 0):
            raise ValueError(f"viewport {self} has no extent")

    def to_screen(self, *, east_m: float, north_m: float) -> tuple[float, float]:
        """Pixels x right, y down."""
        x_px = self.width_px / 2 + (east_m - self.centre_east_m) / self.metres_per_px
        y_px = self.height_px / 2 - (north_m - self.centre_north_m) / self.metres_per_px
        return x_px, y_px

    def to_ground(self, *, x_px: float, y_px: float) -> tuple[float, float]:
        """Metres east, north."""
        east_m = self.centre_east_m + (x_px - self.width_px / 2) * self.metres_per_px
        north_m = self.centre_north_m - (y_px - self.height_px / 2) * self.metres_per_px
        return east_m, north_m

    def panned(self, *, dx_px: float, dy_px: float) -> Viewport:
        """As after dragging the ground by so many pixels."""
        return replace(
            self,
            centre_east_m=self.centre_east_m - dx_px * self.metres_per_px,
            centre_north_m=self.centre_north_m + dy_px * self.metres_per_px,
        )

    def zoomed(self, factor: float, *, x_px: float, y_px: float, params: ViewportParams = DEFAULT_PARAMS) -> Viewport:
        """Closer by `factor` (> 1), with the ground under the given pixel staying there."""
        metres_per_px = min(max(self.metres_per_px / factor, params.min_metres_per_px), params.max_metres_per_px)
        east_m, north_m = self.to_ground(x_px=x_px, y_px=y_px)
        return replace(
            self,
            metres_per_px=metres_per_px,
            centre_east_m=east_m - (x_px - self.width_px / 2) * metres_per_px,
            centre_north_m=north_m + (y_px - self.height_px / 2) * metres_per_px,
        )

    def resized(self, *, width_px: float, height_px: float) -> Viewport:
        """The same centre and scale in another window size."""
        return replace(self, width_px=max(1.0, width_px), height_px=max(1.0, height_px))

    def fitted(self, bounds: Bounds, params: ViewportParams = DEFAULT_PARAMS) -> Viewport:
        """All of the bounds in view, centred."""
        wide_m = max(bounds.east_m - bounds.west_m, params.smallest_fit_m)
        high_m = max(bounds.north_m - bounds.south_m, params.smallest_fit_m)
        across_px = max(1.0, self.width_px - 2 * params.margin_px)
        down_px = max(1.0, self.height_px - 2 * params.margin_px)
        metres_per_px = max(wide_m / across_px, high_m / down_px)
        return replace(
            self,
            centre_east_m=(bounds.west_m + bounds.east_m) / 2,
            centre_north_m=(bounds.south_m + bounds.north_m) / 2,
            metres_per_px=min(max(metres_per_px, params.min_metres_per_px), params.max_metres_per_px),
        )

    def centred(self, *, east_m: float, north_m: float, metres_per_px: float | None = None) -> Viewport:
        """With this ground point in the middle, at the same scale or the one given."""
        return replace(self, centre_east_m=east_m, centre_north_m=north_m, metres_per_px=metres_per_px or self.metres_per_px)


@dataclass(frozen=True, kw_only=True, slots=True)
class ScaleBar:
    """A round length and how long it is on the screen."""

    length_m: float
    width_px: float

    label: str


def scale_bar(viewport: Viewport, units: Units, *, max_px: float) -> ScaleBar:
    """The longest bar of 1, 2 or 5 times a power of ten of a unit that fits into `max_px`."""
    small_m, small, large_m, large = units.scale_steps_m()
    # the rounding of a power of ten
    longest_m = max_px * viewport.metres_per_px * (1 + 1e-12)
    unit_m, name = (large_m, large) if longest_m >= large_m else (small_m, small)
    decade = 10.0 ** math.floor(math.log10(longest_m / unit_m))
    number = next(step * decade for step in (5.0, 2.0, 1.0) if step * decade * unit_m <= longest_m)
    return ScaleBar(length_m=number * unit_m, width_px=number * unit_m / viewport.metres_per_px, label=f"{number:g} {name}")
