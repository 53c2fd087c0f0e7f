"""Fly a plan on a fake fleet and keep what was told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from mavlink_bridge.events import Alert
from missions.control.core import DEFAULTS, MissionControl
from missions.control.host import Host
from missions.control.messages import DronePhase, FinalState, Intent, PatrolEvent, Start
from missions.control.params import ControlParams
from planner.model import Plan
from tests.missions.control.fake_fleet import Behaviour, FakeFleet

T = TypeVar("T")


@dataclass
class Patrol:
    """`at` intents are given once vehicle time has come."""

    plan: Plan
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    params: ControlParams = DEFAULTS
    events: list[PatrolEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.control = MissionControl(self.plan, self.params)
        self.fleet = FakeFleet(self.plan, self.behaviours)
        self.host = Host(self.control, self.fleet)
        self.fleet.current = lambda: self.control.plan
        self.host.watch(self.events.append)

    def fly(self, *, at: dict[float, Intent] | None = None, until_s: float = 20_000.0) -> Patrol:
        """Start at once unless `at` says otherwise; stops when over or at `until_s`."""
        intents = dict(at or {})
        intents.setdefault(0.0, Start())
        return self.run(at=intents, until_s=until_s)

    def run(self, *, at: dict[float, Intent] | None = None, until_s: float = 20_000.0) -> Patrol:
        intents = sorted((at or {}).items())

        async def steps() -> None:
            while not self.control.finished and self.fleet.now_s < until_s:
                while intents and self.fleet.now_s >= intents[0][0]:
                    self.host.ask(intents.pop(0)[1])
                await self.host.step()

        asyncio.run(steps())
        return self

    def told(self, kind: type[T], where: Callable[[T], bool] = lambda _: True) -> list[T]:
        return [event for event in self.events if isinstance(event, kind) and where(event)]

    def alerts(self, rule: str) -> list[Alert]:
        return self.told(Alert, lambda alert: alert.rule == rule)

    @property
    def flown(self) -> bool:
        """Whether every lane was flown and everybody is home."""
        programmes = self.control.programmes.values()
        return all(programme.outcome() is FinalState.HOME_DISARMED and not programme.progress.missed() for programme in programmes)

    def phase(self, drone: str) -> DronePhase:
        return self.control.programmes[drone].phase
