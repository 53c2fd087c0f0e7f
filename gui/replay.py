"""Plays a recorded flight in the views that show a live one: the clock, the scrubber's place, and what was the case then."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QObject, QTimer

from gui.background import Background
from gui.documents import Documents
from gui.models.document import Document, recorded
from gui.models.fleet import FleetModel
from gui.models.flight_record import FlightRecord, PlanSpan, load_record
from gui.models.notices import Notices
from gui.models.observable import Changed
from gui.models.tracks import Tracks
from gui.models.words import tr

TOPIC = "replay"
SPEEDS = (1, 5, 20, 60)
_TICK_MS = 33
#: A jump longer than this is looked up; a shorter one is played.
_PLAYED_S = 30.0


class Replay(QObject):
    """`record` is None while nothing is replayed. `at_s` is the vehicle time that is shown."""

    def __init__(
        self,
        background: Background,
        documents: Documents,
        fleet: FleetModel,
        tracks: Tracks,
        notices: Notices,
        *,
        now_s: Callable[[], float],
    ) -> None:
        super().__init__()
        self.changed = Changed()
        self.moved = Changed()
        """The instant that is shown has changed."""
        self.record: FlightRecord | None = None
        self.at_s = 0.0
        self.playing = False
        self.speed = SPEEDS[1]
        self._background = background
        self._documents = documents
        self._fleet = fleet
        self._tracks = tracks
        self._notices = notices
        self._now_s = now_s
        self._ticked_s = 0.0
        self._applied = 0
        self._span: PlanSpan | None = None
        self._document: Document | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        documents.changed.connect(self._follow)

    @property
    def active(self) -> bool:
        return self.record is not None

    def open(self, folder: Path) -> None:
        """The folder of a flight: `plan.json` and `flight.jsonl` in it."""
        folder = folder if folder.is_dir() else folder.parent
        self._documents.guard(partial(self._open, folder))

    def _open(self, folder: Path) -> None:
        self._documents.opening = str(folder)
        self._documents.changed.emit()
        self._background.run(partial(load_record, folder), then=self._begin, failed=self._not_opened)

    def close(self) -> None:
        """No replay any more; its plan stays on the desk."""
        if self.record is not None:
            self.record = self._document = None
            self.pause()
            document = self._documents.current
            if document is not None:
                self._documents.show(document)

    def play(self) -> None:
        """From the start when the end has been reached."""
        if self.record is not None:
            if self.at_s >= self.record.end_s:
                self.seek(self.record.start_s)
            self.playing, self._ticked_s = True, self._now_s()
            self._timer.start()
            self.changed.emit()

    def pause(self) -> None:
        self.playing = False
        self._timer.stop()
        self.changed.emit()

    def toggle(self) -> None:
        (self.pause if self.playing else self.play)()

    def set_speed(self, speed: int) -> None:
        self.speed = speed
        self.changed.emit()

    def step(self, seconds: float) -> None:
        self.seek(self.at_s + seconds)

    def step_mark(self, step: int) -> None:
        """To the next alert, or the one before."""
        if self.record is None or not self.record.marks_s:
            return
        marks = self.record.marks_s
        index = bisect_right(marks, self.at_s + 1e-6) if step > 0 else bisect_left(marks, self.at_s - 1e-6) - 1
        if 0 <= index < len(marks):
            self.seek(marks[index])

    def seek(self, at_s: float) -> None:
        """Show this instant, or the nearest there is."""
        record = self.record
        if record is None:
            return
        at_s = min(max(at_s, record.start_s), record.end_s)
        jumps = not 0 <= at_s - self.at_s <= _PLAYED_S
        self.at_s = at_s
        index = record.index_at(at_s)
        if jumps:
            self._applied, picture = record.picture_before(index)
            self._fleet.show(picture)
        self._show_span(record.span_at(at_s))
        if jumps:
            places = {drone: track.at(at_s) for drone, track in record.tracks.items()}
            heads = {drone: head for drone, (head, _) in places.items() if head is not None}
            self._tracks.show(heads, {drone: trail for drone, (head, trail) in places.items() if head is not None})
            self._tracks.seen.show(record.seen_at(at_s))
        self._fleet.apply(record.events[self._applied : index], now_s=None)
        self._applied = index
        moved, swept = self._fleet.take_moved(), self._fleet.take_swept()
        if not jumps:
            self._tracks.extend(moved)
            self._tracks.seen.extend(swept)
        self.moved.emit()

    def _begin(self, record: FlightRecord) -> None:
        self._documents.opening = ""
        self._notices.drop(TOPIC)
        first = record.plans[0]
        self.record, self._span = record, first
        self._document = recorded(str(record.folder), first.plan, first.scene, record.plan_file)
        self._documents.show(self._document)
        self.at_s = float("inf")  # whatever comes first is a jump
        self.seek(record.start_s)
        self.changed.emit()
        if record.unreadable_lines:
            self._notices.info(TOPIC, tr("{unreadable_lines} lines of the log could not be read", unreadable_lines=record.unreadable_lines))

    def _not_opened(self, text: str) -> None:
        self._documents.opening = ""
        self._notices.error(TOPIC, tr("No replay: {text}", text=text))
        self._documents.changed.emit()

    def _show_span(self, span: PlanSpan) -> None:
        if span is not self._span and self._document is not None:
            self._span = span
            source, file = self._document.source, self._document.plan_file
            self._document = recorded(source, span.plan, span.scene, file)
            self._documents.go_on(self._document)

    def _follow(self) -> None:
        """Another document has come: the replay is over."""
        if self.record is not None and self._documents.current is not self._document:
            self.record = self._document = None
            self.pause()

    def _tick(self) -> None:
        record, now_s = self.record, self._now_s()
        if record is None:
            return
        self.seek(self.at_s + (now_s - self._ticked_s) * self.speed)
        self._ticked_s = now_s
        if self.at_s >= record.end_s:
            self.pause()
