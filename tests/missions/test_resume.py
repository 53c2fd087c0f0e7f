"""A mission control that is killed, its drones that fly on, and the one that takes them up."""

from __future__ import annotations

import asyncio
import signal
import sys
import textwrap
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from mavlink_bridge.events import Armed, FleetEvent, LaneFinished, LaneStarted, ModeChanged, Recognised, Telemetry, Uploaded, UploadOutcome
from missions.control.address import ADDRESS_FILE, Address, read_address
from missions.control.client import ControlClient
from missions.control.messages import Fix, IntentTaken, PatrolEvent, Recall, Resumed, Verdict
from missions.control.params import ControlParams
from missions.errors import InputError
from missions.fly import FlightEnd, FlightOrder, fly
from missions.plan_file import plan_bytes
from missions.report.flight_events import EVENTS_FILE, FlightEvents, event_lines
from missions.resumption import plan_of, remember
from missions.vehicles import Embedded
from missions.vehicles_file import read_vehicles
from planner.model import Plan, VehicleKind
from sitl.ardupilot import ArduPilotFleet, find_ardupilot
from sitl.config import configs_from_plan
from sitl.server import serve
from tests.missions.tiny_mission import whole_tiny_plan

#: Nobody looks for a quarter of a second of the wall, which is less than a lane takes.
SPEEDUP = 20.0
ARDUPILOT_SPEEDUP = 8.0
LIMIT_S = 60.0

_CONTROL = """
    import asyncio, json, pathlib, sys
    from missions.fly import FlightOrder, fly
    from missions.plan_file import read_plan
    from missions.vehicles import Real
    folder, plan, links, speedup = sys.argv[1:]
    vehicles = Real(links=json.loads(links), system_ids={"w1": 1, "w2": 2}, speedup=float(speedup))
    asyncio.run(fly(FlightOrder(plan=read_plan(plan), vehicles=vehicles, folder=pathlib.Path(folder))))
    """

Acknowledged = list[PatrolEvent]


class Scene:
    """Vehicles of this process behind TCP ports, or ArduPilot's own, and a mission control in one of its own."""

    def __init__(self, folder: Path, plan: Plan, *, ardupilot: bool = False) -> None:
        self._ardupilot = folder / "ardupilot" if ardupilot else None
        self._speedup = ARDUPILOT_SPEEDUP if ardupilot else SPEEDUP
        self.folder = folder / "flight"
        self.folder.mkdir()
        self.plan_file = folder / "tiny.json"
        self.plan_file.write_bytes(plan_bytes(plan))
        self.plan = plan
        self.flyers = {sortie.drone for sortie in plan.sorties}
        self.told: Acknowledged = []
        self._urls: dict[str, str] = {}

    def play(self, kill_when: Callable[[PatrolEvent], bool], then: Callable[[Scene], Awaitable[FlightEnd]]) -> FlightEnd:
        async def played() -> FlightEnd:
            async with asyncio.timeout(LIMIT_S):
                configs = configs_from_plan(self.plan, drones=self.flyers)
                if self._ardupilot is not None:
                    async with ArduPilotFleet(configs, speedup=self._speedup, folder=self._ardupilot) as vehicles:
                        self._urls.update(vehicles.urls)
                        await self._killed(kill_when)
                        return await then(self)
                serving = asyncio.create_task(serve(configs, first_port=0, speedup=self._speedup, announce=self._urls.__setitem__))
                try:
                    await self._killed(kill_when)
                    return await then(self)
                finally:
                    serving.cancel()
                    await asyncio.wait([serving])

        return asyncio.run(played())

    async def resumed(self) -> FlightEnd:
        plan = await asyncio.to_thread(plan_of, self.folder)
        order = FlightOrder(plan=plan, vehicles=read_vehicles(self.folder).vehicles, folder=self.folder, intents=(), resumes=True)
        return await fly(order)

    @property
    def logged(self) -> list[PatrolEvent]:
        return list(FlightEvents(event_lines(self.folder / EVENTS_FILE)))

    async def _killed(self, kill_when: Callable[[PatrolEvent], bool]) -> None:
        import json

        while len(self._urls) < len(self.flyers):
            await asyncio.sleep(0.01)
        arguments = (str(self.folder), str(self.plan_file), json.dumps(self._urls), str(self._speedup))
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", textwrap.dedent(_CONTROL), *arguments)
        try:
            async with ControlClient(await self._address()) as client:
                async for event in client.events():
                    self.told.append(event)
                    if kill_when(event):
                        process.send_signal(signal.SIGKILL)
                        break
        finally:
            await process.wait()

    async def _address(self) -> Address:
        while not (self.folder / ADDRESS_FILE).exists():
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.05)
        return read_address(self.folder)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path, whole_tiny_plan())


