"""The map: paints the scene from a picture kept for the viewport, drones on top; turns mouse, wheel and keys into looking around."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QPointF, QSize, Qt, QTimer
from PyQt6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent, QWheelEvent
from PyQt6.QtWidgets import QWidget

from gui.models.fleet import FleetModel
from gui.models.map_layers import Layer, LayerLook
from gui.models.map_model import MapModel, Tool
from gui.models.selection import Selection
from gui.models.shape_edit import ShapeEdit
from gui.models.shapes import vertex_of
from gui.models.swarm import Swarm
from gui.models.tracks import Tracks
from gui.models.units import UnitsChoice
from gui.models.viewport import Viewport
from gui.models.words import tr
from gui.tile_images import TileImages
from gui.views.drone_painter import DronePainter
from gui.views.edit_tool import DrawTool, EditTool, paint_drawing, paint_edit
from gui.views.ground_painter import GroundPainter, paint_graticule
from gui.views.hatching import mixed
from gui.views.map_tools import LookTool, MapTool, MeasureTool
from gui.views.name_painter import NamePainter
from gui.views.overlay_painter import paint_credit, paint_hint, paint_measure, paint_north, paint_scale_bar
from gui.views.scene_painter import ScenePainter, arrow_sheet
from gui.views.scene_paths import paths_of
from gui.views.seen_layer import heat_scale_s, paint_footprints, paint_heat, paint_heat_legend, paint_seen
from gui.views.sprites import SpriteSheet
from gui.views.theme import NationStyle, Theme, nation_styles
from gui.views.traffic_painter import paint_traffic
from gui.views.trail_layer import TrailLayer
from planner.geo import LocalFrame

FRAME_MS = 16
#: How often the colours of ages are made anew.
HEAT_S = 2.0
_WHEEL_STEP = 1.25
_KEY_STEP_PX = 80.0
#: How much of a nation's colour is in its trails: enough to tell whose, little enough to tell them from routes.
_TRAIL_TINT = 0.5
_CREDIT = tr("Land: Natural Earth, off by kilometres")
_HINT = tr("Open a mission or a plan with Ctrl+O, or drop one here")
_PAN_KEYS = {
    Qt.Key.Key_Left: (_KEY_STEP_PX, 0.0),
    Qt.Key.Key_Right: (-_KEY_STEP_PX, 0.0),
    Qt.Key.Key_Up: (0.0, _KEY_STEP_PX),
    Qt.Key.Key_Down: (0.0, -_KEY_STEP_PX),
}


class MapView(QWidget):
    def __init__(
        self,
        model: MapModel,
        fleet: FleetModel,
        tracks: Tracks,
        selection: Selection,
        shapes: ShapeEdit,
        units: UnitsChoice,
        tiles: TileImages,
        *,
        theme: Theme,
        now_s: Callable[[], float],
    ) -> None:
        super().__init__()
        self.setObjectName("map")
        self.setAccessibleName(tr("Map"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(QSize(240, 180))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._model = model
        self._fleet = fleet
        self._tracks = tracks
        self._selection = selection
        self._shapes = shapes
        self._units = units
        self._tiles = tiles
        self._theme = theme
        self._now_s = now_s
        self._swarm = Swarm()
        look = LookTool(self, model, selection, self._drone_at)
        self._tools: dict[Tool, MapTool] = {
            Tool.LOOK: look,
            Tool.MEASURE: MeasureTool(model, look),
            Tool.EDIT: EditTool(model, look, shapes),
            Tool.DRAW: DrawTool(model, look),
        }
        self._styles: dict[str, NationStyle] = {}
        self._trail_colours: dict[str, int] = {}
        self._ground_painter = GroundPainter(theme, 1.0, tiles)
        self._scene_painter: ScenePainter | None = None
        self._drone_painter: DronePainter | None = None
        self._trail_layer = TrailLayer()
        self._picture = QPixmap()
        self._colours_for: tuple[str, ...] | None = None
        self._colours: dict[str, int] = {}
        self._named_for: tuple[Viewport, LayerLook] | None = None
        self._names: list[tuple[QPointF, QPixmap]] = []
        self._painted_for: object = None
        self._dressed_for: object = None
        self._arrows: SpriteSheet | None = None
        self._drawn_for: object = None
        # Drones move many times a second: they are painted once a frame, however many messages have come.
        self._frame = QTimer(self)
        self._frame.setSingleShot(True)
        self._frame.setInterval(FRAME_MS)
        self._frame.timeout.connect(self.update)
        model.changed.connect(self._model_changed)
        for changed in (model.measure.changed, shapes.changed, units.changed, tiles.changed):
            changed.connect(self.update)
        selection.changed.connect(self.update)
        fleet.changed.connect(self._next_frame)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def _model_changed(self) -> None:
        self.setCursor(self._tool.cursor)
        self.update()

    @property
    def _tool(self) -> MapTool:
        return self._tools[self._model.tool]

    def _next_frame(self) -> None:
        if not self._frame.isActive():
            self._frame.start()

    # --- painting ----------------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        self._prepare()
        painter = QPainter(self)
        self._paint_ground(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._scene_painter is None or self._drone_painter is None:
            paint_hint(painter, self._model.viewport, self._theme, _HINT)
        else:
            self._paint_things(painter, self._scene_painter, self._drone_painter)
            self._paint_tool(painter, self._scene_painter.frame)
            if self._model.grounds and Layer.BASEMAP in self._model.layers:
                paint_credit(painter, self._model.viewport, self._theme, _CREDIT)
            paint_scale_bar(painter, self._model.viewport, self._theme, self._units.now)
            paint_north(painter, self._model.viewport, self._theme)
            if Layer.REVISIT in self._model.layers and self._tracks.seen.stretches:
                paint_heat_legend(painter, self._theme, heat_scale_s(self._tracks.seen.stretches, self._fleet.at_s))
        painter.end()

    def _prepare(self) -> None:
        """Make the painters again when the scene, the theme or the screen has changed."""
        scene, ratio = self._model.scene, self.devicePixelRatioF()
        wanted = (id(scene), self._theme, ratio)
        if wanted == self._painted_for:
            return
        self._painted_for, self._drawn_for = wanted, None
        self._colours_for, self._named_for = None, None
        self._dress({} if scene is None else nation_styles(scene.nations, self._theme), ratio)
        self._scene_painter = None
        if scene is not None and self._arrows is not None:
            self._scene_painter = ScenePainter(scene, paths_of(scene), self._theme, self._styles, ratio, self._arrows)

    def _dress(self, styles: dict[str, NationStyle], ratio: float) -> None:
        """Symbols in every direction take tens of milliseconds: an edited scene of the same nations keeps them."""
        look = (self._theme, ratio, tuple((nation, style.colour.name(), style.pattern) for nation, style in styles.items()))
        if look == self._dressed_for:
            return
        self._dressed_for, self._styles = look, styles
        text = self._theme.map_text
        self._trail_colours = {nation: mixed(text, style.colour, _TRAIL_TINT).rgb() for nation, style in self._styles.items()}
        self._arrows = arrow_sheet(self._styles, self._theme, ratio)
        self._ground_painter = GroundPainter(self._theme, ratio, self._tiles)
        self._drone_painter = DronePainter(self._swarm, self._theme, self._styles, ratio)

    def _paint_ground(self, painter: QPainter) -> None:
        model, chosen = self._model, self._selection.drones
        viewport, look = model.viewport, model.look_of_layers
        seen, heat = self._tracks.seen, Layer.REVISIT in look and bool(self._tracks.seen.stretches)
        aged = int(self._now_s() / HEAT_S) if heat else None
        versions = (self._tracks.version, seen.version, aged, self._tiles.version)
        wanted = (viewport, look, chosen, model.sortie, model.grounds, model.own_layers, versions)
        anew = wanted != self._drawn_for
        if anew:
            self._drawn_for = wanted
            ratio = self.devicePixelRatioF()
            size = self.size() * ratio
            if self._picture.size() != size:
                self._picture = QPixmap(size)
                self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(QColor(self._theme.map_ground))
            if self._scene_painter is not None:
                on_picture = QPainter(self._picture)
                on_picture.setFont(self.font())
                self._ground_painter.paint(on_picture, viewport, look, model.grounds, model.own_layers)
                self._scene_painter.paint_ground(on_picture, viewport, look, chosen, model.sortie)
                if Layer.GRATICULE in look:
                    opacity = look.opacity(Layer.GRATICULE)
                    paint_graticule(on_picture, viewport, self._scene_painter.frame, self._theme, opacity)
                on_picture.end()
            self._trail_layer.forget()
        self._paint_seen(anew=anew)
        self._paint_trails(anew=anew)
        painter.drawPixmap(QPointF(0, 0), self._picture)

    def _paint_seen(self, *, anew: bool) -> None:
        """What was seen since the last frame, or all of it on a new picture; heat changes everywhere, so it comes with a new one only."""
        seen, look = self._tracks.seen, self._model.look_of_layers
        fresh = seen.take_fresh()
        wanted = seen.stretches if anew else fresh
        if not wanted or not look.shown & {Layer.SEEN, Layer.REVISIT}:
            return
        painter = QPainter(self._picture)
        if Layer.REVISIT in look:
            if anew:
                opacity = look.opacity(Layer.REVISIT)
                paint_heat(painter, self._model.viewport, wanted, now_s=self._fleet.at_s, opacity=opacity)
        else:
            paint_seen(painter, self._model.viewport, wanted, self._theme, opacity=look.opacity(Layer.SEEN))
        painter.end()

    def _paint_trails(self, *, anew: bool) -> None:
        fresh, trails = self._tracks.take_fresh(), self._tracks.trails
        if Layer.TRAILS in self._model.layers:
            wanted = trails if anew else {drone: trails[drone] for drone in fresh if drone in trails}
            self._trail_layer.draw(self._picture, self._model.viewport, wanted, self._colours_of_trails())
            if self._trail_layer.waits:
                self._next_frame()

    def _colours_of_trails(self) -> dict[str, int]:
        """By drone; made again for another fleet only."""
        fleet = tuple(self._fleet.drones)
        if self._colours_for != fleet:
            self._colours_for = fleet
            self._colours = {drone.id: self._trail_colours[drone.nation] for drone in self._fleet.drones.values()}
        return self._colours

    def _paint_things(self, painter: QPainter, scene_painter: ScenePainter, drone_painter: DronePainter) -> None:
        model, look = self._model, self._model.look_of_layers
        drone_painter.look(self._fleet, self._tracks, model.viewport, self._selection.drones, now_s=self._now_s())
        if drone_painter.wants_layout or self._named_for != (model.viewport, look):
            self._named_for = (model.viewport, look)
            names = NamePainter(self.width(), self.height(), self.font(), self._theme.map_halo, self.devicePixelRatioF())
            drone_painter.keep_free(names)
            scene_painter.name_places(model.viewport, look, names)
            drone_painter.lay_out(names, wanted=Layer.LABELS in look)
            self._names = names.placed
        scene_painter.paint_places(painter, model.viewport, look, model.mark)
        if Layer.FOOTPRINTS in look:
            paint_footprints(painter, model.viewport, self._fleet, self._tracks.heads, self._tracks.seen, self._styles)
        for place, picture in self._names:
            painter.drawPixmap(place, picture)
        if Layer.TRAFFIC in look and self._fleet.traffic:
            craft, at_s = self._fleet.traffic.values(), self._fleet.at_s
            paint_traffic(painter, model.viewport, scene_painter.frame, self._theme, self._units.now, craft, at_s)
        drone_painter.paint(painter)
        drone_painter.label(painter)

    def _paint_tool(self, painter: QPainter, frame: LocalFrame) -> None:
        model = self._model
        match model.tool:
            case Tool.MEASURE:
                paint_measure(painter, model.viewport, frame, self._theme, model.measure.legs, self._units.now)
            case Tool.EDIT:
                paint_edit(painter, model.viewport, frame, self._theme, self._shapes)
            case Tool.DRAW if model.drawing is not None:
                mouse = None if model.cursor is None else vertex_of(model.cursor)
                paint_drawing(painter, model.viewport, frame, self._theme, model.drawing, mouse)
            case _:
                pass

    def _drone_at(self, place: QPointF) -> str | None:
        """As last painted, which is what whoever clicks has seen."""
        return self._swarm.drone_at(self._model.viewport, x_px=place.x(), y_px=place.y())

    # --- looking around ----------------------------------------------------------------------------------------------

    def resizeEvent(self, _event: QResizeEvent | None) -> None:
        self._model.resize(width_px=self.width(), height_px=self.height())

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is None:
            return
        steps = event.angleDelta().y() / 120.0
        place = event.position()
        self._model.look(self._model.viewport.zoomed(_WHEEL_STEP**steps, x_px=place.x(), y_px=place.y()))
        self._model.point_at(x_px=place.x(), y_px=place.y())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self._point_at(event)
            self._tool.press(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self._point_at(event)
            self._tool.move(event)
            if self._model.tool is Tool.DRAW:
                self.update()
            self.setCursor(self._tool.cursor)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self._point_at(event)
            self._tool.release(event)
            self.setCursor(self._tool.cursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self._tool.double_click(event)

    def _point_at(self, event: QMouseEvent) -> None:
        self._model.point_at(x_px=event.position().x(), y_px=event.position().y())

    def leaveEvent(self, _event: QEvent | None) -> None:
        self._model.point_nowhere()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None or self._tool.key(event):
            return
        way = _PAN_KEYS.get(Qt.Key(event.key()))
        if way is not None:
            self._model.pan(dx_px=way[0], dy_px=way[1])
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._model.zoom(_WHEEL_STEP)
        elif event.key() == Qt.Key.Key_Minus:
            self._model.zoom(1 / _WHEEL_STEP)
        else:
            super().keyPressEvent(event)
