from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import shapely
import shapely.affinity

from mavlink_bridge.events import LIFECYCLE, Airborne, Disarmed, FleetEvent, LaneStarted, Telemetry, Uploaded, UploadOutcome
from missions.control.address import ADDRESS_FILE, Address, read_address
from missions.control.client import ControlClient
from missions.control.messages import (
    FinalState,
    IntentTaken,
    PatrolEnded,
    PatrolEvent,
    PlanChanged,
    Recall,
    StandingRule,
    Start,
    TheseDrones,
    Verdict,
    Withdraw,
)
from missions.control.params import ControlParams
from missions.control.wire import decode_event
from missions.errors import InputError
from missions.fly import FlightEnd, FlightOrder, fly, prepare_folder
from missions.identify import IdentityParams, identify
from missions.junit import junit_cases
from missions.report.account import FlightAccount
from missions.report.build import build_report
from missions.report.flight_events import EVENTS_FILE
from missions.vehicles import ArduPilot, Embedded, Vehicles
from planner.geo import Geographic, geodesic_m
from planner.model import Plan, VehicleKind
from sitl.ardupilot import find_ardupilot
from sitl.faults import FaultPlan, PacketLoss, WindChange
from tests.mavlink_bridge.tiny_patrol import promised
from tests.missions.control.plans import ALD_1, ALD_2, layered_plan, only
from tests.missions.tiny_mission import whole_tiny_plan

PLAN = whole_tiny_plan()
LIMIT_S = 60.0


def flown(
    folder: Path,
    *,
    plan: Plan = PLAN,
    vehicles: Vehicles = Embedded(),  # noqa: B008 - frozen
    limit_s: float = LIMIT_S,
    watcher: Callable[[PatrolEvent], None] = lambda _: None,
    announce: Callable[[Address], None] | None = None,
    **order: object,
) -> FlightEnd:
    async def bounded() -> FlightEnd:
        async with asyncio.timeout(limit_s):
            whole = FlightOrder(plan=plan, vehicles=vehicles, folder=folder, **order)  # type: ignore[arg-type]
            return await fly(whole, watchers=[watcher], announce=announce)

    return asyncio.run(bounded())


@dataclass(frozen=True)
class Told:
    """A flight as planned, and where everything about it lies."""

    folder: Path
    end: FlightEnd
    events: list[PatrolEvent]
    places: list[bool]
    """Whether the address was in the folder when it was announced."""

    @property
    def account(self) -> FlightAccount:
        assert self.end.account is not None
        return self.end.account


