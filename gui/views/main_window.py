"""The main window: puts the views in their places, remembers the layout, takes files that are dropped on it."""

from __future__ import annotations

from functools import partial

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QApplication, QDockWidget, QMainWindow, QMenu, QSizePolicy, QToolBar, QVBoxLayout, QWidget

from gui.action_list import FLEET_ORDERS, desk_actions, nation_actions
from gui.appearance import Appearance
from gui.desk import Desk
from gui.leaving import Leaving
from gui.models.palette import Entry, places, typed_place
from gui.models.words import tr
from gui.settings import LAYOUT_VERSION, Settings
from gui.view_actions import DOCKS
from gui.views.alarm import Alarm
from gui.views.alert_list import AlertList, AlertListModel
from gui.views.alternatives_panel import AlternativesPanel
from gui.views.command_palette import CommandPalette
from gui.views.connect_panel import ConnectPanel
from gui.views.drone_panel import DronePanel
from gui.views.fleet_table import FleetTable, FleetTableModel, swatch
from gui.views.hold_button import HoldButton
from gui.views.layers_panel import LayersPanel
from gui.views.map_view import MapView
from gui.views.mission_tables import MissionTables
from gui.views.notice_bar import NoticeBar
from gui.views.plan_panel import PlanPanel
from gui.views.proposal_panel import ProposalPanel
from gui.views.qactions import QActions, made_action
from gui.views.questions import WindowQuestions
from gui.views.replay_bar import ReplayBar
from gui.views.scope_bar import ScopeBar
from gui.views.status_view import StatusView
from gui.views.theme import nation_styles
from gui.views.throttle import Throttle
from gui.views.timeline_view import TimelineView

_TOOLS = (
    ("file.open", "plan.start", "plan.cancel"),
    ("fly.simulate", "fly.start", "fly.upload", "fly.launch", "fly.pause", "fly.continue", "fly.recall"),
    ("view.fit", "edit.map"),
)
_FIRST_SIZE = QSize(1280, 800)
_SWATCH_PX = 14
#: How often what can be done now is looked at while drones fly.
_REFRESH_MS = 150


