"""Read the geometry a mission file names: area, border, territories, keep-outs, and where consent is given by depth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, NoReturn, TypeVar

from shapely import Point
from shapely.geometry.base import BaseGeometry

from missions.border_strip import StripParams, strip_around
from missions.geojson_file import Feature
from missions.geometry_files import Reference, read_features, select
from missions.lonlat_shapes import (
    ShapeError,
    ShapeParams,
    clean_line,
    clean_points,
    clean_polygon,
    densified,
    mission_longitude,
    near_longitude,
    polygonal,
    rounded,
    window_around,
)
from missions.tables import Table
from planner.errors import GeometryError
from planner.geo import Geographic, LatLon
from planner.sectors.equidistance import divide_waters

AREA_KEYS: Final = ("polygon", "border", "half_width_m", "position_uncertainty_m")

G = TypeVar("G", bound=BaseGeometry)


@dataclass(frozen=True, kw_only=True, slots=True)
class GeometryParams:
    """How geometry is prepared for planning."""

    shape: ShapeParams = field(default_factory=ShapeParams)
    strip: StripParams = field(default_factory=StripParams)
    # ground further than this from the area needs no consent by depth: nobody patrols there
    consent_margin_m: float = 5000.0


@dataclass(frozen=True, slots=True)
class GeometryStore:
    """The geometry files beside a mission file, each read once."""

    folder: Path
    params: GeometryParams
    known: dict[Path, list[Feature]] = field(default_factory=dict)

    def polygon(self, table: Table, name: str) -> BaseGeometry:
        """The cleaned polygon a key refers to."""
        return self._cleaned(table, name, clean_polygon)

    def line(self, table: Table, name: str) -> BaseGeometry:
        """The cleaned line a key refers to."""
        return self._cleaned(table, name, clean_line)

    def points(self, table: Table, name: str) -> BaseGeometry:
        """The points a key refers to."""
        return self._cleaned(table, name, clean_points)

    def laid_out(self, geometry: BaseGeometry, lon_deg: float) -> Geographic:
        """Around the mission's longitude, and dense enough that edges mean the same in every frame."""
        return Geographic(densified(near_longitude(geometry, lon_deg), self.params.shape.max_step_m))

    def _cleaned(self, table: Table, name: str, clean: Callable[[BaseGeometry, ShapeParams], G]) -> G:
        text = table.text(name)
        reference = Reference.parse(text, self.folder)
        try:
            return clean(select(self._features(reference.path), reference.feature), self.params.shape)
        except ShapeError as error:
            table.fail(name, f"{text} {error.text}", mend=error.mend)

    def _features(self, path: Path) -> list[Feature]:
        if path not in self.known:
            self.known[path] = read_features(path)
        return self.known[path]


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaAndBorder:
    """What is to be covered, and the line in it. `lon_deg` is the longitude all geometry is laid out around."""

    area: Geographic
    border: Geographic | None
    position_uncertainty_m: float
    lon_deg: float


def read_area(table: Table, store: GeometryStore, *, notional: bool = False) -> AreaAndBorder:
    """The polygon given, or the strip of `half_width_m` on each side of the border given; a notional border is still to be found."""
    if notional and table.has("border"):
        table.fail("border", "is given where lines are equidistant from the coasts", mend="leave it out, or give another partition")
    if notional and not table.has("position_uncertainty_m"):
        table.fail("position_uncertainty_m", "is missing: the lines are as uncertain as the coasts", mend="say how wrong the coasts may be")
    if not table.has("polygon") and not table.has("border"):
        table.fail("border", "is missing, and so is polygon", mend='add border = "FILE" with half_width_m, or polygon = "FILE"')
    uncertainty_m = _position_uncertainty_m(table)
    border = store.line(table, "border") if table.has("border") else None
    polygon = store.polygon(table, "polygon") if table.has("polygon") else None
    known = polygon if polygon is not None else border
    assert known is not None
    lon_deg = mission_longitude(known)
    line = None if border is None else store.laid_out(border, lon_deg)
    area = store.laid_out(polygon, lon_deg) if polygon is not None else _strip(table, line, store)
    return AreaAndBorder(area=area, border=line, position_uncertainty_m=uncertainty_m, lon_deg=lon_deg)


def _position_uncertainty_m(table: Table) -> float:
    if table.has("border") and not table.has("position_uncertainty_m"):
        mend = "say how wrong the border file may be: 5 for a survey, 900 for a 1:10m map"
        table.fail("position_uncertainty_m", "is missing beside border", mend=mend)
    return table.number("position_uncertainty_m", 0.0, at_least=0, at_most=100_000)


def _strip(table: Table, line: Geographic | None, store: GeometryStore) -> Geographic:
    half_width_m = table.number("half_width_m", at_least=1, at_most=500_000)
    assert line is not None
    return strip_around(line, half_width_m, store.params.strip)


def read_territories(tables: Sequence[Table], store: GeometryStore, ground: AreaAndBorder, bases: Sequence[LatLon]) -> list[Geographic]:
    """Each nation's territory, cut to the neighbourhood of the area and the bases."""
    places = [Geographic(Point(base.lon_deg, base.lat_deg)) for base in bases]
    window = window_around([ground.area, *places], store.params.shape, ground.lon_deg)
    return [_territory(table, store, window, ground.lon_deg) for table in tables]


def read_waters(
    root: Table, tables: Sequence[Table], store: GeometryStore, ground: AreaAndBorder, bases: Sequence[LatLon]
) -> tuple[AreaAndBorder, list[Geographic]]:
    """Each nation's land with the waters nearest to it, and the area with the lines between these as its border."""
    coasts = {table.id("id"): store.laid_out(store.polygon(table, "territory"), ground.lon_deg) for table in tables}
    try:
        waters = divide_waters(ground.area, bases, coasts)
    except GeometryError as error:
        root.fail("nation", str(error), mend="give lands that do not overlap")
    territories = [Geographic(rounded(near_longitude(waters.territories[name].geometry, ground.lon_deg))) for name in coasts]
    line = Geographic(rounded(near_longitude(waters.lines.geometry, ground.lon_deg)))
    return replace(ground, border=None if line.is_empty else line), territories


def _territory(table: Table, store: GeometryStore, window: BaseGeometry, lon_deg: float) -> Geographic:
    whole = near_longitude(store.polygon(table, "territory"), lon_deg)
    near = whole if window.contains(whole) else polygonal(whole.intersection(window))
    if near.is_empty:
        _fail_far_away(table, whole)
    return Geographic(rounded(densified(near, store.params.shape.max_step_m)))


def _fail_far_away(table: Table, whole: BaseGeometry) -> NoReturn:
    west_deg, south_deg, east_deg, north_deg = whole.bounds
    text = f"lies nowhere near the area and the bases: longitude {west_deg:g}..{east_deg:g}, latitude {south_deg:g}..{north_deg:g}"
    table.fail("territory", text, mend="positions are [longitude, latitude]: is one of the files swapped?")
