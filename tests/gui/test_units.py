from __future__ import annotations

import pytest
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QTableView

from gui.models.fleet_columns import COLUMNS
from gui.models.units import Units
from tests.gui.conftest import Desktop
from tests.gui.patrol_server import PatrolServer


@pytest.mark.parametrize(
    ("units", "texts"),
    [
        (Units.METRIC, ("120 m", "10.0 m/s", "-1.5 m/s", "184.7 km", "0 m")),
        (Units.AVIATION, ("394 ft", "19.4 kt", "-300 ft/min", "99.7 NM", "0 ft")),
    ],
)
def test_the_same_values_in_other_units(units: Units, texts: tuple[str, ...]) -> None:
    told = (units.height(120.0), units.speed(10.0), units.climb(-1.5), units.length(184_700.0), units.height(-0.1))
    assert told == texts
    assert units.length(50.0) in ("50 m", "164 ft")


def test_the_table_follows_the_choice_and_it_is_remembered(desktop: Desktop, patrol: PatrolServer) -> None:
    desktop.attach(patrol)
    model = desktop.find(QTableView, "fleet-table").model()
    assert model is not None
    height = next(index for index, column in enumerate(COLUMNS) if column.title == "Height")
    assert model.index(0, height).data().endswith(" m")
    desktop.find(QAction, "view.units.aviation").trigger()
    assert model.index(0, height).data().endswith(" ft")
    desktop.settings.keep_map(desktop.desk.map)
    desktop.desk.units.choose(Units.METRIC)
    desktop.settings.restore_map(desktop.desk.map)
    assert desktop.desk.units.now is Units.AVIATION
