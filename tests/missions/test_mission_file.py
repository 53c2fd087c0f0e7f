"""What a mission file says arrives in the specification, and what it leaves out gets its documented default."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from missions.errors import InputError
from missions.mission_file import load_mission, read_mission
from missions.scenario_library import find_mission, scenarios
from missions.spec_hash import mission_bytes, spec_sha256
from planner.geo import Geographic, LatLon, LocalFrame, geodesic_area_m2, geodesic_m, path_length_m
from planner.model import MissionSpec, Objective, PartitionMode, PatrolKind, VehicleKind
from tests.missions.mission_folders import box_ring, line_feature, polygon_feature, training_folder, write_features

TRAINING = find_mission("training")


@pytest.fixture(scope="module")
def training() -> MissionSpec:
    return load_mission("training")


@pytest.fixture(scope="module")
def forty_ninth() -> MissionSpec:
    return load_mission("forty_ninth")


def line_points(shape: Geographic) -> list[LatLon]:
    return [LatLon(lat_deg=lat, lon_deg=lon) for lon, lat in shapely.get_coordinates(shape.geometry)]


def test_every_scenario_loads_and_says_what_it_is() -> None:
    assert {scenario.name for scenario in scenarios()} >= {"training", "forty_ninth"}
    for scenario in scenarios():
        assert load_mission(scenario.name).drones
        assert scenario.summary.endswith(".")


def test_a_mission_is_found_by_name_by_folder_and_by_file() -> None:
    assert spec_sha256(load_mission("training")) == spec_sha256(load_mission(TRAINING.parent)) == spec_sha256(load_mission(TRAINING))


def test_training_says_what_its_file_says(training: MissionSpec) -> None:
    assert (training.name, training.start_utc, training.objective) == ("Training border", "2026-06-01T06:00:00Z", Objective.MAKESPAN)
    assert [(drone.id, drone.nation, drone.type, drone.system_id) for drone in training.drones] == [
        *((f"ald-west-{n}", "ALD", "quad", n) for n in (1, 2, 3)),
        *((f"bre-east-{n}", "BRE", "hexa", n + 3) for n in (1, 2, 3)),
    ]
    quad = training.drone_type("quad")
    assert (quad.kind, quad.endurance_s, quad.battery_swap_s, quad.turn_radius_m) == (VehicleKind.COPTER, 1500.0, 300.0, 0.0)
    assert [patrol.kind for patrol in training.patrols] == [PatrolKind.SWEEP]
    assert training.position_uncertainty_m == 5.0
    assert (training.min_coverage, training.stay_inside, training.wind.speed_mps) == (0.99, False, 0.0)


def test_the_training_strip_is_a_kilometre_to_each_side(training: MissionSpec) -> None:
    assert training.border is not None
    frame = LocalFrame.around([training.area])
    area, line = frame.to_local(training.area), frame.to_local(training.border)
    assert line.length == pytest.approx(6084, abs=5)
    on_edge = [area.exterior.interpolate(s_m) for s_m in range(0, int(area.exterior.length), 20)]
    ends = shapely.MultiPoint([line.coords[0], line.coords[-1]])
    from_line_m = [line.distance(point) for point in on_edge if ends.distance(point) > 1001]
    assert min(from_line_m) == pytest.approx(1000, abs=1.5)
    assert max(from_line_m) == pytest.approx(1000, abs=1.5)


def test_the_territories_meet_exactly_at_the_border(training: MissionSpec) -> None:
    assert training.border is not None
    ald, bre = (nation.territory.geometry for nation in training.nations)
    assert ald.intersection(bre).area == 0
    assert ald.intersection(bre).length >= training.border.geometry.length
    assert set(map(tuple, shapely.get_coordinates(training.border.geometry))) <= set(map(tuple, shapely.get_coordinates(ald)))


def test_the_forty_ninth_is_as_long_and_wide_as_the_ellipsoid_says(forty_ninth: MissionSpec) -> None:
    assert forty_ninth.border is not None
    length_m = path_length_m(line_points(forty_ninth.border))
    assert length_m == pytest.approx(102_455, abs=10)
    assert geodesic_area_m2(forty_ninth.area) == pytest.approx(length_m * 10_000, rel=1e-4)


def test_the_forty_ninth_follows_the_parallel_and_not_a_geodesic(forty_ninth: MissionSpec) -> None:
    assert forty_ninth.border is not None
    points = line_points(forty_ninth.border)
    assert {point.lat_deg for point in points} == {48.99267}
    assert max(geodesic_m(a, b) for a, b in pairwise(points)) <= 1000
    south_deg, north_deg = forty_ninth.area.geometry.bounds[1], forty_ninth.area.geometry.bounds[3]
    for edge_deg in (south_deg, north_deg):
        from_line_m = geodesic_m(LatLon(lat_deg=48.99267, lon_deg=-97.9), LatLon(lat_deg=edge_deg, lon_deg=-97.9))
        assert from_line_m == pytest.approx(5000, abs=2)


def test_forty_ninth_drones_of_a_mixed_base_carry_their_type(forty_ninth: MissionSpec) -> None:
    ids = [drone.id for drone in forty_ninth.drones]
    assert ids[:2] == ["usa-west-1", "usa-west-2"]
    assert ids[-4:] == ["can-east-vtol-short-1", "can-east-vtol-short-2", "can-east-copter-1", "can-east-copter-2"]


def test_consent_by_depth_holds_the_host_side_and_the_whole_uncertain_band(forty_ninth: MissionSpec) -> None:
    consent = next(permission for permission in forty_ninth.permissions if permission.guest == "CAN").polygon.geometry
    for north_m, inside in ((890, True), (920, False), (-890, True), (-1490, True), (-1510, False)):
        frame = LocalFrame(LatLon(lat_deg=48.99267, lon_deg=-97.9))
        place = frame.point_to_geographic(east_m=0, north_m=north_m)
        assert consent.contains(shapely.Point(place.lon_deg, place.lat_deg)) is inside, north_m


def test_a_mission_without_border_has_no_uncertainty_to_state(tmp_path: Path) -> None:
    old = 'border = "border.geojson"\nhalf_width_m = 1000\nposition_uncertainty_m = 5 '
    folder = training_folder(tmp_path, (old, 'polygon = "area.geojson" '))
    write_features(folder / "area.geojson", polygon_feature(box_ring(19.02, 47.49, 19.03, 47.51)))
    spec = load_mission(folder)
    assert spec.border is None
    assert spec.position_uncertainty_m == 0


def test_with_polygon_and_border_the_polygon_is_the_area(tmp_path: Path) -> None:
    folder = training_folder(tmp_path, ("[area]", '[area]\npolygon = "area.geojson"'))
    write_features(folder / "area.geojson", polygon_feature(box_ring(19.02, 47.49, 19.03, 47.51)))
    spec = load_mission(folder)
    assert spec.area.geometry.bounds == (19.02, 47.49, 19.03, 47.51)
    assert spec.border is not None


def test_a_nation_that_only_hosts_needs_neither_base_nor_drone(tmp_path: Path) -> None:
    third = '[[nation]]\nid = "CUR"\nterritory = "third.geojson"\nshare = 0\n\n[[keep_out]]'
    folder = training_folder(tmp_path, ("[[keep_out]]", third))
    write_features(folder / "third.geojson", polygon_feature(box_ring(19.13, 47.4, 19.2, 47.6)))
    spec = load_mission(folder)
    assert [(nation.id, nation.share) for nation in spec.nations] == [("ALD", None), ("BRE", None), ("CUR", 0.0)]


def test_fleets_without_system_ids_are_numbered_on(tmp_path: Path) -> None:
    spec = load_mission(training_folder(tmp_path, ("first_system_id = 1", ""), ("first_system_id = 4", "")))
    assert [drone.system_id for drone in spec.drones] == [1, 2, 3, 4, 5, 6]


def test_two_nations_may_use_the_same_system_ids(tmp_path: Path) -> None:
    spec = load_mission(training_folder(tmp_path, ("first_system_id = 4", "first_system_id = 1")))
    assert [drone.system_id for drone in spec.drones] == [1, 2, 3, 1, 2, 3]


def test_aircraft_that_cannot_stop_turn_with_thirty_degrees_of_bank_by_default(tmp_path: Path) -> None:
    spec = load_mission(training_folder(tmp_path, ('kind = "copter"', 'kind = "plane"')))
    assert spec.drone_type("quad").turn_radius_m == pytest.approx(10**2 / (9.80665 * math.tan(math.pi / 6)))


def test_times_of_day_count_from_the_start_in_any_zone(tmp_path: Path) -> None:
    window = "buffer_m = 50\nfrom_utc = 2026-06-01T09:30:00+02:00\nto_utc = 2026-06-01T10:00:00Z"
    validity = load_mission(training_folder(tmp_path, ("buffer_m = 50", window))).keep_outs[0].validity
    assert (validity.from_s, validity.to_s) == (5400.0, 14400.0)


def test_a_start_in_another_zone_is_told_in_utc(tmp_path: Path) -> None:
    assert load_mission(training_folder(tmp_path, ("06:00:00Z", "08:00:00+02:00"))).start_utc == "2026-06-01T06:00:00Z"


def test_a_country_far_larger_than_the_mission_is_cut_to_its_neighbourhood(tmp_path: Path) -> None:
    folder = training_folder(tmp_path, ("nations.geojson#BRE", "large.geojson"))
    bre = load_mission("training").nation("BRE").territory.geometry
    write_features(folder / "large.geojson", polygon_feature([*box_ring(10.0, 40.0, 30.0, bre.bounds[3])]))
    territory = load_mission(folder).nation("BRE").territory
    frame = LocalFrame.around([territory])
    west_m, south_m, east_m, _ = frame.to_local(territory).bounds
    assert 50_000 < east_m - west_m < 62_000
    assert south_m > -35_000


@pytest.mark.parametrize(
    "moved",
    [
        lambda lon: lon if lon <= 180 else lon - 360,  # jumping from 180 to -180
        lambda lon: lon,  # running on beyond 180
    ],
    ids=["jumping", "running on"],
)
def test_an_area_across_the_antimeridian_is_as_large_as_anywhere(tmp_path: Path, moved: Callable[[float], float]) -> None:
    shift_deg = 180.0 - 19.03
    folder = training_folder(
        tmp_path,
        ("lon_deg = 19.012745", f"lon_deg = {19.012745 + shift_deg}"),
        ("lon_deg = 19.041944", f"lon_deg = {19.041944 + shift_deg - 360}"),
    )
    for name in ("border.geojson", "nations.geojson", "village.geojson"):
        path = folder / name
        text = path.read_text(encoding="utf-8")
        for lon in sorted({lon for lon, _ in shapely.get_coordinates(shapely.from_geojson(text))}):
            text = text.replace(f"[{lon}, ", f"[ {moved(round(lon + shift_deg, 7)):.7f}, ")
        path.write_text(text, encoding="utf-8")
    spec, original = load_mission(folder), load_mission("training")
    assert spec.area.geometry.is_valid
    assert geodesic_area_m2(spec.area) == pytest.approx(geodesic_area_m2(original.area), rel=1e-6)
    assert spec.area.geometry.bounds[0] < 180 < spec.area.geometry.bounds[2]
    for nation, before in zip(spec.nations, original.nations, strict=True):
        assert geodesic_area_m2(nation.territory) == pytest.approx(geodesic_area_m2(before.territory), rel=1e-6)


def test_a_territory_cut_at_the_antimeridian_is_joined_again(tmp_path: Path) -> None:
    shift_deg = 180.0 - 19.03
    folder = training_folder(
        tmp_path,
        ("lon_deg = 19.012745", f"lon_deg = {19.012745 + shift_deg}"),
        ("lon_deg = 19.041944", f"lon_deg = {19.041944 + shift_deg - 360}"),
        ("nations.geojson#ALD", "ald.geojson"),
        ("nations.geojson#BRE", "bre.geojson"),
        ('"village.geojson"', '"bre.geojson"\nmin_height_m = 400'),
    )
    write_features(folder / "border.geojson", line_feature([(179.97, 47.5), (-179.97, 47.5)]))
    for name, south, north in (("ald", 47.5, 47.6), ("bre", 47.4, 47.5)):
        halves = [[box_ring(179.9, south, 180.0, north)], [box_ring(-180.0, south, -179.9, north)]]
        write_features(
            folder / f"{name}.geojson",
            {"type": "Feature", "properties": {}, "geometry": {"type": "MultiPolygon", "coordinates": halves}},
        )
    for nation in load_mission(folder).nations:
        assert nation.territory.geometry.geom_type == "Polygon"
        assert nation.territory.geometry.bounds[0::2] == (179.9, 180.1)


def test_the_hash_ignores_layout_and_notices_every_figure(tmp_path: Path, training: MissionSpec) -> None:
    same = load_mission(training_folder(tmp_path / "same", ("reserve = 0.2", "reserve   = 0.20  # a fifth")))
    other = load_mission(training_folder(tmp_path / "other", ("reserve = 0.2", "reserve = 0.21")))
    assert spec_sha256(same) == spec_sha256(training)
    assert spec_sha256(other) != spec_sha256(training)


def test_the_hash_notices_a_point_moved_by_a_centimetre(tmp_path: Path, training: MissionSpec) -> None:
    folder = training_folder(tmp_path)
    path = folder / "village.geojson"
    corner = str(training.keep_outs[0].polygon.geometry.exterior.coords[1][0])
    text = path.read_text(encoding="utf-8")
    assert corner in text
    path.write_text(text.replace(corner, f"{float(corner) + 1e-7:.7f}"), encoding="utf-8")
    assert spec_sha256(load_mission(folder)) != spec_sha256(training)


def test_canonical_bytes_are_the_same_each_time(training: MissionSpec) -> None:
    assert mission_bytes(load_mission("training")) == mission_bytes(training)


MISSION_TEXT = TRAINING.read_text(encoding="utf-8")
MISSION_LINES = MISSION_TEXT.splitlines()
SCRAPS = st.sampled_from(
    [
        *("nan", "-inf", "1e999", "9" * 30, "0", "-1", "true", "1979-05-27", "07:32:00"),
        *("[]", "{}", "[[[]]]", '""', '"x"', "#", '"""', "= ="),
    ]
)


