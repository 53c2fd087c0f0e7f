"""From what the operator presses to an intent: whom it is for, and a question before what cannot be taken back."""

from __future__ import annotations

from collections.abc import Callable, Set
from functools import partial

from gui.flight import Flight
from gui.models.fleet import FleetModel
from gui.models.notices import Choice, Notice, NoticeLevel, Notices
from gui.models.selection import Selection
from gui.models.words import counted, tr
from missions.control.messages import (
    EVERYONE,
    Accept,
    Continue,
    DronePhase,
    HandBack,
    Intent,
    Land,
    Launch,
    OfNation,
    PatrolState,
    Pause,
    Recall,
    Reject,
    Scope,
    Shutdown,
    Start,
    Upload,
    Withdraw,
)

TOPIC = "order"
#: Waiting for their next flight.
_ON_GROUND = frozenset({DronePhase.CONNECTED, DronePhase.READY, DronePhase.UPLOADING, DronePhase.UPLOADED, DronePhase.BATTERY_SWAP})


class Orders:
    """Every order goes to the drones that are picked, or to everyone; the question spells it out."""

    def __init__(self, flight: Flight, fleet: FleetModel, selection: Selection, notices: Notices) -> None:
        self._flight = flight
        self._fleet = fleet
        self._selection = selection
        self._notices = notices
        self._phases_for: tuple[int, frozenset[str]] | None = None
        self._phases_now: frozenset[DronePhase] = frozenset()

    # --- orders ------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        question = tr(
            "Fly the whole patrol: upload to and launch {drones}, each at its time in the plan?",
            drones=counted(len(self._fleet.drones), "{n} drone", "{n} drones"),
        )
        self._ask(question, tr("Fly the patrol"), Start())

    def upload(self) -> None:
        self._flight.ask(Upload(scope=self._selection.scope))

    def launch(self) -> None:
        self._ask(tr("Launch {text} now?", text=self._selection.text), tr("Launch"), Launch(scope=self._selection.scope))

    def pause(self) -> None:
        self._flight.ask(Pause(scope=self._selection.scope))

    def go_on(self) -> None:
        self._flight.ask(Continue(scope=self._selection.scope))

    def recall(self) -> None:
        question = tr("Bring {text} home? They fly no further sortie.", text=self._selection.text)
        self._ask(question, tr("Bring home"), Recall(scope=self._selection.scope))

    def land(self) -> None:
        question = tr("Land {text} where they are, now? They fly no further sortie.", text=self._selection.text)
        self._ask(question, tr("Land there"), Land(scope=self._selection.scope))

    def withdraw(self) -> None:
        """The picked drones, for good; what they leave is offered to the others."""
        self._ask_withdraw(self._selection.text, self._selection.scope)

    def withdraw_nation(self, nation: str) -> None:
        drones = counted(len(self._fleet.of_nation(nation)), "{n} drone", "{n} drones")
        self._ask_withdraw(f"{nation} ({drones})", OfNation(nation=nation))

    def _ask_withdraw(self, whom: str, scope: Scope) -> None:
        question = tr("Withdraw {whom}? They fly home and no further sortie; what they leave is offered to the others.", whom=whom)
        self._question(question, tr("Hold to withdraw"), partial(self._flight.ask, Withdraw(scope=scope)), hold=True)

    def accept(self) -> None:
        """Fly on as the proposal on the screen says; asks when the check has found something in it."""
        told = self._fleet.proposal
        if told is None:
            return
        if told.violations:
            found = counted(len(told.violations), "{n} violation", "{n} violations")
            question = tr("Accept proposal {proposal}, in which the check found {found}?", proposal=told.proposal, found=found)
            self._ask(question, tr("Accept all the same"), Accept(proposal=told.proposal))
        else:
            self._flight.ask(Accept(proposal=told.proposal))

    def reject(self) -> None:
        told = self._fleet.proposal
        if told is not None:
            self._flight.ask(Reject(proposal=told.proposal))

    def hand_back(self) -> None:
        question = tr("Give {text} back to mission control? It flies them again at once.", text=self._selection.text)
        self._ask(question, tr("Hand back"), HandBack(scope=self._selection.scope))

    def end_control(self) -> None:
        question = tr("End mission control? Whoever flies is called home first, and nobody flies a further sortie.")
        self._ask(question, tr("End it"), Shutdown())

    def everyone_home(self) -> None:
        """Without a question: whoever calls has made sure that no hand slipped."""
        self._notices.drop(TOPIC)
        self._flight.ask(Recall(scope=EVERYONE))

    def ask_everyone_home(self) -> None:
        self._question(tr("Bring everyone home? Nobody flies a further sortie."), tr("Everyone home"), self.everyone_home)

    # --- what can be ordered now -------------------------------------------------------------------------------------

    def can_start(self) -> bool:
        return self._flight.attached and self._fleet.patrol_state in (PatrolState.IDLE, PatrolState.CONNECTING)

    def can_end_control(self) -> bool:
        return self._flight.attached

    def can_recall_everyone(self) -> bool:
        return self._flight.attached and self._fleet.patrol_state is not PatrolState.FINISHED

    def can_upload(self) -> bool:
        return self._any({DronePhase.READY, DronePhase.UPLOADED, DronePhase.HELD})

    def can_launch(self) -> bool:
        return self._any({DronePhase.UPLOADED})

    def can_pause(self) -> bool:
        return self._any({*_ON_GROUND, DronePhase.FLYING, DronePhase.RETURNING})

    def can_continue(self) -> bool:
        # drones on the ground are held there by a pause, which only mission control knows
        return self._any({*_ON_GROUND, DronePhase.PAUSED})

    def can_recall(self) -> bool:
        return self._any(set(DronePhase) - {DronePhase.OFFLINE, DronePhase.DONE})

    def can_land(self) -> bool:
        return self._flight.attached and any(self._fleet.drones[drone].airborne for drone in self._selection.members)

    def can_decide(self) -> bool:
        return self._flight.attached and self._fleet.proposal is not None

    def can_withdraw(self) -> bool:
        """Some drones, not all: with nobody left there is nobody to take over."""
        return len(self._selection.members) < len(self._fleet.drones) and self._any_to_withdraw(self._selection.members)

    def can_withdraw_nation(self, nation: str) -> bool:
        members = self._fleet.of_nation(nation)
        return len(members) < len(self._fleet.drones) and self._any_to_withdraw(members)

    def _any_to_withdraw(self, members: frozenset[str]) -> bool:
        progress = [self._fleet.drones[drone].progress for drone in members]
        return self.can_recall_everyone() and any(each is not None and not each.recalled for each in progress)

    def can_hand_back(self) -> bool:
        progress = [self._fleet.drones[drone].progress for drone in self._selection.members]
        return self._flight.attached and any(each is not None and not each.automatic for each in progress)

    def _any(self, phases: Set[DronePhase]) -> bool:
        return self._flight.attached and not self._phases.isdisjoint(phases)

    @property
    def _phases(self) -> frozenset[DronePhase]:
        """Those that the picked drones are in; looked at once for all actions, however many drones there are."""
        wanted = (self._fleet.version, self._selection.drones)
        if self._phases_for != wanted:
            self._phases_for = wanted
            self._phases_now = frozenset({self._fleet.drones[drone].phase for drone in self._selection.members})
        return self._phases_now

    # --- questions ---------------------------------------------------------------------------------------------------

    def _ask(self, question: str, title: str, intent: Intent) -> None:
        self._question(question, title, partial(self._flight.ask, intent))

    def _question(self, question: str, title: str, run: Callable[[], None], *, hold: bool = False) -> None:
        choices = (Choice(title=tr("No"), run=lambda: None), Choice(title=title, run=run, hold=hold))
        self._notices.post(Notice(topic=TOPIC, level=NoticeLevel.QUESTION, text=question, choices=choices))
