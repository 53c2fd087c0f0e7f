"""Patrols that go on for hours or days: who flies what over and over, in which rhythm, and every sortie of it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from shapely.geometry.base import BaseGeometry

from planner import overlay
from planner.airspace import Airspace
from planner.model import Drone, Lane, MissionSpec, Objective, Sortie
from planner.nation_work import NationWork, WorkParams
from planner.relief.surface import DEFAULTS, surfaces
from planner.revisit.encounters import Seconds, shifts_that_clash, shifts_that_meet
from planner.revisit.flights import Flight, Hangar, lasts
from planner.revisit.launches import Beat, launch, trial_gap_s
from planner.revisit.rhythm import Rhythm, Round, Wish, find_rhythm, ranked_rhythms
from planner.revisit.rounds import Task, TeamRound, grounds_of, plan_round, tasks_of, together
from planner.revisit.sharing import Learned
from planner.revisit.timetable import Trips
from planner.sectors.claims import Asked, Team, claim
from planner.timetable.later_launches import CourseSampler, LaterParams


@dataclass(frozen=True, kw_only=True, slots=True)
class AgainParams:
    """Between two sorties a drone has `spare_s` beside its battery swap, against take-offs that must wait. Over a base
    drones keep `slack_s` apart. Rhythms are tried for `trial` times what a drone is away. Copters wait for one of `holds_s` on their way
    where gaps are longer by the part `good` than what drones could do.
    """

    spare_s: float = 10.0
    slack_s: float = 10.0
    trial: float = 2.0
    good: float = 0.03
    holds_s: tuple[float, ...] = tuple(float(seconds) for seconds in range(10, 170, 10))
    shares: int = 4
    later: LaterParams = field(default_factory=lambda: LaterParams(margin_m=8.0))


@dataclass(frozen=True, slots=True)
class Again:
    """What is flown, the works it was cut from, the ground it sees (local metres), and bits of launches by patrol."""

    sorties: tuple[Sortie, ...]
    lanes: tuple[Lane, ...]
    works: tuple[NationWork, ...]
    swept: BaseGeometry
    bits: Mapping[str, float]


def patrol_again(
    spec: MissionSpec,
    airspace: Airspace,
    asked: Asked,
    sectors: Mapping[str, BaseGeometry],
    heights_m: Mapping[str, float],
    params: WorkParams,
    seed: int,
    should_stop: Callable[[], bool],
    again: AgainParams | None = None,
) -> Again:
    """Every sortie of the mission's duration."""
    again = again or AgainParams()
    sampler = CourseSampler(airspace.frame, {base.id: base for base in spec.bases}, spec.limits, again.later)
    hangar = Hangar(airspace.frame, spec.wind, sampler, surfaces(spec))
    planner = _Planner(spec, airspace, heights_m, params, seed, should_stop, again, hangar)
    beats = planner.shared_out(asked, sectors)
    flown = launch(spec, beats, planner.hangar, heights_m, seed)
    return Again(
        sorties=tuple(sorted(flown.sorties, key=lambda sortie: (sortie.start_s, sortie.id))),
        lanes=tuple(flown.lanes),
        works=tuple(beat.each.work for beat in beats),
        swept=overlay.union(piece.track.ground for beat in beats for piece in beat.each.work.pieces),
        bits=_bits(beats, flown.bits),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamHeightParams:
    """At most so many `layers`, `margin_m` further apart than the vertical minimum."""

    layers: int = 3
    margin_m: float = 2.0


def team_heights(spec: MissionSpec, params: TeamHeightParams | None = None) -> dict[str, float]:
    """Working heights: a team's drones follow each other at one height, neighbours' teams in layers as far as policies let."""
    params = params or TeamHeightParams()
    found = surfaces(spec)
    step_m = spec.limits.min_vertical_separation_m + params.margin_m + (DEFAULTS.tolerance_m if found else 0.0)
    heights: dict[str, float] = {}
    keys = dict.fromkeys((drone.base, drone.type) for drone in spec.drones)
    ceiling_m = min(nation.policy.max_height_m for nation in spec.nations)
    ceiling_m = min([ceiling_m, *(each.band.max_m for each in spec.permissions)])
    for number, key in enumerate(keys):
        lowest_m = spec.drone_type(key[1]).height_above_home_m
        room_m = min([ceiling_m - lowest_m, *([found[key[1]].layers_m] if found else [])])
        layers = max(0, int(room_m // step_m)) + 1
        heights |= {
            drone.id: lowest_m + step_m * (number % min(layers, params.layers)) for drone in spec.drones if (drone.base, drone.type) == key
        }
    return heights


def _bits(beats: Sequence[Beat], bits: Mapping[int, Sequence[float]]) -> dict[str, float]:
    """The mean over all take-offs of a patrol."""
    found: dict[str, list[float]] = {}
    for number, each in bits.items():
        for patrol in beats[number].each.task.patrols:
            found.setdefault(patrol.id, []).extend(each)
    return {patrol: sum(each) / len(each) for patrol, each in found.items()}


@dataclass(frozen=True, slots=True)
class _Planner:
    """Rounds and rhythms of teams."""

    spec: MissionSpec
    airspace: Airspace
    heights_m: Mapping[str, float]
    params: WorkParams
    seed: int
    should_stop: Callable[[], bool]
    again: AgainParams
    hangar: Hangar
    keys: Iterator[int] = field(default_factory=itertools.count)

    def shared_out(self, asked: Asked, sectors: Mapping[str, BaseGeometry]) -> list[Beat]:
        """All teams' beats, lines shared out several times: the one that lets the most urgent place wait least."""
        best = found = self._all(asked)
        for _ in range(self.again.shares if _is_one_line(self.spec) and len(asked.teams) > 1 else 0):
            teams = list(asked.teams)
            for beat in found:
                number = next(index for index, team in enumerate(teams) if team.drones == beat.drones)
                flights = [self._flight(beat.each, sortie, 1, 0.0) for sortie in range(len(beat.each.sorties))]
                height_m = self.heights_m[beat.drones[0].id]
                teams[number] = Learned(beat, flights).team(asked.claims.patrols[number], self.airspace.frame, height_m)
            asked = replace(asked, teams=tuple(teams), claims=claim(self.spec, self.airspace, sectors, teams))
            found = self._all(asked)
            if _worst(found) < _worst(best):
                best = found
        return best

    def _all(self, asked: Asked) -> list[Beat]:
        by_patrol = grounds_of(self.spec, self.airspace, asked.allotment.grounds, asked.teams)
        beats: list[Beat] = []
        for number, team in enumerate(asked.teams):
            beats += self.beats(team, tasks_of(self.spec, asked.claims.patrols[number], by_patrol[number]))
        return beats

    def beats(self, team: Team, tasks: Sequence[Task]) -> list[Beat]:
        """The team's tasks, each by some of its drones, or all by all of them in one round: whichever leaves less to wish for."""
        if not tasks:
            return []
        whole = self._shared(team, [together(tasks)])
        if len(tasks) == 1 or len(tasks) > len(team.drones):
            return whole
        apart = self._shared(team, list(tasks))
        return min((whole, apart), key=_worst)

    def _shared(self, team: Team, tasks: Sequence[Task]) -> list[Beat]:
        """A beat for each task; drones go one by one to where they are missed most."""
        rounds = [self._round(team, task) for task in tasks]
        drones = {number: 1 for number, each in enumerate(rounds) if each.sorties}
        if not drones:
            return []
        ways = {number: self._way(rounds[number]) for number in drones}
        for _ in range(len(team.drones) - len(drones)):
            missed = max(drones, key=lambda number: _urgency(find_rhythm(ways[number], drones[number], Wish()), rounds[number].task))
            drones[missed] += 1
        found, taken = [], 0
        for number, count in drones.items():
            found.append(self._beat(rounds[number], ways[number], team.drones[taken : taken + count]))
            taken += count
        return found

    def _round(self, team: Team, task: Task) -> TeamRound:
        return plan_round(next(self.keys), self.spec, self.airspace, team, task, self.heights_m, self.params, self.seed, self.should_stop)

    def _trips(self, each: TeamRound, rounds: int, hold_s: float) -> tuple[Trips, bool]:
        """The round's sorties as the timetable sees them, gone round so often; and whether batteries last for them."""
        flights = [self._flight(each, number, rounds, hold_s) for number in range(len(each.sorties))]
        turnaround_s = each.team.drone_type.battery_swap_s + self.again.spare_s
        known: dict[tuple[int, int], Seconds] = {}

        def forbidden(first: int, second: int) -> Seconds:
            if (first, second) not in known:
                one, other, later = flights[first].course, flights[second].course, self.again.later
                meet = shifts_that_meet(one, other, self.spec.limits, later.margin_m, later.margin_up_m)
                known[first, second] = np.union1d(meet, shifts_that_clash(one, other, self.again.slack_s))
            return known[first, second]

        busy_s = tuple(flight.sortie.end_s + turnaround_s for flight in flights)
        return Trips(busy_s, forbidden), all(lasts(flight, each.team.drone_type) for flight in flights)

    def _flight(self, each: TeamRound, number: int, rounds: int, hold_s: float) -> Flight:
        drone = each.team.drones[0]
        return self.hangar.flight(each, drone, self.spec.base(drone.base), self.heights_m[drone.id], number, rounds, hold_s)

    def _way(self, each: TeamRound, hold_s: float = 0.0) -> Round:
        """What drones of the team can fly; nothing when no battery lasts for the wait."""
        least_s = len(each.sorties) * self.spec.base(each.team.base).staff.launch_every_s
        first, lasting = self._trips(each, 1, hold_s)
        if hold_s > 0 and not lasting:
            return Round(round_s=None, trips=(), least_every_s=least_s)
        trips = [first]
        if len(each.sorties) > 1:
            return Round(round_s=None, trips=trips, least_every_s=least_s)
        outlast_s = self._until_s + trips[0].away_s
        while trips[-1].away_s < outlast_s:
            more, lasting = self._trips(each, len(trips) + 1, hold_s)
            if not lasting:
                break
            trips.append(more)
        round_s = trips[1].away_s - trips[0].away_s if len(trips) > 1 else None
        return Round(round_s=round_s, trips=trips, least_every_s=least_s, to_the_end=trips[-1].away_s >= outlast_s)

    @property
    def _until_s(self) -> float:
        assert self.spec.duration_s is not None
        return self.spec.duration_s

    def _beat(self, each: TeamRound, way: Round, drones: Sequence[Drone]) -> Beat:
        """The best of the rhythms, with a wait in the air where that lets who lands and who takes off pass each other."""
        best, least_s = self._timed(each, way, drones, 0.0)
        shortest_s = way.away_s(best.rhythm.rounds) / len(drones)
        if not each.team.drone_type.hovers or best.rhythm.once or least_s < (1 + self.again.good) * shortest_s:
            return best
        for hold_s in self.again.holds_s:
            held = self._way(each, hold_s)
            if held.trips:
                beat, gap_s = self._timed(each, held, drones, hold_s)
                if gap_s < least_s:
                    best, least_s = beat, gap_s
        return best

    def _timed(self, each: TeamRound, way: Round, drones: Sequence[Drone], hold_s: float) -> tuple[Beat, float]:
        """The rhythm that has the shortest gaps when it is flown, and those."""
        task = each.task
        seldom = self.spec.objective is Objective.TOTAL_TIME
        wish = Wish(interval_s=task.interval_s, seldom=seldom, play=task.is_random)
        found = [Beat(each=each, drones=tuple(drones), rhythm=rhythm, hold_s=hold_s) for rhythm in ranked_rhythms(way, len(drones), wish)]
        best, least_s = found[0], math.inf
        for beat in found:
            if beat.rhythm.gap_s >= least_s:
                continue
            gap_s = self._tried_s(replace(beat, rhythm=replace(beat.rhythm, play_s=0.0)), way)
            if gap_s < least_s:
                best, least_s = replace(beat, gap_s=gap_s), gap_s
            if seldom or task.is_random:
                break
        return best, least_s

    def _tried_s(self, beat: Beat, way: Round) -> float:
        """How long places wait with take-offs that wait for each other, seen over some rounds of all the team's drones."""
        away_s = way.away_s(beat.rhythm.rounds)
        until_s = len(beat.drones) * beat.rhythm.every_s + (0.0 if beat.rhythm.once else self.again.trial * away_s)
        return trial_gap_s(self.spec, beat, self.hangar, self.heights_m, min(until_s, self._until_s))


def _is_one_line(spec: MissionSpec) -> bool:
    return len(spec.patrols) == 1 and spec.patrols[0].shape is not None and not spec.patrols[0].has_ground


def _urgency(rhythm: Rhythm, task: Task) -> float:
    return rhythm.gap_s / task.interval_s * task.weight


def _worst(beats: Sequence[Beat]) -> float:
    return max((beat.gap_s / beat.each.task.interval_s * beat.each.task.weight for beat in beats), default=0.0)