@st.composite
def mutated_missions(draw: st.DrawFn) -> bytes:
    """The training mission after a few accidents: lines lost, doubled or swapped, values replaced, bytes put in."""
    lines = list(MISSION_LINES)
    for _ in range(draw(st.integers(1, 3))):
        index = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["drop", "double", "swap", "value", "insert", "character"])):
            case "drop":
                lines[index : index + draw(st.integers(1, 6))] = [""]
            case "double":
                lines.insert(draw(st.integers(0, len(lines))), lines[index])
            case "swap":
                other = draw(st.integers(0, len(lines) - 1))
                lines[index], lines[other] = lines[other], lines[index]
            case "value":
                lines[index] = f"{lines[index].partition('=')[0]} = {draw(SCRAPS)}"
            case "insert":
                lines.insert(index, f"{draw(st.text(max_size=8))} = {draw(SCRAPS)}")
            case _:
                lines[index] += draw(st.characters())
    return "\n".join(lines).encode("utf-8", errors="surrogatepass")


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated_missions())
def test_no_accident_to_a_mission_file_ends_in_anything_but_a_mission_or_one_line(data: bytes) -> None:
    try:
        spec = read_mission(data, file="mission.toml", folder=TRAINING.parent)
    except InputError as error:
        assert error.file == "mission.toml"
        assert "\n" not in error.line
        assert error.line.isprintable()
        assert error.text
        assert error.mend
    else:
        assert len(spec_sha256(spec)) == 64


