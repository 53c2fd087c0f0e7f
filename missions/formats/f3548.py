"""4D volumes in the shape of ASTM F3548-21 operational intents (`utm.yaml` of astm-utm/Protocol): shaped, not compliant.

A volume for each leg: the ground within `margin_m` of it, heights and times with margins. The standard wants heights above the
WGS84 ellipsoid and negotiation with other operators' systems; a plan knows heights above sea level, and nobody else.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

import msgspec
import numpy as np
import shapely

from missions.formats.writing import Remark, Writers
from missions.lonlat_shapes import DECIMALS
from missions.utc import UtcTexts
from planner.geo import LocalFrame
from planner.model import Leg, Plan, Sortie

NOTICE = (
    "Shaped like ASTM F3548-21 operational intents, not compliant: altitudes are above mean sea level where the standard wants the "
    "WGS84 ellipsoid, and nothing here has been deconflicted with or reported to a DSS."
)
_NAMESPACE = UUID("6f0c1c1e-5d0e-4f0a-9b38-0d3a5a0a3548")

_Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class VolumeParams:
    """How much larger a volume is than the leg in it; the times are the margins of a drone that is a little early or late."""

    margin_m: float = 30.0
    height_margin_m: float = 10.0
    time_margin_s: float = 60.0


_USUAL = VolumeParams()


def f3548_writers(plan: Plan, _remark: Remark) -> Writers:
    """An intent a sortie, one a line, so that two versions of a plan can be compared line by line."""
    frame, times = LocalFrame.around([plan.area]), UtcTexts(plan.start_utc)
    intents: dict[str, bytes] = {}

    def intent(sortie: Sortie) -> bytes:
        if sortie.id not in intents:
            intents[sortie.id] = msgspec.json.encode(_intent(plan, sortie, frame, times, _USUAL))
        return intents[sortie.id]

    def document(sorties: Iterable[Sortie]) -> bytes:
        head = {"notice": NOTICE, "plan": {"name": plan.name, "spec_sha256": plan.spec_sha256}}
        return msgspec.json.encode(head)[:-1] + b',"operational_intents":[\n' + b",\n".join(map(intent, sorties)) + b"\n]}\n"

    return Writers(lambda sortie: document([sortie]), lambda: document(plan.sorties))


def _intent(plan: Plan, sortie: Sortie, frame: LocalFrame, times: UtcTexts, params: VolumeParams) -> _Json:
    volumes = list(_volumes(plan, sortie, frame, times, params))
    return {
        "reference": {
            # the same plan names the same intent, whenever it is written
            "id": str(uuid5(_NAMESPACE, f"{plan.spec_sha256}/{sortie.id}")),
            "manager": sortie.nation,
            "state": "Accepted",
            "version": 1,
            "time_start": _time(times, sortie.start_s - params.time_margin_s),
            "time_end": _time(times, sortie.end_s + params.time_margin_s),
            "uss_base_url": "",
            "flight": sortie.id,
            "aircraft": sortie.drone,
        },
        "details": {"volumes": volumes, "off_nominal_volumes": [], "priority": 0},
    }


def _volumes(plan: Plan, sortie: Sortie, frame: LocalFrame, times: UtcTexts, params: VolumeParams) -> Iterator[_Json]:
    elevation_m = plan.base(sortie.start_base).elevation_m
    for leg, outline in zip(sortie.legs, _outlines(sortie.legs, frame, params.margin_m), strict=True):
        heights_m = [point.height_m for point in leg.points]
        yield {
            "volume": {
                "outline_polygon": {"vertices": outline},
                "altitude_lower": _altitude(elevation_m + min(heights_m) - params.height_margin_m),
                "altitude_upper": _altitude(elevation_m + max(heights_m) + params.height_margin_m),
            },
            "time_start": _time(times, leg.start_s - params.time_margin_s),
            "time_end": _time(times, leg.end_s + params.time_margin_s),
        }


def _outlines(legs: Iterable[Leg], frame: LocalFrame, margin_m: float) -> list[list[dict[str, float]]]:
    """The hull of the ground around each leg; hulls, for the standard's polygons are simple and small."""
    points = [leg.points for leg in legs]
    lat_deg = np.array([point.lat_deg for part in points for point in part])
    lon_deg = np.array([point.lon_deg for part in points for point in part])
    local = np.column_stack(frame.arrays_to_local(lat_deg, lon_deg))
    lines = shapely.linestrings(local, indices=np.repeat(np.arange(len(points)), [len(part) for part in points]))
    # chords of a round cap lie inside it, so the cap is drawn that much wider
    rounded_m = margin_m / math.cos(math.pi / 8)
    hulls = shapely.convex_hull(shapely.buffer(np.asarray(lines), rounded_m, quad_segs=2))
    ring, owners = shapely.get_coordinates(hulls, return_index=True)
    corners = np.round(np.column_stack(frame.arrays_to_geographic(ring[:, 0], ring[:, 1])), DECIMALS).tolist()
    outlines: list[list[dict[str, float]]] = [[] for _ in points]
    for (lat, lng), owner in zip(corners, owners.tolist(), strict=True):
        outlines[owner].append({"lat": lat, "lng": lng})
    # the standard's polygons do not repeat their first vertex
    return [outline[:-1] for outline in outlines]


def _altitude(height_m: float) -> _Json:
    return {"value": round(height_m, 2), "reference": "W84", "units": "M"}


def _time(times: UtcTexts, at_s: float) -> _Json:
    return {"value": times.text(at_s), "format": "RFC3339"}