def of_kind(events: list[PatrolEvent], kind: type[FleetEvent], drone: str) -> list[FleetEvent]:
    return [event for event in events if isinstance(event, kind) and event.drone == drone]


def test_flight_goes_on_to_its_report_after_mission_control_was_killed(scene: Scene) -> None:
    end = scene.play(lambda event: isinstance(event, LaneStarted) and event.lane == "w1-0", Scene.resumed)
    logged = scene.logged
    assert all(event in logged for event in scene.told if not isinstance(event, Telemetry)), "an acknowledged event was lost"
    assert end.account is not None
    finals = {drone.drone: (drone.final.value, drone.upload.value, drone.sorties_flown) for drone in end.account.drones}
    assert finals == {"w1": ("home_disarmed", "verified", 1), "w2": ("home_disarmed", "verified", 1)}
    for drone in ("w1", "w2"):
        assert len(of_kind(logged, Uploaded, drone)) == 1, "it was uploaded again"
        assert len(of_kind(logged, Armed, drone)) == 1
        assert len(of_kind(logged, LaneFinished, drone)) == 2
        assert not [event for event in of_kind(logged, ModeChanged, drone) if isinstance(event, ModeChanged) and not event.ours]
        (recognised,) = of_kind(logged, Recognised, drone)
        assert isinstance(recognised, Recognised)
        assert recognised.on_board is True, recognised.reason
    (resumed,) = [event for event in logged if isinstance(event, Resumed)]
    assert set(resumed.heard) == {"w1", "w2"}
    before, after = logged[: logged.index(resumed)], logged[logged.index(resumed) + 1 :]
    assert max(event.at_s for event in before) <= resumed.at_s - resumed.gap_s + 0.01
    assert min(event.at_s for event in after if not isinstance(event, Fix)) >= resumed.at_s, "time went backwards"
    with pytest.raises(InputError, match="is over"):
        remember(scene.folder, ControlParams())


@pytest.mark.ardupilot
@pytest.mark.skipif(find_ardupilot(VehicleKind.COPTER) is None, reason="arducopter is not installed")
def test_flight_on_ardupilot_goes_on_to_its_report_after_mission_control_was_killed(tmp_path: Path) -> None:
    scene = Scene(tmp_path, whole_tiny_plan(), ardupilot=True)
    end = scene.play(lambda event: isinstance(event, LaneStarted), Scene.resumed)
    assert end.account is not None
    # How much ground counts depends on how long nobody looked, by vehicle time on a busy machine.
    finals = {drone.drone: (drone.final.value, drone.upload.value, drone.sorties_flown) for drone in end.account.drones}
    assert finals == {"w1": ("home_disarmed", "verified", 1), "w2": ("home_disarmed", "verified", 1)}
    logged = scene.logged
    assert [event.on_board for event in logged if isinstance(event, Recognised)] == [True, True]
    assert [len(of_kind(logged, Armed, drone)) for drone in ("w1", "w2")] == [1, 1]
    assert not [event for event in logged if isinstance(event, ModeChanged) and not event.ours]
    kept = {repr(event) for event in logged}
    assert [event for event in scene.told if not isinstance(event, Telemetry) and repr(event) not in kept] == []


def test_upload_that_was_cut_off_is_begun_anew_and_the_patrol_flown(scene: Scene) -> None:
    end = scene.play(lambda event: isinstance(event, Uploaded), Scene.resumed)
    assert end.account is not None
    assert (end.account.verdict, end.account.reasons) == (Verdict.PASS, ())
    assert all(isinstance(event, Uploaded) and event.outcome is UploadOutcome.VERIFIED for event in of_kind(scene.logged, Uploaded, "w2"))


def test_recall_that_was_taken_is_carried_out_by_the_next_mission_control(scene: Scene) -> None:
    async def recall(scene: Scene) -> FlightEnd:
        # told and logged, and dead before anything came of it
        with (scene.folder / EVENTS_FILE).open("ab") as log:
            from missions.control.wire import encode

            log.write(encode(IntentTaken(at_s=max(event.at_s for event in scene.logged), intent=Recall())))
        return await scene.resumed()

    end = scene.play(lambda event: isinstance(event, LaneStarted) and event.lane == "w2-0", recall)
    assert end.account is not None
    assert end.account.verdict is Verdict.INTERRUPTED
    assert {drone.final.value for drone in end.account.drones} == {"home_disarmed"}


def test_vehicles_that_died_with_their_mission_control_are_not_gone_on_with(tmp_path: Path) -> None:
    order = FlightOrder(plan=whole_tiny_plan(), vehicles=Embedded(), folder=tmp_path)
    asyncio.run(fly(order))
    with pytest.raises(InputError, match="ended with their mission control"):
        plan_of(tmp_path)
