"""report.html: the account as one page that needs nothing else, on screen in light or dark, and on paper."""

from __future__ import annotations

import platform
from collections import defaultdict
from functools import lru_cache
from importlib import metadata
from typing import Final

import jinja2
from markupsafe import Markup

from missions.control.messages import FinalState
from missions.lonlat_shapes import place_text
from missions.palette import nation_colours
from missions.report.account import Effort, FlightAccount
from missions.report.cost import Tariff, costs
from missions.report.energy import sum_energies
from missions.report.map_scene import flight_scene, revisit_scene
from missions.report.params import ReportParams
from missions.report.svg_map import draws_side_by_side, legend_swatch, map_strips
from missions.report.svg_timeline import clock, timeline
from missions.report.terms import agreed, asked
from missions.utc import at_utc
from planner.geo import LatLon
from planner.model import Violation

_PACKAGES: Final = ("jointpatrol", "shapely", "pyproj", "numpy")
_FINAL_WORDS: Final = {
    FinalState.HOME_DISARMED: "home, disarmed",
    FinalState.LANDED_AWAY: "landed away",
    FinalState.FLYING: "in the air or armed",
    FinalState.LOST: "lost",
}


NO_TARIFF: Final = Tariff()


def report_page(account: FlightAccount, params: ReportParams, *, command: str, tariff: Tariff = NO_TARIFF) -> str:
    """The page as HTML text. `command` is how to compute it again."""
    hatches = {nation.id: index for index, nation in enumerate(account.plan.nations)}
    scene = flight_scene(account, params)
    return _template().render(
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
        total=_total(account),
        planned_wh=sum(drone.planned.energy.wh for drone in account.drones),
        sorties_flown=sum(bool(times.flown) for times in account.sorties),
        energy_sources=_energy_sources(account),
        start=f"{at_utc(account.plan.start_utc, 0.0):%d %B %Y %H:%M} UTC".lstrip("0"),
        versions=_versions(),
    )


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("missions"), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "percent": _percent,
        "css_percent": lambda part: f"{100 * min(max(part, 0.0), 1.0):.2f}%",
        "area": _area,
        "hours": _hours,
        "km": lambda metres: _spaced(f"{metres / 1000:,.1f}", "km"),
        "wh": lambda energy_wh: _spaced(f"{energy_wh:,.0f}", "Wh"),
        "metres": lambda metres: _spaced(f"{metres:,.0f}", "m"),
        "clock": clock,
        "money": lambda amount: f"{amount:,.2f}".replace(",", "\u202f"),
        "duration": _duration,
        "place": _place,
        "final": lambda final: _FINAL_WORDS[final],
    }
    return environment.get_template("report.html")


def _total(account: FlightAccount) -> Effort:
    return Effort(
        time_s=sum(drone.flown.time_s for drone in account.drones),
        length_m=sum(drone.flown.length_m for drone in account.drones),
        energy=sum_energies([drone.flown.energy for drone in account.drones]),
    )


def _energy_sources(account: FlightAccount) -> dict[str, list[str]]:
    drones: dict[str, list[str]] = defaultdict(list)
    for drone in account.drones:
        drones[drone.flown.energy.source.value].append(drone.drone)
    return dict(drones)


def _versions() -> dict[str, str]:
    versions = {"Python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = "(source tree)"
    return versions


def _spaced(value: str, unit: str) -> Markup:
    """Digits in groups by thin spaces, and the unit never on the next line."""
    return Markup("{}&nbsp;{}").format(value.replace(",", "\u202f"), unit)


def _percent(part: float, decimals: int = 2) -> Markup:
    # cut, not rounded: 98.996 % of 99 % is not 99.00 %
    scale = 10**decimals
    cut = int(100 * part * scale + 1e-6) / scale
    return _spaced(f"{cut:.{decimals}f}", "%")


def _area(square_metres: float) -> Markup:
    if square_metres >= 1e6:
        return _spaced(f"{square_metres / 1e6:,.2f}", "km²")
    return _spaced(f"{square_metres / 1e4:,.2f}", "ha") if square_metres >= 1e4 else _spaced(f"{square_metres:,.0f}", "m²")


def _duration(time_s: float) -> Markup:
    hours, minutes, seconds = round(time_s) // 3600, round(time_s) // 60 % 60, round(time_s) % 60
    parts = [(hours, "h"), (minutes, "min")] if hours else [(minutes, "min"), (seconds, "s")]
    return Markup("&nbsp;").join(_spaced(str(value), unit) for value, unit in parts)


def _hours(time_s: float) -> Markup:
    return _spaced(f"{time_s / 3600:,.2f}", "h")


def _place(where: LatLon | Violation) -> str:
    assert where.lat_deg is not None and where.lon_deg is not None
    return place_text(where.lon_deg, where.lat_deg)
