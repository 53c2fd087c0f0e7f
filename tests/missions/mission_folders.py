"""Mission folders to break: copies of the training scenario with texts replaced, and geometry written beside them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from missions.scenario_library import MISSION_FILE_NAME, find_mission

Ring = Sequence[tuple[float, float]]


def training_folder(folder: Path, *edits: tuple[str, str]) -> Path:
    """A copy of the training scenario; each edit replaces the first occurrence of a text, which must be there."""
    source = find_mission("training").parent
    folder.mkdir(parents=True, exist_ok=True)
    for path in source.iterdir():
        shutil.copy(path, folder / path.name)
    text = (folder / MISSION_FILE_NAME).read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text, f"{old!r} is not in the training mission"
        text = text.replace(old, new, 1)
    (folder / MISSION_FILE_NAME).write_text(text, encoding="utf-8")
    return folder


def write_features(path: Path, *features: Mapping[str, object]) -> Path:
    """A FeatureCollection."""
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}), encoding="utf-8")
    return path


def polygon_feature(ring: Ring, feature_id: str | None = None, **properties: object) -> dict[str, object]:
    """A polygon of one ring, as it stands: neither closed nor checked."""
    return _feature({"type": "Polygon", "coordinates": [[list(point) for point in ring]]}, feature_id, properties)


def line_feature(points: Ring, feature_id: str | None = None, **properties: object) -> dict[str, object]:
    """A line."""
    return _feature({"type": "LineString", "coordinates": [list(point) for point in points]}, feature_id, properties)


def _feature(geometry: object, feature_id: str | None, properties: Mapping[str, object]) -> dict[str, object]:
    feature: dict[str, object] = {"type": "Feature", "properties": dict(properties), "geometry": geometry}
    return feature if feature_id is None else {**feature, "id": feature_id}


def box_ring(west_deg: float, south_deg: float, east_deg: float, north_deg: float) -> Ring:
    """A closed box."""
    return [(west_deg, south_deg), (east_deg, south_deg), (east_deg, north_deg), (west_deg, north_deg), (west_deg, south_deg)]


BOW_TIE: Ring = [(19.0, 47.49), (19.02, 47.51), (19.02, 47.49), (19.0, 47.51), (19.0, 47.49)]
