"""Collect Python's garbage in the main thread only.

Python collects cycles in whichever thread allocates next. A widget that is part of one would then be freed by the feed's or the
background thread, and Qt crashes when that happens outside the thread the widget lives in.
"""

from __future__ import annotations

import gc

from PyQt6.QtCore import QObject, QTimer

_INTERVAL_MS = 1000


def collect_in_main_thread(owner: QObject) -> None:
    """Turn Python's own collecting off and do it from a timer of the owner's thread, by Python's own thresholds."""
    gc.disable()
    timer = QTimer(owner)
    timer.setInterval(_INTERVAL_MS)
    timer.timeout.connect(_collect)
    timer.start()


def pass_by_what_is_there() -> None:
    """What was made at the start stays to the end: collecting need not look through it, which takes tens of milliseconds."""
    gc.freeze()


def _collect() -> None:
    counts, thresholds = gc.get_count(), gc.get_threshold()
    for generation in (2, 1, 0):
        if counts[generation] > thresholds[generation]:
            gc.collect(generation)
            return
