"""The references name every key that is read or written, and no other; every command that the documents show exists."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from missions.cli.commands import COMMANDS, EXTRAS
from missions.mission_area import AREA_KEYS
from missions.mission_file import ROOT_KEYS, TERRAIN_KEYS
from missions.mission_fleet import BASE_KEYS, DRONE_TYPE_KEYS, FLEET_KEYS
from missions.mission_patrols import PATROL_KEYS
from missions.mission_terms import KEEP_OUT_KEYS, NATION_KEYS, PERMISSION_KEYS
from missions.plan_file import plan_bytes
from tests.missions.sample_patrol import sample_plan

ROOT = Path(__file__).parents[2]
SECTIONS = {
    "Top level": ROOT_KEYS,
    "`[area]`": AREA_KEYS,
    "`[[patrol]]`": PATROL_KEYS,
    "`[[nation]]`": NATION_KEYS,
    "`[[permission]]`": PERMISSION_KEYS,
    "`[[keep_out]]`": KEEP_OUT_KEYS,
    "`[[base]]`": BASE_KEYS,
    "`[[drone_type]]`": DRONE_TYPE_KEYS,
    "`[[fleet]]`": FLEET_KEYS,
    "`[terrain]`": TERRAIN_KEYS,
}


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(text: str, title: str) -> str:
    """From its heading to the next of the same rank."""
    found = re.search(rf"^## {re.escape(title)}.*?(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found is not None, f"no section {title}"
    return found.group(0)


def table_keys(text: str) -> set[str]:
    """What stands in backticks in the first columns of tables that have a heading `key`, those of subsections left out."""
    own = text.split("\n### ")[0]
    cells = [line.split("|")[1] for line in own.splitlines() if line.startswith("| `")]
    return {key for cell in cells for key in re.findall(r"`([a-z_0-9]+)`", cell)}


@pytest.mark.parametrize(("title", "keys"), SECTIONS.items(), ids=SECTIONS)
def test_the_mission_files_reference_has_exactly_the_keys_that_are_read(title: str, keys: Sequence[str]) -> None:
    assert table_keys(section(text_of("docs/mission_file.md"), title)) == set(keys)


def test_the_plan_files_reference_has_every_key_that_is_written() -> None:
    reference = text_of("docs/plan_file.md")
    plan = json.loads(plan_bytes(sample_plan()))
    named = set(re.findall(r"[a-z_0-9]+", " ".join(re.findall(r"`([^`]*)`", reference))))
    missing = set(plan) - named
    for name in ("drones", "drone_types", "sorties", "lanes", "bases", "nations", "keep_outs"):
        missing |= set(plan[name][0]) - named
    missing |= (set(plan["sorties"][0]["legs"][0]) | set(plan["result"]) | set(plan["solver"])) - named
    assert missing == set()


def test_commands_in_the_documents_exist() -> None:
    files = ["README.md", *(str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md"))]
    shown = {(name, word) for name in files for word in re.findall(r"(?:^|`)jointpatrol ([a-z]+)", text_of(name), re.MULTILINE)}
    assert len(shown) > 10
    assert {each for each in shown if each[1] not in {*COMMANDS, *EXTRAS}} == set()
