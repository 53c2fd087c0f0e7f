"""Shortest legal ways for drones that stop at corners."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner import cost
from planner.model import DroneType, Wind
from planner.ways.visibility import Room, VisibilityGraph

Floats = NDArray[np.float64]


class ShortestWays:
    """All-pairs shortest paths over a visibility graph, bending at corners only (Floyd and Warshall)."""

    def __init__(self, drone_type: DroneType, wind: Wind, graph: VisibilityGraph) -> None:
        self._points = graph.points
        steps = graph.points[None, :, :] - graph.points[:, None, :]
        self.seconds = np.where(graph.visible, cost.straight_s(drone_type, wind, steps[..., 0], steps[..., 1]), np.inf)
        self._next = np.broadcast_to(np.arange(len(steps), dtype=np.int32), self.seconds.shape).copy()
        for node in range(len(steps) - graph.corners, len(steps)):
            through = self.seconds[:, node, None] + self.seconds[None, node, :]
            rows, columns = np.nonzero(through < self.seconds - 1e-9)
            self.seconds[rows, columns] = through[rows, columns]
            self._next[rows, columns] = self._next[rows, node]

    def path(self, start: int, end: int) -> Floats | None:
        """The nodes' places from one to the other; None when no way leads there."""
        if not np.isfinite(self.seconds[start, end]):
            return None
        nodes = [start]
        while nodes[-1] != end:
            nodes.append(int(self._next[nodes[-1], end]))
        return np.asarray(self._points[nodes])


class CornerDeadheads:
    """Ways with stops at corners. `*_way` is None, and `*_path` fails, where there is none."""

    def __init__(self, drone_type: DroneType, wind: Wind, room: Room) -> None:
        self._between = ShortestWays(drone_type, wind, room.graph)
        same = room.approach_graph is room.graph
        self._approach = self._between if same else ShortestWays(drone_type, wind, room.approach_graph)
        states = np.arange(2 * len(room.tracks))
        self._entry, self._exit = states, states ^ 1
        self._bases = 2 * len(room.tracks) + np.arange(len(room.bases))
        self.out_s: Floats = self._approach.seconds[np.ix_(self._bases, self._entry)]
        self.between_s: Floats = self._between.seconds[np.ix_(self._exit, self._entry)]
        self.home_s: Floats = self._approach.seconds[np.ix_(self._exit, self._bases)]

    def out_way(self, base: int, state: int) -> Floats | None:
        return self._approach.path(int(self._bases[base]), int(self._entry[state]))

    def between_way(self, first: int, second: int) -> Floats | None:
        return self._between.path(int(self._exit[first]), int(self._entry[second]))

    def home_way(self, state: int, base: int) -> Floats | None:
        return self._approach.path(int(self._exit[state]), int(self._bases[base]))

    def out_path(self, base: int, state: int) -> Floats:
        return _existing(self.out_way(base, state))

    def between_path(self, first: int, second: int) -> Floats:
        return _existing(self.between_way(first, second))

    def home_path(self, state: int, base: int) -> Floats:
        return _existing(self.home_way(state, base))


def _existing(way: Floats | None) -> Floats:
    if way is None:
        raise LookupError("there is no legal way; its time is infinite")
    return way
