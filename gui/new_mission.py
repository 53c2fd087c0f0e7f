"""Begins missions: from a file with an area or a border, or a square in the middle of the map. Kept aside until the operator saves them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import shapely

from gui.background import Background
from gui.documents import Documents
from gui.models.map_model import MapModel
from gui.models.notices import Notices
from gui.models.words import tr
from missions.scenario_library import MISSION_FILE_NAME
from planner.geo import LocalFrame

if TYPE_CHECKING:
    from missions.draft import Draft

TOPIC = "new"
_SQUARE_M = 2_000.0
_NATIONS = ("ALD", "BRE")
_Ground = shapely.Polygon | shapely.MultiPolygon
_Line = shapely.LineString | shapely.MultiLineString


class NewMissions:
    """`folder` is where they are until they are saved elsewhere."""

    def __init__(self, background: Background, documents: Documents, map_model: MapModel, notices: Notices, *, folder: Path) -> None:
        self._background = background
        self._documents = documents
        self._map = map_model
        self._notices = notices
        self._folder = folder

    def begin_from(self, file: Path) -> None:
        """The file's polygon is the area, or its line the border."""
        self._documents.guard(partial(self._begin, partial(_from_file, file)))

    def begin_here(self) -> None:
        """A square in the middle of the map, to be drawn over; nothing without a scene."""
        scene = self._map.scene
        if scene is not None:
            view = self._map.viewport
            centre = scene.frame.point_to_geographic(east_m=view.centre_east_m, north_m=view.centre_north_m)
            self._documents.guard(partial(self._begin, partial(_square, LocalFrame(centre))))

    def _begin(self, draft: Callable[[], Draft]) -> None:
        self._background.run(
            partial(_written, draft, self._folder),
            then=lambda file: self._documents.open(str(file)),
            failed=lambda text: self._notices.error(TOPIC, tr("No mission was begun: {text}", text=text)),
        )


def _from_file(file: Path) -> Draft:
    """Raises InputError."""
    # takes a while to import, which is no matter in this thread
    from missions.geometry_import import import_file

    known = import_file(file)
    return _draft(file.stem, area=known.area, border=known.border)


def _square(frame: LocalFrame) -> Draft:
    half_m = _SQUARE_M / 2
    square = frame.to_geographic(shapely.box(-half_m, -half_m, half_m, half_m)).geometry
    assert isinstance(square, shapely.Polygon)
    return _draft("New mission", area=square)


def _draft(name: str, *, area: _Ground | None = None, border: _Line | None = None) -> Draft:
    from missions.draft import Draft

    tomorrow = (datetime.now(UTC) + timedelta(days=1)).replace(hour=6, minute=0, second=0, microsecond=0)
    return Draft(name=name, start=tomorrow, nations=_NATIONS, area=area, border=border)


def _written(draft: Callable[[], Draft], folder: Path) -> Path:
    """The mission's file, in a folder of its own. Raises InputError."""
    from missions.draft import draft_files
    from missions.folders import write_into

    number = 1 + sum(1 for _ in folder.glob("mission-*"))
    target = folder / f"mission-{number}"
    write_into(target, draft_files(draft()), force=True)
    return target / MISSION_FILE_NAME
