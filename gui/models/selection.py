"""Which drones the operator means; with none picked, everyone."""

from __future__ import annotations

from collections.abc import Iterable

from gui.models.fleet import FleetModel
from gui.models.observable import Changed
from gui.models.words import counted, tr
from missions.control.messages import EVERYONE, OfNation, Scope, TheseDrones


class Selection:
    def __init__(self, fleet: FleetModel) -> None:
        self.changed = Changed()
        self._fleet = fleet
        self.drones: frozenset[str] = frozenset()

    def pick(self, drones: Iterable[str]) -> None:
        """Exactly these; ids that the fleet does not have are left out."""
        picked = frozenset(drones) & self._fleet.drones.keys()
        if picked != self.drones:
            self.drones = picked
            self.changed.emit()

    def toggle(self, drone: str) -> None:
        self.pick(self.drones ^ {drone})

    def clear(self) -> None:
        self.pick(())

    @property
    def members(self) -> frozenset[str]:
        """The drones an intent would reach: those picked, or all."""
        return self.drones or frozenset(self._fleet.drones)

    @property
    def scope(self) -> Scope:
        """Whom an intent is for. All of one nation's drones are that nation, all drones are everyone."""
        if not self.drones or len(self.drones) == len(self._fleet.drones):
            return EVERYONE
        nation = self.nation
        if nation is not None:
            return OfNation(nation=nation)
        return TheseDrones(drones=tuple(drone for drone in self._fleet.drones if drone in self.drones))

    @property
    def nation(self) -> str | None:
        """The nation whose drones are picked, all of them and no others."""
        nations = {self._fleet.drones[drone].nation for drone in self.drones}
        if len(nations) != 1:
            return None
        (nation,) = nations
        return nation if self._fleet.of_nation(nation) == self.drones else None

    @property
    def text(self) -> str:
        """Whom it reaches, in words: part of the question before anything that cannot be taken back."""
        match self.scope:
            case OfNation(nation=nation):
                return f"{nation} ({counted(len(self.drones), '{n} drone', '{n} drones')})"
            case TheseDrones(drones=drones):
                return ", ".join(drones) if len(drones) <= 3 else counted(len(drones), "{n} drone", "{n} drones")
            case _:
                return tr("everyone ({drones})", drones=counted(len(self._fleet.drones), "{n} drone", "{n} drones"))
