"""Real vehicles for the open plan: how each is reached, who answered there, and flying when everybody is who they should be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gui.documents import Documents
from gui.flight import Flight
from gui.models.notices import Choice, Notice, NoticeLevel, Notices
from gui.models.observable import Changed
from gui.models.words import counted, tr
from gui.probing import Probing
from gui.simulation import Simulation
from missions.errors import InputError
from missions.links_file import Links, links_text, load_links
from planner.model import Plan

if TYPE_CHECKING:
    from missions.identify import Answers, Identity

TOPIC = "links"
_FILE = "links.toml"


class RealVehicles:
    """`links` are those of the drones that fly in the open plan; `found` is what was heard there since they last changed."""

    def __init__(self, documents: Documents, flight: Flight, simulation: Simulation, notices: Notices, *, folder: Path) -> None:
        self.changed = Changed()
        self.links: dict[str, str] = {}
        self.found: Mapping[str, Identity] = {}
        self.strangers: tuple[str, ...] = ()
        self._known = Links(links={}, airframes={})
        self._documents = documents
        self._flight = flight
        self._simulation = simulation
        self._notices = notices
        self._folder = folder
        self._probing = Probing(self._answered)
        documents.changed.connect(self._follow)
        flight.changed.connect(self.changed.emit)

    # --- links -------------------------------------------------------------------------------------------------------

    def set_link(self, drone: str, link: str) -> None:
        self._set({**self.links, drone: link.strip()})

    def set_all(self, link: str) -> None:
        """One link for everybody, told apart by their system ids."""
        self._set(dict.fromkeys(self.links, link.strip()))

    def open(self, file: Path) -> None:
        """The links of a links file, with what it says of airframes."""
        plan = self._plan
        if plan is None:
            return
        try:
            self._known = load_links(file, plan)
        except InputError as error:
            self._notices.error(TOPIC, str(error))
        else:
            self._set(dict(self._known.links))

    def _set(self, links: dict[str, str]) -> None:
        self._probing.stop()
        self.links, self.found, self.strangers = links, {}, ()
        self.changed.emit()

    @property
    def _plan(self) -> Plan | None:
        document = self._documents.current
        return None if document is None else document.plan

    def _follow(self) -> None:
        """Another plan: whoever flies in it keeps the link it had."""
        plan = self._plan
        flying = list(dict.fromkeys(sortie.drone for sortie in plan.sorties)) if plan is not None else []
        if flying != list(self.links):
            self._set({drone: self.links.get(drone, "") for drone in flying})

    # --- who is there ------------------------------------------------------------------------------------------------

    @property
    def asking(self) -> bool:
        return self._probing.busy

    @property
    def can_ask(self) -> bool:
        return bool(self.links) and all(self.links.values()) and not self.asking and not self._flight.busy

    def ask(self) -> None:
        """Listen on all links for who answers."""
        plan, links = self._plan, self._written()
        if plan is None or links is None:
            return
        if links.signed:
            self._notices.error(
                TOPIC,
                tr("{signed} fly signed, with keys that the desktop does not ask for: use fly", signed=", ".join(sorted(links.signed))),
            )
            return
        self.found, self.strangers = {}, ()
        self._probing.start(plan, links)
        self.changed.emit()

    def stop(self) -> None:
        self._probing.stop()

    def _answered(self, answers: Answers | str) -> None:
        if isinstance(answers, str):
            self._notices.error(TOPIC, tr("Nobody could be asked: {answers}", answers=answers))
        else:
            self.found = {identity.drone: identity for identity in answers.identities}
            self.strangers = answers.strangers
        self.changed.emit()

    # --- flying ------------------------------------------------------------------------------------------------------

    @property
    def can_connect(self) -> bool:
        """Everybody has answered and is who, where and how the plan has it."""
        everybody = bool(self.links) and self.found.keys() == self.links.keys()
        return everybody and not self._flight.busy and not any(identity.defects for identity in self.found.values())

    def connect(self) -> None:
        """Start mission control for them, after a question; nothing flies by that yet."""
        text = tr(
            "Connect to {links}? Uploads and launches then go to them.", links=counted(len(self.links), "{n} real drone", "{n} real drones")
        )
        choices = (Choice(title=tr("No"), run=lambda: None), Choice(title=tr("Hold to connect"), run=self._connect, hold=True))
        self._notices.post(Notice(topic=TOPIC, level=NoticeLevel.QUESTION, text=text, choices=choices))

    def _connect(self) -> None:
        if self._written() is not None:
            self._simulation.start(str(self._file))

    @property
    def _file(self) -> Path:
        return self._folder.resolve() / _FILE

    def _written(self) -> Links | None:
        """What mission control will read, as it reads it; None, and a word to the operator, when it is not in order."""
        plan = self._plan
        if plan is None:
            return None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file.write_text(links_text(replace(self._known, links=self.links)), encoding="utf-8")
            return load_links(self._file, plan)
        except (InputError, OSError) as error:
            self._notices.error(TOPIC, str(error))
            return None
