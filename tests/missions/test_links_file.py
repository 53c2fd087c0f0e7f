from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from missions.errors import InputError
from missions.links_file import Airframe, Links, load_links
from planner.model import Plan
from tests.missions.sample_patrol import sample_plan

GOOD = 'ald-west-1 = "udpin:0.0.0.0:14550"\nald-west-2 = "udpin:0.0.0.0:14550"\nbre-east-1 = "serial:/dev/ttyUSB0:57600"\n'
SHORT = GOOD[: GOOD.index("bre-east-1")]


def load(tmp_path: Path, text: str, plan: Plan | None = None) -> Links:
    path = tmp_path / "links.toml"
    path.write_text(text)
    return load_links(path, plan or sample_plan())


def test_drones_may_share_a_link(tmp_path: Path) -> None:
    links = load(tmp_path, GOOD).links
    assert links["ald-west-1"] == links["ald-west-2"] == "udpin:0.0.0.0:14550"
    assert links["bre-east-1"] == "serial:/dev/ttyUSB0:57600"


def test_an_airframe_is_known_by_its_board_and_its_parameters(tmp_path: Path) -> None:
    table = '[bre-east-1]\nlink = "serial:/dev/ttyUSB0:57600"\nboard = "3A00"\nsigned = true\nparameters = { FRAME_CLASS = 2 }\n'
    found = load(tmp_path, GOOD.replace('bre-east-1 = "serial:/dev/ttyUSB0:57600"\n', table))
    assert found.links["bre-east-1"] == "serial:/dev/ttyUSB0:57600"
    assert found.airframes["bre-east-1"] == Airframe(board="3a00", parameters={"FRAME_CLASS": 2.0})
    assert found.signed == {"bre-east-1"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ald-west-1 = ", "is not TOML"),
        (GOOD.replace("bre-east-1", "bre-east-9"), "did you mean bre-east-1"),
        (GOOD.replace("bre-east-1", "#"), "bre-east-1: has no link"),
        (GOOD.replace('"serial:/dev/ttyUSB0:57600"', "7"), "is not a link's address"),
        (GOOD.replace("serial:/dev/ttyUSB0:57600", "carrier pigeon"), "carrier pigeon"),
        (GOOD.replace("serial:/dev/ttyUSB0:57600", "udpin:0.0.0.0:14550"), "shares its link and its system id 1"),
        ("", "has no link"),
        (SHORT + "[bre-east-1]\nlinks = 1\n", "bre-east-1.links: is unknown here (did you mean link?)"),
        (SHORT + "[bre-east-1]\nlink = 'tcp:a:1'\nboard = 7\n", "bre-east-1.board: is not a board's number"),
        (SHORT + "[bre-east-1]\nlink = 'tcp:a:1'\nparameters = { A = 'x' }\n", "bre-east-1.parameters"),
        (SHORT + "[bre-east-1]\nlink = 'tcp:a:1'\nsigned = 1\n", "bre-east-1.signed"),
    ],
)
def test_mistakes_are_named_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError, match=r"links\.toml") as caught:
        load(tmp_path, text)
    assert words in caught.value.line


def test_drone_without_a_system_id_cannot_be_told_from_others(tmp_path: Path) -> None:
    plan = sample_plan()
    plan = replace(plan, drones=tuple(replace(drone, system_id=None) for drone in plan.drones))
    with pytest.raises(InputError, match="system id"):
        load(tmp_path, GOOD, plan)


def test_drone_without_a_sortie_needs_no_link(tmp_path: Path) -> None:
    plan = sample_plan()
    plan = replace(plan, sorties=plan.sorties_of("bre-east-1"))
    assert load(tmp_path, 'bre-east-1 = "tcp:127.0.0.1:5760"', plan).links == {"bre-east-1": "tcp:127.0.0.1:5760"}


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no\.toml: cannot be read"):
        load_links(tmp_path / "no.toml", sample_plan())
