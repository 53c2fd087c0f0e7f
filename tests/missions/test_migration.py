"""Files of older schemas are brought to the present one by steps; those of unknown schemas are refused in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from missions.cli import main
from missions.errors import InputError
from missions.migration import migrate_mission_file, migrate_plan_file
from missions.mission_file import load_mission
from missions.plan_file import plan_bytes, read_plan
from missions.schema_versions import Document, Steps, migrate, require_newest
from missions.spec_hash import spec_sha256
from tests.missions.mission_folders import training_folder
from tests.missions.sample_patrol import sample_plan


def minutes_to_seconds(document: Document) -> list[str]:
    """As if schema -1 had counted endurance in minutes."""
    for drone_type in document["drone_type"]:
        drone_type["endurance_s"] = drone_type.pop("endurance_min") * 60
    return ["endurance_min became endurance_s"]


def renamed(document: Document) -> list[str]:
    """As if schema 0 had called the mission's name a title."""
    document["name"] = document.pop("title")
    return ["title became name"]


STEPS: Steps = {-1: minutes_to_seconds, 0: renamed}


def oldest_training(folder: Path) -> Path:
    """The training mission as it would have been written two schemas ago."""
    training_folder(folder, ("schema = 1", "schema = -1  # as we began"), ("name = ", "title = "))
    path = folder / "mission.toml"
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        key, _, rest = line.partition(" = ")
        value, *comment = rest.split("#", 1)
        if key == "endurance_s":
            line = f"endurance_min = {float(value) / 60!r}" + "".join(f"  #{text}" for text in comment)
        lines.append(line)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_mission_two_schemas_old_becomes_the_same_mission_with_its_comments(tmp_path: Path) -> None:
    path = oldest_training(tmp_path / "m")
    before = path.read_bytes()
    with pytest.raises(InputError, match="schema"):
        load_mission(path)
    done = migrate_mission_file(path, steps=STEPS)
    assert done.told == ["endurance_min became endurance_s", "title became name"]
    assert spec_sha256(load_mission(path)) == spec_sha256(load_mission("training"))
    assert done.kept == path.with_name("mission.schema--1.toml")
    assert done.kept.read_bytes() == before
    text = path.read_text(encoding="utf-8")
    assert "# as we began" in text
    assert text.count("#") == before.decode().count("#")
    assert migrate_mission_file(path, steps=STEPS).kept is None


def test_a_step_that_gives_no_sound_mission_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = oldest_training(tmp_path / "m")
    before = path.read_bytes()

    def forgets(document: Document) -> list[str]:
        del document["title"]
        return []

    with pytest.raises(InputError, match="name: is missing"):
        migrate_mission_file(path, steps=STEPS | {0: forgets})
    assert path.read_bytes() == before
    assert not path.with_name("mission.schema--1.toml").exists()


def test_a_plan_of_an_older_schema_becomes_the_same_plan(tmp_path: Path) -> None:
    plan = sample_plan()
    document = json.loads(plan_bytes(plan)) | {"schema": 0}
    document["flights"] = document.pop("sorties")
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(document), encoding="utf-8")

    def flights(document: Document) -> list[str]:
        document["sorties"] = document.pop("flights")
        return ["flights became sorties"]

    done = migrate_plan_file(path, steps={0: flights})
    assert done.told == ["flights became sorties"]
    assert path.read_bytes() == plan_bytes(plan)
    assert read_plan(path) == read_plan(path)


@pytest.mark.parametrize(
    ("stated", "text", "mend"),
    [
        ({}, "is missing", "add schema = 1"),
        ({"schema": 2}, "2 is newer than 1", "newer jointpatrol"),
        ({"schema": 0}, "0 is an older schema than 1", "jointpatrol migrate some.toml"),
        ({"schema": -7}, "-7 is no schema", "schema 1"),
        ({"schema": "1"}, "the text '1'", "schema = 1"),
        ({"schema": True}, "truth value", "schema = 1"),
    ],
)
def test_another_schema_is_refused_with_what_to_do(stated: dict[str, object], text: str, mend: str) -> None:
    with pytest.raises(InputError) as refused:
        require_newest(stated, "some.toml", newest=1, steps=STEPS)
    assert (refused.value.file, refused.value.key) == ("some.toml", "schema")
    assert text in refused.value.text
    assert mend in refused.value.mend


def test_a_gap_between_steps_is_refused_and_not_jumped() -> None:
    with pytest.raises(InputError, match="no schema that ever was"):
        migrate({"schema": 0}, "some.toml", newest=3, steps={0: lambda _: [], 2: lambda _: []})


def test_the_command_leaves_the_newest_alone_and_refuses_what_it_does_not_know(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = training_folder(tmp_path / "m")
    before = (folder / "mission.toml").read_bytes()
    assert main(["migrate", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kept"] is None
    assert (folder / "mission.toml").read_bytes() == before
    (tmp_path / "plan.json").write_bytes(plan_bytes(sample_plan()).replace(b'"schema": 1', b'"schema": 9', 1))
    assert main(["migrate", str(tmp_path / "plan.json")]) == 2
    assert "newer" in capsys.readouterr().err
