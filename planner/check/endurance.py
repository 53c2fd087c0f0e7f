"""Rule `endurance`: no sortie lasts longer than the drone's endurance less its reserve."""

from __future__ import annotations

from collections.abc import Iterator

from planner.check.case import Case
from planner.check.findings import sortie_finding
from planner.model import Rule, Violation


def check_endurance(case: Case) -> Iterator[Violation]:
    for flown in case.sorties:
        first, last = flown.legs[0].leg, flown.legs[-1].leg
        lasts_s = max(last.end_s - first.start_s, flown.sortie.end_s - flown.sortie.start_s)
        usable_s = flown.drone_type.endurance_s * (1 - flown.drone_type.reserve)
        if lasts_s > usable_s + case.params.tolerance_s:
            text = f"it lasts {lasts_s:.1f} s, the drone's endurance less its reserve is {usable_s:.1f} s"
            yield sortie_finding(Rule.ENDURANCE, flown, text, amount=lasts_s - usable_s, unit="s")