class MainWindow(QMainWindow):
    def __init__(self, desk: Desk, settings: Settings, appearance: Appearance) -> None:
        super().__init__()
        self.setObjectName("main-window")
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self._desk = desk
        self._settings = settings
        self._appearance = appearance
        self._leaving = Leaving(desk.flight, desk.fleet, desk.documents, desk.editing, desk.notices, close=self.close)
        self._alarm = Alarm(desk.fleet.alerts, beep=QApplication.beep)
        self._alarm.on = settings.alarm
        questions = WindowQuestions(self, desk, self._alarm, settings)
        self._actions = QActions(desk_actions(desk, appearance, questions), self)
        self._make_views()
        self._lay_out()
        self._follow()
        self._restore()

    # --- parts -------------------------------------------------------------------------------------------------------

    def _make_views(self) -> None:
        desk, theme = self._desk, self._appearance.theme
        models = (desk.map, desk.fleet, desk.tracks, desk.selection, desk.shapes, desk.units, desk.tiles)
        self._map = MapView(*models, theme=theme, now_s=desk.now_s)
        self._fleet_model = FleetTableModel(desk.fleet, desk.units, theme=theme, now_s=desk.now_s)
        self._nations_shown: object = None
        self._table = FleetTable(self._fleet_model, desk.selection, fleet_menu=self._fleet_menu)
        self._scope = ScopeBar(desk.fleet, desk.selection)
        self._alert_model = AlertListModel(desk.fleet.alerts, theme=theme)
        self._alerts = AlertList(self._alert_model)
        self._plan = PlanPanel(desk.documents, desk.map, desk.units, theme=theme)
        self._mission = MissionTables(desk.editing, editable=desk.can_edit, theme=theme)
        self._timeline = TimelineView(desk.documents, desk.fleet, desk.map, theme=theme)
        self._notices = NoticeBar(desk.notices, theme=theme)
        self._proposal = ProposalPanel(
            desk.fleet, desk.documents, desk.map, theme=theme, accept=self._actions["fly.accept"], reject=self._actions["fly.reject"]
        )
        self._replay = ReplayBar(
            desk.replay,
            play=self._actions["replay.play"],
            report=self._actions["replay.export-report"],
            close=self._actions["replay.close"],
            theme=theme,
        )
        self._drone = DronePanel(desk.fleet, desk.selection, desk.documents, desk.map, desk.units, theme=theme, now_s=desk.now_s)
        self._connect = ConnectPanel(
            desk.real_vehicles,
            starts=[self._actions[name] for name in ("fly.simulate", "fly.ardupilot")],
            asks=[self._actions[name] for name in ("fly.open-links", "fly.look", "fly.connect")],
            theme=theme,
        )
        self._alternatives = AlternativesPanel(desk.alternatives, desk.documents, desk.planning, desk.units, theme=theme)
        self._layers = LayersPanel(desk.map, desk.ground, add=self._actions["view.add-ground"].trigger)
        self._palette = CommandPalette(
            self, commands=self._actions.entries, places=self._places, typed_place=partial(typed_place, desk.map), theme=theme
        )
        self._home = HoldButton(tr("EVERYONE HOME"), theme=theme)
        self._home.setObjectName("everyone-home")
        self._home.setToolTip(
            tr("Hold for a moment: every drone flies home and lands, nobody flies a further sortie (Ctrl+Shift+H asks first)")
        )
        self._home.setMinimumSize(QSize(170, 34))
        self._home.held.connect(desk.orders.everyone_home)
        self._status = StatusView(desk.documents, desk.editing, desk.planning, desk.flight, desk.replay, desk.fleet, desk.map, theme=theme)

    def _lay_out(self) -> None:
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._notices)
        column.addWidget(self._proposal)
        column.addWidget(self._map, 1)
        column.addWidget(self._replay)
        self.setCentralWidget(centre)
        bar = self.menuBar()
        assert bar is not None
        self._actions.fill(bar)
        self.addToolBar(self._tool_bar())
        self.addToolBar(self._home_bar())
        self.setStatusBar(self._status)
        fleet = QWidget()
        rows = QVBoxLayout(fleet)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self._scope)
        rows.addWidget(self._table, 1)
        right, below = Qt.DockWidgetArea.RightDockWidgetArea, Qt.DockWidgetArea.BottomDockWidgetArea
        self.setCorner(Qt.Corner.BottomRightCorner, below)
        plan_dock = self._dock("Plan", self._plan, right)
        self.tabifyDockWidget(plan_dock, self._dock("Drone", self._drone, right))
        self.tabifyDockWidget(plan_dock, self._dock("Layers", self._layers, right))
        plan_dock.raise_()
        fleet_dock = self._dock("Fleet", fleet, below)
        self._alert_dock = self._dock("Alerts", self._alerts, below)
        # behind the fleet: both want the whole width
        behind = {"Timeline": self._timeline, "Mission": self._mission, "Plans": self._alternatives, "Connect": self._connect}
        for name, view in behind.items():
            self.tabifyDockWidget(fleet_dock, self._dock(name, view, below))
        fleet_dock.raise_()
        self.resizeDocks([plan_dock], [270], Qt.Orientation.Horizontal)
        self.resizeDocks([fleet_dock, self._alert_dock], [975, 305], Qt.Orientation.Horizontal)
        self.resizeDocks([fleet_dock], [250], Qt.Orientation.Vertical)

    def _dock(self, name: str, content: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(DOCKS[name], self)
        dock.setObjectName(f"dock-{name}")
        dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetMovable | QDockWidget.DockWidgetFeature.DockWidgetFloatable)
        dock.setWidget(content)
        self.addDockWidget(area, dock)
        return dock

    def _tool_bar(self) -> QToolBar:
        tools = _fixed_bar(tr("Tools"), "tools")
        tools.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        for group in _TOOLS:
            for action_id in group:
                tools.addAction(self._actions[action_id])
            tools.addSeparator()
        return tools

    def _home_bar(self) -> QToolBar:
        """A bar of its own, which never gets so narrow that the button would vanish in a menu."""
        bar = _fixed_bar(tr("Everyone home"), "home")
        space = QWidget()
        space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar.addWidget(space)
        bar.addWidget(self._home)
        bar.setMinimumWidth(bar.sizeHint().width())
        return bar

    def _places(self) -> list[Entry]:
        desk, document = self._desk, self._desk.documents.current
        return places(desk.map, desk.fleet, desk.tracks.heads.items(), document.plan if document else None)

    def _fleet_menu(self, drone: str) -> QMenu:
        """What can be ordered of the picked drones, and of the nation of the one under the mouse."""
        menu = QMenu(self)
        menu.setObjectName("fleet-menu")
        menu.setToolTipsVisible(True)
        for action_id in FLEET_ORDERS:
            menu.addAction(self._actions[action_id])
        menu.addSeparator()
        for action in nation_actions(self._desk, drone):
            menu.addAction(made_action(action, menu))
        return menu

    # --- following the models ----------------------------------------------------------------------------------------

    def _follow(self) -> None:
        desk = self._desk
        for changed in (
            desk.documents.changed,
            desk.planning.changed,
            desk.flight.changed,
            desk.fleet.alerts.changed,
            desk.selection.changed,
            desk.map.changed,
            desk.simulation.changed,
            desk.real_vehicles.changed,
            desk.editing.changed,
            desk.recent.changed,
            desk.replay.changed,
        ):
            changed.connect(self._refresh)
        desk.fleet.changed.connect(Throttle(self._refresh, _REFRESH_MS, self))
        desk.documents.changed.connect(self._show_nations)
        self._appearance.changed.connect(self._refresh_look)
        self._refresh()
        self._refresh_look()

    def _refresh(self) -> None:
        self._actions.refresh()
        self._mission.refresh()
        self._home.setEnabled(self._desk.orders.can_recall_everyone())
        unseen = self._desk.fleet.alerts.unseen()
        self._alert_dock.setWindowTitle(tr("Alerts ({unseen} new)", unseen=unseen) if unseen else DOCKS["Alerts"])
        document = self._desk.documents.current
        edited = tr(" (edited)") if self._desk.editing.unsaved else ""
        self.setWindowTitle(tr("{title}{edited} - jointpatrol", title=document.title, edited=edited) if document else "jointpatrol")

    def _refresh_look(self) -> None:
        theme = self._appearance.theme
        themed = (self._map, self._alert_model, self._plan, self._mission, self._timeline, self._notices, self._proposal, self._home)
        for view in (*themed, self._status, self._palette, self._replay, self._drone, self._connect, self._alternatives):
            view.set_theme(theme)
        self._show_nations()
        self._actions.refresh()

    def _show_nations(self) -> None:
        """Their colours in the table, anew only when they are others: a mission that is edited comes many times."""
        theme, document, ratio = self._appearance.theme, self._desk.documents.current, self.devicePixelRatioF()
        styles = nation_styles(document.content.nations, theme) if document else {}
        wanted = (theme, ratio, [(nation, style.colour.name()) for nation, style in styles.items()])
        if wanted != self._nations_shown:
            self._nations_shown = wanted
            self._fleet_model.set_look(theme, {nation: swatch(style, theme, _SWATCH_PX, ratio) for nation, style in styles.items()})

    # --- the window itself -------------------------------------------------------------------------------------------

    def _restore(self) -> None:
        self.resize(_FIRST_SIZE)
        self._settings.restore_map(self._desk.map)
        self._desk.recent.set(self._settings.recent)
        self._desk.recent.changed.connect(lambda: self._settings.keep_recent(self._desk.recent.files))
        geometry, layout = self._settings.geometry, self._settings.layout
        if geometry is not None and layout is not None:
            self.restoreGeometry(geometry)
            self.restoreState(layout, LAYOUT_VERSION)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        if event is None:
            return
        if not self._leaving.may_close():
            event.ignore()
            return
        self._settings.keep_map(self._desk.map)
        self._settings.keep_window(self.saveGeometry(), self.saveState(LAYOUT_VERSION))
        self._desk.close()
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        data = None if event is None else event.mimeData()
        if event is not None and data is not None and data.hasUrls() and self._actions["file.open"].isEnabled():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        data = None if event is None else event.mimeData()
        files = [url.toLocalFile() for url in data.urls() if url.isLocalFile()] if data is not None else []
        if files:
            self._desk.documents.open(files[0])


def _fixed_bar(title: str, name: str) -> QToolBar:
    """Where it is and always there: no handle, and no context menu that would hide it."""
    bar = QToolBar(title)
    bar.setObjectName(name)
    bar.setMovable(False)
    bar.setFloatable(False)
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    return bar
