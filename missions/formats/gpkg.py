"""GeoPackage of a whole plan or of one sortie: a typed layer for each kind of thing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from missions.formats.antimeridian import within_world
from missions.formats.features import Feature, FeatureKind, PlanFeatures
from missions.formats.fences import Fences
from missions.formats.geopackage import Layer, Packer, Rows, filled, joined
from missions.formats.leg_rows import FlownLegs, lines
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
    tables = _Tables(plan)
    # the plan's own time, so that one plan gives one file
    changed_utc = UtcTexts(plan.start_utc).text(0.0)

    pack_sortie, pack_plan = (Packer(layers, changed_utc=changed_utc).packed for layers in (_SORTIE_LAYERS, _PLAN_LAYERS))

    def write(sortie: Sortie) -> bytes:
        return pack_sortie(tables.around(sortie) | tables.flown(sortie))

    def whole() -> bytes:
        return pack_plan(tables.ground() | tables.all_flown() | tables.fences())

    return Writers(write, whole)


class _Tables:
    """Rows by their layer's name. What stands in several files is made once, and all legs together."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._features = plan, PlanFeatures(plan)
        self._around: dict[int, Rows] = {}
        legs = [self._features.legs(sortie) for sortie in plan.sorties]
        self._legs, self._sorties = _leg_rows(legs), _sortie_rows(plan, legs)
        ends = accumulate((len(each.rows) for each in legs), initial=0)
        self._places = {sortie.id: (index, *each) for index, (sortie, each) in enumerate(zip(plan.sorties, pairwise(ends), strict=True))}

    def ground(self) -> dict[str, Rows]:
        """All that lies on the ground."""
        by_kind: dict[FeatureKind, list[Feature]] = {}
        for feature in self._features.ground():
            by_kind.setdefault(feature.kind, []).append(feature)
        return {_LAYERS[kind].name: _feature_rows(kind, found) for kind, found in by_kind.items()}

    def around(self, sortie: Sortie) -> dict[str, Rows]:
        """Bases and keep-outs near a sortie."""
        by_layer: dict[str, list[Rows]] = {}
        for feature in self._features.around(sortie):
            # kept by the plan's features for as long as this is
            if id(feature) not in self._around:
                self._around[id(feature)] = _feature_rows(feature.kind, [feature])
            by_layer.setdefault(_LAYERS[feature.kind].name, []).append(self._around[id(feature)])
        return {name: joined(rows) for name, rows in by_layer.items()}

    def flown(self, sortie: Sortie) -> dict[str, Rows]:
        """A sortie as its legs and as one line."""
        index, begin, end = self._places[sortie.id]
        return {_LEG.name: self._legs.part(begin, end), _SORTIE.name: self._sorties.part(index, index + 1)}

    def all_flown(self) -> dict[str, Rows]:
        """All sorties, one after the other."""
        return {_LEG.name: self._legs, _SORTIE.name: self._sorties}

    def fences(self) -> dict[str, Rows]:
        """Each sortie's fence."""
        fences = Fences(self._plan, unremarked)
        told = [(sortie, *each) for sortie in self._plan.sorties for each in fences.of(sortie).polygons]
        rings = [within_world(ring) for _, _, ring in told]
        return {_FENCE.name: filled(_FENCE, rings, [(sortie.id, sortie.nation, inclusion) for sortie, inclusion, _ in told])}


def _leg_rows(legs: Sequence[FlownLegs]) -> Rows:
    counts = [count for each in legs for count in each.counts]
    return filled(_LEG, _lines([each.points for each in legs], counts), [row for each in legs for row in each.rows])


def _sortie_rows(plan: Plan, legs: Sequence[FlownLegs]) -> Rows:
    tracks, times = [each.track() for each in legs], UtcTexts(plan.start_utc)
    told = [
        (
            sortie.id,
            sortie.drone,
            sortie.nation,
            sortie.start_base,
            sortie.end_base,
            sortie.start_s,
            sortie.end_s,
            times.text(sortie.start_s),
            times.text(sortie.end_s),
            float(geodesic_steps_m(track[:, 1], track[:, 0]).sum()),
            sortie.energy_wh,
        )
        for sortie, track in zip(plan.sorties, tracks, strict=True)
    ]
    return filled(_SORTIE, _lines(tracks, [len(track) for track in tracks]), told)


def _lines(points: Sequence[NDArray[np.float64]], counts: Sequence[int]) -> list[BaseGeometry]:
    return lines(np.concatenate(points), counts) if points else []


def _feature_rows(kind: FeatureKind, features: Sequence[Feature]) -> Rows:
    layer = _LAYERS[kind]
    names = [name for name, _ in layer.columns[1:]]
    told = [(feature.name, *map(feature.properties.get, names)) for feature in features]
    return filled(layer, [feature.geometry for feature in features], told)
