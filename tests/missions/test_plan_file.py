"""A plan comes back from its file as it went, and a file that is no plan is told by the key path of its first defect."""

from __future__ import annotations

import copy
import hashlib
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from missions.errors import InputError
from missions.plan_file import parse_plan, plan_bytes, plan_document, plan_sha256, read_plan, write_plan
from planner.check import check_plan
from planner.geo import Geographic, LatLon, Position
from planner.model import (
    AboveGround,
    Agreement,
    Comparison,
    HeightBand,
    Leg,
    LegKind,
    NationTally,
    PartitionMode,
    Permission,
    Plan,
    PlanTally,
    Rule,
    Unreachable,
    Validity,
    Violation,
    Wind,
)
from planner.terrain import TerrainSource
from tests.missions.mission_folders import BOW_TIE, box_ring
from tests.missions.sample_patrol import sample_plan

PLAN = sample_plan()
DOCUMENT: dict[str, Any] = json.loads(plan_bytes(PLAN))


def again(plan: Plan) -> Plan:
    return parse_plan(plan_bytes(plan), "plan.json")


def as_written(document: object) -> bytes:
    return json.dumps(document).encode()


finite = st.floats(-1e6, 1e6).map(lambda value: round(value, 3) + 0.0)
positive = st.floats(0.01, 1e6).map(lambda value: round(value, 3))
positions = st.builds(
    Position,
    lat_deg=st.floats(-90, 90).map(lambda value: round(value, 9) + 0.0),
    lon_deg=st.floats(-180, 360).map(lambda value: round(value, 9) + 0.0),
    height_m=finite,
)
texts = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=20)
legs = st.builds(
    Leg,
    kind=st.sampled_from(LegKind),
    start=positions,
    end=positions,
    start_s=finite,
    end_s=finite,
    energy_wh=finite,
    path=st.none() | st.lists(positions, min_size=2, max_size=5).map(tuple),
    lane=st.none() | texts,
    swath_m=st.none() | positive,
    above_ground=st.none() | st.tuples(finite, finite).map(sorted).map(lambda pair: AboveGround(least_m=pair[0], most_m=pair[1])),
)
bands = st.sampled_from([HeightBand(), HeightBand(min_m=10.0), HeightBand(max_m=99.5), HeightBand(min_m=-5.0, max_m=7.25)])
validities = st.sampled_from([Validity(), Validity(from_s=-60.0), Validity(to_s=3600.0), Validity(from_s=0.5, to_s=1.5)])
SQUARE = Geographic(shapely.Polygon(box_ring(19.0, 47.4, 19.1, 47.5)))
permissions = st.builds(
    Permission,
    id=st.just("p"),
    host=st.just("ALD"),
    guest=st.just("BRE"),
    polygon=st.just(SQUARE),
    band=bands,
    validity=validities,
    purpose=st.just("") | texts,
    max_drones=st.none() | st.integers(1, 9),
)
violations = st.builds(
    Violation,
    rule=st.sampled_from(Rule),
    subject=texts,
    amount=finite | st.just(math.inf),
    unit=st.sampled_from(["m", "s", ""]),
    text=texts,
    lat_deg=st.none() | st.just(47.5),
    lon_deg=st.none() | st.just(19.0),
    at_s=st.none() | finite,
)


tallies = st.builds(
    PlanTally,
    makespan_s=positive,
    revisit_s=positive,
    coverage=positive,
    nations=st.lists(
        st.builds(NationTally, nation=st.just("ALD"), sorties=st.integers(0, 9), length_m=positive, airborne_s=positive, home_s=positive),
        max_size=2,
    ).map(tuple),
)
comparisons = st.builds(Comparison, separate=tallies, joint=tallies, joint_is_flown=st.booleans())


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """The sample plan with every part that varies drawn anew, to the decimals that files keep."""
    base = again(PLAN)
    sorties = tuple(replace(sortie, legs=tuple(draw(st.lists(legs, max_size=3)))) for sortie in base.sorties)
    sensors = [replace(kind.sensor, trigger_distance_m=draw(st.sampled_from([None, 1.0, 22.5]))) for kind in base.drone_types]
    return replace(
        base,
        name=draw(texts),
        sorties=sorties,
        drone_types=tuple(replace(kind, sensor=sensor) for kind, sensor in zip(base.drone_types, sensors, strict=True)),
        permissions=tuple(draw(st.lists(permissions, max_size=1))),
        violations=tuple(draw(st.lists(violations, max_size=2))),
        unreachable=tuple(draw(st.lists(st.builds(Unreachable, polygon=st.just(SQUARE), reason=texts), max_size=1))),
        keep_outs=tuple(replace(each, band=draw(bands), validity=draw(validities)) for each in base.keep_outs),
        wind=Wind(from_deg=draw(positive), speed_mps=draw(positive)),
        agreement=Agreement(partition=draw(st.sampled_from(PartitionMode)), joint=draw(st.booleans())),
        comparison=draw(st.none() | comparisons),
        border=draw(st.sampled_from([None, base.border])),
        terrain=draw(st.none() | st.builds(TerrainSource, file=texts, sha256=texts, crs=texts, unit=texts, datum=texts)),
        stay_inside=draw(st.booleans()),
        notes=tuple(draw(st.lists(texts, max_size=2))),
        solver=replace(base.solver, effort=draw(st.none() | st.integers(1, 5))),
        result=replace(base.result, gap=draw(st.none() | finite), share={"ALD": draw(positive), "BRE": draw(positive)}),
    )


