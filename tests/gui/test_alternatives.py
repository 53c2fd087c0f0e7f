from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QPushButton, QTableWidget

from gui.exporting import FORMAT_TITLES
from gui.models.alternatives import Alternative, compared
from gui.models.figures import Tone
from gui.models.units import Units
from missions.formats.registry import FORMATS
from planner.model import Comparison, NationTally, PlanTally
from tests.gui.conftest import Desktop
from tests.missions.control.plans import layered_plan

PLAN = layered_plan()


def test_every_format_of_the_command_line_can_be_exported_from_the_window() -> None:
    assert FORMAT_TITLES.keys() == FORMATS.keys()


@pytest.mark.parametrize("name", ["qgc-plan", "geojson"])
def test_a_plan_is_exported_and_what_the_format_cannot_say_is_told(desktop: Desktop, plan_file: Path, tmp_path: Path, name: str) -> None:
    desktop.open(plan_file)
    desktop.desk.exports.export(name, tmp_path / "out")
    desktop.wait(lambda: "files in" in desktop.notice)
    assert len(list((tmp_path / "out").iterdir())) >= len(PLAN.sorties)
    notice = desktop.desk.notices.front
    assert notice is not None
    assert set(FORMATS[name].lost_of(PLAN)) <= {line.removeprefix("- ") for line in notice.details.splitlines()}
    desktop.desk.exports.export(name, tmp_path / "out")
    desktop.wait(lambda: "Not exported" in desktop.notice)


def test_the_best_of_each_figure_stands_out_and_equal_ones_do_not() -> None:
    slow = replace(PLAN, result=replace(PLAN.result, makespan_s=PLAN.result.makespan_s + 60))
    titles, rows = compared([Alternative(title="a", plan=PLAN), Alternative(title="b", plan=slow)], PLAN, Units.METRIC)
    by_title = {row.title: [tone for _, tone in row.cells] for row in rows}
    assert titles == ("a", "b")
    assert by_title["Makespan"] == [Tone.GOOD, Tone.NORMAL]
    assert by_title["Flown length"] == [Tone.NORMAL, Tone.NORMAL]


def test_a_joint_plan_stands_beside_the_separate_ones() -> None:
    nation = NationTally(nation="ALD", sorties=2, length_m=1_500.0, airborne_s=300.0, home_s=400.0)
    joint = PlanTally(makespan_s=300.0, revisit_s=360.0, coverage=0.999, nations=(nation,))
    plan = replace(PLAN, comparison=Comparison(separate=replace(joint, makespan_s=400.0), joint=joint, joint_is_flown=True))
    titles, rows = compared([], plan, Units.METRIC)
    assert titles == ("Separately", "Jointly")
    assert rows[0].cells == (("0:06:40", Tone.NORMAL), ("0:05:00", Tone.GOOD))


def test_plans_of_a_mission_are_kept_and_one_is_laid_back_on_the_desk(desktop: Desktop) -> None:
    desk = desktop.desk
    desk.planning.planner = "tests.gui.quick_planners:quick"
    desktop.open("training")
    for effort in (1, 2):
        desk.planning.set_effort(effort)
        desk.planning.start()
        desktop.wait(lambda number=effort: len(desk.alternatives.made) == number and not desk.planning.busy)
        desktop.wait(lambda: desk.documents.current is not None and desk.documents.current.plan is desk.alternatives.made[-1].plan)
    assert [each.title for each in desk.alternatives.made] == ["Effort 1", "Effort 2"]
    desktop.find(QAction, "view.dock.plans").trigger()
    table, use = desktop.find(QTableWidget, "alternatives"), desktop.find(QPushButton, "use-alternative")
    viewport, cell = table.viewport(), table.item(0, 0)
    assert viewport is not None
    assert cell is not None
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=table.visualItemRect(cell).center())
    assert use.isEnabled()
    desktop.click("use-alternative")
    desktop.wait(lambda: desk.documents.current is not None and desk.documents.current.plan is desk.alternatives.made[0].plan)
    desktop.click("forget-alternative")
    assert [each.title for each in desk.alternatives.made] == ["Effort 2"]
    desktop.open("triple_point")
    assert desk.alternatives.made == ()
