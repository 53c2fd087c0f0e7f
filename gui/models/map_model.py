"""What the map is looking at: the scene, the viewport on it, the layers that are switched on and the tool in the operator's hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from gui.models.basemap import GroundLayer
from gui.models.coordinates import PositionFormat
from gui.models.map_layers import FIRST_HIDDEN, Layer, LayerLook, OwnLayer
from gui.models.map_scene import MapScene, Mark
from gui.models.measure import Measure
from gui.models.observable import Changed
from gui.models.shape_edit import Drawing
from gui.models.units import UnitsChoice
from gui.models.viewport import Viewport
from planner.geo import LatLon

#: Close enough to see what is wrong at a place.
PLACE_METRES_PER_PX = 1.0


class Tool(StrEnum):
    """What the mouse does on the map; the value is its title."""

    LOOK = "Look around"
    MEASURE = "Measure"
    EDIT = "Edit"
    DRAW = "Draw"


class MapModel:
    """`changed` tells of the viewport, the scene, layers and tool alike. `cursor` is the ground under the mouse."""

    def __init__(self) -> None:
        self.changed = Changed()
        self.cursor_changed = Changed()
        self.cursor: LatLon | None = None
        self.scene: MapScene | None = None
        self.viewport = Viewport()
        self.look_of_layers = LayerLook(shown=frozenset(Layer) - FIRST_HIDDEN)
        self.own_layers: tuple[OwnLayer, ...] = ()
        self.grounds: tuple[GroundLayer, ...] = ()
        """The basemap and the own layers as far as they have been read for this scene."""
        self.tool = Tool.LOOK
        self.positions = PositionFormat.DECIMAL
        self.units = UnitsChoice()
        self.measure = Measure(self.units)
        self.drawing: Drawing | None = None
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
        if moved:
            self.tool, self.drawing = Tool.LOOK, None
            self.measure.clear()
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
            self.look_of_layers = replace(self.look_of_layers, shown=self.layers | {Layer.VIOLATIONS})
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

    # --- layers ------------------------------------------------------------------------------------------------------

    @property
    def layers(self) -> frozenset[Layer]:
        """Those that are on."""
        return self.look_of_layers.shown

    def toggle(self, layer: Layer) -> None:
        """On if it was off, off if it was on."""
        self.set_layers(self.layers ^ {layer})

    def set_layers(self, layers: frozenset[Layer]) -> None:
        self._set_look(replace(self.look_of_layers, shown=layers))

    def fade(self, layer: Layer, opacity: float) -> None:
        """How opaque a layer is drawn, 0..1."""
        faded = {**self.look_of_layers.faded, layer: min(max(opacity, 0.0), 1.0)}
        self.set_faded({name: value for name, value in faded.items() if value < 1.0})

    def set_faded(self, faded: Mapping[Layer, float]) -> None:
        self._set_look(replace(self.look_of_layers, faded=dict(faded)))

    def _set_look(self, look: LayerLook) -> None:
        if look != self.look_of_layers:
            self.look_of_layers = look
            self.changed.emit()

    def set_own_layers(self, layers: tuple[OwnLayer, ...]) -> None:
        """The user's files, lowest first."""
        if layers != self.own_layers:
            self.own_layers = layers
            self.changed.emit()

    def change_own_layer(self, path: Path, *, shown: bool | None = None, opacity: float | None = None) -> None:
        self.set_own_layers(
            tuple(
                replace(layer, shown=layer.shown if shown is None else shown, opacity=layer.opacity if opacity is None else opacity)
                if layer.path == path
                else layer
                for layer in self.own_layers
            )
        )

    def set_grounds(self, grounds: tuple[GroundLayer, ...]) -> None:
        self.grounds = grounds
        self.changed.emit()

    # --- tools -------------------------------------------------------------------------------------------------------

    def take_tool(self, tool: Tool) -> None:
        """Put down the one in hand; what was measured goes with its tool."""
        if tool is not self.tool:
            self.tool = tool
            if tool is not Tool.MEASURE:
                self.measure.clear()
            if tool is not Tool.DRAW:
                self.drawing = None
            self.changed.emit()

    def draw(self, drawing: Drawing | None) -> None:
        """Begin to draw this; None ends drawing, and what is there can be edited."""
        self.drawing = drawing
        if drawing is None and self.tool is Tool.DRAW:
            self.take_tool(Tool.EDIT)
        elif drawing is not None:
            self.take_tool(Tool.DRAW)
            self.changed.emit()

    def write_positions(self, style: PositionFormat) -> None:
        """How the cursor's position is written."""
        if style is not self.positions:
            self.positions = style
            self.changed.emit()
            self.cursor_changed.emit()

    def go_to_place(self, point: LatLon) -> None:
        """Put a place in the middle; nothing without a scene."""
        if self.scene is not None:
            east_m, north_m = self.scene.frame.point_to_local(point)
            self.go_to(east_m=east_m, north_m=north_m)
