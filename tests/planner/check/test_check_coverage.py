"""Coverage and coverable ground, worked out anew: what counts, what does not, and how it adds up."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.check import check_plan, measure_coverage
from planner.geo import LatLon
from planner.model import HeightBand, KeepOut, LegKind, Plan, Rule, Sensor, Validity
from tests.planner.plan_builder import Setting, build, flight, lanes_of, leg_index, with_leg, with_sorties

SETTING = Setting()
HONEST = build(SETTING)
AREA_M2, KEEP_OUT_M2 = 240_000.0, 100.0


@pytest.mark.parametrize("lat_deg", [0.0, 40.0, 60.0, 70.0])
def test_the_honest_plan_covers_all_that_can_be_covered(lat_deg: float) -> None:
    figures = measure_coverage(build(Setting(origin=LatLon(lat_deg=lat_deg, lon_deg=180.0))))

    assert figures.area_m2 == pytest.approx(AREA_M2, rel=1e-6)
    assert figures.coverable_m2 == pytest.approx(AREA_M2 - KEEP_OUT_M2, rel=1e-6)
    assert figures.coverage == pytest.approx(1.0, abs=1e-4)
    assert figures.coverage_of_area == pytest.approx((AREA_M2 - KEEP_OUT_M2) / AREA_M2, abs=1e-4)


def test_one_lane_covers_its_length_times_its_swath() -> None:
    lane = lanes_of(SETTING, -1, "W")[5]
    sortie = flight(SETTING, "W", "far", drone="w2").takeoff().sweep(lane).land().sortie("w2/1", "W")

    figures = measure_coverage(with_sorties(HONEST, [sortie]))

    assert figures.covered_m2 == pytest.approx(400 * SETTING.drone_type.swath_m, rel=1e-4)
    assert figures.overlap_m2 == pytest.approx(0, abs=0.01)


def test_ground_seen_twice_counts_once_and_is_reported_as_overlap() -> None:
    lane = lanes_of(SETTING, -1, "W")[5]
    once = flight(SETTING, "W", "far", drone="w2").takeoff().sweep(lane)
    twice = once.sweep(lane, backwards=True).land().sortie("w2/1", "W")

    figures = measure_coverage(with_sorties(HONEST, [twice]))

    assert figures.covered_m2 == pytest.approx(400 * SETTING.drone_type.swath_m, rel=1e-4)
    assert figures.overlap_m2 == pytest.approx(figures.covered_m2, rel=1e-6)


def test_only_sweep_legs_cover() -> None:
    index = leg_index(HONEST, "w2/1", LegKind.SWEEP) + 2
    before = measure_coverage(HONEST).covered_m2

    for kind in (LegKind.TRANSIT, LegKind.TURN):
        after = measure_coverage(with_leg(HONEST, "w2/1", index, partial(replace, kind=kind))).covered_m2
        assert after < before - 10_000


def test_caps_are_flat() -> None:
    lane = lanes_of(SETTING, -1, "W")[5]
    short = replace(lane, start=SETTING.place(-256, -50), end=SETTING.place(-256, 50))
    sortie = flight(SETTING, "W", "far", drone="w2").takeoff().sweep(short).land().sortie("w2/1", "W")

    assert measure_coverage(with_sorties(HONEST, [sortie])).covered_m2 == pytest.approx(100 * lane.swath_m, rel=1e-4)


def test_a_swath_that_is_claimed_wider_than_it_is_covers_no_more() -> None:
    lane = lanes_of(SETTING, -1, "W")[5]
    sortie = flight(SETTING, "W", "far", drone="w2").takeoff().sweep(replace(lane, swath_m=500.0)).land().sortie("w2/1", "W")

    assert measure_coverage(with_sorties(HONEST, [sortie])).covered_m2 == pytest.approx(400 * lane.swath_m, rel=1e-4)


def test_a_missed_lane_is_named_by_its_hole() -> None:
    dropped = with_sorties(HONEST, [sortie for sortie in HONEST.sorties if sortie.id != "w1/2"])

    found = next(violation for violation in check_plan(dropped) if violation.rule is Rule.COVERAGE and violation.subject == "coverage")

    assert found.amount == pytest.approx(0.99 - measure_coverage(dropped).coverage)
    assert found.lat_deg is not None
    assert found.lon_deg is not None
    east_m, north_m = SETTING.frame.point_to_local(LatLon(lat_deg=found.lat_deg, lon_deg=found.lon_deg))
    assert -230 < east_m < -130
    assert -200 < north_m < 200


def test_coverage_is_asked_for_as_much_as_the_plan_says() -> None:
    dropped = with_sorties(HONEST, [sortie for sortie in HONEST.sorties if sortie.id != "w1/2"])
    modest = replace(dropped, min_coverage=0.5, lanes=(), result=replace(dropped.result, coverage=0.0))

    subjects = [violation.subject for violation in check_plan(modest) if violation.rule is Rule.COVERAGE]
    assert subjects == ["result.coverage", "result.coverage_of_area"]


@settings(max_examples=15, deadline=None)
@given(dropped=st.sets(st.sampled_from([sortie.id for sortie in HONEST.sorties])))
def test_coverage_never_grows_when_sorties_are_dropped(dropped: set[str]) -> None:
    kept = [sortie for sortie in HONEST.sorties if sortie.id not in dropped]

    figures = measure_coverage(with_sorties(HONEST, kept))

    assert figures.covered_m2 <= measure_coverage(HONEST).covered_m2 + 1e-6
    assert figures.coverable_m2 == pytest.approx(measure_coverage(HONEST).coverable_m2)
    assert 0 <= figures.coverage <= 1 + 1e-12


def coverable_m2(plan: Plan) -> float:
    return measure_coverage(plan).coverable_m2


def test_ground_further_from_allowed_air_than_half_a_swath_is_not_coverable() -> None:
    """Half a swath is 28.9 m: of a band of 100 m each side of the border the 71.1 m nearest to it cannot be seen."""
    wide = replace(HONEST, position_uncertainty_m=100.0)

    unseen_m = 100 - SETTING.drone_type.swath_m / 2
    assert coverable_m2(wide) == pytest.approx(AREA_M2 - KEEP_OUT_M2 - 2 * unseen_m * 400, rel=1e-4)


def test_a_permission_makes_its_ground_coverable_unless_its_band_or_time_shuts_the_drones_out() -> None:
    wide = replace(HONEST, position_uncertainty_m=100.0)
    permission = replace(wide.permissions[0], polygon=SETTING.polygon(-100, -300, 100, 300))

    assert coverable_m2(replace(wide, permissions=(permission,))) == pytest.approx(AREA_M2 - KEEP_OUT_M2, rel=1e-5)
    for changes in ({"band": HeightBand(min_m=70.0)}, {"validity": Validity(to_s=-1.0)}):
        shut = replace(permission, **changes)
        assert coverable_m2(replace(wide, permissions=(shut,))) == pytest.approx(coverable_m2(wide))


def test_a_nation_without_drones_sees_nothing() -> None:
    west_only = replace(HONEST, drones=tuple(drone for drone in HONEST.drones if drone.nation == "W"), sorties=())

    seen_m = 300 - 5 + SETTING.drone_type.swath_m / 2
    assert coverable_m2(west_only) == pytest.approx(seen_m * 400 - KEEP_OUT_M2, rel=1e-4)


def test_a_wide_buffer_hides_ground_only_when_it_always_holds_at_working_height() -> None:
    polygon = SETTING.polygon(-160, -10, -140, 10)
    always = KeepOut(id="tower", polygon=polygon, buffer_m=100.0)

    def hidden_m2(keep_out: KeepOut) -> float:
        return AREA_M2 - coverable_m2(replace(HONEST, keep_outs=(keep_out,)))

    def disc_m2(radius_m: float) -> float:
        return float(shapely.box(0, 0, 20, 20).buffer(radius_m, quad_segs=64).area)

    assert hidden_m2(always) == pytest.approx(disc_m2(100 - SETTING.drone_type.swath_m / 2), rel=2e-3)
    for passable in ({"band": HeightBand(max_m=40.0)}, {"validity": Validity(to_s=600.0)}, {"validity": Validity(from_s=600.0)}):
        assert hidden_m2(replace(always, **passable)) == pytest.approx(400, rel=1e-3)


def test_the_widest_swath_of_a_nations_drones_decides() -> None:
    wide = replace(HONEST, position_uncertainty_m=100.0)
    scout = replace(SETTING.drone_type, id="scout", sensor=Sensor(swath_m=180.0))
    drones = (replace(wide.drones[0], type="scout"), *wide.drones[1:])
    plan = replace(wide, drone_types=(*wide.drone_types, scout), drones=drones)

    unseen_m = (100 - 90) + (100 - SETTING.drone_type.swath_m / 2)
    assert coverable_m2(plan) == pytest.approx(AREA_M2 - KEEP_OUT_M2 - unseen_m * 400, rel=1e-4)


def test_an_area_of_which_nothing_is_coverable_is_covered() -> None:
    plan = replace(HONEST, drones=(), sorties=(), lanes=(), coverable=SETTING.frame.to_geographic(shapely.Polygon()))

    figures = measure_coverage(plan)

    assert (figures.coverable_m2, figures.coverage, figures.coverage_of_area) == (0.0, 1.0, 0.0)
