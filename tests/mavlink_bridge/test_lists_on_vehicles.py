"""The same lists to an embedded vehicle and to ArduPilot itself: as files and as items, and all of them verified."""

from __future__ import annotations

import pytest

from benchmarks.transfers import full_lists, run_ardupilot, run_embedded
from mavlink_bridge.conversation import Failed, Verified
from planner.model import VehicleKind
from sitl.ardupilot import find_ardupilot

on_ardupilot = [
    pytest.mark.ardupilot,
    pytest.mark.skipif(find_ardupilot(VehicleKind.COPTER) is None, reason="arducopter is not installed"),
]


def ends_on(backend: str, way: str, vertices: int) -> list[object]:
    lists = full_lists(60, vertices, 10)
    return list(run_ardupilot(way, lists)[1] if backend == "ardupilot" else run_embedded(way, lists).ends)


on_both = pytest.mark.parametrize("backend", ["embedded", pytest.param("ardupilot", marks=on_ardupilot)])


@on_both
def test_mission_fence_and_rally_points_are_verified_as_files(backend: str) -> None:
    assert ends_on(backend, "file", 40) == [Verified()] * 3


@on_both
def test_a_fence_that_does_not_fit_is_not_called_verified(backend: str) -> None:
    """70 vertices are counted as fitting and need more bytes than there are: ArduPilot acknowledges them and keeps none."""
    mission, fence, rally = ends_on(backend, "file", 70)
    assert (mission, rally) == (Verified(), Verified())
    assert isinstance(fence, Failed)
    assert fence.reason.endswith("what was on the vehicle has been cleared")


def test_mission_fence_and_rally_points_are_verified_item_by_item() -> None:
    assert ends_on("embedded", "classic", 40) == [Verified()] * 3
