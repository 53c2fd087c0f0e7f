from __future__ import annotations

import pytest

from gui.models.fleet import FleetModel
from gui.models.selection import Selection
from missions.control.messages import EVERYONE, OfNation, Scope, TheseDrones
from tests.missions.sample_patrol import sample_plan


@pytest.fixture
def selection() -> Selection:
    fleet = FleetModel()
    fleet.reset(sample_plan().drones)
    return Selection(fleet)


@pytest.mark.parametrize(
    ("picked", "scope", "text"),
    [
        ((), EVERYONE, "everyone (3 drones)"),
        (("ald-west-1", "ald-west-2", "bre-east-1"), EVERYONE, "everyone (3 drones)"),
        # all of a nation are that nation
        (("ald-west-1", "ald-west-2"), OfNation(nation="ALD"), "ALD (2 drones)"),
        (("bre-east-1",), OfNation(nation="BRE"), "BRE (1 drone)"),
        # in the plan's order, whatever the order of picking
        (("bre-east-1", "ald-west-2"), TheseDrones(drones=("ald-west-2", "bre-east-1")), "ald-west-2, bre-east-1"),
        (("ald-west-2",), TheseDrones(drones=("ald-west-2",)), "ald-west-2"),
    ],
)
def test_an_order_goes_to_whom_it_says(selection: Selection, picked: tuple[str, ...], scope: Scope, text: str) -> None:
    selection.pick(picked)
    assert (selection.scope, selection.text) == (scope, text)


def test_drones_that_are_not_there_cannot_be_picked(selection: Selection) -> None:
    selection.pick({"ald-west-1", "stranger"})
    assert selection.drones == {"ald-west-1"}


def test_picking_the_same_again_is_not_told(selection: Selection) -> None:
    told: list[int] = []
    selection.changed.connect(lambda: told.append(1))
    selection.pick({"ald-west-1"})
    selection.pick({"ald-west-1"})
    selection.toggle("ald-west-1")
    assert len(told) == 2
    assert selection.members == {"ald-west-1", "ald-west-2", "bre-east-1"}