@settings(max_examples=60, deadline=None)
@given(plans())
def test_a_plan_comes_back_as_it_went(plan: Plan) -> None:
    assert again(plan) == plan
    assert plan_bytes(again(plan)) == plan_bytes(plan)


def test_rounding_keeps_what_the_checker_looks_at() -> None:
    assert check_plan(PLAN) == check_plan(again(PLAN))
    for before, after in zip(PLAN.sorties, again(PLAN).sorties, strict=True):
        for a, b in zip(before.legs, after.legs, strict=True):
            assert a.start_s == pytest.approx(b.start_s, abs=5e-4)
            assert a.start.lat_deg == pytest.approx(b.start.lat_deg, abs=5e-10)


def test_the_hash_is_that_of_the_file(tmp_path: Path) -> None:
    write_plan(PLAN, tmp_path / "plan.json")
    assert plan_sha256(PLAN) == hashlib.sha256((tmp_path / "plan.json").read_bytes()).hexdigest()
    assert read_plan(tmp_path / "plan.json") == again(PLAN)


def test_the_file_has_the_documented_keys_and_no_infinity() -> None:
    documented = Path("docs/plan_file.md").read_text(encoding="utf-8")
    for key in DOCUMENT:
        assert f"`{key}" in documented, key
    assert DOCUMENT["keep_outs"][0]["band"] == {"min_m": None, "max_m": None}
    assert b"Infinity" not in plan_bytes(PLAN)
    assert DOCUMENT["sorties"][0]["legs"][0]["from"][2] == 0.0


def test_a_shape_that_jumps_over_the_antimeridian_is_written_without_the_jump() -> None:
    jumping = Geographic(shapely.Polygon([(179.9, 0), (-179.9, 0), (-179.9, 1), (179.9, 1)]))
    document = plan_document(replace(PLAN, area=jumping))
    area = shapely.from_geojson(json.dumps(document["area"]))
    assert area.bounds == (179.9, 0, 180.1, 1)


