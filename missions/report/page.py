"""report.html: the account as one page that needs nothing else, on screen in light or dark, and on paper."""

from __future__ import annotations

from functools import lru_cache

import jinja2

from missions.palette import nation_colours
from missions.report import words
from missions.report.account import FlightAccount
from missions.report.cost import NO_TARIFF, Tariff, costs
from missions.report.map_scene import flight_scene, revisit_scene
from missions.report.params import ReportParams
from missions.report.svg_map import draws_side_by_side, legend_swatch, map_strips
from missions.report.svg_timeline import clock, timeline
from missions.report.terms import agreed, asked
from missions.report.totals import energy_sources, planned_wh, total, versions
from missions.utc import at_utc

_WORDS = (words.percent, words.area, words.duration, words.hours, words.km, words.wh, words.metres, words.money, words.place, words.final)


def report_page(account: FlightAccount, params: ReportParams, *, command: str, tariff: Tariff = NO_TARIFF) -> str:
    """The page as HTML text. `command` is how to compute it again."""
    hatches = {nation.id: index for index, nation in enumerate(account.plan.nations)}
    scene = flight_scene(account, params)
    return (
        templates()
        .get_template("report.html")
        .render(
            account=account,
            params=params,
            command=command,
            hatches=hatches,
            colours=list(nation_colours(account.plan.nations).values()),
            swatches=[legend_swatch(index) for index in hatches.values()],
            map=map_strips(scene, hatches),
            side_by_side=draws_side_by_side(scene),
            revisits=map_strips(revisit_scene(account), hatches, name="revisits") if account.segments else [],
            asked=asked(account.plan),
            agreed=agreed(account.plan),
            costs=costs(account, tariff),
            tariff=tariff,
            timeline=timeline(account.sorties, hatches),
            total=total(account),
            planned_wh=planned_wh(account),
            sorties_flown=sum(bool(times.flown) for times in account.sorties),
            energy_sources=energy_sources(account),
            start=f"{at_utc(account.plan.start_utc, 0.0):%d %B %Y %H:%M} UTC".lstrip("0"),
            versions=versions(),
        )
    )


@lru_cache(maxsize=1)
def templates() -> jinja2.Environment:
    """What pages are made from, with the words that figures are told in."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("missions"), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "css_percent": lambda part: f"{100 * min(max(part, 0.0), 1.0):.2f}%",
        "clock": clock,
        **{made.__name__: made for made in _WORDS},
    }
    return environment
