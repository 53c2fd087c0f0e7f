"""Shortest legal ways for drones that must keep moving and turn with a radius."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner import cost
from planner.model import DroneType, Wind
from planner.ways import dubins
from planner.ways.corner_deadheads import CornerDeadheads
from planner.ways.visibility import Inside, Room

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: Metres and radians by which two pieces of a track may be out of line: rounding.
_ROUNDING = 1e-6

#: East, north, heading.
_Pose = tuple[float, float, float]
#: The straight way of a row and a column, None where there is none.
_Straight = Callable[[CornerDeadheads, int, int], Floats | None]


class CurvedDeadheads:
    """Ways of bounded curvature: the shortest Dubins path that stays in the airspace; where none does, a chain of them along the
    corners of the straight way. They begin and end straight, in line with their tracks, as far as there is room: a drone that
    comes out of a turn has yet to settle, and one that goes into a turn begins it early. Wind changes their time, not their
    shape. A drone that takes off and lands vertically may leave and reach its base on any heading; a few are tried.
    """

    def __init__(self, drone_type: DroneType, wind: Wind, room: Room) -> None:
        self._radius_m, self._step_rad = drone_type.turn_radius_m, room.params.arc_step_rad
        entries, exits = _poses(room)
        bases = np.array(room.bases, dtype=np.float64).reshape(-1, 2)
        find = _Finder(drone_type, wind, room)
        self._between = find.between(exits, entries)
        self._out = find.to_or_from(bases, entries, leaving=True)
        self._home = find.to_or_from(bases, exits, leaving=False)
        self.between_s = self._between.seconds
        self.out_s = self._out.seconds
        self.home_s = self._home.seconds

    def out_path(self, base: int, state: int) -> Floats:
        return self._path(self._out, base, state)

    def between_path(self, first: int, second: int) -> Floats:
        return self._path(self._between, first, second)

    def home_path(self, state: int, base: int) -> Floats:
        return self._path(self._home, state, base)

    def _path(self, ways: _Ways, first: int, second: int) -> Floats:
        start, end = ways.ends_of(first, second)
        pieces = [start[:, :2]]
        for here, there, word in ways.legs(first, second):
            lengths_m = dubins.word_lengths_m(here, there, self._radius_m)[:, word]
            pieces.append(dubins.sampled(here, dubins.WORDS[word], lengths_m, self._radius_m, self._step_rad)[0])
        return dubins.without_repeats(np.concatenate([*pieces, end[:, :2]]))


class _Leads(NamedTuple):
    """Metres flown straight on from where a way starts, and towards where it ends."""

    out_m: float
    in_m: float

    def part(self, part: float) -> _Leads:
        return _Leads(self.out_m * part, self.in_m * part)

    def turns(self, starts: Floats, ends: Floats) -> tuple[Floats, Floats]:
        """The poses between which the way turns, of those where it starts and ends (n x 3 each)."""
        return _moved(starts, self.out_m), _moved(ends, -self.in_m)


_NO_LEADS = _Leads(0.0, 0.0)


@dataclass(slots=True)
class _Ways:
    """Ways from rows to columns. `starts` and `ends` are the poses to choose from (rows x columns x choices x 3), `choice`, `word` and
    `part` (of the leads) what was chosen (word -1: no path of one piece); `chains` holds the ways of several pieces as poses and words.
    """

    starts: Floats
    ends: Floats
    leads: _Leads
    seconds: Floats
    choice: Integers
    word: Integers
    part: Floats
    chains: dict[tuple[int, int], tuple[Floats, Integers]] = field(default_factory=dict)

    def ends_of(self, row: int, column: int) -> tuple[Floats, Floats]:
        """Where a way starts and ends (poses, 1 x 3 each)."""
        choice = self.choice[row, column]
        return self.starts[row, column, choice, None], self.ends[row, column, choice, None]

    def legs(self, row: int, column: int) -> list[tuple[Floats, Floats, int]]:
        """Start pose, end pose and word of each piece but the leads."""
        if (row, column) in self.chains:
            poses, words = self.chains[row, column]
            return [(poses[index : index + 1], poses[index + 1 : index + 2], int(word)) for index, word in enumerate(words)]
        if not np.isfinite(self.seconds[row, column]):
            raise LookupError("there is no legal way; its time is infinite")
        leads = self.leads.part(float(self.part[row, column]))
        return [(*leads.turns(*self.ends_of(row, column)), int(self.word[row, column]))]


class _Finder:
    """Finds ways of one type in a room."""

    def __init__(self, drone_type: DroneType, wind: Wind, room: Room) -> None:
        self._type, self._wind, self._room = drone_type, wind, room
        self._lead_in_m = room.params.lead_in_radii * drone_type.turn_radius_m
        self._lead_out_m = room.params.lead_out_radii * drone_type.turn_radius_m
        self._known_corners: CornerDeadheads | None = None

    @property
    def _corners(self) -> CornerDeadheads:
        """The straight ways, worked out when the first curved one is barred."""
        if self._known_corners is None:
            self._known_corners = CornerDeadheads(self._type, self._wind, self._room)
        return self._known_corners

    def between(self, exits: Floats, entries: Floats) -> _Ways:
        shape = (len(exits), len(entries), 1, 3)
        starts, ends = np.broadcast_to(exits[:, None, None], shape), np.broadcast_to(entries[None, :, None], shape)
        tracks = np.arange(len(exits)) // 2
        wanted = tracks[:, None] != tracks[None, :]
        leads = _Leads(self._lead_out_m, self._lead_in_m)
        return self._found(starts, ends, leads, wanted, self._room.inside, CornerDeadheads.between_way)

    def to_or_from(self, bases: Floats, poses: Floats, *, leaving: bool) -> _Ways:
        """From bases to poses, or from poses to bases; at the base on the straight course to or from the pose, or turned from it."""
        turned = np.arange(self._room.params.departures) * 2 * math.pi / self._room.params.departures
        steps = poses[None, :, :2] - bases[:, None, :]
        headings = np.arctan2(steps[..., 1], steps[..., 0])[..., None] + turned
        at_base = np.concatenate([np.broadcast_to(bases[:, None, None], (*headings.shape, 2)), headings[..., None]], axis=3)
        at_track = np.broadcast_to(poses[None, :, None], at_base.shape)
        wanted = np.ones(headings.shape[:2], dtype=bool)
        inside = self._room.inside_approach
        if leaving:
            return self._found(at_base, at_track, _Leads(0.0, self._lead_in_m), wanted, inside, CornerDeadheads.out_way)
        back, to = at_track.swapaxes(0, 1), at_base.swapaxes(0, 1)
        return self._found(back, to, _Leads(self._lead_out_m, 0.0), wanted.T, inside, CornerDeadheads.home_way)

    def _found(
        self,
        starts: Floats,
        ends: Floats,
        leads: _Leads,
        wanted: NDArray[np.bool_],
        inside: Inside,
        straight: _Straight,
    ) -> _Ways:
        ways = _Ways(
            starts=starts,
            ends=ends,
            leads=leads,
            seconds=np.full(wanted.shape, np.inf),
            choice=np.zeros(wanted.shape, dtype=np.int64),
            word=np.full(wanted.shape, -1, dtype=np.int64),
            part=np.zeros(wanted.shape),
        )
        parts, ahead = self._room.params.lead_parts, _is_ahead(starts[:, :, 0], ends[:, :, 0])
        for part in parts:
            # Who goes straight on, as from piece to piece of a track that was cut, needs no lead.
            self._turn_once(ways, wanted & np.isinf(ways.seconds) & ~(ahead & (part > 0)), part, inside)
        for part in parts:
            self._chain(ways, wanted & np.isinf(ways.seconds), part, inside, straight)
        return ways

    def _turn_once(self, ways: _Ways, wanted: NDArray[np.bool_], part: float, inside: Inside) -> None:
        """Ways of one piece between leads of this part, written into `ways` where there are any."""
        rows, columns = np.nonzero(wanted)
        if not len(rows):
            return
        seconds, words = self._legal(
            ways.starts[rows, columns].reshape(-1, 3), ways.ends[rows, columns].reshape(-1, 3), ways.leads.part(part), inside
        )
        by_choice = seconds.reshape(len(rows), -1)
        here, chosen = np.arange(len(rows)), by_choice.argmin(axis=1)
        ways.seconds[rows, columns] = by_choice[here, chosen]
        ways.choice[rows, columns] = chosen
        ways.word[rows, columns] = words.reshape(len(rows), -1)[here, chosen]
        ways.part[rows, columns] = part

    def _chain(self, ways: _Ways, wanted: NDArray[np.bool_], part: float, inside: Inside, straight: _Straight) -> None:
        """Ways of several pieces between leads of this part for the pairs that have corners between, written into `ways`."""
        leads = ways.leads.part(part)
        candidates: list[tuple[tuple[int, int], int, list[_Pose]]] = []
        for row, column in np.argwhere(wanted).tolist():
            corners = straight(self._corners, row, column)
            if corners is not None and len(corners) > 2:
                through = _corner_poses(corners)
                starts, ends = ways.starts[row, column], ways.ends[row, column]
                around = (poses.tolist() for poses in (starts, *leads.turns(starts, ends), ends))
                for choice, (start, first, last, end) in enumerate(zip(*around, strict=True)):
                    poses = [tuple(start), tuple(first), *through, tuple(last), tuple(end)]
                    candidates.append(((row, column), choice, [pose for pose, _ in groupby(poses)]))
        legs = list(dict.fromkeys(leg for _, _, poses in candidates for leg in pairwise(poses)))
        if not legs:
            return
        seconds, words = self._legal(np.array([leg[0] for leg in legs]), np.array([leg[1] for leg in legs]), _NO_LEADS, inside)
        known = dict(zip(legs, zip(seconds.tolist(), words.tolist(), strict=True), strict=True))
        for pair, choice, poses in candidates:
            flown = [known[leg] for leg in pairwise(poses)]
            total_s = sum(leg_s for leg_s, _ in flown)
            if total_s < ways.seconds[pair]:
                ways.seconds[pair] = total_s
                ways.choice[pair] = choice
                ways.chains[pair] = np.array(poses), np.array([word for _, word in flown])

    def _legal(self, starts: Floats, ends: Floats, leads: _Leads, inside: Inside) -> tuple[Floats, Integers]:
        """For each pair of poses the seconds and the word of its shortest path that stays inside, leads included; infinite and -1
        without one.
        """
        batch = self._room.params.batch
        parts = [
            self._legal_batch(starts[first : first + batch], ends[first : first + batch], leads, inside)
            for first in range(0, len(starts), batch)
        ]
        if not parts:
            return np.empty(0), np.empty(0, dtype=np.int64)
        return np.concatenate([seconds for seconds, _ in parts]), np.concatenate([words for _, words in parts])

    def _legal_batch(self, starts: Floats, ends: Floats, leads: _Leads, inside: Inside) -> tuple[Floats, Integers]:
        radius_m, step_rad = self._type.turn_radius_m, self._room.params.arc_step_rad
        first, last = leads.turns(starts, ends)
        lengths_m = dubins.word_lengths_m(first, last, radius_m)
        totals_m = lengths_m.sum(axis=2)
        order = np.argsort(totals_m, axis=1, kind="stable")
        seconds, words = np.full(len(starts), np.inf), np.full(len(starts), -1)
        for rank in range(len(dubins.WORDS)):
            open_ = np.flatnonzero(words < 0)
            for word, letters in enumerate(dubins.WORDS):
                rows = open_[(order[open_, rank] == word) & np.isfinite(totals_m[open_, word])]
                turns = dubins.sampled(first[rows], letters, lengths_m[rows, word], radius_m, step_rad)
                points = np.concatenate([starts[rows, None, :2], turns, ends[rows, None, :2]], axis=1)
                legal = inside.covers(points)
                words[rows[legal]] = word
                seconds[rows[legal]] = cost.polylines_s(self._type, self._wind, points[legal])
        return seconds, words


def _poses(room: Room) -> tuple[Floats, Floats]:
    """Where each state begins and where it ends: rows of east, north, heading."""
    flown = [(track.start, track.end) if direction == 0 else (track.end, track.start) for track in room.tracks for direction in (0, 1)]
    headings = [math.atan2(end[1] - start[1], end[0] - start[0]) for start, end in flown]
    entries = [(*start, heading) for (start, _), heading in zip(flown, headings, strict=True)]
    exits = [(*end, heading) for (_, end), heading in zip(flown, headings, strict=True)]
    return np.array(entries).reshape(-1, 3), np.array(exits).reshape(-1, 3)


def _moved(poses: Floats, by_m: float) -> Floats:
    """The poses (n x 3) so many metres ahead."""
    heading_rad = poses[:, 2]
    return np.stack([poses[:, 0] + by_m * np.cos(heading_rad), poses[:, 1] + by_m * np.sin(heading_rad), heading_rad], axis=1)


def _is_ahead(starts: Floats, ends: Floats) -> NDArray[np.bool_]:
    """Whether the end pose is straight ahead (rows x columns x 3 each)."""
    east_m, north_m = np.moveaxis(ends[..., :2] - starts[..., :2], -1, 0)
    cos, sin = np.cos(starts[..., 2]), np.sin(starts[..., 2])
    ahead_m, aside_m = east_m * cos + north_m * sin, north_m * cos - east_m * sin
    turned_rad = np.abs(np.remainder(ends[..., 2] - starts[..., 2] + math.pi, 2 * math.pi) - math.pi)
    return np.asarray((ahead_m > -_ROUNDING) & (np.abs(aside_m) < _ROUNDING) & (turned_rad < _ROUNDING))


def _corner_poses(corners: Floats) -> list[_Pose]:
    """At each inner point of a way, along the line from the point before to the one after."""
    return [
        (float(here[0]), float(here[1]), math.atan2(after[1] - before[1], after[0] - before[0]))
        for before, here, after in zip(corners, corners[1:], corners[2:], strict=False)
    ]
