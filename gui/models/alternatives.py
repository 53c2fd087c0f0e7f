"""Plans of the open mission beside each other: kept as they are made, with what each comes to; and jointly against separately."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gui.models.figures import Tone
from gui.models.observable import Changed
from gui.models.text import NOTHING, duration_text, energy_text, part_text
from gui.models.units import Units
from gui.models.words import tr
from planner.model import Plan, PlanTally


@dataclass(frozen=True, kw_only=True, slots=True)
class Alternative:
    title: str
    plan: Plan


class Alternatives:
    """In the order in which they were made. They go with the mission: `begin` names the one that is open."""

    def __init__(self) -> None:
        self.changed = Changed()
        self.made: tuple[Alternative, ...] = ()
        self._mission = ""

    def begin(self, mission: str) -> None:
        if mission != self._mission:
            self._mission, self.made = mission, ()
            self.changed.emit()

    def add(self, title: str, plan: Plan) -> None:
        """Of alike ones each has its own title."""
        titles = {each.title for each in self.made}
        again = 2
        unique = title
        while unique in titles:
            unique, again = f"{title} ({again})", again + 1
        self.made = (*self.made, Alternative(title=unique, plan=plan))
        self.changed.emit()

    def forget(self, title: str) -> None:
        self.made = tuple(each for each in self.made if each.title != title)
        self.changed.emit()


@dataclass(frozen=True, kw_only=True, slots=True)
class ComparedRow:
    """One figure of all columns. The best of those that can be compared are `Tone.GOOD`, if any is worse."""

    title: str
    tip: str
    cells: tuple[tuple[str, Tone], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Measure:
    """`better` is 1 when more is, -1 when less is, 0 when neither."""

    title: str
    tip: str
    of_plan: Callable[[Plan], float | None]
    of_tally: Callable[[PlanTally], float | None]
    text: Callable[[float, Units], str]
    better: int = -1


def _swaps(plan: Plan) -> float:
    return len(plan.sorties) - len({sortie.drone for sortie in plan.sorties})


_MEASURES = (
    _Measure(
        title=tr("Makespan"),
        tip=tr("From the start until the last drone has landed (h:mm:ss)"),
        of_plan=lambda plan: plan.result.makespan_s,
        of_tally=lambda tally: tally.makespan_s,
        text=lambda value, _units: duration_text(value),
    ),
    _Measure(
        title=tr("Gap"),
        tip=tr("What a better plan could save at most: (makespan - bound) / bound"),
        of_plan=lambda plan: plan.result.gap,
        of_tally=lambda _tally: None,
        text=lambda value, _units: part_text(value),
    ),
    _Measure(
        title=tr("Coverage"),
        tip=tr("Part of the coverable ground that the sensors see"),
        of_plan=lambda plan: plan.result.coverage,
        of_tally=lambda tally: tally.coverage,
        text=lambda value, _units: part_text(value, digits=2),
        better=1,
    ),
    _Measure(
        title=tr("Worst revisit"),
        tip=tr("How long a place waits at most when the plan is flown again and again (h:mm:ss)"),
        of_plan=lambda plan: plan.result.worst_revisit_s,
        of_tally=lambda tally: tally.revisit_s,
        text=lambda value, _units: duration_text(value),
    ),
    _Measure(
        title=tr("Flown length"),
        tip=tr("Horizontal, all legs"),
        of_plan=lambda plan: plan.result.length_m,
        of_tally=lambda tally: sum(each.length_m for each in tally.nations),
        text=lambda value, units: units.length(value),
    ),
    _Measure(
        title=tr("Energy"),
        tip=tr("All sorties"),
        of_plan=lambda plan: plan.result.energy_wh,
        of_tally=lambda _tally: None,
        text=lambda value, _units: energy_text(value),
    ),
    _Measure(
        title=tr("Sorties"),
        tip=tr("Flights from take-off to landing"),
        of_plan=lambda plan: len(plan.sorties),
        of_tally=lambda tally: sum(each.sorties for each in tally.nations),
        text=lambda value, _units: f"{value:.0f}",
    ),
    _Measure(
        title=tr("Battery swaps"),
        tip=tr("Sorties beyond each drone's first"),
        of_plan=_swaps,
        of_tally=lambda _tally: None,
        text=lambda value, _units: f"{value:.0f}",
    ),
    _Measure(
        title=tr("Violations"),
        tip=tr("What an independent check of the plan found"),
        of_plan=lambda plan: len(plan.violations),
        of_tally=lambda _tally: None,
        text=lambda value, _units: f"{value:.0f}",
    ),
    _Measure(
        title=tr("Computed in"),
        tip=tr("Seconds that the planner took"),
        of_plan=lambda plan: plan.solver.seconds,
        of_tally=lambda _tally: None,
        text=lambda value, _units: f"{value:.1f} s",
        better=0,
    ),
)


def compared(made: Sequence[Alternative], current: Plan | None, units: Units) -> tuple[tuple[str, ...], tuple[ComparedRow, ...]]:
    """Titles of the columns and their rows: the plans, then the nations' separate plans and the joint one as the current plan has them."""
    comparison = None if current is None else current.comparison
    tallies = () if comparison is None else ((tr("Separately"), comparison.separate), (tr("Jointly"), comparison.joint))
    rows = []
    for measure in _MEASURES:
        values = [measure.of_plan(each.plan) for each in made]
        beside = [measure.of_tally(tally) for _, tally in tallies]
        cells = (*_toned(values, measure, units), *_toned(beside, measure, units))
        rows.append(ComparedRow(title=measure.title, tip=measure.tip, cells=cells))
    return (*(each.title for each in made), *(title for title, _ in tallies)), tuple(rows)


def _toned(values: Sequence[float | None], measure: _Measure, units: Units) -> tuple[tuple[str, Tone], ...]:
    known = [value * measure.better for value in values if value is not None]
    differ = measure.better != 0 and len(known) > 1 and max(known) > min(known)
    return tuple(
        (NOTHING, Tone.MUTED)
        if value is None
        else (measure.text(value, units), Tone.GOOD if differ and value * measure.better == max(known) else Tone.NORMAL)
        for value in values
    )
