"""Divide what is left over drones that are ready at different times: sortie by sortie, each to whoever would be done with it first."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from planner.fleet_problem import FleetProblem, Floats, sortie_s


def further_sorties(problem: FleetProblem, ready_s: Mapping[str, float]) -> dict[str, list[list[int]]]:
    """Sorties (states) by drone. The next sortie goes to the drone that is ready first, begins with the track that costs it most to
    reach, and goes on to the nearest while its endurance lasts. Quick and sound, not the best there is.
    """
    left = set(range(problem.tracks))
    free_s = {seat: ready_s[problem.seats[seat].drone] for seat in range(len(problem.seats))}
    days: dict[str, list[list[int]]] = {problem.seats[seat].drone: [] for seat in free_s}
    while left and free_s:
        seat = min(free_s, key=lambda each: (free_s[each], each))
        sortie = _sortie(problem, seat, left)
        if not sortie:
            del free_s[seat]
            continue
        left -= {state // 2 for state in sortie}
        days[problem.seats[seat].drone].append(sortie)
        drone_class = problem.class_of(seat)
        free_s[seat] += sortie_s(problem, seat, sortie) + drone_class.overhead_s + drone_class.swap_s
    return days


def _sortie(problem: FleetProblem, seat: int, left: set[int]) -> list[int]:
    able = problem.can_serve(seat)
    tracks = np.array(sorted(track for track in left if able[track]), dtype=int)
    if len(tracks) == 0:
        return []
    drone_class, base = problem.class_of(seat), problem.seats[seat].base
    alone_s = drone_class.out_s[base] + drone_class.service_s + drone_class.home_s[:, base]
    first = tracks[np.argmax(problem.alone_s(seat)[tracks])]
    sortie = [int(2 * first + np.argmin(alone_s[2 * first : 2 * first + 2]))]
    spent_s = float(drone_class.out_s[base, sortie[0]] + drone_class.service_s[sortie[0]])
    open_states = _states(tracks[tracks != first])
    while len(open_states):
        on_s: Floats = drone_class.between_s[sortie[-1], open_states] + drone_class.service_s[open_states]
        fits = spent_s + on_s + drone_class.home_s[open_states, base] <= drone_class.limit_s
        if not fits.any():
            break
        chosen = int(np.argmin(np.where(fits, drone_class.between_s[sortie[-1], open_states], np.inf)))
        spent_s += float(on_s[chosen])
        sortie.append(int(open_states[chosen]))
        open_states = open_states[open_states // 2 != sortie[-1] // 2]
    return sortie


def _states(tracks: np.ndarray[tuple[int], np.dtype[np.int_]]) -> np.ndarray[tuple[int], np.dtype[np.int_]]:
    return np.concatenate([2 * tracks, 2 * tracks + 1])
