"""A real mission control on a socket, in a thread, with the fake fleet behind it: what the window attaches to in tests."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from types import TracebackType
from typing import Self

from mavlink_bridge.events import FleetEvent, Telemetry
from mavlink_bridge.vehicle_state import VehicleState
from missions.control.address import Address
from missions.control.core import MissionControl
from missions.control.host import Host
from missions.control.messages import Intent, IntentTaken, PatrolEvent, Snapshot
from missions.control.server import ControlServer, ServerParams
from missions.plan_file import plan_bytes
from planner.geo import azimuth_deg, geodesic_m
from planner.model import Plan
from tests.missions.control.fake_fleet import STEP_S, Behaviour, FakeFleet

#: Wall-clock time between steps of the fleet: a hundred vehicle seconds each second.
STEP_EVERY_S = STEP_S / 100
_PARAMS = ServerParams(telemetry_period_s=0.02)


class SpeakingFleet(FakeFleet):
    """The fake fleet with what an operator looks at besides: heading, height, speed, mode, whole percents."""

    async def step(self) -> Sequence[FleetEvent]:
        return [self._told(event) for event in await super().step()]

    def _told(self, event: FleetEvent) -> FleetEvent:
        if not isinstance(event, Telemetry):
            return event
        state, before = event.state, self._last.get(event.drone, event.state)
        self._last[event.drone] = state
        height_m = (state.alt_amsl_m or 0.0) - self.plan.base(self.plan.drone(event.drone).base).elevation_m
        way_m, heading_deg = 0.0, self._headings.get(event.drone, 0.0)
        if state.position is not None and before.position is not None and state.position != before.position:
            way_m, heading_deg = geodesic_m(before.position, state.position), azimuth_deg(before.position, state.position)
            self._headings[event.drone] = heading_deg
        told = replace(
            state,
            battery_remaining_pct=round(state.battery_remaining_pct or 0),
            heading_deg=heading_deg,
            groundspeed_mps=way_m / STEP_S,
            relative_alt_m=height_m,
            mode_name="AUTO" if state.armed else "STABILIZE",
        )
        return replace(event, state=told)

    @cached_property
    def _last(self) -> dict[str, VehicleState]:
        return {}

    @cached_property
    def _headings(self) -> dict[str, float]:
        return {}


class PatrolServer:
    """`with PatrolServer(plan) as server`. `die` cuts every connection as a crash would."""

    def __init__(self, plan: Plan, behaviours: dict[str, Behaviour] | None = None) -> None:
        self.plan = plan
        self.fleet = SpeakingFleet(plan, behaviours)
        self.control = MissionControl(plan)
        self.fleet.current = lambda: self.control.plan
        self.taken: list[Intent] = []
        self.address: Address
        self._host = Host(self.control, self.fleet)
        self._listening = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(self._serve())
        self._thread = threading.Thread(target=self._run, name="patrol-server")
        self._paused = False

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._listening.wait(5)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.die()

    def die(self) -> None:
        if self._thread.is_alive():
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._task.cancel)
            self._thread.join()

    def freeze(self) -> None:
        """Vehicle time stands still and nothing is said any more; the connection stays."""
        self._paused = True

    def _run(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._task)
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _serve(self) -> None:
        async with ControlServer(self._snapshot, self._host.ask, now_s=lambda: self._host.now_s, params=_PARAMS) as server:
            self._host.watch(server.publish)
            self._host.watch(self._remember)
            self.address = server.address
            self._listening.set()
            while True:
                if not self._paused:
                    await self._host.step()
                await asyncio.sleep(STEP_EVERY_S)

    def _remember(self, event: PatrolEvent) -> None:
        if isinstance(event, IntentTaken):
            self.taken.append(event.intent)

    def _snapshot(self) -> Snapshot:
        control, now_s = self.control, self._host.now_s
        return Snapshot(
            at_s=now_s,
            plan=plan_bytes(control.plan).decode(),
            state=control.state,
            patrol_s=control.clock.patrol_s(now_s),
            states=control.states,
            progress=control.progress(now_s),
            alerts=control.alerts,
            proposal=control.retasking.open.told if control.retasking.open is not None else None,
        )
