"""Long ground is planned in rounds: seams move towards whoever is home early, and nothing found before is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
import shapely

from planner.band_rounds import Shared, Slower, with_better_seams, with_longer_search
from planner.band_work import BandWork
from planner.geo import LocalFrame
from planner.nation_work import NationWork
from planner.sectors.allotment import Allotment
from planner.sectors.bands import Band
from planner.sectors.claims import Asked, Claims
from planner.sectors.division import Division
from tests.planner.missions import mission

WEST, EAST = shapely.box(-60_000, -5_000, 0, 5_000), shapely.box(0, -5_000, 60_000, 5_000)
SPEC = mission(
    shapely.box(-60_000, -500, 60_000, 500),
    territories={"A": WEST, "B": EAST},
    bases={"A": [(-45_000.0, 0.0), (-15_000.0, 0.0)], "B": [(15_000.0, 0.0), (45_000.0, 0.0)]},
)
#: What each base's drones need for a part of its nation's ground, and nations for a part of all.
TRUE_S: Mapping[str, float] = {base.id: seconds for base, seconds in zip(SPEC.bases, (9_000.0, 9_000.0, 3_000.0, 5_000.0), strict=True)}


def never() -> bool:
    return False


def shared(slower: Slower) -> Shared:
    """Ground divided so that by the estimate, 1 for everybody times what is said to be slower, all are home together."""
    parts = {nation.id: 1 / slower.nations.get(nation.id, 1.0) for nation in SPEC.nations}
    bands, works = [], []
    for base in SPEC.bases:
        own = {each.id: 1 / slower.bases.get(each.id, 1.0) for each in SPEC.bases if each.nation == base.nation}
        seconds = TRUE_S[base.id] * own[base.id] / sum(own.values()) * parts[base.nation] / sum(parts.values())
        bands.append(Band(nation=base.nation, spec=replace(SPEC, bases=(base,)), known=None))
        works.append(work(base.nation, seconds))
    asked = Asked(shapely.Polygon(), Allotment({}, ()), (), Claims((), ()))
    return Shared(slower=slower, division=Division(sectors={}), asked=asked, bands=bands, works=works)


def work(nation: str, home_s: float) -> BandWork:
    found = NationWork(nation=nation, pieces=(), bases=(), ways={}, routes={}, unserved=(), home_s=home_s)
    return BandWork(frame=LocalFrame(SPEC.bases[0].location), work=found)


def test_a_few_rounds_bring_all_home_together() -> None:
    found = with_better_seams(shared(Slower()), shared, 4, never)

    times_s = [each.work.home_s for each in found.works]
    assert max(times_s) == pytest.approx(min(times_s), rel=0.02)
    assert found.home_s < 0.8 * shared(Slower()).home_s


def test_rounds_that_make_it_worse_or_run_out_of_time_change_nothing() -> None:
    first = shared(Slower())

    assert (
        with_better_seams(first, lambda _: replace(first, works=[work(each.work.nation, 1e6) for each in first.works]), 3, never) is first
    )
    assert with_better_seams(first, lambda _: None, 3, never) is first
    assert with_better_seams(first, shared, 3, lambda: True) is first


def test_longer_search_is_taken_up_band_by_band_and_what_it_replaces_is_kept() -> None:
    first = shared(Slower())
    better, worse = work("A", 1.0), work("A", 1e6)

    found = with_longer_search(first, [better, worse, None, None])

    assert [each.work.home_s for each in found.works] == [1.0, *(each.work.home_s for each in first.works[1:])]
    assert [each.home_s for each in found.works[0].work.lesser] == [first.works[0].work.home_s]
