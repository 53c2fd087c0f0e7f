"""Improve routes with OR-Tools from a warm start; the only module that touches its routing library.

Each sortie of the given routes is a vehicle of its own, limited in cruise time. It starts as late as all other sorties of its
drone take, so that the model's global span is the fleet's makespan while one sortie of a drone changes. A track is a pair
of nodes of which exactly one is visited. Costs are matrices in milliseconds (a Python callback is slower and ends worse).
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from planner.model import Objective
from planner.routes.fleet_problem import DroneClass, FleetProblem, Routes, evaluate, seat_s, sortie_s

_MS = 1000
#: Longer than any plan, in ms, and far from overflow when summed over a route.
_NEVER_MS = 10**9


@dataclass(frozen=True, kw_only=True, slots=True)
class RoutingParams:
    """`steps` of the search before it stops (a count, not a clock, so that a run can be repeated); `span_weight` is how many
    seconds of total time one second of makespan is worth. Above `max_tracks` the model is too large to help.
    """

    steps: int = 20_000
    span_weight: int = 10
    max_tracks: int = 250
    safety_s: int = 60


class _Budget:
    """Counts the solver's own looks at its limits: work done, and the same on any machine."""

    def __init__(self, steps: int, should_stop: Callable[[], bool]) -> None:
        self.left = steps
        self._should_stop = should_stop

    def is_spent(self) -> bool:
        self.left -= 1
        return self.left <= 0 or (self.left % 256 == 0 and self._should_stop())


@dataclass(frozen=True, slots=True)
class _Vehicle:
    seat: int
    sortie: tuple[int, ...]


def improve(problem: FleetProblem, routes: Routes, params: RoutingParams, should_stop: Callable[[], bool]) -> Routes:
    """Routes at least as good as the given ones, by `evaluate`. The number of sorties of each drone stays or falls."""
    if problem.tracks > params.max_tracks or problem.tracks < 2 or should_stop():
        return routes
    found = _solve(problem, routes, params, should_stop)
    if found is None or evaluate(problem, found) >= evaluate(problem, routes):
        return routes
    return found


def _solve(problem: FleetProblem, routes: Routes, params: RoutingParams, should_stop: Callable[[], bool]) -> Routes | None:
    vehicles = [_Vehicle(seat, sortie) for seat, sorties in enumerate(routes) for sortie in sorties]
    nodes = 2 * problem.tracks
    depots = [nodes + problem.seats[vehicle.seat].base for vehicle in vehicles]
    bases = 1 + max(seat.base for seat in problem.seats)
    manager = pywrapcp.RoutingIndexManager(nodes + bases, len(vehicles), depots, depots)
    model = pywrapcp.RoutingModel(manager)
    transits = [model.RegisterTransitMatrix(_matrix_ms(drone_class, nodes, bases).tolist()) for drone_class in problem.classes]
    evaluators = [transits[problem.seats[vehicle.seat].drone_class] for vehicle in vehicles]
    for index, evaluator in enumerate(evaluators):
        model.SetArcCostEvaluatorOfVehicle(evaluator, index)
    model.AddDimensionWithVehicleTransits(evaluators, 0, _NEVER_MS, False, "time")
    time = model.GetDimensionOrDie("time")
    _limit_sorties(problem, routes, vehicles, model, time)
    if problem.objective is Objective.MAKESPAN:
        time.SetGlobalSpanCostCoefficient(params.span_weight)
    _require_each_track(problem, vehicles, manager, model)
    search = _search_parameters(params)
    model.CloseModelWithParameters(search)
    budget = _Budget(params.steps, should_stop)
    model.AddSearchMonitor(model.solver().CustomLimit(budget.is_spent))
    warm = model.ReadAssignmentFromRoutes([[manager.NodeToIndex(state) for state in vehicle.sortie] for vehicle in vehicles], True)
    if warm is None:
        return None
    best: list[Routes] = []
    # The model holds its callbacks where no garbage collector looks: one that held the model would keep both for ever.
    observed = weakref.proxy(model)

    def remember() -> None:
        """Solutions are read as they come: a search that is cut short by a limit returns none at its end."""
        routes = _read(problem, vehicles, manager, observed)
        if not best or evaluate(problem, routes) < evaluate(problem, best[0]):
            best[:] = [routes]

    model.AddAtSolutionCallback(remember)
    model.SolveFromAssignmentWithParameters(warm, search)
    return best[0] if best else None