@pytest.fixture(scope="module")
def as_planned(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("as_planned")
    events: list[PatrolEvent] = []
    places: list[bool] = []
    announce = lambda _: places.append((folder / ADDRESS_FILE).exists())  # noqa: E731
    end = flown(folder, junit=folder / "junit.xml", watcher=events.append, announce=announce)
    return Told(folder, end, events, places)


def logged(folder: Path) -> list[PatrolEvent]:
    return [decode_event(line) for line in (folder / EVENTS_FILE).read_bytes().splitlines()]


def lifecycle(folder: Path, drone: str) -> list[str]:
    return [_named(event) for event in logged(folder) if isinstance(event, LIFECYCLE) and event.drone == drone]


def _named(event: FleetEvent) -> str:
    lane = getattr(event, "lane", "")
    return f"{type(event).__name__} {lane}".strip()


def test_patrol_on_embedded_vehicles_passes_and_leaves_everything_about_it(as_planned: Told) -> None:
    account, folder = as_planned.account, as_planned.folder
    assert (account.verdict, account.reasons, as_planned.end.interrupted) == (Verdict.PASS, (), None)
    assert {drone.final for drone in account.drones} == {FinalState.HOME_DISARMED}
    names = {path.name for path in folder.iterdir()}
    assert names == {"plan.json", "flight.jsonl", "report.json", "report.html", "vehicles.json", "w1.tlog", "w2.tlog", "junit.xml"}
    assert (folder / "w1.tlog").stat().st_size > 1000


def test_every_drone_goes_through_its_lifecycle_in_the_promised_order(as_planned: Told) -> None:
    for drone in ("w1", "w2"):
        told = [name for name in lifecycle(as_planned.folder, drone) if name != "Ready"]
        assert told == ["Connected", "Uploaded", *promised(drone)]


@pytest.mark.ardupilot
@pytest.mark.slow
@pytest.mark.skipif(find_ardupilot(VehicleKind.COPTER) is None, reason="arducopter is not installed")
def test_ardupilot_flies_the_same_patrol_with_the_same_events_in_the_same_order(as_planned: Told, tmp_path: Path) -> None:
    calm = FaultPlan(fault=(WindChange(speed_mps=3.0, direction_deg=270.0, from_s=20.0),))
    end = flown(tmp_path, vehicles=ArduPilot(speedup=8.0, faults=calm), limit_s=240.0)
    assert end.account is not None
    assert (end.account.verdict, end.account.reasons) == (Verdict.PASS, ())
    for drone in ("w1", "w2"):
        assert lifecycle(tmp_path, drone) == lifecycle(as_planned.folder, drone)


def test_report_rebuilt_from_the_folder_is_the_same(as_planned: Told, tmp_path: Path) -> None:
    folder = shutil.copytree(as_planned.folder, tmp_path / "copy")
    before = (folder / "report.json").read_bytes()
    assert build_report(folder).verdict is Verdict.PASS
    assert (folder / "report.json").read_bytes() == before


def test_last_event_tells_verdict_and_folder(as_planned: Told) -> None:
    events, folder = as_planned.events, as_planned.folder
    ended_s = events[-1].at_s
    assert events[-1] == PatrolEnded(at_s=ended_s, verdict=Verdict.PASS, report_folder=str(folder.resolve()))
    assert logged(folder)[-1] == PatrolEnded(at_s=ended_s, verdict=Verdict.PASS, report_folder=".")


def test_two_equal_flights_have_equal_event_logs_wherever_they_lie(tmp_path: Path) -> None:
    faults = FaultPlan(fault=(PacketLoss(part=0.05), WindChange(speed_mps=5.0, direction_deg=200.0, turbulence_mps=1.0, from_s=90.0)))
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        flown(tmp_path / name, vehicles=Embedded(seed=3, loss=0.02, faults=faults))
    assert (tmp_path / "here" / EVENTS_FILE).read_bytes() == (tmp_path / "there" / EVENTS_FILE).read_bytes()


def test_two_sorties_a_drone_with_a_battery_swap_between_them(tmp_path: Path) -> None:
    end = flown(tmp_path, plan=whole_tiny_plan(sorties_each=2))
    assert end.account is not None
    assert end.account.verdict is Verdict.PASS
    assert [drone.sorties_flown for drone in end.account.drones] == [2, 2]


def test_patrol_over_a_link_that_loses_every_tenth_message_passes(tmp_path: Path) -> None:
    end = flown(tmp_path, vehicles=Embedded(loss=0.1, seed=3))
    assert end.account is not None
    assert end.account.verdict is Verdict.PASS


def test_first_interrupt_brings_everyone_home_and_still_reports(tmp_path: Path) -> None:
    def interrupt(event: PatrolEvent) -> None:
        if isinstance(event, LaneStarted) and event.lane == "w1-0":
            os.kill(os.getpid(), signal.SIGINT)

    end = flown(tmp_path, watcher=interrupt)
    assert end.interrupted == 130
    assert end.account is not None
    assert end.account.verdict is Verdict.INTERRUPTED
    assert {drone.final for drone in end.account.drones} == {FinalState.HOME_DISARMED}
    assert lifecycle(tmp_path, "w1")[-1] in ("Disarmed", "Ready")


def test_termination_is_an_interrupt_with_its_own_code(tmp_path: Path) -> None:
    def terminate(event: PatrolEvent) -> None:
        if isinstance(event, Airborne) and event.drone == "w1":
            os.kill(os.getpid(), signal.SIGTERM)

    assert flown(tmp_path, watcher=terminate).interrupted == 143


def test_second_interrupt_leaves_at_once_and_says_what_the_drones_do(tmp_path: Path) -> None:
    def interrupt(event: PatrolEvent) -> None:
        if isinstance(event, LaneStarted) and event.lane in ("w1-0", "w2-0"):
            os.kill(os.getpid(), signal.SIGINT)

    def landed(event: PatrolEvent) -> None:
        interrupt(event)
        assert not isinstance(event, Disarmed), "it waited"

    end = flown(tmp_path, watcher=landed)
    assert end.interrupted == 130
    assert end.account is None
    assert len(end.left) == 2
    assert all("lands" in line for line in end.left)
    assert build_report(tmp_path).verdict is Verdict.INTERRUPTED


def test_drone_that_is_withdrawn_leaves_its_lanes_to_another_and_the_report_is_of_the_plan_that_was_flown(tmp_path: Path) -> None:
    """Both drones of the patrol are of one nation: what w2 does not fly, w1 does after its own."""
    intents = (Start(), Withdraw(scope=TheseDrones(drones=("w2",))))
    end = flown(tmp_path, intents=intents, params=ControlParams(standing_rule=StandingRule.ACCEPT))
    assert end.account is not None
    (changed,) = [event for event in logged(tmp_path) if isinstance(event, PlanChanged)]
    assert {sortie.drone for sortie in end.account.plan.sorties} == {"w1"}
    assert {drone.drone: (drone.sorties_flown, drone.sorties_planned) for drone in end.account.drones if drone.drone == "w1"} == {
        "w1": (2, 2)
    }
    assert end.account.flown.coverage > 0.95
    assert (tmp_path / f"plan-{changed.proposal}.json").read_bytes() == (tmp_path / "plan.json").read_bytes()
    assert (tmp_path / "plan-0.json").exists()


def test_client_recalls_one_drone_and_is_told_everything_to_the_end(tmp_path: Path) -> None:
    seen: list[PatrolEvent] = []
    tasks: list[asyncio.Task[None]] = []

    async def attach(address: Address) -> None:
        async with ControlClient(address) as client:
            assert PLAN.name in client.snapshot.plan
            async for event in client.events():
                seen.append(event)
                if isinstance(event, Airborne) and event.drone == "w2":
                    client.ask(Recall(scope=TheseDrones(drones=("w2",))))

    end = flown(
        tmp_path,
        vehicles=Embedded(speedup=100.0),
        announce=lambda address: tasks.append(asyncio.get_running_loop().create_task(attach(address))),
    )
    assert end.account is not None
    assert end.account.verdict is Verdict.FAIL
    assert {drone.final for drone in end.account.drones} == {FinalState.HOME_DISARMED}
    assert isinstance(seen[-1], PatrolEnded)
    assert any(isinstance(event, Uploaded) and event.outcome is UploadOutcome.VERIFIED for event in seen)
    assert not (tmp_path / ADDRESS_FILE).exists()


def test_address_is_in_the_folder_while_the_patrol_runs(as_planned: Told) -> None:
    assert as_planned.places == [True]
    assert not (as_planned.folder / ADDRESS_FILE).exists()


def test_control_that_nobody_attaches_to_ends_by_itself(tmp_path: Path) -> None:
    end = flown(tmp_path, intents=(), alone_s=1.0)
    assert end.account is not None
    assert "Armed" not in lifecycle(tmp_path, "w1")


def test_folder_with_something_in_it_is_refused_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("x")
    with pytest.raises(InputError, match="--force"):
        prepare_folder(tmp_path, force=False)
    prepare_folder(tmp_path, force=True)
    prepare_folder(tmp_path / "new" / "deep", force=False)
    assert (tmp_path / "new" / "deep").is_dir()


def test_identity_of_every_vehicle_is_seen_and_nothing_is_uploaded(tmp_path: Path) -> None:
    answers = asyncio.run(identify(PLAN, Embedded(), tmp_path))
    assert [(answer.drone, answer.defects) for answer in answers] == [("w1", ()), ("w2", ())]


def test_vehicle_far_from_its_base_is_not_taken_for_the_one_in_the_plan(tmp_path: Path) -> None:
    answers = asyncio.run(identify(PLAN, Embedded(), tmp_path, IdentityParams(base_radius_m=0.0001)))
    assert all("from its base" in " ".join(answer.defects) for answer in answers)


def test_vehicle_that_is_never_heard_is_a_defect(tmp_path: Path) -> None:
    answers = asyncio.run(identify(PLAN, Embedded(loss=0.999), tmp_path, IdentityParams(patience_s=5.0)))
    assert all("was not heard" in " ".join(answer.defects) for answer in answers)


def test_junit_names_what_was_promised_and_what_failed(tmp_path: Path) -> None:
    def interrupt(event: PatrolEvent) -> None:
        if isinstance(event, LaneStarted) and event.lane == "w1-1":
            os.kill(os.getpid(), signal.SIGINT)

    flown(tmp_path, watcher=interrupt, junit=tmp_path / "j.xml")
    root = ElementTree.parse(tmp_path / "j.xml").getroot()
    failed = {(case.get("classname"), case.get("name")) for case in root.iter("testcase") if case.find("failure") is not None}
    assert ("w1", "lane w1-1") in failed
    assert ("patrol", "not called off") in failed
    assert ("w1", "landed home") not in failed
    assert ("w1", "lane w1-0") not in failed
    names = [case.get("name") for case in root.iter("testcase") if case.get("classname") == "w2"]
    assert names == ["uploaded and verified", "armed", "lane w2-0", "lane w2-1", "sovereignty kept", "landed home", "energy within plan"]
    (log,) = (suite.findtext("system-out") or "" for suite in root.iter("testsuite") if suite.get("name") == "w1")
    assert f"[[ATTACHMENT|{tmp_path / 'failures.svg'}]]" in log
    assert "LaneStarted  w1-1" in log
    picture = ElementTree.parse(tmp_path / "failures.svg").getroot()
    texts = " ".join(element.text or "" for element in picture.iter("{http://www.w3.org/2000/svg}text"))
    assert "w1: lane w1-1: was not flown to its end" in texts
    assert picture.findall("{http://www.w3.org/2000/svg}circle")


def test_junit_finds_who_flew_where_its_nation_may_not(as_planned: Told) -> None:
    account = as_planned.account
    elsewhere = shapely.affinity.translate(PLAN.nation("W").territory.geometry, xoff=5.0)
    nations = tuple(replace(nation, territory=Geographic(elsewhere)) if nation.id == "W" else nation for nation in PLAN.nations)
    cases = junit_cases(replace(account, plan=replace(PLAN, nations=nations)))
    failed = {(case.suite, case.name) for case in cases if case.failure}
    assert failed == {("w1", "sovereignty kept"), ("w2", "sovereignty kept")}
    assert not [case for case in junit_cases(account) if case.failure]


def test_two_drones_called_home_to_one_base_come_down_one_after_the_other(tmp_path: Path) -> None:
    plan = only(layered_plan(), ALD_1, ALD_2)
    base = plan.base(plan.drone(ALD_1).base).location
    events: list[PatrolEvent] = []
    started: set[str] = set()

    def recall_once_both_are_out(event: PatrolEvent) -> None:
        events.append(event)
        if isinstance(event, LaneStarted):
            started.add(event.drone)

    async def patrol() -> FlightEnd:
        recalled = asyncio.create_task(recall())
        end = await fly(FlightOrder(plan=plan, vehicles=Embedded(), folder=tmp_path), watchers=[recall_once_both_are_out])
        await recalled
        return end

    async def recall() -> None:
        while len(started) < 2 or not (tmp_path / ADDRESS_FILE).exists():
            await asyncio.sleep(0.005)
        async with ControlClient(read_address(tmp_path)) as client:
            client.ask(Recall())
            async for _ in client.events():
                pass

    asyncio.run(asyncio.wait_for(patrol(), LIMIT_S))
    called_s = next(event.at_s for event in events if isinstance(event, IntentTaken) and isinstance(event.intent, Recall))
    over_base: dict[str, list[float]] = {}
    for event in events:
        if not isinstance(event, Telemetry) or event.at_s <= called_s or not event.state.armed or event.state.position is None:
            continue
        if geodesic_m(event.state.position, base) < plan.limits.min_separation_m:
            over_base.setdefault(event.drone, []).append(event.at_s)
    (_, first), (_, second) = sorted(over_base.items(), key=lambda item: item[1][0])
    assert first[-1] < second[0], "both were over the base at once"
    assert {event.drone for event in events if isinstance(event, Disarmed)} == {ALD_1, ALD_2}
