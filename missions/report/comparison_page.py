"""Two patrols on one page that needs nothing else, in the report's clothes; and the same figures as JSON."""

from __future__ import annotations

from collections.abc import Iterable

from missions.canonical import Object
from missions.palette import nation_colours
from missions.report.comparison import Compared, Comparison, Table
from missions.report.map_layout import layout_of
from missions.report.map_scene import revisit_scene
from missions.report.page import templates
from missions.report.svg_map import map_strips


def comparison_page(comparison: Comparison, *, names: tuple[str, str], command: str) -> str:
    """The page as HTML text; `names` are what the patrols are called, `command` is how to compute it again."""
    accounts = (comparison.first, comparison.second)
    scenes = [revisit_scene(account) if account.segments else None for account in accounts]
    return (
        templates()
        .get_template("comparison.html")
        .render(
            comparison=comparison,
            names=names,
            accounts=accounts,
            command=command,
            colours=list(nation_colours(comparison.first.plan.nations).values()),
            maps=[[] if scene is None else map_strips(scene, {}, name=f"revisits-{index}") for index, scene in enumerate(scenes)],
            side_by_side=[scene is not None and layout_of(scene).side_by_side for scene in scenes],
        )
    )


def comparison_document(comparison: Comparison) -> Object:
    """Plain JSON values: both figures and the difference, in the units of report.json."""
    return {
        "same_mission": comparison.same_mission,
        "same_plan": comparison.same_plan,
        "verdicts": [comparison.first.verdict.value, comparison.second.verdict.value],
        "patrol": _figures(comparison.patrol),
        "nations": _tables(comparison.nations),
        "segments": _tables(comparison.segments),
    }


def _tables(tables: Iterable[Table]) -> Object:
    return {table.name: _figures(table.figures) for table in tables}


def _figures(figures: Iterable[Compared]) -> Object:
    return {each.name: {"first": each.first, "second": each.second, "change": each.change} for each in figures}
