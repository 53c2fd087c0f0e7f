"""Two patrols beside each other: their figures, nation by nation and segment by segment where they went along the same line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from missions.report import words
from missions.report.account import Effort, FlightAccount
from missions.report.segments import Segment
from missions.report.totals import total
from planner.geo import geodesic_m

#: Segments whose middles are further apart are not the same.
_SAME_PLACE_M: Final = 250.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One figure of both patrols; `told` writes one of them. None is "not known". More is `better`, or less is, or neither."""

    name: str
    first: float | None
    second: float | None
    told: Callable[[float], str]
    better: int = 0

    @property
    def change(self) -> float | None:
        return None if self.first is None or self.second is None else self.second - self.first

    @property
    def texts(self) -> tuple[str, str, str]:
        """Both, and the difference with its sign."""
        change = self.change
        if change is None:
            difference = ""
        else:
            # what does not show is no difference
            none = self.told(0.0)
            size = self.told(abs(change))
            difference = "0" if size == none else f"{'+' if change > 0 else '−'}{size}"
        return _told(self.first, self.told), _told(self.second, self.told), difference

    @property
    def judgement(self) -> str:
        """ "good", "bad" or nothing."""
        change = self.change
        if not self.better or change is None or self.texts[2] == "0":
            return ""
        return "good" if change * self.better > 0 else "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Figures of one thing that both patrols have."""

    name: str
    figures: tuple[Compared, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`segments` is empty when the patrols did not go along the same line."""

    first: FlightAccount
    second: FlightAccount
    patrol: tuple[Compared, ...]
    nations: tuple[Table, ...]
    segments: tuple[Table, ...]

    @property
    def same_plan(self) -> bool:
        return self.first.plan_sha256 == self.second.plan_sha256

    @property
    def same_mission(self) -> bool:
        return self.first.plan.spec_sha256 == self.second.plan.spec_sha256


def compare(first: FlightAccount, second: FlightAccount) -> Comparison:
    """Figures of the second beside those of the first."""
    return Comparison(
        first=first,
        second=second,
        patrol=tuple(_patrol(first, second)),
        nations=tuple(_nations(first, second)),
        segments=tuple(_segments(first, second)),
    )


def _patrol(a: FlightAccount, b: FlightAccount) -> Iterator[Compared]:
    yield Compared(name="covered, flown", first=a.flown.coverage, second=b.flown.coverage, told=words.percent, better=1)
    yield Compared(name="covered, planned", first=a.planned.coverage, second=b.planned.coverage, told=words.percent, better=1)
    yield Compared(name="planned, not seen", first=a.missed.promised_m2, second=b.missed.promised_m2, told=words.area, better=-1)
    yield Compared(name="duration", first=a.duration_s, second=b.duration_s, told=words.duration, better=-1)
    yield Compared(name="duration planned", first=a.plan.result.makespan_s, second=b.plan.result.makespan_s, told=words.duration, better=-1)
    yield from _effort(total(a), total(b))
    yield Compared(name="sorties", first=len(a.sorties), second=len(b.sorties), told=_count)
    yield Compared(name="closest two drones came", first=a.min_separation_m, second=b.min_separation_m, told=words.metres)
    yield Compared(name="violations", first=len(a.violations), second=len(b.violations), told=_count, better=-1)
    yield Compared(name="alerts", first=len(a.alerts), second=len(b.alerts), told=_count, better=-1)


def _effort(a: Effort, b: Effort) -> Iterator[Compared]:
    yield Compared(name="in the air", first=a.time_s, second=b.time_s, told=words.hours, better=-1)
    yield Compared(name="flown", first=a.length_m, second=b.length_m, told=words.km, better=-1)
    yield Compared(name="energy drawn", first=a.energy.wh, second=b.energy.wh, told=words.wh, better=-1)


def _nations(a: FlightAccount, b: FlightAccount) -> Iterator[Table]:
    others = {nation.nation: nation for nation in b.nations}
    for nation in a.nations:
        if nation.nation in others:
            other = others[nation.nation]
            covered = Compared(
                name="sector covered", first=nation.flown_coverage, second=other.flown_coverage, told=words.percent, better=1
            )
            yield Table(name=nation.name, figures=(covered, *_effort(nation.flown, other.flown)))


def _segments(a: FlightAccount, b: FlightAccount) -> Iterator[Table]:
    if len(a.segments) != len(b.segments) or any(
        geodesic_m(one.middle, other.middle) > _SAME_PLACE_M for one, other in zip(a.segments, b.segments, strict=True)
    ):
        return
    for one, other in zip(a.segments, b.segments, strict=True):
        yield Table(name=f"{one.number}: {words.km(one.from_m)} to {words.km(one.to_m)}", figures=tuple(_segment(one, other)))


def _segment(one: Segment, other: Segment) -> Iterator[Compared]:
    yield Compared(name="covered", first=one.flown_coverage, second=other.flown_coverage, told=words.percent, better=1)
    yield Compared(name="times seen", first=one.visits, second=other.visits, told=lambda value: f"{value:.1f}")
    yield Compared(name="longest between two visits", first=one.longest_gap_s, second=other.longest_gap_s, told=words.duration, better=-1)


def _count(value: float) -> str:
    return f"{value:.0f}"


def _told(value: float | None, told: Callable[[float], str]) -> str:
    return "–" if value is None else told(value)
