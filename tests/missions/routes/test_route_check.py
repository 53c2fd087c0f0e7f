"""A route is held to the fences in its own file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from missions.cli import main
from missions.formats.registry import FORMATS
from missions.formats.writing import unremarked
from missions.routes.read import parse_route
from missions.routes.route import FenceCircle, FencePolygon
from missions.routes.route_check import route_violations
from planner.geo import LatLon
from planner.model import Rule
from tests.missions.sample_patrol import sample_plan


def exported() -> bytes:
    plan = sample_plan()
    return FORMATS["qgc-plan"].prepare(plan, unremarked).sortie(plan.sorties[0])


def test_what_is_exported_keeps_to_its_own_fences() -> None:
    assert route_violations(parse_route(exported(), "r")) == ()


def test_a_way_out_of_an_inclusion_and_one_into_an_exclusion_are_named() -> None:

    route = parse_route(exported(), "r")
    first = route.places[0]
    around = tuple(
        LatLon(lat_deg=first.lat_deg + north, lon_deg=first.lon_deg + east) for north, east in ((0, 0), (0.001, 0), (0.001, 0.001))
    )
    small = replace(route, fences=(FencePolygon(True, around),))
    assert {found.rule for found in route_violations(small)} == {Rule.FENCE}
    assert len(route_violations(small)) >= len(route.places) - 1
    (into, out) = route_violations(replace(route, fences=(FenceCircle(False, route.places[1].ground, 5.0),)))
    assert (into.text, out.text) == ("the way to place 2 enters fence 1", "the way to place 3 enters fence 1")
    assert into.amount == pytest.approx(5.0, abs=0.1)


def test_the_command_checks_routes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sortie.plan"
    path.write_bytes(exported())
    assert main(["check", str(path)]) == 0
    assert "2 fences" in capsys.readouterr().out
    assert main(["check", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "violations": []}
    path.write_text("QGC WPL 110\nrubbish\n")
    assert main(["check", str(path)]) == 2
