"""A plan as a timeline: a row for each drone, a bar for each sortie with its lanes, and one for each battery swap."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from gui.models.proposal import lanes_of
from gui.models.text import duration_text, energy_text
from gui.models.words import counted, tr
from missions.control.messages import DroneProgress
from planner.model import LegKind, Plan, Sortie

#: Start and end, seconds of the plan.
Span = tuple[float, float]


class BarState(StrEnum):
    AHEAD = "to be flown"
    UNDER_WAY = "under way"
    FLOWN = "flown"


@dataclass(frozen=True, kw_only=True, slots=True)
class SortieBar:
    """`sweeps` are the times within it at which lanes are flown."""

    sortie: str
    start_s: float
    end_s: float
    sweeps: tuple[Span, ...]
    tip: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TimelineRow:
    """`swaps` lie between sorties."""

    drone: str
    nation: str
    bars: tuple[SortieBar, ...]
    swaps: tuple[Span, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeline:
    """Rows in the plan's order of drones; drones that do not fly have one too."""

    rows: tuple[TimelineRow, ...] = ()
    end_s: float = 0.0

    def place_of(self, sortie: str | None) -> tuple[int, int] | None:
        """Row and bar of a sortie."""
        for row_index, row in enumerate(self.rows):
            for bar_index, bar in enumerate(row.bars):
                if bar.sortie == sortie:
                    return row_index, bar_index
        return None

    def beside(self, sortie: str | None, *, rows: int = 0, bars: int = 0) -> str | None:
        """The sortie so many bars on in its row, or the one at about the same time so many rows with bars down.

        The first of all when none is given; the same again at an end.
        """
        filled = [row for row in self.rows if row.bars]
        place = next((index for index, row in enumerate(filled) if any(bar.sortie == sortie for bar in row.bars)), None)
        if place is None:
            return filled[0].bars[0].sortie if filled else None
        here = next(bar for bar in filled[place].bars if bar.sortie == sortie)
        if bars:
            index = filled[place].bars.index(here) + bars
            return filled[place].bars[min(max(index, 0), len(filled[place].bars) - 1)].sortie
        row = filled[min(max(place + rows, 0), len(filled) - 1)]
        return here.sortie if row is filled[place] else min(row.bars, key=lambda bar: abs(bar.start_s - here.start_s)).sortie


def timeline_of(plan: Plan | None) -> Timeline:
    if plan is None:
        return Timeline()
    by_drone: dict[str, list[Sortie]] = {drone.id: [] for drone in plan.drones}
    for sortie in sorted(plan.sorties, key=lambda sortie: sortie.start_s):
        by_drone[sortie.drone].append(sortie)
    swap_s = {drone_type.id: drone_type.battery_swap_s for drone_type in plan.drone_types}
    rows = tuple(
        TimelineRow(
            drone=drone.id,
            nation=drone.nation,
            bars=tuple(_bar(sortie) for sortie in by_drone[drone.id]),
            swaps=_swaps(by_drone[drone.id], swap_s[drone.type]),
        )
        for drone in plan.drones
    )
    return Timeline(rows=rows, end_s=max((sortie.end_s for sortie in plan.sorties), default=0.0))


def _bar(sortie: Sortie) -> SortieBar:
    lanes = lanes_of(sortie)
    tip = tr(
        "{id}: {start_s} to {end_s} (h:mm:ss), {lanes}, {energy_wh}",
        id=sortie.id,
        start_s=duration_text(sortie.start_s),
        end_s=duration_text(sortie.end_s),
        lanes=counted(len(lanes), "{n} lane", "{n} lanes"),
        energy_wh=energy_text(sortie.energy_wh),
    )
    sweeps = tuple((leg.start_s, leg.end_s) for leg in sortie.legs if leg.kind is LegKind.SWEEP)
    return SortieBar(sortie=sortie.id, start_s=sortie.start_s, end_s=sortie.end_s, sweeps=sweeps, tip=tip)


def _swaps(sorties: list[Sortie], swap_s: float) -> tuple[Span, ...]:
    return tuple((before.end_s, min(before.end_s + swap_s, after.start_s)) for before, after in pairwise(sorties))


def bar_state(row: TimelineRow, index: int, progress: DroneProgress | None) -> BarState:
    """How far the row's bar has come, by what mission control last said of the drone."""
    if progress is None:
        return BarState.AHEAD
    if index < progress.sorties_done:
        return BarState.FLOWN
    return BarState.UNDER_WAY if row.bars[index].sortie == progress.sortie and progress.leg is not None else BarState.AHEAD
