"""Reads what lies under the scene in the background, anew for every scene's frame: the basemap and the user's own files."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from gui.background import Background
from gui.models.basemap import GroundLayer, land_around, own_layer
from gui.models.map_layers import OwnLayer
from gui.models.map_model import MapModel
from gui.models.notices import Notices
from gui.models.words import tr
from planner.geo import LocalFrame

TOPIC = "ground"


class GroundFiles:
    """Follows the map's scene and its list of own layers."""

    def __init__(self, background: Background, map_model: MapModel, notices: Notices) -> None:
        self._background = background
        self._map = map_model
        self._notices = notices
        self._wanted: dict[Path | None, LocalFrame] = {}
        map_model.changed.connect(self._follow)

    def add(self, path: Path) -> None:
        """Lay a geometry file of the user's under the scene, above those that are there."""
        path = path.resolve()
        if all(layer.path != path for layer in self._map.own_layers):
            self._map.set_own_layers((*self._map.own_layers, OwnLayer(path=path)))

    def remove(self, path: Path) -> None:
        self._map.set_own_layers(tuple(layer for layer in self._map.own_layers if layer.path != path))

    def _follow(self) -> None:
        if self._map.scene is None:
            return
        frame = self._map.scene.frame
        paths = (None, *(layer.path for layer in self._map.own_layers))
        self._wanted = {path: known for path, known in self._wanted.items() if path in paths}
        for path in paths:
            if self._wanted.get(path) != frame:
                self._wanted[path] = frame
                read = partial(land_around, frame) if path is None else partial(own_layer, path, frame)
                self._background.run(read, then=self._read, failed=partial(self._not_read, path))
        kept = tuple(layer for layer in self._map.grounds if layer.frame == frame and layer.path in paths)
        if kept != self._map.grounds:
            self._map.set_grounds(kept)

    def _read(self, layer: GroundLayer) -> None:
        if self._wanted.get(layer.path) == layer.frame:
            others = tuple(each for each in self._map.grounds if each.path != layer.path)
            self._map.set_grounds((*others, layer))

    def _not_read(self, path: Path | None, text: str) -> None:
        self._notices.error(TOPIC, tr("Not shown on the map: {text}", text=text))
        if path is not None:
            self.remove(path)
