"""The crew's sheet says what the plan says, is one valid page, and loads nothing from elsewhere."""

from __future__ import annotations

import re
from dataclasses import replace

from lxml import html

from missions.formats.crew_sheet import crew_sheet_writer
from missions.formats.writing import unremarked
from planner.model import HeightBand, Plan, Sortie
from tests.missions.sample_patrol import sample_plan


def sheet(plan: Plan, sortie: Sortie) -> html.HtmlElement:
    return html.fromstring(crew_sheet_writer(plan, unremarked).sortie(sortie))


def text_of(page: html.HtmlElement) -> str:
    return " ".join(page.text_content().split())


def test_it_has_every_leg_with_its_place_and_the_times() -> None:
    plan = sample_plan()
    sortie = plan.sorties[0]
    page = sheet(plan, sortie)
    table = page.findall(".//table")[0]
    rows = [[cell.text_content() for cell in row.findall("td")] for row in table.findall(".//tbody/tr")]
    assert [(row[1], row[3], row[4]) for row in rows] == [
        (leg.kind.value.lower(), f"{leg.end.lat_deg:.6f}", f"{leg.end.lon_deg:.6f}") for leg in sortie.legs
    ]
    assert rows[-1][-1] == "06:09:23"
    assert "06:00:00" in text_of(page)


def test_it_names_who_is_in_the_air_meanwhile_and_what_is_near() -> None:
    plan = sample_plan()
    zone = replace(plan.keep_outs[0], band=HeightBand(max_m=90.0))
    page = sheet(replace(plan, keep_outs=(zone,)), plan.sorties[0])
    told, cells = text_of(page), [[cell.text_content() for cell in row] for row in page.iterfind(".//tbody/tr")]
    assert "ald-west-2.1" in told
    assert "bre-east-1.1" in told
    assert ["mast", "15", "to 90 m", "all"] in cells
    assert "bre-east-1.2" not in told


def test_it_loads_nothing_and_runs_nothing_whatever_the_plan_is_called() -> None:
    plan = replace(sample_plan(), name="<script>alert(1)</script>")
    content = crew_sheet_writer(plan, unremarked).sortie(plan.sorties[0]).decode()
    assert "<script" not in content
    assert not re.search(r"(src|href)=|url\(|@import", content)
