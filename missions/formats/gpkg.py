"""GeoPackage of a whole plan or of one sortie: a typed layer for each kind of thing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from shapely.geometry import MultiLineString

from missions.formats.antimeridian import cut_line, within_world
from missions.formats.features import Feature, FeatureKind, PlanFeatures
from missions.formats.fences import Fences
from missions.formats.geopackage import Layer, Row, Rows, filled, geopackage, joined
from missions.formats.writing import Remark, Writers, unremarked
from missions.utc import UtcTexts
from planner.geo import geodesic_steps_m
from planner.model import Plan, Sortie

_BOUNDS = (("min_m", "DOUBLE"), ("max_m", "DOUBLE"), ("from_s", "DOUBLE"), ("to_s", "DOUBLE"))
_LEG = Layer(
    "legs",
    "MULTILINESTRING",
    True,
    (
        ("name", "TEXT"),
        ("leg", "TEXT"),
        ("number", "INTEGER"),
        ("sortie", "TEXT"),
        ("drone", "TEXT"),
        ("nation", "TEXT"),
        ("lane", "TEXT"),
        ("swath_m", "DOUBLE"),
        ("start_s", "DOUBLE"),
        ("end_s", "DOUBLE"),
        ("start_utc", "DATETIME"),
        ("end_utc", "DATETIME"),
        ("energy_wh", "DOUBLE"),
        ("from_height_m", "DOUBLE"),
        ("to_height_m", "DOUBLE"),
    ),
)
_SORTIE = Layer(
    "sorties",
    "MULTILINESTRING",
    True,
    (
        ("name", "TEXT"),
        ("drone", "TEXT"),
        ("nation", "TEXT"),
        ("start_base", "TEXT"),
        ("end_base", "TEXT"),
        ("start_s", "DOUBLE"),
        ("end_s", "DOUBLE"),
        ("start_utc", "DATETIME"),
        ("end_utc", "DATETIME"),
        ("length_m", "DOUBLE"),
        ("energy_wh", "DOUBLE"),
    ),
)
_FENCE = Layer("fences", "MULTIPOLYGON", False, (("name", "TEXT"), ("nation", "TEXT"), ("inclusion", "BOOLEAN")))
_LAYERS: Final = {
    FeatureKind.AREA: Layer("area", "MULTIPOLYGON", False, (("name", "TEXT"), ("coverage", "DOUBLE"), ("coverage_of_area", "DOUBLE"))),
    FeatureKind.BORDER: Layer("border", "MULTILINESTRING", False, (("name", "TEXT"), ("position_uncertainty_m", "DOUBLE"))),
    FeatureKind.SECTOR: Layer("sectors", "MULTIPOLYGON", False, (("name", "TEXT"), ("nation", "TEXT"))),
    FeatureKind.PERMISSION: Layer(
        "permissions",
        "MULTIPOLYGON",
        False,
        (("name", "TEXT"), ("host", "TEXT"), ("guest", "TEXT"), ("purpose", "TEXT"), ("max_drones", "INTEGER"), *_BOUNDS),
    ),
    FeatureKind.KEEP_OUT: Layer("keep_outs", "MULTIPOLYGON", False, (("name", "TEXT"), ("buffer_m", "DOUBLE"), *_BOUNDS)),
    FeatureKind.KEEP_OUT_BUFFER: Layer("keep_out_buffers", "MULTIPOLYGON", False, (("name", "TEXT"), ("buffer_m", "DOUBLE"), *_BOUNDS)),
    FeatureKind.UNREACHABLE: Layer("unreachable", "MULTIPOLYGON", False, (("name", "TEXT"), ("reason", "TEXT"))),
    FeatureKind.BASE: Layer("bases", "POINT", True, (("name", "TEXT"), ("nation", "TEXT"), ("elevation_m", "DOUBLE"))),
    FeatureKind.LANE: Layer("lanes", "MULTILINESTRING", False, (("name", "TEXT"), ("nation", "TEXT"), ("swath_m", "DOUBLE"))),
    FeatureKind.LEG: _LEG,
}
_PLAN_LAYERS: Final = (*_LAYERS.values(), _SORTIE, _FENCE)
_SORTIE_LAYERS: Final = (
    *(_LAYERS[kind] for kind in (FeatureKind.KEEP_OUT, FeatureKind.KEEP_OUT_BUFFER, FeatureKind.BASE, FeatureKind.LEG)),
    _SORTIE,
)


def gpkg_writers(plan: Plan, _remark: Remark) -> Writers:
    """A sortie: as a line and as legs, its bases, the keep-outs near it. The plan: all layers, the sorties' fences included."""
    features = PlanFeatures(plan)
    legs: dict[str, Rows] = {}
    lines: dict[str, Rows] = {}
    # the plan's own time, so that one plan gives one file
    changed_utc = UtcTexts(plan.start_utc).text(0.0)

    def leg_rows(sortie: Sortie) -> Rows:
        if sortie.id not in legs:
            legs[sortie.id] = filled(_LEG, [_row(feature) for feature in features.legs(sortie)])
        return legs[sortie.id]

    def sortie_rows(sortie: Sortie) -> Rows:
        if sortie.id not in lines:
            lines[sortie.id] = filled(_SORTIE, [_sortie_row(plan, sortie)])
        return lines[sortie.id]

    around: dict[int, Rows] = {}

    def around_rows(sortie: Sortie) -> dict[str, Rows]:
        by_layer: dict[str, list[Rows]] = {}
        for feature in features.around(sortie):
            layer = _LAYERS[feature.kind]
            # kept by the plan's features for as long as this is
            if id(feature) not in around:
                around[id(feature)] = filled(layer, [_row(feature)])
            by_layer.setdefault(layer.name, []).append(around[id(feature)])
        return {name: joined(rows) for name, rows in by_layer.items()}

    def write(sortie: Sortie) -> bytes:
        flown = {_LEG.name: leg_rows(sortie), _SORTIE.name: sortie_rows(sortie)}
        return geopackage(_SORTIE_LAYERS, around_rows(sortie) | flown, changed_utc=changed_utc)

    def whole() -> bytes:
        flown = {
            _LEG.name: joined([leg_rows(sortie) for sortie in plan.sorties]),
            _SORTIE.name: joined([sortie_rows(sortie) for sortie in plan.sorties]),
            _FENCE.name: filled(_FENCE, _fence_rows(plan)),
        }
        return geopackage(_PLAN_LAYERS, _filled_by_layer(features.ground()) | flown, changed_utc=changed_utc)

    return Writers(write, whole)


