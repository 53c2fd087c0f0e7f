"""When each drone takes off in a patrol that goes on: by its team's rhythm, as soon as it meets nobody and its base lets it."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge
from itertools import pairwise
from typing import NamedTuple

from planner.model import Base, Drone, Lane, MissionSpec, Sortie
from planner.revisit.flights import Flight, Hangar
from planner.revisit.rhythm import Rhythm
from planner.revisit.rounds import TeamRound
from planner.revisit.staffing import BaseDay, is_staffed
from planner.timetable.base_traffic import clash
from planner.timetable.later_launches import Course, CourseSampler


@dataclass(frozen=True, kw_only=True, slots=True)
class LaunchParams:
    """Take-offs are tried every `step_s` later, up to `most_delay_s`, or `most_begun_s` of sorties that stand in for what would be in the
    air at the start: of more use is that no other is late for them. Drones keep `base_slack_s` apart over a base."""

    step_s: float = 5.0
    most_delay_s: float = 1_800.0
    most_begun_s: float = 90.0
    base_slack_s: float = 10.0


class Due(NamedTuple):
    """When whose sortie is due, by the numbers of the beat and of the sortie in its round, and how often it goes round. `is_begun`
    when the rhythm would have it in the air at the start.
    """

    at_s: float
    beat: int
    sortie: int
    rounds: int
    is_begun: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Beat:
    """Drones that fly a round by a rhythm, each sortie with a wait of `hold_s` on its way. Places wait `gap_s` at most when it has the air
    to itself.
    """

    each: TeamRound
    drones: tuple[Drone, ...]
    rhythm: Rhythm
    hold_s: float = 0.0
    gap_s: float = math.inf

    def turns(self, number: int, until_s: float) -> Iterator[Due]:
        """All that is due, in order. Sorties that the rhythm would have in the air at the start take off for the rounds that they have
        left: without them the first gaps would be longer than all others.
        """
        begun = sorted(Due(at_s, number, 0, rounds, is_begun=True) for at_s, rounds in self.rhythm.begun() if at_s < until_s)
        due = [self._repeated(number, sortie, offset_s, until_s) for sortie, offset_s in enumerate(self.rhythm.offsets_s)]
        return merge(begun, *due)

    def _repeated(self, number: int, sortie: int, offset_s: float, until_s: float) -> Iterator[Due]:
        turns = len(self.drones) if self.rhythm.once else math.ceil(max(0.0, until_s - offset_s) / self.rhythm.every_s)
        for turn in range(turns):
            yield Due(offset_s + turn * self.rhythm.every_s, number, sortie, self.rhythm.rounds)


@dataclass(slots=True)
class Flown:
    """All that takes off, and how unpredictable the take-offs of each beat are (bits each, in the mean)."""

    sorties: list[Sortie] = field(default_factory=list)
    lanes: list[Lane] = field(default_factory=list)
    bits: dict[int, list[float]] = field(default_factory=dict)


def launch(
    spec: MissionSpec, beats: Sequence[Beat], hangar: Hangar, heights_m: Mapping[str, float], seed: int, params: LaunchParams | None = None
) -> Flown:
    """All sorties of the patrol's duration. A turn that finds no free time is left out, and seen in the gaps."""
    flown = Flown()
    assert spec.duration_s is not None
    for turn in _turns(spec, beats, hangar, heights_m, spec.duration_s, params or LaunchParams(), random.Random(seed)):
        if turn.taken is None:
            continue
        at_s, _, flight = turn.taken
        launched, lanes = hangar.launched(flight, at_s)
        flown.sorties.append(launched)
        flown.lanes += lanes
        if turn.choices > 0:
            flown.bits.setdefault(turn.due.beat, []).append(math.log2(turn.choices))
    return flown


def trial_gap_s(
    spec: MissionSpec, beat: Beat, hangar: Hangar, heights_m: Mapping[str, float], until_s: float, params: LaunchParams | None = None
) -> float:
    """How long places wait at most when the beat has the air to itself; infinite when a turn finds no time."""
    seen_s: dict[int, list[float]] = {}
    round_s = beat.rhythm.round_s or 0.0
    for turn in _turns(spec, [beat], hangar, heights_m, until_s, params or LaunchParams(), random.Random(0), is_trial=True):
        if turn.taken is not None:
            rounds = math.ceil(until_s / round_s) if beat.rhythm.once and round_s > 0 else turn.due.rounds
            seen_s.setdefault(turn.due.sortie, []).extend(turn.taken[0] + number * round_s for number in range(rounds))
        elif not turn.due.is_begun:
            return math.inf
    gaps_s = [b - a for each in seen_s.values() for a, b in pairwise(sorted(at_s for at_s in each if at_s <= until_s))]
    return max([beat.rhythm.gap_s, *gaps_s]) if gaps_s else math.inf


