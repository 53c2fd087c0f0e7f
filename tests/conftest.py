"""Settings of the whole suite."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# The same examples on every run, so that a red suite means a change. To look for new ones: JOINTPATROL_EXAMPLES=random.
settings.register_profile("repeatable", derandomize=True)
settings.register_profile("random")
settings.load_profile("random" if os.environ.get("JOINTPATROL_EXAMPLES") == "random" else "repeatable")

#: What takes long begins first and on one worker, so that nobody waits for it at the end: the search is compiled in a fresh clone.
_FIRST = ("planner/sweep_search/", "missions/test_scenario_flights.py", "gui/test_story.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    path = item.path.as_posix()
    return next((place for place, name in enumerate(_FIRST) if f"/tests/{name}" in path), len(_FIRST))
