"""The checker keeps its pace and its precision on large fleets and on plans wider than one local frame."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from planner.check import check_plan, closest_approach, measure_coverage
from planner.check.case import Case
from planner.check.motion import Pieces, meetings
from planner.check.params import DEFAULT
from planner.geo import Geographic, LatLon, Position, destination, geodesic_area_m2, geodesic_m, geodesic_points
from planner.model import Drone, HeightBand, KeepOut, Lane, Leg, LegKind, Nation, Permission, Plan, Rule, Sensor, Sortie, VehicleKind
from tests.planner.plan_builder import Setting, build, flight, flying_s, with_sorties

SETTING = Setting()


def busy_plan() -> Plan:
    """The honest plan with 12 sorties of 100 legs each, of 12 drones that weave north of the area side by side."""
    plan = build(SETTING)
    types = tuple(replace(each, endurance_s=1e5, battery_wh=1e5) for each in plan.drone_types)
    drones, sorties = [], []
    for number in range(12):
        drone = f"x{number}"
        flown = flight(SETTING, "W", "far", drone=drone, start_s=300.0 + 40.0 * number).takeoff()
        for step in range(98):
            flown.to(-450 - 90 * number - (step % 2) * 20, -250 + 15 * step)
        drones.append(Drone(id=drone, nation="W", type="quad", base="w-far"))
        sorties.append(flown.sortie(f"{drone}/1", "W"))
    return with_sorties(replace(plan, drone_types=types, drones=(*plan.drones, *drones)), [*plan.sorties, *sorties])


def test_a_plan_of_twelve_sorties_of_a_hundred_legs_is_checked_within_two_seconds() -> None:
    plan = busy_plan()
    started_s = time.process_time()

    found = check_plan(plan)

    assert time.process_time() - started_s < 2.0
    # They do not land, and that is all.
    assert {violation.rule for violation in found} == {Rule.CONTINUITY, Rule.BASE}


def test_a_thousand_trajectories_are_compared_within_seconds() -> None:
    pieces = lattice(flights=1000, steps=100)
    started_s = time.process_time()

    found = sum(len(met.at_s) for met in meetings(pieces, horizontal_m=50.0, vertical_m=10.0, params=DEFAULT))

    assert time.process_time() - started_s < 10.0
    assert found > 0


def lattice(*, flights: int, steps: int) -> Pieces:
    """Flights that zigzag over 100 km x 10 km, each in a strip of its own; neighbours come within 30 m."""
    number, step = np.divmod(np.arange(flights * steps), steps)
    west = (number % 500) * 200.0
    x0, x1 = west + _part(step + number), west + _part(step + 1 + number)
    y0, y1 = (number // 500) * 5000 + step * 45.0, (number // 500) * 5000 + (step + 1) * 45.0
    from_s, to_s = step * 15.0, step * 15.0 + 15.0
    z = np.full(len(step), 50.0)
    return Pieces(leg=np.arange(len(step)), sortie=number, drone=number, from_s=from_s, to_s=to_s, x0=x0, y0=y0, z0=z, x1=x1, y1=y1, z1=z)


def _part(step: NDArray[np.int64]) -> NDArray[np.float64]:
    """Eastwards on even steps: neighbours, which take turns, are both at their common edge then."""
    return np.where(step % 2 == 0, 0.0, 170.0)


def wide_plan(*, length_m: float, uncertainty_m: float = 50.0) -> Plan:
    """A strip of ground along a geodesic north-east from Lapland, one nation each side, one plane flying its length and back.

    The plane sees 1000 m; the strip is 900 m wide on its side of the geodesic, which it follows at 450 m.
    """
    base = build(replace(SETTING, origin=LatLon(lat_deg=60.0, lon_deg=20.0)))
    start = LatLon(lat_deg=60.0, lon_deg=20.0)
    end = destination(start, bearing_deg=60.0, distance_m=length_m)
    axis = geodesic_points(start, end, max_step_m=2_001)
    plane = replace(
        base.drone_types[0],
        id="plane",
        kind=VehicleKind.PLANE,
        cruise_mps=30.0,
        endurance_s=1e6,
        battery_wh=1e6,
        sensor=Sensor(swath_m=1000.0),
    )
    south = strip(axis, uncertainty_m, 900.0 + uncertainty_m)
    home = beside(axis, 600.0)[0]
    nations = (
        Nation(id="S", name="South", territory=strip(axis, 0.0, 20_000.0, beyond_m=20_000.0)),
        Nation(id="N", name="North", territory=strip(axis, -20_000.0, 0.0, beyond_m=20_000.0)),
    )
    plan = replace(
        base,
        area=south,
        coverable=south,
        border=Geographic(shapely.LineString([(point.lon_deg, point.lat_deg) for point in axis])),
        position_uncertainty_m=uncertainty_m,
        nations=nations,
        permissions=(),
        keep_outs=(),
        sectors=(),
        bases=(replace(base.bases[0], id="home", nation="S", location=home),),
        drone_types=(plane,),
        drones=(Drone(id="p1", nation="S", type="plane", base="home"),),
    )
    lane_line = beside(axis, 450.0 + uncertainty_m)
    pieces = [(lane_line[index], lane_line[index + 2]) for index in range(0, len(lane_line) - 2, 2)]
    lanes = tuple(Lane(id=f"l{number}", nation="S", start=a, end=b, swath_m=1000.0) for number, (a, b) in enumerate(pieces))
    sortie = out_and_back(plan, lanes, home)
    result = replace(plan.result, coverage_of_area=1.0)
    return with_sorties(replace(plan, lanes=lanes, result=result), [sortie])


def beside(axis: list[LatLon], right_m: float, *, beyond_m: float = 0.0) -> list[LatLon]:
    """Points to the right of a geodesic that runs north-east."""
    points = []
    for index, point in enumerate(axis):
        before, after = axis[max(index - 1, 0)], axis[min(index + 1, len(axis) - 1)]
        bearing_deg = math.degrees(math.atan2(*_east_north(before, after)))
        shift_m = -beyond_m if index == 0 else beyond_m if index == len(axis) - 1 else 0.0
        moved = destination(point, bearing_deg=bearing_deg, distance_m=shift_m)
        points.append(destination(moved, bearing_deg=bearing_deg + 90, distance_m=right_m))
    return points


def _east_north(a: LatLon, b: LatLon) -> tuple[float, float]:
    east_m = geodesic_m(a, LatLon(lat_deg=a.lat_deg, lon_deg=b.lon_deg))
    return east_m, geodesic_m(a, LatLon(lat_deg=b.lat_deg, lon_deg=a.lon_deg))


def strip(axis: list[LatLon], left_m: float, right_m: float, *, beyond_m: float = 0.0) -> Geographic:
    ring = [*beside(axis, left_m, beyond_m=beyond_m), *reversed(beside(axis, right_m, beyond_m=beyond_m))]
    return Geographic(shapely.Polygon([(point.lon_deg, point.lat_deg) for point in ring]))


def out_and_back(plan: Plan, lanes: tuple[Lane, ...], home: LatLon) -> Sortie:
    setting = Setting()
    legs: list[Leg] = []
    plane = plan.drone_types[0]

    def fly(kind: LegKind, a: Position, b: Position, lane: Lane | None = None) -> None:
        now_s = legs[-1].end_s if legs else 0.0
        lasts_s = geodesic_m(a, b) / plane.cruise_mps if kind not in (LegKind.TAKEOFF, LegKind.LAND) else flying_s([a, b], setting)
        power_w = plane.power_cruise_w if kind not in (LegKind.TAKEOFF, LegKind.LAND) else plane.power_hover_w
        energy_wh = power_w * lasts_s / 3600
        legs.append(
            Leg(
                kind=kind,
                start=a,
                end=b,
                start_s=now_s,
                end_s=now_s + lasts_s,
                energy_wh=energy_wh,
                lane=lane.id if lane else None,
                swath_m=1000.0 if lane else None,
            )
        )

    def aloft(point: LatLon, height_m: float = 50.0) -> Position:
        return Position(lat_deg=point.lat_deg, lon_deg=point.lon_deg, height_m=height_m)

    fly(LegKind.TAKEOFF, aloft(home, 0.0), aloft(home))
    fly(LegKind.TRANSIT, aloft(home), aloft(lanes[0].start))
    for lane in lanes:
        fly(LegKind.SWEEP, aloft(lane.start), aloft(lane.end), lane)
    for lane in reversed(lanes):
        fly(LegKind.TRANSIT, aloft(lane.end), aloft(lane.start))
    fly(LegKind.TRANSIT, aloft(lanes[0].start), aloft(home))
    fly(LegKind.LAND, aloft(home), aloft(home, 0.0))
    energy_wh = sum(leg.energy_wh for leg in legs)
    return Sortie(
        id="p1/1",
        drone="p1",
        nation="S",
        start_base="home",
        end_base="home",
        start_s=0.0,
        end_s=legs[-1].end_s,
        energy_wh=energy_wh,
        legs=tuple(legs),
    )


@pytest.fixture(scope="module")
def wide() -> Plan:
    return wide_plan(length_m=800_000.0)


def test_a_plan_wider_than_a_frame_is_cut_into_frames(wide: Plan) -> None:
    case = Case(wide, DEFAULT)

    assert len(case.tiles) > 3
    for scene in case.scenes:
        for track in scene.tracks:
            assert np.hypot(*track.points_m.T).max() < 150_000


def test_an_honest_plan_of_800_km_has_no_violation(wide: Plan) -> None:
    assert check_plan(wide) == ()


def test_areas_of_a_plan_of_800_km_are_those_of_the_ellipsoid(wide: Plan) -> None:
    figures = measure_coverage(wide)

    assert figures.area_m2 == pytest.approx(geodesic_area_m2(wide.area), rel=5e-5)
    assert figures.coverage == pytest.approx(1.0, abs=1e-4)


def test_a_leg_across_the_border_is_found_at_the_far_end_of_800_km(wide: Plan) -> None:
    sortie = wide.sorties[0]
    index = next(i for i, leg in enumerate(sortie.legs) if leg.lane == wide.lanes[-1].id)
    leg = sortie.legs[index]
    bent = destination(leg.end, bearing_deg=330.0, distance_m=500.0)
    path = (leg.start, replace(leg.end, lat_deg=bent.lat_deg, lon_deg=bent.lon_deg), leg.end)
    legs = (*sortie.legs[:index], replace(leg, path=path), *sortie.legs[index + 1 :])

    found = check_plan(replace(wide, sorties=(replace(sortie, legs=legs),)))

    assert f"p1/1.legs[{index}]" in {violation.subject for violation in found if violation.rule is Rule.AIRSPACE}


def test_two_drones_that_meet_where_two_frames_do_are_found_once(wide: Plan) -> None:
    second = replace(wide.drones[0], id="p2")
    twin = replace(wide.sorties[0], id="p2/1", drone="p2")
    plan = with_sorties(replace(wide, drones=(*wide.drones, second)), [wide.sorties[0], twin])

    found = [violation for violation in check_plan(plan) if violation.rule is Rule.SEPARATION]

    assert [violation.subject for violation in found] == ["p1/1 p2/1"]
    approach = closest_approach(plan)
    assert approach is not None
    assert approach.horizontal_m == pytest.approx(0, abs=1e-6)


def test_a_leg_of_forty_kilometres_is_judged_along_its_geodesic() -> None:
    """Along 60 degrees north a geodesic of 40 km bends 54 m off the parallel, into a keep-out that the straight map line misses."""
    setting = replace(SETTING, origin=LatLon(lat_deg=60.0, lon_deg=20.0))
    plan = build(setting)
    a, b = LatLon(lat_deg=60.0, lon_deg=20.0), LatLon(lat_deg=60.0, lon_deg=20.717)
    middle = geodesic_points(a, b, max_step_m=geodesic_m(a, b) / 2 + 1)[1]
    assert geodesic_m(middle, LatLon(lat_deg=60.0, lon_deg=middle.lon_deg)) > 50
    spot = shapely.Point(middle.lon_deg, middle.lat_deg).buffer(0.0001)
    plan = replace(
        plan,
        keep_outs=(KeepOut(id="spot", polygon=Geographic(spot), band=HeightBand(max_m=500)),),
        permissions=(
            Permission(id="all", host="E", guest="W", polygon=Geographic(shapely.box(19, 59.5, 22, 60.5))),
            Permission(id="all too", host="W", guest="E", polygon=Geographic(shapely.box(19, 59.5, 22, 60.5))),
        ),
    )
    leg = Leg(
        kind=LegKind.TRANSIT,
        start=Position(lat_deg=a.lat_deg, lon_deg=a.lon_deg, height_m=50),
        end=Position(lat_deg=b.lat_deg, lon_deg=b.lon_deg, height_m=50),
        start_s=0,
        end_s=5000,
        energy_wh=0,
    )

    found = check_plan(replace(plan, sorties=(replace(plan.sorties[0], legs=(leg,)),)))

    assert {violation.rule for violation in found} >= {Rule.KEEP_OUT, Rule.CONTINUITY}
    assert Rule.AIRSPACE not in {violation.rule for violation in found}
