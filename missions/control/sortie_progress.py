"""How far a drone is through its sorties: which lanes are flown, which leg it is on, how late it is, when it will be done."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from planner.geo import LatLon
from planner.model import Leg, LegKind, Sortie


@dataclass(frozen=True, slots=True)
class LaneRun:
    """Consecutive SWEEP legs along one lane, by their places in the sortie: what one pair of lane events is about."""

    lane: str
    first: int
    last: int


def lane_runs(sortie: Sortie) -> tuple[LaneRun, ...]:
    """The lanes of a sortie in flying order; a lane that was cut may come more than once."""
    return tuple(_runs(sortie.legs))


def _runs(legs: Sequence[Leg]) -> Iterator[LaneRun]:
    first = 0
    for place, leg in enumerate(legs):
        before = legs[place - 1] if place else None
        if before is None or before.kind is not leg.kind or before.lane != leg.lane:
            first = place
        after = legs[place + 1] if place + 1 < len(legs) else None
        ends = after is None or after.kind is not leg.kind or after.lane != leg.lane
        if ends and leg.kind is LegKind.SWEEP and leg.lane is not None:
            yield LaneRun(leg.lane, first, place)


@dataclass(slots=True)
class SortieProgress:
    """Fed with lane events; instants are patrol seconds. `index` is the sortie that is flown or comes next.

    `broken_off` are sorties that were not flown to their end, `stopped` where a lane was left then.
    """

    sorties: Sequence[Sortie]
    swap_s: float
    index: int = 0
    delay_s: float = 0.0
    broken_off: set[str] = field(default_factory=set)
    stopped: dict[str, LatLon] = field(default_factory=dict)
    _runs: tuple[tuple[LaneRun, ...], ...] = field(init=False)
    _flown: set[tuple[int, LaneRun]] = field(default_factory=set)
    _leg: int | None = None

    def __post_init__(self) -> None:
        self._runs = tuple(lane_runs(sortie) for sortie in self.sorties)

    @property
    def sortie(self) -> Sortie | None:
        """The sortie that is flown or comes next; None when all are through."""
        return self.sorties[self.index] if self.index < len(self.sorties) else None

    @property
    def leg(self) -> Leg | None:
        """The leg it is on, as far as events tell; None on the ground."""
        return self.sortie.legs[self._leg] if self.sortie is not None and self._leg is not None else None

    @property
    def lanes_done(self) -> int:
        return len(self._flown)

    @property
    def lanes_total(self) -> int:
        return sum(len(runs) for runs in self._runs)

    @property
    def planned_climb_s(self) -> float:
        """How long the take-off of the sortie is to take."""
        return self.sortie.legs[0].end_s - self.sortie.legs[0].start_s if self.sortie is not None else 0.0

    @property
    def planned_s(self) -> float:
        """How long the sortie is to take; for ever when there is none."""
        return self.sortie.end_s - self.sortie.start_s if self.sortie is not None else math.inf

    def missed(self) -> tuple[str, ...]:
        """Lanes of which not every run was flown end to end, in flying order."""
        lanes = (run.lane for index, runs in enumerate(self._runs) for run in runs if (index, run) not in self._flown)
        return tuple(dict.fromkeys(lanes))

    def swept(self) -> set[str]:
        """Lanes of which every run was flown end to end."""
        return {run.lane for runs in self._runs for run in runs} - set(self.missed())

    def break_off(self, place: LatLon | None) -> None:
        """The sortie ends here, if it has lanes left; the place is where it was seen last."""
        if (
            self.sortie is None
            or self.sortie.id in self.broken_off
            or all((self.index, run) in self._flown for run in self._runs[self.index])
        ):
            return
        self.broken_off.add(self.sortie.id)
        leg = self.leg
        if place is not None and leg is not None and leg.kind is LegKind.SWEEP and leg.lane is not None:
            self.stopped[leg.lane] = place

    def change(self, begun: int, coming: Sequence[Sortie], version: Sortie | None = None) -> None:
        """Other sorties come after the first `begun`; `version` takes the place of the one in the air."""
        before = list(self.sorties[:begun])
        if version is not None:
            before[self.index] = version
        self.sorties = (*before, *coming)
        self._runs = tuple(lane_runs(sortie) for sortie in self.sorties)

    def next_change_leg(self, patrol_s: float) -> int | None:
        """After which leg the sortie in the air could go on otherwise: the end of the first lane that is not flown until then.

        None when it is past its last lane by then.
        """
        sortie = self.sortie
        if sortie is None or self._leg is None:
            return None
        runs = (run for run in self._runs[self.index] if (self.index, run) not in self._flown)
        return next((run.last for run in runs if sortie.legs[run.last].end_s + self.delay_s >= patrol_s), None)

    def kept_lanes(self, version: Sortie) -> int:
        """How many lanes of the sortie in the air the version has, too."""
        ours = self._runs[self.index] if self.index < len(self._runs) else ()
        pairs = zip(ours, lane_runs(version), strict=False)
        return next((number for number, (one, other) in enumerate(pairs) if one != other), min(len(ours), len(lane_runs(version))))

    def is_past(self, last_leg: int) -> bool:
        """Whether the lane that ends with this leg is flown."""
        runs = self._runs[self.index] if self.index < len(self._runs) else ()
        return any(run.last == last_leg and (self.index, run) in self._flown for run in runs)

    def took_off(self, patrol_s: float) -> None:
        if self.sortie is not None:
            self._leg = 0
            self.delay_s = patrol_s - self.sortie.start_s

    def lane_started(self, lane: str, patrol_s: float) -> None:
        run = self._next_run(lane)
        if run is not None and self.sortie is not None:
            self._leg = run.first
            self.delay_s = patrol_s - self.sortie.legs[run.first].start_s

    def lane_finished(self, lane: str, patrol_s: float) -> None:
        run = self._next_run(lane)
        if run is not None and self.sortie is not None:
            self._flown.add((self.index, run))
            self._leg = min(run.last + 1, len(self.sortie.legs) - 1)
            self.delay_s = patrol_s - self.sortie.legs[run.last].end_s

    def landed(self) -> None:
        """The sortie is over, complete or not."""
        self.index += 1
        self._leg = None

    def eta_s(self) -> float | None:
        """When the last sortie should end: each starts at its time or after the battery swap, whichever is later."""
        if self.sortie is None:
            return None
        end_s = self.sortie.end_s + self.delay_s
        for sortie in self.sorties[self.index + 1 :]:
            end_s = max(sortie.start_s, end_s + self.swap_s) + (sortie.end_s - sortie.start_s)
        return end_s

    def _next_run(self, lane: str) -> LaneRun | None:
        runs = self._runs[self.index] if self.index < len(self._runs) else ()
        return next((run for run in runs if run.lane == lane and (self.index, run) not in self._flown), None)
