"""A mission of four drones that is planned in seconds and flown in minutes: the training border's fleet along 1,500 m."""

from __future__ import annotations

import json
from pathlib import Path

from missions.scenario_library import find_mission

_CORNERS = 21
_BASES = {"47.502247": "47.5012", "19.012745": "19.0020", "47.494423": "47.4990", "19.041944": "19.0100"}


def write_small_mission(folder: Path) -> Path:
    """The folder with its mission file."""
    folder.mkdir(parents=True, exist_ok=True)
    text = find_mission("training").read_text(encoding="utf-8")
    for old, new in {
        "half_width_m = 1000": "half_width_m = 300",
        "count = 3 ": "count = 2 ",
        "buffer_m = 50": "buffer_m = 10",
        **_BASES,
    }.items():
        text = text.replace(old, new)
    (folder / "mission.toml").write_text(text.replace("Training border", "Small border"), encoding="utf-8")
    line = [[round(19.0 + 0.001 * k, 6), 47.5 + 0.00015 * (k % 2)] for k in range(_CORNERS)]
    through = [[18.9, 47.5], [18.995, 47.5], *line, [19.1, 47.5]]
    write(folder / "border.geojson", {"type": "LineString", "coordinates": line})
    sides = [("ALD", [*through[::-1], [18.9, 47.6], [19.1, 47.6]]), ("BRE", [*through, [19.1, 47.4], [18.9, 47.4]])]
    features = [
        {"type": "Feature", "id": nation, "properties": {}, "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}}
        for nation, ring in sides
    ]
    write(folder / "nations.geojson", {"type": "FeatureCollection", "features": features})
    village = [[19.0052, 47.49905], [19.0058, 47.49905], [19.0058, 47.4994], [19.0052, 47.4994], [19.0052, 47.49905]]
    write(folder / "village.geojson", {"type": "Polygon", "coordinates": [village]})
    return folder


def write(path: Path, document: object) -> None:
    path.write_text(json.dumps(document), encoding="utf-8")