@dataclass(frozen=True, slots=True)
class _Turn:
    """What became of a turn: nothing, or when who takes off; `choices` there were of times when one was drawn."""

    due: Due
    taken: tuple[float, Drone, Flight] | None
    choices: int


def _turns(
    spec: MissionSpec,
    beats: Sequence[Beat],
    hangar: Hangar,
    heights_m: Mapping[str, float],
    until_s: float,
    params: LaunchParams,
    dice: random.Random,
    *,
    is_trial: bool = False,
) -> Iterator[_Turn]:
    """What becomes of each turn, in order. In a trial the patrol goes on after what is looked at."""
    tower = _Tower(spec, hangar, heights_m, until_s + (params.most_delay_s if is_trial else 0.0), params, dice)
    for due in merge(*(beat.turns(number, until_s) for number, beat in enumerate(beats))):
        yield tower.turn(due, beats[due.beat])


class _Tower:
    def __init__(
        self,
        spec: MissionSpec,
        hangar: Hangar,
        heights_m: Mapping[str, float],
        until_s: float,
        params: LaunchParams,
        dice: random.Random,
    ) -> None:
        self._hangar, self._heights_m, self._until_s, self._params, self._dice = hangar, heights_m, until_s, params, dice
        self._bases: dict[str, Base] = {base.id: base for base in spec.bases}
        self._days = {base.id: BaseDay(base.staff) for base in spec.bases}
        self._ready_s: dict[str, float] = {drone.id: 0.0 for drone in spec.drones}
        self._air: list[tuple[float, Course]] = []

    def turn(self, due: Due, beat: Beat) -> _Turn:
        """Launch the sortie that is due, or let it go."""
        free = self._free(due, beat)
        if not free:
            return _Turn(due, None, 0)
        taken = free[0] if beat.rhythm.play_s <= 0 else self._dice.choice(free)
        at_s, drone, flight = taken
        end_s, swap_s = at_s + flight.sortie.end_s, beat.each.team.drone_type.battery_swap_s
        self._ready_s[drone.id] = end_s + swap_s
        self._days[drone.base].add(at_s, end_s, swap_s)
        self._air.append((end_s, self._moved(flight, at_s)))
        return _Turn(due, taken, len(free) if beat.rhythm.play_s > 0 else 0)

    def _free(self, due: Due, beat: Beat) -> list[tuple[float, Drone, Flight]]:
        """The first free time, or with play all that there are in it, each with a drone."""
        step_s = self._params.step_s
        found: list[tuple[float, Drone, Flight]] = []
        base = self._bases[beat.each.team.base]
        self._air = [each for each in self._air if each[0] > due.at_s - self._params.base_slack_s]
        most_s = self._params.most_begun_s if due.is_begun else self._params.most_delay_s
        for delay in range(int(most_s / step_s)):
            # Samples of courses are a whole second apart.
            at_s = math.ceil(due.at_s) + delay * step_s
            if found and at_s > due.at_s + beat.rhythm.play_s:
                break
            if at_s >= self._until_s or not is_staffed(base.staff, at_s, at_s):
                break
            choice = self._who(at_s, beat, due)
            if choice is not None:
                found.append((at_s, *choice))
                if beat.rhythm.play_s <= 0:
                    break
        return found

    def _who(self, at_s: float, beat: Beat, due: Due) -> tuple[Drone, Flight] | None:
        """The drone that has been ready for longest of those that meet nobody."""
        ready = sorted((drone for drone in beat.drones if self._ready_s[drone.id] <= at_s), key=lambda drone: self._ready_s[drone.id])
        tried: set[float] = set()
        for drone in ready:
            height_m = self._heights_m[drone.id]
            if height_m in tried:
                continue
            tried.add(height_m)
            base = self._bases[drone.base]
            flight = self._hangar.flight(beat.each, drone, base, height_m, due.sortie, due.rounds, beat.hold_s)
            if self._is_free(flight, at_s, beat):
                return drone, flight
        return None

    def _is_free(self, flight: Flight, at_s: float, beat: Beat) -> bool:
        swap_s = beat.each.team.drone_type.battery_swap_s
        if not self._days[beat.each.team.base].admits(at_s, at_s + flight.sortie.end_s, swap_s):
            return False
        course, slack_s = self._moved(flight, at_s), self._params.base_slack_s
        return not any(clash(course.visits, other.visits, slack_s) or self._sampler.meet(course, other) for _, other in self._air)

    @property
    def _sampler(self) -> CourseSampler:
        return self._hangar.sampler

    def _moved(self, flight: Flight, at_s: float) -> Course:
        return flight.course.shifted(at_s, self._sampler.params.sample_s)
