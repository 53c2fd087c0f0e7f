"""What is open on the desk: opens, plans' arrival, saves; files are read and written in the background."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from gui.background import Background
from gui.models.document import Document, open_document, planned, saved
from gui.models.draft_files import DraftPlace
from gui.models.fleet import FleetModel
from gui.models.map_model import MapModel
from gui.models.notices import Notices
from gui.models.observable import Changed
from gui.models.selection import Selection
from gui.models.tracks import Tracks
from gui.models.words import tr
from missions.plan_file import write_plan
from planner.model import Plan

TOPIC = "file"


class Documents:
    """Holds the open document; showing another one starts map, fleet and selection afresh."""

    def __init__(
        self,
        background: Background,
        *,
        map_model: MapModel,
        fleet: FleetModel,
        tracks: Tracks,
        selection: Selection,
        notices: Notices,
        opened: Callable[[str], None],
    ) -> None:
        """`opened` is told of every source that was opened."""
        self.changed = Changed()
        self.current: Document | None = None
        self.opening = ""
        self.guard: Callable[[Callable[[], None]], None] = lambda run: run()
        """Asked before what is open is left: runs what it is given, at once or when the operator has said so."""
        self._background = background
        self._map = map_model
        self._fleet = fleet
        self._tracks = tracks
        self._selection = selection
        self._notices = notices
        self._tell_opened = opened

    @property
    def unsaved(self) -> bool:
        """Whether a plan is open that was made here and is nowhere on disk."""
        return self.current is not None and self.current.unsaved

    def open(self, source: str) -> None:
        """Read a mission or a plan; what was open stays until it has been read without an error."""
        self.guard(partial(self._open, source))

    def _open(self, source: str) -> None:
        self.opening = source
        self.changed.emit()
        self._background.run(partial(open_document, source), then=self._opened, failed=self._not_opened)

    def save(self, path: Path) -> None:
        """Write the plan there."""
        document = self.current
        assert document is not None
        assert document.plan is not None
        self._background.run(
            partial(write_plan, document.plan, path),
            then=lambda _: self._written(document, path),
            failed=lambda text: self._notices.error(TOPIC, tr("The plan was not saved: {text}", text=text)),
        )

    def show(self, document: Document) -> None:
        """Put it on the desk."""
        self.current = document
        self._fleet.reset(document.content.drones)
        self._selection.clear()
        self._tracks.restart(document.scene.frame)
        self._tracks.seen.know(document.plan)
        self._map.show(document.scene)
        self.changed.emit()

    def rename(self, document: Document, source: str, place: DraftPlace) -> None:
        """The same mission is now kept in another file."""
        self.current = replace(document, source=source, place=place)
        self.changed.emit()

    def revise(self, document: Document) -> None:
        """The same mission has been edited: the view stays, the fleet is another only if its drones are."""
        if list(self._fleet.drones) != [drone.id for drone in document.content.drones]:
            self._fleet.reset(document.content.drones)
            self._selection.clear()
        self._planned(document)

    def go_on(self, document: Document) -> None:
        """Another plan of the same mission is flown: fleet, picked drones, trails and view stay."""
        self._planned(document)

    def take_plan(self, document: Document, plan: Plan) -> None:
        """The plan of this document's mission is there; the ground stays in view as it is."""
        self._background.run(partial(planned, document, plan), then=self._planned, failed=partial(self._notices.error, TOPIC))

    def _opened(self, document: Document) -> None:
        self.opening = ""
        self._notices.drop(TOPIC)
        self.show(document)
        self._tell_opened(document.source)

    def _not_opened(self, text: str) -> None:
        self.opening = ""
        self._notices.error(TOPIC, tr("Not opened: {text}", text=text))
        self.changed.emit()

    def _planned(self, document: Document) -> None:
        self.current = document
        self._tracks.seen.know(document.plan)
        self._map.show(document.scene, fit=False)
        self.changed.emit()

    def _written(self, document: Document, path: Path) -> None:
        if self.current is document:
            self.current = saved(document, path)
        self._notices.info(TOPIC, tr("Saved {path}", path=path))
        self.changed.emit()