def _matrix_ms(drone_class: DroneClass, nodes: int, bases: int) -> NDArray[np.int64]:
    """From node to node: the way there and the service of where it leads. Bases are the last nodes."""
    seconds = np.full((nodes + bases, nodes + bases), np.inf)
    seconds[:nodes, :nodes] = drone_class.between_s + drone_class.service_s[None, :]
    seconds[nodes:, :nodes] = drone_class.out_s[:bases] + drone_class.service_s[None, :]
    seconds[:nodes, nodes:] = drone_class.home_s[:, :bases]
    seconds[nodes:, nodes:] = 0.0
    return np.asarray(np.where(np.isfinite(seconds), np.ceil(np.maximum(seconds, 0.0) * _MS), _NEVER_MS).astype(np.int64))


def _limit_sorties(
    problem: FleetProblem, routes: Routes, vehicles: Sequence[_Vehicle], model: pywrapcp.RoutingModel, time: pywrapcp.RoutingDimension
) -> None:
    """Cruise limits, and a start as late as all other sorties of the drone take: a vehicle ends when its drone's day does.

    Chaining the sorties by constraints instead makes OR-Tools 9.15 search for start times for minutes at each solution.
    """
    for index, vehicle in enumerate(vehicles):
        drone_class = problem.class_of(vehicle.seat)
        own_s = sortie_s(problem, vehicle.seat, vehicle.sortie)
        others_ms = int((seat_s(problem, vehicle.seat, routes[vehicle.seat]) - own_s) * _MS)
        # Rounding up each step may pass the limit by a millisecond a step; `evaluate` judges exactly.
        limit_ms = int(max(drone_class.limit_s, own_s) * _MS) + len(vehicle.sortie) + 2
        time.CumulVar(model.Start(index)).SetRange(others_ms, others_ms)
        time.CumulVar(model.End(index)).SetMax(others_ms + limit_ms)


def _require_each_track(
    problem: FleetProblem, vehicles: Sequence[_Vehicle], manager: pywrapcp.RoutingIndexManager, model: pywrapcp.RoutingModel
) -> None:
    serves = [problem.can_serve(seat) for seat in range(len(problem.seats))]
    for track in range(problem.tracks):
        pair = [manager.NodeToIndex(2 * track), manager.NodeToIndex(2 * track + 1)]
        model.AddDisjunction(pair)
        allowed = [index for index, vehicle in enumerate(vehicles) if serves[vehicle.seat][track]]
        if len(allowed) < len(vehicles):
            for index in pair:
                # -1 is "not visited", which one node of the pair must be; SetAllowedVehiclesForIndex takes no list in 9.15.
                model.VehicleVar(index).SetValues([-1, *allowed])


def _search_parameters(params: RoutingParams) -> object:
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    # A fuse against endless searches; the count of steps is meant to end them first.
    search.time_limit.FromSeconds(params.safety_s)
    return search


def _read(
    problem: FleetProblem,
    vehicles: Sequence[_Vehicle],
    manager: pywrapcp.RoutingIndexManager,
    model: pywrapcp.RoutingModel,
) -> Routes:
    sorties: list[list[tuple[int, ...]]] = [[] for _ in problem.seats]
    for index, vehicle in enumerate(vehicles):
        states = []
        place = model.NextVar(model.Start(index)).Value()
        while not model.IsEnd(place):
            states.append(manager.IndexToNode(place))
            place = model.NextVar(place).Value()
        if states:
            sorties[vehicle.seat].append(tuple(states))
    return tuple(tuple(seat) for seat in sorties)
