"""Fly the open plan: it is put on disk if it is not there, then mission control is started for the vehicles that are chosen."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from gui.background import Background
from gui.control_process import ARDUPILOT, EMBEDDED, FleetOptions
from gui.documents import Documents
from gui.flight import Flight
from gui.models.document import Document
from gui.models.notices import Notices
from gui.models.observable import Changed
from gui.models.words import tr
from missions.plan_file import write_plan

TOPIC = "simulation"
#: How much faster than life vehicles may be simulated.
SPEEDS = (1, 5, 20)


class Simulation:
    def __init__(self, background: Background, documents: Documents, flight: Flight, notices: Notices, *, folder: Path) -> None:
        self.changed = Changed()
        self.speedup = SPEEDS[0]
        self.faults: Path | None = None
        self._background = background
        self._documents = documents
        self._flight = flight
        self._notices = notices
        self._folder = folder

    @property
    def can_start(self) -> bool:
        document = self._documents.current
        return document is not None and document.plan is not None and not self._flight.busy

    def set_speedup(self, speedup: int) -> None:
        """Holds for the next start."""
        self.speedup = speedup
        self.changed.emit()

    def set_faults(self, file: Path | None) -> None:
        """What goes wrong from the next start on; None is nothing."""
        self.faults = file
        self.changed.emit()

    def start(self, vehicles: str = EMBEDDED) -> None:
        """Start mission control for the open plan on these vehicles, as `FleetOptions` names them."""
        document = self._documents.current
        assert document is not None
        if document.plan_file is not None:
            self._fly(document, vehicles, document.plan_file)
        else:
            self._background.run(
                partial(_written, document, self._folder),
                then=partial(self._fly, document, vehicles),
                failed=lambda text: self._notices.error(TOPIC, tr("The plan could not be handed over: {text}", text=text)),
            )

    def _fly(self, document: Document, vehicles: str, plan_file: Path) -> None:
        if self._documents.current is document:
            simulated = vehicles in (EMBEDDED, ARDUPILOT)
            options = FleetOptions(vehicles=vehicles, speedup=float(self.speedup), faults=self.faults if simulated else None)
            self._flight.start(document, plan_file, options)


def _written(document: Document, folder: Path) -> Path:
    """Where mission control finds a plan that the operator has not saved."""
    assert document.plan is not None
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "unsaved-plan.json"
    write_plan(document.plan, path)
    return path
