"""The composition root: makes the application, the desk and the window, and ties them together."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType, TracebackType

from PyQt6.QtCore import QStandardPaths, QTimer, QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QApplication

from gui.appearance import Appearance
from gui.desk import Desk, make_desk
from gui.garbage import collect_in_main_thread, pass_by_what_is_there
from gui.models.notices import Notices
from gui.models.words import tr
from gui.settings import Settings
from gui.views.main_window import MainWindow

log = logging.getLogger(__name__)

#: How often ages on the screen are told anew when nothing is heard.
PULSE_MS = 500


def run(application: QApplication, source: str | None = None, attach: Path | None = None) -> int:
    """Show the desktop, with this mission or plan open, or attached to this patrol; returns when the window has been closed."""
    collect_in_main_thread(application)
    settings = Settings.of_user()
    window, desk = make_window(application, settings, state_folder=_state_folder(), flights_in=_flights_in())
    _show_defects(desk.notices)
    _close_on_interrupt(application, window)
    window.show()
    pass_by_what_is_there()
    if attach is not None:
        desk.flight.attach(attach)
    elif source is not None:
        desk.documents.open(source)
    else:
        desk.flight.offer(settings.running_patrol)
        desk.editing.offer_recovery()
    code = application.exec()
    desk.close()
    return code


def make_window(
    application: QApplication, settings: Settings, *, state_folder: Path, flights_in: Path, now_s: Callable[[], float] = time.monotonic
) -> tuple[MainWindow, Desk]:
    """The window and what it works on, not shown yet."""
    desk = make_desk(
        state_folder=state_folder,
        flights_in=flights_in,
        open_folder=_open_folder,
        remember_patrol=partial(_remember_patrol, settings),
        now_s=now_s,
    )
    window = MainWindow(desk, settings, Appearance(application, settings))
    pulse = QTimer(window)
    pulse.setInterval(PULSE_MS)
    pulse.timeout.connect(partial(_tell_ages, desk))
    pulse.start()
    return window, desk


def _tell_ages(desk: Desk) -> None:
    if desk.flight.busy:
        desk.fleet.changed.emit()


def _close_on_interrupt(application: QApplication, window: MainWindow) -> None:
    """Ctrl-C closes the window, which may ask; a second one leaves at once, and drones go on with mission control."""
    count = 0

    # Python looks at signals whenever the pulse wakes it.
    def interrupted(number: int, _frame: FrameType | None) -> None:
        nonlocal count
        count += 1
        if count == 1:
            window.close()
        else:
            application.exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupted)


def _remember_patrol(settings: Settings, folder: str) -> None:
    settings.running_patrol = folder


def _open_folder(folder: str) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(folder))


def _state_folder() -> Path:
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppLocalDataLocation))


def _flights_in() -> Path:
    """Where the command line would put them; a desktop's launcher starts programs in places that nobody may write to."""
    here = Path.cwd()
    return here if os.access(here, os.W_OK) else Path.home()


def _show_defects(notices: Notices) -> None:
    """A defect of the desktop is told in the window and logged; it ends nothing, least of all a flight."""

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        details = "".join(traceback.format_exception(kind, error, trace))
        log.error("defect in the desktop", exc_info=(kind, error, trace))
        notices.error("defect", tr("This should not happen: {error}. Copy it into a report.", error=error or kind.__name__), details)

    sys.excepthook = tell
