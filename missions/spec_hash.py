"""The canonical bytes of a mission, including the geometry it loaded, and their hash."""

from __future__ import annotations

import hashlib
import json

from missions.canonical import (
    Object,
    agreement_document,
    base_document,
    drone_document,
    drone_type_document,
    keep_out_document,
    nation_document,
    patrol_document,
    permission_document,
    shape_document,
    wind_document,
)
from planner.model import MissionSpec
from planner.terrain import TerrainSource


def mission_document(spec: MissionSpec) -> Object:
    """The whole specification as plain JSON values, coordinates to 9 decimals."""
    limits = spec.limits
    return {
        "name": spec.name,
        "start_utc": spec.start_utc,
        "objective": spec.objective.value,
        "agreement": agreement_document(spec.agreement),
        "stay_inside": spec.stay_inside,
        "min_coverage": float(spec.min_coverage),
        "wind": wind_document(spec.wind),
        "limits": {
            "max_wind_mps": float(limits.max_wind_mps),
            "min_separation_m": float(limits.min_separation_m),
            "min_vertical_separation_m": float(limits.min_vertical_separation_m),
        },
        "area": shape_document(spec.area),
        "border": shape_document(spec.border),
        "position_uncertainty_m": float(spec.position_uncertainty_m),
        "patrols": [patrol_document(patrol) for patrol in spec.patrols],
        "nations": [nation_document(nation) for nation in spec.nations],
        "permissions": [permission_document(permission) for permission in spec.permissions],
        "keep_outs": [keep_out_document(keep_out) for keep_out in spec.keep_outs],
        "bases": [base_document(base) for base in spec.bases],
        "drone_types": [drone_type_document(drone_type) for drone_type in spec.drone_types],
        "drones": [drone_document(drone) for drone in spec.drones],
        # a mission without terrain keeps the hash that it had before there was any
        **({} if spec.duration_s is None else {"duration_s": float(spec.duration_s)}),
        **({} if spec.terrain is None else {"terrain": _terrain_document(spec.terrain.source)}),
    }


def _terrain_document(source: TerrainSource) -> Object:
    return {"sha256": source.sha256, "crs": source.crs, "unit": source.unit, "datum": source.datum}


def mission_bytes(spec: MissionSpec) -> bytes:
    """Canonical JSON: keys sorted, no spaces, shortest float form, UTF-8."""
    document = mission_document(spec)
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def spec_sha256(spec: MissionSpec) -> str:
    """Hex digest of the canonical bytes."""
    return hashlib.sha256(mission_bytes(spec)).hexdigest()
