"""The real scenarios' cuts for simulation, cut once more so that they fly in seconds, each with the faults that lie beside it.

As `jointpatrol fly --fault faults.toml --junit` flies them, on a machine without a display.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import shapely

from missions.control.messages import Verdict
from missions.fly import FlightOrder, fly
from missions.mission_file import load_mission
from missions.report.account import FlightAccount
from missions.scenario_library import find_mission
from missions.vehicles import Embedded
from planner.geo import LocalFrame
from planner.model import MissionSpec, Plan
from planner.pipeline import PlanParams, plan_mission
from sitl.faults import load_faults


@dataclass(frozen=True, slots=True)
class Cut:
    """The part of a mission within so many metres of a place (metres east and north of its middle), for these drones."""

    name: str
    east_m: float
    north_m: float
    radius_m: float
    drones: tuple[str, ...]

    def mission(self) -> MissionSpec:
        spec = load_mission(self.name)
        frame = LocalFrame.around([spec.area])
        ground = frame.ground(spec.area).intersection(shapely.Point(self.east_m, self.north_m).buffer(self.radius_m, quad_segs=2))
        return replace(spec, area=frame.to_geographic(ground), drones=tuple(drone for drone in spec.drones if drone.id in self.drones))


PARALLEL = Cut("forty_ninth/sitl", 1000.0, 100.0, 1300.0, ("usa-east-1", "can-east-vtol-short-1", "can-east-copter-1"))
JUNCTION = Cut("triple_point/sitl", -4000.0, 1500.0, 700.0, ("bgr-1", "grc-1", "pool-1"))
SEAS = Cut("sulu_celebes/sitl", -9500.0, 0.0, 1600.0, ("idn-ship-1", "mys-ship-1"))


def flown(cut: Cut, folder: Path) -> tuple[Plan, FlightAccount, dict[str, set[str]]]:
    """The plan, what came of it, and by suite the JUnit cases that failed."""
    plan = plan_mission(cut.mission(), "0" * 64, PlanParams(effort=1))
    faults = load_faults(find_mission(cut.name).parent / "faults.toml")
    order = FlightOrder(plan=plan, vehicles=Embedded(seed=1, faults=faults), folder=folder, junit=folder / "junit.xml")
    account = asyncio.run(fly(order)).account
    assert account is not None
    suites = ElementTree.parse(folder / "junit.xml").getroot().iter("testsuite")
    failed = {
        suite.get("name", ""): {case.get("name", "") for case in suite.iter("testcase") if case.find("failure") is not None}
        for suite in suites
    }
    assert set(failed) == {"patrol", *cut.drones}
    return plan, account, failed


@pytest.mark.parametrize("cut", [PARALLEL, JUNCTION], ids=lambda cut: cut.name)
def test_the_patrol_is_flown_whole_through_its_faults(cut: Cut, tmp_path: Path) -> None:
    plan, account, failed = flown(cut, tmp_path)
    assert plan.violations == ()
    assert {sortie.nation for sortie in plan.sorties} == {drone.nation for drone in plan.drones}
    assert (account.verdict, account.reasons) == (Verdict.PASS, ())
    assert not any(failed.values()), failed
    assert not (tmp_path / "failures.svg").exists()


def test_an_aircraft_whose_pack_collapses_over_the_sea_fails_alone_and_is_drawn(tmp_path: Path) -> None:
    _plan, account, failed = flown(SEAS, tmp_path)
    assert (account.verdict, account.reasons) == (Verdict.FAIL, ("mys-ship-1: landed away",))
    assert failed == {"patrol": {"verdict"}, "idn-ship-1": set(), "mys-ship-1": {"landed home"}}
    picture = ElementTree.parse(tmp_path / "failures.svg").getroot()
    texts = " ".join(element.text or "" for element in picture.iter("{http://www.w3.org/2000/svg}text"))
    assert "mys-ship-1: landed home: landed away" in texts
