from __future__ import annotations

from dataclasses import replace

from gui.models.figures import Tone, figures_of, violation_text
from gui.models.units import Units
from missions.mission_file import load_mission
from planner.model import Rule, Unreachable, Violation
from tests.missions.sample_patrol import sample_plan

BROKEN = Violation(rule=Rule.KEEP_OUT, subject="ald-west-1.1", amount=3.0, unit="m", text="enters mast", at_s=75.0)


def test_makespan_stands_beside_its_bound_and_the_gap() -> None:
    plan = sample_plan()
    result = replace(plan.result, makespan_s=1663.0, makespan_bound_s=832.0, gap=0.9988, coverage=0.998)
    figures = {figure.title: figure.value for figure in figures_of(replace(plan, result=result), Units.METRIC)}
    assert (figures["Makespan"], figures["Lower bound"], figures["Gap"]) == ("0:27:43", "0:13:52", "99.9 %")
    assert figures["Coverage"] == "99.80 %"


def test_without_a_bound_there_is_no_gap() -> None:
    plan = sample_plan()
    figures = {figure.title: figure.value for figure in figures_of(replace(plan, result=replace(plan.result, gap=None)), Units.METRIC)}
    assert figures["Gap"] == "–"


def test_violations_are_counted_and_bad() -> None:
    check = {figure.title: figure for figure in figures_of(replace(sample_plan(), violations=(BROKEN,)), Units.METRIC)}["Check"]
    assert (check.value, check.tone) == ("1 violation", Tone.BAD)
    assert violation_text(BROKEN) == "keep_out: ald-west-1.1 at 0:01:15: enters mast"


def test_ground_that_nobody_reaches_is_told_with_its_reason() -> None:
    plan = sample_plan()
    piece = Unreachable(polygon=plan.area, reason="beyond endurance")
    figure = {figure.title: figure for figure in figures_of(replace(plan, unreachable=(piece,)), Units.METRIC)}["Unreachable"]
    assert (figure.value, figure.tip, figure.tone) == ("1 place", "beyond endurance", Tone.WARNING)


def test_a_mission_says_how_wrong_its_border_may_be() -> None:
    figures = {figure.title: figure.value for figure in figures_of(load_mission("training"), Units.METRIC)}
    assert figures["Border uncertainty"] == "± 5 m"
    assert (figures["Drones"], figures["Bases"]) == ("6", "2")


def test_nothing_open_has_no_figures() -> None:
    assert figures_of(None, Units.METRIC) == ()