def _fence_rows(plan: Plan) -> list[Row]:
    fences = Fences(plan, unremarked)
    return [
        (within_world(ring), {"name": sortie.id, "nation": sortie.nation, "inclusion": inclusion})
        for sortie in plan.sorties
        for inclusion, ring in fences.of(sortie).polygons
    ]


def _filled_by_layer(features: Iterable[Feature]) -> dict[str, Rows]:
    rows: dict[FeatureKind, list[Row]] = {}
    for feature in features:
        rows.setdefault(feature.kind, []).append(_row(feature))
    return {_LAYERS[kind].name: filled(_LAYERS[kind], found) for kind, found in rows.items()}


def _row(feature: Feature) -> Row:
    return feature.geometry, {"name": feature.name, **feature.properties}


def _sortie_row(plan: Plan, sortie: Sortie) -> Row:
    times, elevation_m = UtcTexts(plan.start_utc), plan.base(sortie.start_base).elevation_m
    points = [sortie.legs[0].start, *(point for leg in sortie.legs for point in leg.points[1:])]
    lat_deg, lon_deg = (np.array(degrees) for degrees in zip(*((point.lat_deg, point.lon_deg) for point in points), strict=True))
    parts = cut_line([(point.lon_deg, point.lat_deg, elevation_m + point.height_m) for point in points])
    return MultiLineString(parts), {
        "name": sortie.id,
        "drone": sortie.drone,
        "nation": sortie.nation,
        "start_base": sortie.start_base,
        "end_base": sortie.end_base,
        "start_s": sortie.start_s,
        "end_s": sortie.end_s,
        "start_utc": times.text(sortie.start_s),
        "end_utc": times.text(sortie.end_s),
        "length_m": float(geodesic_steps_m(lat_deg, lon_deg).sum()),
        "energy_wh": sortie.energy_wh,
    }
