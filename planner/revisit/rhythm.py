"""How often a team's drones take off so that what they fly over is seen as evenly as can be, batteries changed in between.

All drones of a team fly the same round: one sortie or several, one after the other. A sortie may go round several times when the battery
lasts. With a take-off every `every_s` seconds a place is seen at the take-offs' times and, for sorties of several rounds, again each round
later: the gaps are those between the numbers j * round_s modulo every_s. The search is over rounds and seconds between take-offs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np

from planner.revisit.timetable import Trips, timetable


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """What one drone flies over and over: its sorties for 1, 2, ... rounds at a time. `round_s` is from a place to the same place a round
    later without landing, None when a round takes several sorties. A base launches every `least_every_s` at most. With `to_the_end` the
    longest sortie outlasts the patrol.
    """

    round_s: float | None
    trips: Sequence[Trips]
    least_every_s: float = 0.0
    to_the_end: bool = False

    def away_s(self, rounds: int) -> float:
        return self.trips[rounds - 1].away_s


@dataclass(frozen=True, kw_only=True, slots=True)
class Rhythm:
    """Sorties of so many rounds every `every_s`, each at its own time in that period (`offsets_s`); places then wait `gap_s` at most, or
    so much more as take-offs are late, which may be `play_s`. With `once` each drone takes off once and goes round until the patrol ends.
    `round_s` is that of the round.
    """

    rounds: int
    every_s: float
    gap_s: float
    play_s: float = 0.0
    once: bool = False
    offsets_s: tuple[float, ...] = (0.0,)
    round_s: float | None = None

    def begun(self) -> Iterator[tuple[float, int]]:
        """Sorties that would be in the air at the start if the rhythm were flown for ever: (when they next begin a round, rounds left)."""
        if self.once or self.round_s is None:
            return
        for before in range(1, math.ceil(self.rounds * self.round_s / self.every_s) + 1):
            done = math.ceil(before * self.every_s / self.round_s)
            if done < self.rounds:
                yield done * self.round_s - before * self.every_s, self.rounds - done


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """As often as can be; or (`seldom`) as seldom as `interval_s` lets; or with as much `play` of take-offs as it lets. Take-offs are late
    by up to `late_s` in any case. A gap longer by the part `worse` is taken for a timetable in which nobody waits over the base; `most`
    rhythms are tried, each longer than the last by the part `step` of the shortest gap.
    """

    interval_s: float | None = None
    seldom: bool = False
    play: bool = False
    late_s: float = 20.0
    worse: float = 0.4
    most: int = 24
    step: float = 0.008


def find_rhythm(each: Round, drones: int, wish: Wish) -> Rhythm:
    """The rhythm that comes nearest to the wish."""
    return next(iter(ranked_rhythms(each, drones, wish)))


def ranked_rhythms(each: Round, drones: int, wish: Wish) -> list[Rhythm]:
    """Rhythms that may be tried, nearest to the wish first. One that keeps the interval is preferred; where none does they are the most
    frequent. All but the last have a timetable.
    """
    found = sorted(_rhythms(each, drones, wish), key=lambda rhythm: (rhythm.gap_s, -rhythm.every_s))
    longest_s = math.inf if wish.interval_s is None else wish.interval_s - wish.late_s
    within = [rhythm for rhythm in found if rhythm.gap_s <= longest_s]
    if not within or not (wish.seldom or wish.play):
        return _timed(found, each, drones, wish)
    if wish.play:
        playful = [_with_play(rhythm, each, drones, longest_s) for rhythm in within]
        return _timed(sorted(playful, key=lambda rhythm: (-rhythm.play_s, rhythm.gap_s)), each, drones, wish)
    return _timed(sorted(within, key=lambda rhythm: (-round(rhythm.every_s / rhythm.rounds, 3), rhythm.gap_s)), each, drones, wish)


def _timed(found: Sequence[Rhythm], each: Round, drones: int, wish: Wish) -> list[Rhythm]:
    """Those that have a timetable, each a little worse than the one before, as long as they are not much worse than the first of all; at
    last that without.
    """
    kept: list[Rhythm] = []
    first = found[0]
    for rhythm in found:
        if rhythm.gap_s > first.gap_s * (1 + wish.worse) or len(kept) >= wish.most:
            break
        if kept and abs(rhythm.gap_s - kept[-1].gap_s) < wish.step * first.gap_s and abs(rhythm.play_s - kept[-1].play_s) < wish.late_s:
            continue
        offsets_s = (0.0,) if rhythm.once else timetable(each.trips[rhythm.rounds - 1], rhythm.every_s, drones)
        if offsets_s is not None:
            kept.append(replace(rhythm, offsets_s=offsets_s))
    return [*kept, replace(first, offsets_s=_chained(each.trips[first.rounds - 1], first.every_s))]


def _chained(trips: Trips, every_s: float) -> tuple[float, ...]:
    """As one drone flies one trip after the other."""
    return tuple(at_s % every_s for at_s in [0.0, *accumulate(trips.busy_s)][:-1])


def _with_play(rhythm: Rhythm, each: Round, drones: int, longest_s: float) -> Rhythm:
    """Take-offs may be later by what the interval leaves, and by what drones are ready before their turn."""
    ready_s = math.inf if rhythm.once else drones * rhythm.every_s - each.away_s(rhythm.rounds)
    return replace(rhythm, play_s=max(0.0, min(longest_s - rhythm.gap_s, ready_s)))


def _rhythms(each: Round, drones: int, wish: Wish) -> Iterator[Rhythm]:
    if each.to_the_end and each.round_s is not None:
        for part in np.linspace(1.0, 1.2, 26).tolist():
            # Further apart than even: the last is nearer to the first, a round later.
            every_s = part * each.round_s / drones
            yield Rhythm(rounds=len(each.trips), every_s=every_s, gap_s=every_s, once=True, round_s=each.round_s)
    for rounds in range(1, len(each.trips) + 1):
        least_s = max(each.away_s(rounds) / drones, each.least_every_s)
        for every_s in _tried(each, rounds, least_s, wish):
            yield Rhythm(rounds=rounds, every_s=every_s, gap_s=worst_gap_s(each.round_s, rounds, every_s), round_s=each.round_s)


def _tried(each: Round, rounds: int, least_s: float, wish: Wish) -> Iterator[float]:
    """The shortest, those that space visits evenly (rounds * round_s / M: the M-th part of what a sortie sees), and some in between."""
    yield least_s
    if each.round_s is not None:
        whole_s = rounds * each.round_s
        for parts in range(1, math.floor(whole_s / least_s) + 1):
            yield whole_s / parts
    yield from np.linspace(least_s, 1.5 * least_s, 101).tolist()
    if wish.interval_s is not None and wish.interval_s > least_s:
        yield from np.linspace(least_s, rounds * wish.interval_s, 200).tolist()


def worst_gap_s(round_s: float | None, rounds: int, every_s: float) -> float:
    """The longest that a place waits when a sortie of so many rounds takes off every so many seconds, for ever."""
    if round_s is None or rounds == 1:
        return every_s
    seen_s = np.sort(np.arange(rounds) * round_s % every_s)
    return float(np.diff(seen_s, append=seen_s[0] + every_s).max())
