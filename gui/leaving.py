"""Closing the window: never behind the operator's back while drones fly, and never with a plan thrown away unasked."""

from __future__ import annotations

from collections.abc import Callable

from gui.documents import Documents
from gui.editing import Editing
from gui.flight import Flight
from gui.models.fleet import FleetModel
from gui.models.notices import Choice, Notice, NoticeLevel, Notices
from gui.models.state_words import PATROLS
from gui.models.words import counted, tr
from missions.control.messages import EVERYONE, PatrolState, Recall, Shutdown

TOPIC = "close"
#: Nothing is in the air, and nothing is about to be.
_AT_REST = (PatrolState.IDLE, PatrolState.CONNECTING, PatrolState.FINISHED)


class Leaving:
    """`may_close` is asked by the window; while it says no, a question stands in the window."""

    def __init__(
        self, flight: Flight, fleet: FleetModel, documents: Documents, editing: Editing, notices: Notices, *, close: Callable[[], object]
    ) -> None:
        self._flight = flight
        self._fleet = fleet
        self._documents = documents
        self._editing = editing
        self._notices = notices
        self._close = close
        self._decided = False
        self._coming_home = False
        fleet.changed.connect(self._look_home)

    def may_close(self) -> bool:
        """Whether the window may go now. Asks the operator when that is not plain."""
        if self._decided:
            return True
        if self._flight.attached and self._in_flight:
            self._ask_flying()
            return False
        if self._documents.unsaved or self._editing.unsaved:
            self._ask_unsaved()
            return False
        self._end_control()
        return True

    @property
    def _in_flight(self) -> bool:
        return bool(self._fleet.airborne) or self._fleet.patrol_state not in _AT_REST

    def _ask_flying(self) -> None:
        flying = counted(len(self._fleet.airborne), "{n} drone", "{n} drones")
        text = tr(
            "{flying} in flight, the patrol is {patrol_state}. Mission control can go on without this window.",
            flying=flying,
            patrol_state=PATROLS[self._fleet.patrol_state],
        )
        self._ask(
            text,
            Choice(title=tr("Stay"), run=lambda: None),
            Choice(title=tr("Leave them flying and close"), run=self._leave),
            Choice(title=tr("Everyone home, then close"), run=self._come_home),
        )

    def _ask_unsaved(self) -> None:
        self._ask(
            tr("The mission has edits that are not saved.") if self._editing.unsaved else tr("The plan has not been saved."),
            Choice(title=tr("Stay"), run=lambda: None),
            Choice(title=tr("Close without saving"), run=self._end_and_close),
        )

    def _ask(self, text: str, *choices: Choice) -> None:
        self._notices.post(Notice(topic=TOPIC, level=NoticeLevel.QUESTION, text=text, choices=choices))

    def _leave(self) -> None:
        self._decided = True
        self._close()

    def _end_and_close(self) -> None:
        self._editing.discard()
        self._end_control()
        self._leave()

    def _come_home(self) -> None:
        self._coming_home = True
        self._flight.ask(Recall(scope=EVERYONE))
        self._notices.info(TOPIC, tr("Everyone is called home; the window closes when they are down."))

    def _look_home(self) -> None:
        if self._coming_home and not self._in_flight:
            self._coming_home = False
            self._end_and_close()

    def _end_control(self) -> None:
        """End the mission control that this window started and nobody flies with; another's is left alone."""
        if self._flight.attached and self._flight.ours and not self._in_flight:
            self._flight.ask(Shutdown())
