"""Fly on otherwise: areas are closed, lanes become nobody's, another plan is proposed, decided on, and taken up by everybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mavlink_bridge.events import Alert, AlertLevel
from missions.control.actions import Action
from missions.control.homecoming import Homecoming
from missions.control.launch_gate import LaunchGate
from missions.control.messages import (
    Accept,
    CloseArea,
    ControlEvent,
    DronePhase,
    IntentRefused,
    IntentTaken,
    PlanChanged,
    Reject,
    StandingRule,
)
from missions.control.params import ControlParams
from missions.control.patrol_clock import PatrolClock
from missions.control.programme import Programme
from missions.control.retasking import Proposal, Retasking
from missions.control.watch import Watch
from planner.model import Plan

Output = Action | Alert | ControlEvent


@dataclass(slots=True)
class FlyingOn:
    """One patrol's. `plan` is what is flown."""

    plan: Plan
    programmes: Mapping[str, Programme]
    retasking: Retasking
    clock: PatrolClock
    params: ControlParams
    gate: LaunchGate
    watch: Watch
    homecoming: Homecoming

    def close(self, intent: CloseArea, now_s: float) -> list[Output]:
        """Who would fly through what is closed is called back, by a way around it; who is in it leaves first."""
        try:
            self.retasking.close(intent)
        except ValueError as error:
            return [IntentRefused(at_s=now_s, intent=intent, reason=f"that is no area: {error}")]
        self._changed()
        outputs: list[Output] = [IntentTaken(at_s=now_s, intent=intent)]
        for programme in self.programmes.values():
            sortie, leg = programme.progress.sortie, programme.progress.leg
            if programme.phase is not DronePhase.FLYING or not programme.automatic or sortie is None:
                continue
            if self.retasking.in_the_way(sortie, sortie.legs.index(leg) if leg is not None else 0):
                outputs += programme.call_back(now_s)
        return outputs

    def look(self, now_s: float) -> list[Output]:
        """Whether lanes are nobody's: then another plan is wanted. A proposal that time has overtaken gives way to a new one."""
        patrol_s = self.clock.patrol_s(now_s)
        if patrol_s is None or self.clock.paused:
            return []
        if self.retasking.open is not None and self.retasking.open.is_stale(self.programmes):
            self.retasking.look_again()
        wanted = self.retasking.due(self.plan, self.programmes, patrol_s, now_s)
        return [wanted] if wanted is not None else []

    def replanned(self, plan: Plan, now_s: float) -> list[Output]:
        """What `Replan` came to."""
        proposed = self.retasking.proposed(self.plan, plan, now_s)
        outputs: list[Output] = [proposed]
        if not proposed.added:
            self.retasking.decide(accepted=False)
            text = f"nobody can take over what is left: {'; '.join(proposed.uncovered) or 'it is too late'}"
            outputs.append(Alert(drone="", at_s=now_s, level=AlertLevel.WARNING, rule="retasking", text=text))
        elif self.params.standing_rule is StandingRule.ACCEPT and self.retasking.open is not None and self.retasking.open.bearable:
            if self.retasking.open.is_stale(self.programmes):
                self.retasking.look_again()
            else:
                outputs += self.adopt(self.retasking.open, now_s)
        return outputs

    def decide(self, intent: Accept | Reject, now_s: float) -> list[Output]:
        proposal = self.retasking.open
        if proposal is None or proposal.number != intent.proposal:
            return [IntentRefused(at_s=now_s, intent=intent, reason=f"there is no proposal {intent.proposal} to decide on")]
        if isinstance(intent, Reject):
            self.retasking.decide(accepted=False)
            return [IntentTaken(at_s=now_s, intent=intent)]
        if proposal.is_stale(self.programmes):
            self.retasking.look_again()
            return [IntentRefused(at_s=now_s, intent=intent, reason="things have changed since: another proposal follows")]
        return [IntentTaken(at_s=now_s, intent=intent), *self.adopt(proposal, now_s)]

    def adopt(self, proposal: Proposal, now_s: float) -> list[Output]:
        self.retasking.decide(accepted=True)
        self.retasking.number = proposal.number
        self.plan = self.gate.plan = self.watch.plan = proposal.plan
        self._changed()
        outputs: list[Output] = [PlanChanged(at_s=now_s, proposal=proposal.number)]
        for programme in self.programmes.values():
            outputs += programme.change_plan(proposal.plan, now_s)
        return outputs

    def _changed(self) -> None:
        self.homecoming.change(self.plan, self.retasking.closed)
