"""What the ready scenarios say of themselves in their READMEs is what comes out of their files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from missions.mission_file import load_mission
from missions.scenario_library import find_mission, scenarios
from planner.geo import LocalFrame, geodesic_area_m2, path_length_m
from planner.model import Limits, Plan
from planner.pipeline import PlanParams, plan_mission
from planner.sectors.partition import partition_by_territory
from tests.missions.test_mission_file import line_points


def readme(name: str) -> str:
    return (find_mission(name).parent / "README.md").read_text(encoding="utf-8")


def planned(name: str) -> Plan:
    return plan_mission(load_mission(name), "0" * 64, PlanParams(effort=1))


@pytest.mark.parametrize("name", [each.name for each in scenarios() if each.name != "training"])
def test_each_scenario_on_a_real_map_says_that_it_is_not_for_navigation(name: str) -> None:
    text = readme(name) + (readme(str(Path(name).parent)) if "/" in name else "")
    assert "Demonstration, not for navigation" in text
    assert "notional" in text.lower()


def test_the_seas_are_shared_as_the_readme_says() -> None:
    spec = load_mission("sulu_celebes")
    frame = LocalFrame.around([spec.area])
    sectors = partition_by_territory(frame.ground(spec.area), {nation.id: frame.ground(nation.territory) for nation in spec.nations})
    parts = {nation: 100 * sector.area / frame.ground(spec.area).area for nation, sector in sectors.items()}

    stated = re.search(r"Indonesia ([\d.]+) %, Malaysia ([\d.]+) %, Philippines ([\d.]+) %", readme("sulu_celebes"))
    assert stated is not None
    assert [parts["IDN"], parts["MYS"], parts["PHL"]] == pytest.approx([float(part) for part in stated.groups()], abs=0.1)
    assert geodesic_area_m2(spec.area) / 1e6 == pytest.approx(61_700, rel=1e-3)


def test_the_triple_point_states_what_its_keep_out_is_made_up_of() -> None:
    spec = load_mission("triple_point")
    (keep_out,) = spec.keep_outs

    assert (keep_out.navigation_error_m, keep_out.wind_drift_m, keep_out.border_uncertainty_m) == (30, 270, 2200)
    assert keep_out.buffer_m == 2500
    assert geodesic_area_m2(spec.area) / 1e6 == pytest.approx(392, abs=1)
    assert spec.limits == Limits(max_wind_mps=12, min_separation_m=150, min_vertical_separation_m=20)


@pytest.mark.parametrize(("name", "length_km", "drones"), [("forty_ninth/long", 1229.5, 60), ("forty_ninth/whole_line", 7936, 400)])
def test_the_long_borders_are_as_long_as_they_say(name: str, length_km: float, drones: int) -> None:
    spec = load_mission(name)
    assert spec.border is not None
    lines = getattr(spec.border.geometry, "geoms", [spec.border.geometry])
    assert sum(path_length_m(line_points(type(spec.border)(line))) for line in lines) / 1000 == pytest.approx(length_km, rel=5e-4)
    assert len(spec.drones) == drones


@pytest.mark.parametrize("name", ["forty_ninth/sitl", "triple_point/sitl", "sulu_celebes/sitl"])
def test_the_small_cuts_are_planned_without_a_violation(name: str) -> None:
    plan = planned(name)

    assert plan.violations == ()
    assert plan.unreachable == ()
    assert plan.result.coverage > 0.99
    assert {sortie.nation for sortie in plan.sorties} == {nation.id for nation in plan.nations}