def test_a_plan_across_the_antimeridian_comes_back() -> None:
    plan = sample_plan(middle=LatLon(lat_deg=-17.0, lon_deg=180.0))
    assert again(again(plan)) == again(plan)
    assert check_plan(again(plan)) == check_plan(plan)


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plan.json"
    path.write_text("old", encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_plan(PLAN, path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def defect(*path: str | int, value: Any = None, drop: bool = False) -> bytes:
    """The sample plan's file with one value replaced or dropped."""
    document = copy.deepcopy(DOCUMENT)
    parent: Any = document
    for step in path[:-1]:
        parent = parent[step]
    if drop:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return as_written(document)


LEG = ("sorties", 0, "legs", 1)


@pytest.mark.parametrize(
    ("data", "key", "words"),
    [
        (defect("schema", value=2), "schema", "2"),
        (defect("schema", drop=True), "schema", "missing"),
        (defect("sorties", 0, "drone", value="nobody"), "sorties[0].drone", "'nobody' is not in the plan"),
        (defect("sorties", 0, "end_base", value="x"), "sorties[0].end_base", "'x'"),
        (defect("sorties", 0, "id", value="../../etc"), "sorties[0].id", "not an id"),
        (defect("sorties", 1, "id", value=DOCUMENT["sorties"][0]["id"]), "sorties[1].id", "already used by sorties[0]"),
        (defect(*LEG, "kind", value="SWOOP"), "sorties[0].legs[1].kind", "not one of"),
        (defect(*LEG, "start_s", value="soon"), "sorties[0].legs[1].start_s", "expected a number"),
        (defect(*LEG, "energy_wh", drop=True), "sorties[0].legs[1].energy_wh", "missing"),
        (defect(*LEG, "from", value=[19.0, 47.5]), "sorties[0].legs[1].from", "not a position"),
        (defect(*LEG, "from", value=[47.5, 119.0, 80]), "sorties[0].legs[1].from", "outside the world"),
        (defect(*LEG, "from", value=[47.5, 10**400, 80]), "sorties[0].legs[1].from", "not a position"),
        (defect(*LEG, "path", value=[[19, 47, 8], [19, 47]]), "sorties[0].legs[1].path[1]", "not a position"),
        (defect(*LEG, "path", value=[[19, 47, 8]]), "sorties[0].legs[1].path", "1 points"),
        (defect(*LEG, "pth", value=[]), "sorties[0].legs[1].pth", "unknown key"),
        (defect("lanes", 0, "swath_m", value=0), "lanes[0].swath_m", "out of range"),
        (defect("drone_types", 0, "endurance_s", value=0), "drone_types[0].endurance_s", "out of range"),
        (defect("drone_types", 0, "sensor", value={}), "drone_types[0].sensor", "exactly one"),
        (defect("drones", 0, "system_id", value=256), "drones[0].system_id", "256"),
        (defect("keep_outs", 0, "band", value={"min_m": 5, "max_m": 4}), "keep_outs[0].band", "min_m 5"),
        (defect("nations", 0, "territory", value=None), "nations[0].territory", "missing"),
        (defect("area", value={"type": "Polygon", "coordinates": [BOW_TIE]}), "area", "crosses itself at 47.50000 N 19.01000 E"),
        (defect("area", value={"type": "Point", "coordinates": [1, 2]}), "area", "Point"),
        (defect("area", value={"type": "Polygon", "coordinates": [[[1, 2], [3, 100], [5, 6]]]}), "area", "outside the world"),
        (defect("border", value=DOCUMENT["area"]), "border", "LineString"),
        (defect("start_utc", value="2026-06-01T06:00:00"), "start_utc", "zone"),
        (defect("start_utc", value="tomorrow"), "start_utc", "tomorrow"),
        (defect("result", "makespan_s", drop=True), "result.makespan_s", "missing"),
        (defect("result", "share", value=[1]), "result.share", "expected a table"),
        (defect("notes", value=[3]), "notes[0]", "expected a text"),
        (defect("lanes", value={}), "lanes", "expected a list"),
        (as_written([]), None, "expected a table"),
        (b"{", None, "not JSON"),
        (b'{"schema": NaN}', None, "NaN"),
        (b"[" * 200_000, None, "nested too deeply"),
        (b"\xff\xfe{}", None, "JSON"),
        (b'{"schema": ' + b"9" * 5000 + b"}", None, "JSON"),
    ],
)
def test_what_is_no_plan_is_told_by_its_key_path(data: bytes, key: str | None, words: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_plan(data, "plan.json")
    assert (caught.value.file, caught.value.key) == ("plan.json", key)
    assert words in caught.value.text
    assert caught.value.mend
    assert "\n" not in caught.value.line


def test_a_missing_plan_is_told(tmp_path: Path) -> None:
    for name in (tmp_path / "no.json", tmp_path, "a\0b"):
        with pytest.raises(InputError, match="cannot be read"):
            read_plan(name)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of all values in a document, long lists thinned."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict | list):
        inner = list(value.items()) if isinstance(value, dict) else list(enumerate(value[:3]))
    return [path, *(found for step, element in inner for found in places(element, (*path, step)))]


PLACES = [path for path in places(DOCUMENT) if path]
JUNK = st.sampled_from([None, True, 0, -1, 1e308, 10**30, "", "x", "\x1b[31m", "a\nb", [], {}, [[]], {"type": "Polygon"}, [1, 2, 3], "ALD"])


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(PLACES), JUNK)
def test_no_junk_in_a_plan_file_ends_in_anything_but_a_plan_or_one_line(path: tuple[str | int, ...], junk: Any) -> None:
    try:
        plan = parse_plan(defect(*path, value=junk), "plan.json")
    except InputError as error:
        assert error.line.isprintable()
        assert error.mend
    else:
        assert again(plan) == plan