def test_stated_shares_are_divided_by_unless_the_agreement_says_otherwise(tmp_path: Path) -> None:
    shares = (('id = "ALD"', 'id = "ALD"\nshare = 0.6'), ('id = "BRE"', 'id = "BRE"\nshare = 0.4'))
    by_share = load_mission(training_folder(tmp_path / "a", *shares))
    by_land = load_mission(training_folder(tmp_path / "b", *shares, ("[area]", 'agreement.partition = "territory"\n\n[area]')))
    assert by_share.agreement.partition is PartitionMode.SHARES
    assert by_land.agreement.partition is PartitionMode.TERRITORY
    assert load_mission("training").agreement.partition is PartitionMode.TERRITORY


@pytest.mark.parametrize(
    ("edits", "key"),
    [
        ((("[area]", 'agreement.partition = "shares"\n\n[area]'),), "agreement.partition"),
        ((("[area]", 'agreement.partition = "equidistance"\n\n[area]'),), "area.border"),
        ((("position_uncertainty_m = 5 ", "# "),), "area.position_uncertainty_m"),
        ((("buffer_m = 50", "buffer_m = 50\nwind_drift_m = 20"),), "keep_out[0].buffer_m"),
    ],
)
def test_agreements_that_cannot_be_meant_are_refused(tmp_path: Path, edits: tuple[tuple[str, str], ...], key: str) -> None:
    with pytest.raises(InputError) as caught:
        load_mission(training_folder(tmp_path, *edits))
    assert caught.value.key == key


def test_the_strictest_separation_holds_for_all(tmp_path: Path) -> None:
    policies = (
        ("max_height_m = 150 }", "max_height_m = 150, min_separation_m = 80 }"),
        ("max_height_m = 150 }", "max_height_m = 150, min_separation_m = 20, min_vertical_separation_m = 15 }"),
    )
    limits = load_mission(training_folder(tmp_path, *policies)).limits
    assert (limits.min_separation_m, limits.min_vertical_separation_m) == (80, 15)


def test_a_buffer_is_the_sum_of_what_it_is_made_up_of(tmp_path: Path) -> None:
    parts = "navigation_error_m = 3\nwind_drift_m = 20\nbeyond_border = true"
    (keep_out,) = load_mission(training_folder(tmp_path, ("buffer_m = 50", parts))).keep_outs
    assert keep_out.buffer_m == 28


def test_a_camera_is_released_by_the_distance_that_is_stated(tmp_path: Path) -> None:
    spec = load_mission(training_folder(tmp_path, ("fov_across_deg = 70 }", "fov_across_deg = 70, trigger_distance_m = 25 }")))
    assert [kind.sensor.trigger_distance_m for kind in spec.drone_types] == [25.0, None]
