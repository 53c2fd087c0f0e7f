"""Asking for files: dialogs that do not hold up the program, opened only while nothing flies or for saving."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QBuffer
from PyQt6.QtWidgets import QDockWidget, QFileDialog, QWidget

from gui.desk import Desk
from gui.exporting import FORMAT_TITLES
from gui.models.notices import Notices
from gui.models.words import tr
from gui.settings import Settings
from gui.views.alarm import Alarm
from gui.views.command_palette import CommandPalette
from missions.control.address import ADDRESS_FILE
from missions.folders import write_whole
from missions.report.flight_events import EVENTS_FILE
from missions.scenario_library import MISSION_FILE_NAME

_DOCUMENTS = tr("Missions and plans (*.toml *.json);;All files (*)")
_GEOMETRY = "Geometry (*.gpkg *.geojson *.json *.shp *.kml *.fgb *.txt *.air);;Pictures and tiles (*.tif *.tiff *.mbtiles);;All files (*)"
_PLANS = tr("Plans (*.json)")
_ADDRESSES = tr("Running patrols ({ADDRESS_FILE});;All files (*)", ADDRESS_FILE=ADDRESS_FILE)


class WindowQuestions:
    """Each dialog belongs to the window and goes when it is answered."""

    def __init__(self, window: QWidget, desk: Desk, alarm: Alarm, settings: Settings) -> None:
        self._alarm = alarm
        self._settings = settings
        self._window = window
        self._documents = desk.documents
        self._flight = desk.flight
        self._editing = desk.editing
        self._new_missions = desk.new_missions
        self._ground = desk.ground
        self._notices = desk.notices
        self._simulation = desk.simulation
        self._real_vehicles = desk.real_vehicles
        self._replay = desk.replay
        self._reports = desk.reports
        self._exports = desk.exports

    def ask_document(self) -> None:
        self._ask(tr("Open a mission or a plan"), _DOCUMENTS, QFileDialog.FileMode.ExistingFile, self._documents.open)

    def ask_new_mission(self) -> None:
        mode, begin = QFileDialog.FileMode.ExistingFile, self._new_missions.begin_from
        self._ask(tr("An area or a border to begin with"), _GEOMETRY, mode, lambda name: begin(Path(name)))

    def ask_plan_target(self) -> None:
        dialog = self._ask(tr("Save the plan"), _PLANS, QFileDialog.FileMode.AnyFile, lambda name: self._documents.save(Path(name)))
        _for_saving(dialog, "plan.json")

    def ask_mission_target(self) -> None:
        names = tr("Missions ({MISSION_FILE_NAME})", MISSION_FILE_NAME=MISSION_FILE_NAME)
        then = self._editing.save_as
        dialog = self._ask(tr("Save the mission"), names, QFileDialog.FileMode.AnyFile, lambda name: then(Path(name)))
        _for_saving(dialog, MISSION_FILE_NAME)

    def ask_address(self) -> None:
        self._ask(
            tr("Attach to a running patrol"), _ADDRESSES, QFileDialog.FileMode.ExistingFile, lambda name: self._flight.attach(Path(name))
        )

    def ask_ground(self) -> None:
        self._ask(tr("Add your own geometry"), _GEOMETRY, QFileDialog.FileMode.ExistingFile, lambda name: self._ground.add(Path(name)))

    def ask_faults(self) -> None:
        simulation = self._simulation
        names = tr("Fault files (*.toml *.json)")
        self._ask(tr("Practise with faults"), names, QFileDialog.FileMode.ExistingFile, lambda name: simulation.set_faults(Path(name)))

    def ask_links(self) -> None:
        real = self._real_vehicles
        self._ask(
            tr("Open a links file"), tr("Links files (*.toml)"), QFileDialog.FileMode.ExistingFile, lambda name: real.open(Path(name))
        )

    def ask_flight(self) -> None:
        names = tr("Flights ({EVENTS_FILE})", EVENTS_FILE=EVENTS_FILE)
        self._ask(tr("Replay a flight"), names, QFileDialog.FileMode.ExistingFile, lambda name: self._replay.open(Path(name)))

    def ask_report_target(self) -> None:
        record = self._replay.record
        if record is not None:
            then = partial(self._reports.export, record.folder)
            dialog = self._ask(tr("A new folder for the report"), "", QFileDialog.FileMode.AnyFile, lambda name: then(Path(name)))
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.selectFile(f"{record.folder.name}-report")

    def ask_export_target(self, name: str) -> None:
        plan, then = self._exports.plan, partial(self._exports.export, name)
        if plan is not None:
            title = tr("A new folder for {FORMAT_TITLES}", FORMAT_TITLES=FORMAT_TITLES[name])
            dialog = self._ask(title, "", QFileDialog.FileMode.AnyFile, lambda folder: then(Path(folder)))
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.selectFile(f"{plan.name}-{name}")

    def ask_compared(self) -> None:
        record = self._replay.record
        if record is not None:
            names, folder = tr("Flights ({EVENTS_FILE})", EVENTS_FILE=EVENTS_FILE), record.folder
            title, mode = tr("Compare with another flight"), QFileDialog.FileMode.ExistingFile
            self._ask(title, names, mode, lambda name: self._reports.compare(Path(name).parent, folder))

    def ask_picture(self) -> None:
        view = self._window.findChild(QWidget, "map")
        assert view is not None
        dialog = self._ask(
            tr("Save the map as a picture"), tr("Pictures (*.png)"), QFileDialog.FileMode.AnyFile, partial(_save, view, self._notices)
        )
        _for_saving(dialog, "map.png")

    def show_palette(self) -> None:
        self._palette().offer_commands()

    def show_places(self) -> None:
        self._palette().offer_places()

    def _palette(self) -> CommandPalette:
        palette = self._window.findChild(CommandPalette)
        assert palette is not None
        return palette

    def show_dock(self, title: str) -> None:
        dock = self._window.findChild(QDockWidget, f"dock-{title}")
        assert dock is not None
        dock.show()
        dock.raise_()
        content = dock.widget()
        assert content is not None
        content.setFocus()

    def switch_alarm(self) -> None:
        self._alarm.on = self._settings.alarm = not self._alarm.on

    def alarm_is_on(self) -> bool:
        return self._alarm.on

    def close_window(self) -> None:
        self._window.close()

    def _ask(self, title: str, names: str, mode: QFileDialog.FileMode, then: Callable[[str], None]) -> QFileDialog:
        dialog = QFileDialog(self._window, title)
        dialog.setObjectName("file-dialog")
        dialog.setNameFilter(names)
        dialog.setFileMode(mode)
        # drones may fly meanwhile
        dialog.setModal(False)
        dialog.fileSelected.connect(then)
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.show()
        return dialog


def _for_saving(dialog: QFileDialog, name: str) -> None:
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(Path(name).suffix[1:])
    dialog.selectFile(name)


def _save(view: QWidget, notices: Notices, name: str) -> None:
    picture = QBuffer()
    view.grab().save(picture, "PNG")
    try:
        write_whole(Path(name), picture.data().data())
    except OSError as error:
        notices.error("picture", tr("The picture was not saved: {name} cannot be written ({strerror})", name=name, strerror=error.strerror))
    else:
        notices.info("picture", tr("Saved {name}", name=name))
