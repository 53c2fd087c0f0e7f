"""The desk's flying side: starts or finds mission control, takes in what it says, sends what the operator wants."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from gui.control_process import ControlProcess, FleetOptions
from gui.documents import Documents
from gui.fleet_feed import Attached, Detached, FleetFeed, PlanRead, PlanUnread
from gui.models.document import Document, attached, flown_on
from gui.models.fleet import FleetModel
from gui.models.notices import Choice, Notice, NoticeLevel, Notices
from gui.models.observable import Changed
from gui.models.tracks import Tracks
from gui.models.words import mark, tr
from missions.control.address import ADDRESS_FILE, Address, read_address
from missions.control.messages import Intent, IntentRefused, PatrolEnded, PatrolEvent, Verdict
from missions.errors import InputError

TOPIC = "flight"
#: The report has them all.
_REASONS_TOLD = 3
_ENDS = {Verdict.PASS: tr("passed"), Verdict.FAIL: tr("failed"), Verdict.INTERRUPTED: tr("was interrupted")}


class LinkState(StrEnum):
    """How we stand to mission control; the value is what the status bar says."""

    NONE = mark("no mission control")
    STARTING = mark("starting mission control")
    CONNECTING = mark("connecting")
    ATTACHED = mark("attached")
    LOST = mark("CONNECTION LOST")

    @property
    def text(self) -> str:
        return tr(self.value)


class Flight:
    """At most one mission control. What it says arrives in `fleet` and `tracks`; `changed` tells of the link.

    `remember` is given the report folder of the patrol that runs, and "" when it has ended: after a crash of this program
    the next one finds it there.
    """

    def __init__(
        self,
        feed: FleetFeed,
        *,
        documents: Documents,
        fleet: FleetModel,
        tracks: Tracks,
        notices: Notices,
        state_folder: Path,
        flights_in: Path,
        now_s: Callable[[], float],
        open_folder: Callable[[str], None],
        remember: Callable[[str], None],
        replay: Callable[[Path], None],
    ) -> None:
        self.changed = Changed()
        self.link = LinkState.NONE
        self.ours = False
        """Whether this window started mission control, and so may end it."""
        self._feed = feed
        self._documents = documents
        self._fleet = fleet
        self._tracks = tracks
        self._notices = notices
        self._now_s = now_s
        self._open_folder = open_folder
        self._remember = remember
        self._replay = replay
        self._address: Address | None = None
        self._flown: Document | None = None
        self._process = ControlProcess(state_folder, flights_in=flights_in, ready=self._started, failed=self._not_started)
        feed.arrived.connect(self._take)

    @property
    def attached(self) -> bool:
        return self.link is LinkState.ATTACHED

    @property
    def busy(self) -> bool:
        """Whether there is, or was until it was lost, a mission control that we look at."""
        return self.link is not LinkState.NONE

    @property
    def control_running(self) -> bool:
        """Whether a mission control that this window started is alive."""
        return self._process.running

    def start(self, document: Document, plan_file: Path, options: FleetOptions) -> None:
        """Start mission control and its vehicles for the document's plan, which is in this file."""
        self._flown, self.ours = document, True
        self._set(LinkState.STARTING)
        try:
            self._process.start(plan_file, options)
        except OSError as error:
            self._not_started(str(error))

    def attach(self, place: Path) -> None:
        """Attach to the mission control whose address is in this file or report folder."""
        try:
            address = read_address(place)
        except InputError as error:
            self._notices.error(TOPIC, str(error))
            return
        self._flown, self.ours = None, False
        self._connect(address)

    def offer(self, folder: str) -> None:
        """Ask whether to attach to the patrol that ran when this program was left, if it may still run."""
        if (Path(folder) / ADDRESS_FILE).is_file():
            choices = (
                Choice(title=tr("No"), run=lambda: self._remember("")),
                Choice(title=tr("Attach"), run=lambda: self.attach(Path(folder))),
            )
            text = tr("A patrol was running when the window was closed: {name}. Attach to it?", name=Path(folder).name)
            self._notices.post(Notice(topic=TOPIC, level=NoticeLevel.QUESTION, text=text, choices=choices))

    def attach_again(self) -> None:
        """After the connection was lost."""
        if self._address is not None:
            self._connect(self._address)

    def ask(self, intent: Intent) -> None:
        """Send the intent; mission control says what becomes of it."""
        self._feed.ask(intent)

    def leave(self) -> None:
        """Let go of mission control without a word to it: drones carry on."""
        self._process.give_up()
        self._feed.detach()
        self._set(LinkState.NONE)

    def _replay_of(self, folder: Path) -> None:
        """Of the patrol that has ended; whoever is still attached has nothing more to hear."""
        self.leave()
        self._replay(folder)

    # --- mission control's process and connection --------------------------------------------------------------------

    def _started(self, address: Address) -> None:
        self._connect(address)

    def _not_started(self, text: str) -> None:
        self._set(LinkState.NONE)
        self._notices.error(TOPIC, tr("Mission control did not start: {text}", text=text))

    def _connect(self, address: Address) -> None:
        self._address = address
        self._set(LinkState.CONNECTING)
        self._feed.attach(address)

    def _set(self, link: LinkState) -> None:
        self.link = link
        self.changed.emit()

    # --- what comes in -----------------------------------------------------------------------------------------------

    def _take(self) -> None:
        events: list[PatrolEvent] = []
        for item in self._feed.take():
            match item:
                case Attached():
                    self._begin(item)
                    events = [item.snapshot]
                case Detached(reason=reason):
                    self._apply(events)
                    events = []
                    self._end(reason)
                case PlanRead():
                    self._apply(events)
                    events = []
                    self._fly_on(item)
                case PlanUnread(reason=reason):
                    text = tr(
                        "The plan has changed, and the new one could not be read: {reason}. What is shown is the old one.", reason=reason
                    )
                    self._notices.error("plan", text)
                case _:
                    events.append(item)
        self._apply(events)

    def _begin(self, item: Attached) -> None:
        if self._flown is None or self._flown is not self._documents.current:
            self._flown = attached(item.plan, item.scene)
            self._documents.show(self._flown)
        else:
            self._fleet.reset(item.plan.drones)
            self._tracks.restart(self._flown.scene.frame)
        self._notices.drop(TOPIC)
        self._remember(item.snapshot.report_folder)
        self._set(LinkState.ATTACHED)

    def _fly_on(self, item: PlanRead) -> None:
        if self._flown is not None:
            self._flown = flown_on(self._flown, item.plan, item.scene, item.plan_file)
            self._documents.go_on(self._flown)

    def _apply(self, events: list[PatrolEvent]) -> None:
        if not events:
            return
        self._fleet.apply(events, now_s=self._now_s())
        self._tracks.extend(self._fleet.take_moved())
        self._tracks.seen.extend(self._fleet.take_swept())
        for event in events:
            match event:
                case PatrolEnded():
                    self._tell_end(event)
                case IntentRefused(reason=reason):
                    self._notices.error("refused", tr("Mission control refused: {reason}", reason=reason))
                case _:
                    pass

    def _end(self, reason: str) -> None:
        if self._fleet.ended is not None:
            self._set(LinkState.NONE)
            return
        self._set(LinkState.LOST)
        text = tr(
            "The connection to mission control is lost{reason}. What is shown is what was last known.",
            reason=": " + reason if reason else "",
        )
        again = Choice(title=tr("Attach again"), run=self.attach_again)
        self._notices.post(Notice(topic=TOPIC, level=NoticeLevel.ERROR, text=text, choices=(again,)))

    def _tell_end(self, ended: PatrolEnded) -> None:
        self._remember("")
        told = [*ended.reasons[:_REASONS_TOLD], *(["…"] if len(ended.reasons) > _REASONS_TOLD else [])]
        reasons = f": {'; '.join(told)}" if told else ""
        folder = ended.report_folder
        show = (
            Choice(title=tr("Replay"), run=lambda: self._replay_of(Path(folder))),
            Choice(title=tr("Open the report's folder"), run=lambda: self._open_folder(folder)),
        )
        text = tr("The patrol {ENDS}{reasons}", ENDS=_ENDS[ended.verdict], reasons=reasons)
        self._notices.post(Notice(topic="end", level=NoticeLevel.INFO, text=text, choices=show if folder else ()))
