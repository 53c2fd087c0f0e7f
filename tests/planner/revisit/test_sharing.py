"""Lines are shared out by what teams really can: whoever loses time beside its stretch is given less of the line."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely

from planner.airspace import build_airspace
from planner.model import Patrol, PatrolKind
from planner.sectors.claims import claim, teams_of
from tests.planner.missions import HERE, QUAD, mission


@pytest.mark.parametrize("changes", [{"over_s": 300.0}, {"pace": 1.5}])
def test_a_team_that_takes_longer_is_given_less_of_the_line(changes: dict[str, float]) -> None:
    spec = mission(shapely.box(-4_000, -400, 4_000, 400), bases={"A": [(-2_000.0, 130.0), (2_000.0, 130.0)]}, drones_at_base=2)
    line = HERE.shape(shapely.LineString([(-4_000, 0), (4_000, 0)]))
    spec = replace(
        spec, drone_types=(QUAD,), patrols=(Patrol(id="line", kind=PatrolKind.LINE, shape=line, interval_s=900.0),), duration_s=9e3
    )
    airspace = build_airspace(spec)
    one, other = teams_of(spec, airspace.frame, {drone.id: 60.0 for drone in spec.drones})

    def length_m(slower: bool) -> float:
        teams = (replace(one, **changes) if slower else one, other)  # type: ignore[arg-type]
        (patrol,) = claim(spec, airspace, {}, teams).patrols[0]
        assert patrol.shape is not None
        return airspace.frame.line(patrol.shape).length

    assert length_m(slower=False) == pytest.approx(4_000, abs=150)
    assert 2_000 < length_m(slower=True) < 3_700
