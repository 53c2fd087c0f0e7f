"""Shortest legal ways for drones that must keep moving and turn with a radius."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from planner import cost
from planner.model import DroneType, Wind
from planner.ways import dubins
from planner.ways.corner_deadheads import CornerDeadheads
from planner.ways.visibility import Inside, Room

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: East, north, heading.
_Pose = tuple[float, float, float]
#: The straight way of a row and a column, None where there is none.
_Straight = Callable[[CornerDeadheads, int, int], Floats | None]


class CurvedDeadheads:
    """Ways of bounded curvature: the shortest Dubins path that stays in the airspace; where none does, a chain of them along the
    corners of the straight way. Wind changes their time, not their shape. A drone that takes off and lands vertically may leave
    and reach its base on any heading; a few are tried.
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
        pieces = []
        for start, end, word in ways.legs(first, second):
            lengths_m = dubins.word_lengths_m(start, end, self._radius_m)[:, word]
            pieces.append(dubins.sampled(start, dubins.WORDS[word], lengths_m, self._radius_m, self._step_rad)[0])
        return dubins.without_repeats(np.concatenate(pieces))


@dataclass(slots=True)
class _Ways:
    """Ways from rows to columns. `starts` and `ends` are the poses to choose from (rows x columns x choices x 3), `choice` and `word`
    what was chosen (word -1: no path of one piece); `chains` holds the ways of several pieces as poses and words.
    """

    starts: Floats
    ends: Floats
    seconds: Floats
    choice: Integers
    word: Integers
    chains: dict[tuple[int, int], tuple[Floats, Integers]] = field(default_factory=dict)

    def legs(self, row: int, column: int) -> list[tuple[Floats, Floats, int]]:
        """Start pose, end pose and word of each piece."""
        if (row, column) in self.chains:
            poses, words = self.chains[row, column]
            return [(poses[index : index + 1], poses[index + 1 : index + 2], int(word)) for index, word in enumerate(words)]
        if not np.isfinite(self.seconds[row, column]):
            raise LookupError("there is no legal way; its time is infinite")
        choice = self.choice[row, column]
        return [(self.starts[row, column, choice, None], self.ends[row, column, choice, None], int(self.word[row, column]))]


class _Finder:
    """Finds ways of one type in a room."""

    def __init__(self, drone_type: DroneType, wind: Wind, room: Room) -> None:
        self._type, self._wind, self._room = drone_type, wind, room
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
        return self._found(starts, ends, wanted, self._room.inside, CornerDeadheads.between_way)

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
            return self._found(at_base, at_track, wanted, inside, CornerDeadheads.out_way)
        back, to = at_track.swapaxes(0, 1), at_base.swapaxes(0, 1)
        return self._found(back, to, wanted.T, inside, CornerDeadheads.home_way)

    def _found(
        self,
        starts: Floats,
        ends: Floats,
        wanted: NDArray[np.bool_],
        inside: Inside,
        straight: _Straight,
    ) -> _Ways:
        rows, columns = np.nonzero(wanted)
        choices = starts.shape[2]
        seconds, words = self._legal(starts[rows, columns].reshape(-1, 3), ends[rows, columns].reshape(-1, 3), inside)
        by_choice = seconds.reshape(-1, choices)
        chosen = by_choice.argmin(axis=1) if len(by_choice) else np.empty(0, dtype=np.int64)
        ways = _Ways(
            starts=starts,
            ends=ends,
            seconds=np.full(wanted.shape, np.inf),
            choice=np.zeros(wanted.shape, dtype=np.int64),
            word=np.full(wanted.shape, -1, dtype=np.int64),
        )
        here = np.arange(len(rows))
        ways.seconds[rows, columns] = by_choice[here, chosen]
        ways.choice[rows, columns] = chosen
        ways.word[rows, columns] = words.reshape(-1, choices)[here, chosen]
        barred = wanted & np.isinf(ways.seconds)
        self._chain(ways, [(int(row), int(column)) for row, column in np.argwhere(barred)], inside, straight)
        return ways

    def _chain(self, ways: _Ways, pairs: Sequence[tuple[int, int]], inside: Inside, straight: _Straight) -> None:
        """Ways of several pieces for the pairs that have corners between, written into `ways`."""
        candidates: list[tuple[tuple[int, int], list[_Pose]]] = []
        for pair in pairs:
            corners = straight(self._corners, *pair)
            if corners is not None and len(corners) > 2:
                through = _corner_poses(corners)
                for start, end in zip(ways.starts[pair].tolist(), ways.ends[pair].tolist(), strict=True):
                    candidates.append((pair, [tuple(start), *through, tuple(end)]))
        legs = list(dict.fromkeys(leg for _, poses in candidates for leg in pairwise(poses)))
        if not legs:
            return
        seconds, words = self._legal(np.array([leg[0] for leg in legs]), np.array([leg[1] for leg in legs]), inside)
        known = dict(zip(legs, zip(seconds.tolist(), words.tolist(), strict=True), strict=True))
        for pair, poses in candidates:
            flown = [known[leg] for leg in pairwise(poses)]
            total_s = sum(leg_s for leg_s, _ in flown)
            if total_s < ways.seconds[pair]:
                ways.seconds[pair] = total_s
                ways.chains[pair] = np.array(poses), np.array([word for _, word in flown])

    def _legal(self, starts: Floats, ends: Floats, inside: Inside) -> tuple[Floats, Integers]:
        """For each pair of poses the seconds and the word of its shortest path that stays inside; infinite and -1 without one."""
        batch = self._room.params.batch
        parts = [
            self._legal_batch(starts[first : first + batch], ends[first : first + batch], inside) for first in range(0, len(starts), batch)
        ]
        if not parts:
            return np.empty(0), np.empty(0, dtype=np.int64)
        return np.concatenate([seconds for seconds, _ in parts]), np.concatenate([words for _, words in parts])

    def _legal_batch(self, starts: Floats, ends: Floats, inside: Inside) -> tuple[Floats, Integers]:
        radius_m, step_rad = self._type.turn_radius_m, self._room.params.arc_step_rad
        lengths_m = dubins.word_lengths_m(starts, ends, radius_m)
        totals_m = lengths_m.sum(axis=2)
        order = np.argsort(totals_m, axis=1, kind="stable")
        seconds, words = np.full(len(starts), np.inf), np.full(len(starts), -1)
        for rank in range(len(dubins.WORDS)):
            open_ = np.flatnonzero(words < 0)
            for word, letters in enumerate(dubins.WORDS):
                rows = open_[(order[open_, rank] == word) & np.isfinite(totals_m[open_, word])]
                points = dubins.sampled(starts[rows], letters, lengths_m[rows, word], radius_m, step_rad)
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


def _corner_poses(corners: Floats) -> list[_Pose]:
    """At each inner point of a way, along the line from the point before to the one after."""
    return [
        (float(here[0]), float(here[1]), math.atan2(after[1] - before[1], after[0] - before[0]))
        for before, here, after in zip(corners, corners[1:], corners[2:], strict=False)
    ]
