"""What the map is looking at: the scene, the viewport on it and the layers that are switched on."""

from __future__ import annotations

from enum import StrEnum

from gui.models.map_scene import MapScene, Mark
from gui.models.observable import Changed
from gui.models.viewport import Viewport
from planner.geo import LatLon


class Layer(StrEnum):
    """What can be switched on and off; the value is its title."""

    SECTORS = "Sectors"
    BORDER = "Border and uncertainty"
    PERMISSIONS = "Permissions"
    KEEP_OUTS = "Keep-outs"
    LANES = "Lanes"
    ROUTES = "Routes"
    BASES = "Bases"
    VIOLATIONS = "Violations"
    TRAILS = "Drone trails"
    LABELS = "Drone labels"


#: Close enough to see what is wrong at a place.
PLACE_METRES_PER_PX = 1.0


class MapModel:
    """`changed` tells of the viewport, the scene and the layers alike. `cursor` is the ground under the mouse."""

    def __init__(self) -> None:
        self.changed = Changed()
        self.cursor_changed = Changed()
        self.cursor: LatLon | None = None
        self.scene: MapScene | None = None
        self.viewport = Viewport()
        self.layers: frozenset[Layer] = frozenset(Layer)
        self.sortie: str | None = None
        """The one whose lanes stand out."""
        self.mark: int | None = None
        """The violation that is looked at, by its index."""
        self._fit_again = False

    def show(self, scene: MapScene | None, *, fit: bool = True) -> None:
        """Draw another scene; look at all of it unless told to stay."""
        moved = self.scene is None or scene is None or scene.frame != self.scene.frame
        self.scene = scene
        if scene is None or all(route.sortie != self.sortie for route in scene.routes):
            self.sortie = None
        self.mark = None
        if scene is not None and (fit or moved):
            self.fit()
        else:
            self.changed.emit()

    def look(self, viewport: Viewport) -> None:
        if viewport != self.viewport:
            self.viewport = viewport
            self._fit_again = False
            self.changed.emit()

    def resize(self, *, width_px: float, height_px: float) -> None:
        """A new window size keeps the centre; a view that was fitted and never moved since is fitted again."""
        fit_again = self._fit_again
        self.look(self.viewport.resized(width_px=width_px, height_px=height_px))
        if fit_again:
            self.fit()

    def fit(self) -> None:
        """All of the scene in view."""
        if self.scene is not None:
            self.viewport = self.viewport.fitted(self.scene.bounds)
            self._fit_again = True
            self.changed.emit()

    def zoom(self, factor: float) -> None:
        """Closer by `factor`, keeping the middle."""
        view = self.viewport
        self.look(view.zoomed(factor, x_px=view.width_px / 2, y_px=view.height_px / 2))

    def pan(self, *, dx_px: float, dy_px: float) -> None:
        self.look(self.viewport.panned(dx_px=dx_px, dy_px=dy_px))

    def go_to(self, *, east_m: float, north_m: float) -> None:
        """Put a place in the middle, close up unless it is closer already."""
        closest = min(self.viewport.metres_per_px, PLACE_METRES_PER_PX)
        self.look(self.viewport.centred(east_m=east_m, north_m=north_m, metres_per_px=closest))

    def point_at(self, *, x_px: float, y_px: float) -> None:
        """The mouse is over this pixel."""
        if self.scene is not None:
            east_m, north_m = self.viewport.to_ground(x_px=x_px, y_px=y_px)
            self.cursor = self.scene.frame.point_to_geographic(east_m=east_m, north_m=north_m)
            self.cursor_changed.emit()

    def point_nowhere(self) -> None:
        """The mouse has left the map."""
        self.cursor = None
        self.cursor_changed.emit()

    def pick_sortie(self, sortie: str | None) -> None:
        """Let its lanes stand out; None lets all look alike."""
        if sortie != self.sortie:
            self.sortie = sortie
            self.changed.emit()

    def go_to_mark(self, index: int) -> None:
        """Close up to the violation of this index, with its sortie's lanes standing out; nothing when it has no place."""
        mark = next((mark for mark in self._marks if mark.index == index), None)
        if mark is not None:
            self.mark, self.sortie = index, mark.sortie
            self.layers |= {Layer.VIOLATIONS}
            self.go_to(east_m=mark.east_m, north_m=mark.north_m)
            self.changed.emit()

    def step_mark(self, step: int) -> None:
        """To the next violation that has a place, or the one before; round and round."""
        indices = [mark.index for mark in self._marks]
        if indices:
            here = indices.index(self.mark) + step if self.mark in indices else 0 if step > 0 else -1
            self.go_to_mark(indices[here % len(indices)])

    @property
    def _marks(self) -> tuple[Mark, ...]:
        return () if self.scene is None else self.scene.marks

    def toggle(self, layer: Layer) -> None:
        """On if it was off, off if it was on."""
        self.set_layers(self.layers ^ {layer})

    def set_layers(self, layers: frozenset[Layer]) -> None:
        if layers != self.layers:
            self.layers = layers
            self.changed.emit()
