from __future__ import annotations

import numpy as np
from PyQt6.QtWidgets import QApplication

from gui.views.drone_painter import _KEPT_FREE_PX
from gui.views.name_painter import NamePainter
from gui.views.scene_painter import _BASE_NAME_PX


def test_a_base_is_named_wherever_it_is_on_the_screen_and_whoever_stands_on_it(qapp: QApplication) -> None:
    for part_px in np.arange(0.0, 8.0, 0.5):
        names = NamePainter(400, 300, qapp.font(), "#ffffff", 1.0)
        names.keep_free(np.array([[200.0, 100.0 + part_px]]), _KEPT_FREE_PX)
        names.below("west", "#000000", 200.0, 100.0 + part_px, distance_px=_BASE_NAME_PX)
        assert len(names.placed) == 1, part_px
