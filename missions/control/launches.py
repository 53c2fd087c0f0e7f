"""Launch what is due, one after the other, when the gate finds the way free."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from missions.control.launch_gate import LaunchGate, Traffic
from missions.control.messages import DronePhase
from missions.control.programme import Outputs, Programme
from planner.model import Sortie


@dataclass(slots=True)
class Launches:
    """All drones' launches; instants are patrol seconds where they say so."""

    gate: LaunchGate
    programmes: Mapping[str, Programme]
    barred: Callable[[Sortie], str]
    """The closed area in a sortie's way, empty when there is none."""

    def due(self, patrol_s: float, now_s: float) -> Outputs:
        """Launch in the plan's order; one launch may hinder the next, so each is asked anew."""
        self._forget_failed()
        outputs: Outputs = []
        for programme, sortie in sorted(self._ready(now_s), key=lambda pair: (pair[1].start_s, pair[1].id)):
            due_s = patrol_s if programme.launch_wanted else sortie.start_s
            if patrol_s < due_s:
                continue
            closed = self.barred(sortie)
            programme.note = f"{closed} is closed" if closed else self.gate.hindrance(sortie, patrol_s, due_s, self._traffic())
            if not programme.note:
                self.gate.launched(sortie, patrol_s)
                outputs += programme.launch(now_s)
                programme.progress.took_off(patrol_s + self.gate.latency_s)
        return outputs

    def _ready(self, now_s: float) -> Iterable[tuple[Programme, Sortie]]:
        for programme in self.programmes.values():
            if programme.may_launch(now_s) and programme.progress.sortie is not None:
                yield programme, programme.progress.sortie

    def _forget_failed(self) -> None:
        for programme in self.programmes.values():
            if programme.progress.sortie is not None and programme.phase is not DronePhase.LAUNCHING and not programme.airborne:
                self.gate.given_up(programme.progress.sortie)

    def _traffic(self) -> list[Traffic]:
        return [
            Traffic(
                drone=drone,
                position=programme.state.position,
                amsl_m=programme.state.alt_amsl_m,
                sortie=programme.progress.sortie if programme.follows_plan else None,
                delay_s=programme.progress.delay_s,
                inbound=programme.phase is DronePhase.RETURNING,
            )
            for drone, programme in self.programmes.items()
            if programme.airborne or programme.phase is DronePhase.LAUNCHING
        ]
