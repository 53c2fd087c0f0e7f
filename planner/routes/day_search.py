"""Drones' days in arrays, and the moves that search for better ones, compiled (numba): what `tour` spends its time in.

A day is a row of states with the least seconds up to each place in it and where the sortie that ends there began. Rows after
those of the seats are for trying: a move writes them, and they are taken over when it is accepted.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.sweep_search.compiled import compiled, compiled_inside

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: Rows for trying, counted from the last seat's.
TRIED = 4


class Numbers(NamedTuple):
    """The problem: matrices by class (ways out and home also by base), then what each seat is and may. `on_s` is what a first sortie that
    goes on from the air takes up to where it begins, infinite where none does, `on_limit_s` what it may cruise from there.
    """

    between_s: Floats
    service_s: Floats
    out_s: Floats
    home_s: Floats
    limit_s: Floats
    turnaround_s: Floats
    seat_class: Integers
    seat_base: Integers
    before_s: Floats
    serves: NDArray[np.bool_]
    on_s: Floats
    on_limit_s: Floats


class Days(NamedTuple):
    """One row a seat, and those for trying. `until_s` and `origins` have one place more than states."""

    states: Integers
    counts: Integers
    until_s: Floats
    origins: Integers


class Costs(NamedTuple):
    """What days are weighed by: the longest and the sum of all."""

    longest_weight: float
    sum_weight: float


class Moves(NamedTuple):
    """Which moves of how many are made, with pieces of so many states at most; `threshold` is the part of the best cost by which the
    first may be worse.
    """

    first: int
    last: int
    all: int
    longest_piece: int
    threshold: float


@compiled
def split(numbers: Numbers, days: Days, row: int, seat: int, same: int) -> None:
    """Cut the row's states into the seat's sorties at least total time; infinite when some state cannot be served at all. Up to the
    place `same` the row is cut already.
    """
    kind, base = numbers.seat_class[seat], numbers.seat_base[seat]
    limit_s, turnaround_s = numbers.limit_s[kind], numbers.turnaround_s[kind]
    if same == 0:
        days.until_s[row, 0], days.origins[row, 0] = numbers.before_s[seat], 0
    for last in range(same, days.counts[row]):
        state = days.states[row, last]
        flown = numbers.service_s[kind, state] + numbers.home_s[kind, base, state]
        best, origin, first = np.inf, last, last
        while True:
            sortie = numbers.out_s[kind, base, state] + flown
            if sortie <= limit_s and days.until_s[row, first] + sortie < best:
                best, origin = days.until_s[row, first] + sortie, first
            if first == 0 and flown <= numbers.on_limit_s[seat, state] and numbers.on_s[seat, state] + flown < best:
                best, origin = numbers.on_s[seat, state] + flown, first
            if first == 0 or flown > limit_s:
                break
            first -= 1
            before = days.states[row, first]
            flown += numbers.between_s[kind, before, state] + numbers.service_s[kind, before]
            state = before
        days.until_s[row, last + 1], days.origins[row, last + 1] = best + turnaround_s, origin


@compiled_inside
def _copy(days: Days, row: int, into: Days, to: int) -> None:
    count = days.counts[row]
    into.counts[to] = count
    for place in range(count):
        into.states[to, place] = days.states[row, place]
    for place in range(count + 1):
        into.until_s[to, place] = days.until_s[row, place]
        into.origins[to, place] = days.origins[row, place]


@compiled_inside
def _seconds(days: Days, row: int) -> float:
    count = days.counts[row]
    return float(days.until_s[row, count]) if count > 0 else 0.0


@compiled_inside
def _cost(days: Days, costs: Costs, seats: int, one: int, row: int, other: int, other_row: int) -> float:
    """With two seats' days changed for other rows; -1 for none."""
    total, longest = 0.0, 0.0
    for seat in range(seats):
        seconds = _seconds(days, row if seat == one else other_row if seat == other else seat)
        total += seconds
        longest = max(longest, seconds)
    return costs.longest_weight * longest + costs.sum_weight * total


@compiled_inside
def _spliced(
    numbers: Numbers, days: Days, row: int, seat: int, start: int, end: int, giver: int, first: int, last: int, turned: int
) -> None:
    """The row becomes the seat's day with its places from `start` to `end` replaced by those of the giver's day from `first` to `last`,
    flown the other way where `turned` is 1; then it is cut.
    """
    count, length = days.counts[seat], last - first
    for place in range(start):
        days.states[row, place] = days.states[seat, place]
    for step in range(length):
        days.states[row, start + step] = days.states[giver, last - 1 - step] ^ 1 if turned else days.states[giver, first + step]
    for place in range(end, count):
        days.states[row, place - end + start + length] = days.states[seat, place]
    days.counts[row] = count - (end - start) + length
    _cut_like(numbers, days, row, seat, start)


@compiled_inside
def _cut_like(numbers: Numbers, days: Days, row: int, seat: int, same: int) -> None:
    """Cut the row, whose first places are those of the seat's day."""
    while same < days.counts[row] and same < days.counts[seat] and days.states[row, same] == days.states[seat, same]:
        same += 1
    for place in range(same + 1):
        days.until_s[row, place], days.origins[row, place] = days.until_s[seat, place], days.origins[seat, place]
    split(numbers, days, row, seat, same)


@compiled_inside
def _turn_around(numbers: Numbers, days: Days, row: int, seat: int) -> None:
    """Fly a stretch of the day the other way (2-opt for directed tracks)."""
    count = days.counts[seat]
    one, other = _below(count), _below(count)
    first, last = min(one, other), max(one, other) + 1
    _spliced(numbers, days, row, seat, first, last, seat, first, last, 1)


@compiled_inside
def _move_within(numbers: Numbers, days: Days, row: int, seat: int, first: int, last: int, turned: int) -> None:
    """A piece of the day goes to another place of it."""
    length = last - first
    place = _below(days.counts[seat] - length + 1)
    written = 0
    for index in range(days.counts[seat] - length + 1):
        if index == place:
            for step in range(length):
                days.states[row, written + step] = days.states[seat, last - 1 - step] ^ 1 if turned else days.states[seat, first + step]
            written += length
        if index < days.counts[seat] - length:
            days.states[row, written] = days.states[seat, index if index < first else index + length]
            written += 1
    days.counts[row] = written
    _cut_like(numbers, days, row, seat, min(first, place))


@compiled_inside
def _below(count: int) -> int:
    return int(np.random.random() * count)


@compiled_inside
def _best_place(numbers: Numbers, days: Days, seat: int, head: int, tail: int) -> int:
    """Where a piece from state to state lengthens the seat's chain least, cuts into sorties left aside; sometimes anywhere."""
    kind, count = numbers.seat_class[seat], days.counts[seat]
    if count == 0 or np.random.random() < 0.2:
        return _below(count + 1)
    best, place = numbers.between_s[kind, tail, days.states[seat, 0]], 0
    for index in range(1, count):
        left, right = days.states[seat, index - 1], days.states[seat, index]
        gain = numbers.between_s[kind, left, head] + numbers.between_s[kind, tail, right] - numbers.between_s[kind, left, right]
        if gain < best:
            best, place = gain, index
    return count if numbers.between_s[kind, days.states[seat, count - 1], head] < best else place


@compiled_inside
def _may_take(numbers: Numbers, days: Days, taker: int, giver: int, first: int, last: int) -> bool:
    for place in range(first, last):  # noqa: SIM110  # compiled: no generators
        if not numbers.serves[taker, days.states[giver, place] // 2]:
            return False
    return True


@compiled_inside
def _propose(numbers: Numbers, days: Days, seats: int, longest_piece: int, changed: Integers) -> None:
    """Write what is tried to the first two rows after the seats', and whose days they are."""
    one, other = seats, seats + 1
    changed[0] = changed[1] = -1
    giver = _late(days, seats) if np.random.random() < 0.5 else _below(seats)
    count = days.counts[giver]
    if count == 0:
        return
    roll = np.random.random()
    if roll < 0.25:
        _turn_around(numbers, days, one, giver)
        changed[0] = giver
        return
    first = _below(count)
    last = min(count, first + 1 + _below(longest_piece))
    turned = 1 if np.random.random() < 0.5 else 0
    taker = giver if roll < 0.5 else _below(seats)
    if taker == giver:
        _move_within(numbers, days, one, giver, first, last, turned)
        changed[0] = giver
    elif roll < 0.85:
        if _may_take(numbers, days, taker, giver, first, last):
            head = days.states[giver, last - 1] ^ 1 if turned else days.states[giver, first]
            tail = days.states[giver, first] ^ 1 if turned else days.states[giver, last - 1]
            place = _best_place(numbers, days, taker, head, tail)
            _spliced(numbers, days, one, giver, first, last, giver, 0, 0, 0)
            _spliced(numbers, days, other, taker, place, place, giver, first, last, turned)
            changed[0], changed[1] = giver, taker
    elif days.counts[taker] > 0:
        start = _below(days.counts[taker])
        end = min(days.counts[taker], start + 1 + _below(longest_piece))
        if roll > 0.95:
            # Whole ends of days change hands.
            last, end = count, days.counts[taker]
        if _may_take(numbers, days, taker, giver, first, last) and _may_take(numbers, days, giver, taker, start, end):
            _spliced(numbers, days, one, giver, first, last, taker, start, end, 0)
            _spliced(numbers, days, other, taker, start, end, giver, first, last, 0)
            changed[0], changed[1] = giver, taker


@compiled_inside
def _late(days: Days, seats: int) -> int:
    """The drone that comes home last: only it can lower the makespan."""
    found = 0
    for seat in range(1, seats):
        if _seconds(days, seat) > _seconds(days, found):
            found = seat
    return found


@compiled
def begin(seed: int) -> None:
    np.random.seed(seed)


@compiled
def improve(numbers: Numbers, days: Days, best: Days, costs: Costs, moves: Moves, known: Floats, changed: Integers) -> None:
    """Some of the moves of a search; `known` are the costs of today's days and of the best, `changed` is room for two numbers."""
    seats = len(numbers.seat_class)
    for move in range(moves.first, moves.last):
        _propose(numbers, days, seats, moves.longest_piece, changed)
        if changed[0] < 0:
            continue
        cost = _cost(days, costs, seats, changed[0], seats, changed[1], seats + 1)
        if not cost < np.inf:
            continue
        left = 1.0 - move / moves.all
        if cost <= known[0] or cost < known[1] * (1.0 + moves.threshold * left * left):
            for number in range(2):
                if changed[number] >= 0:
                    _copy(days, seats + number, days, changed[number])
            known[0] = cost
            if cost < known[1] - 1e-9:
                known[1] = cost
                for seat in range(seats):
                    _copy(days, seat, best, seat)


@compiled
def cost_of(days: Days, costs: Costs, seats: int) -> float:
    return _cost(days, costs, seats, -1, 0, -1, 0)


@compiled_inside
def _gain(numbers: Numbers, days: Days, seat: int, state: int, place: int) -> float:
    """By how much the chain grows with the state at the place, cuts into sorties left aside."""
    kind, base, count = numbers.seat_class[seat], numbers.seat_base[seat], days.counts[seat]
    if count == 0:
        return 0.0
    if place == 0:
        after = days.states[seat, 0]
        gain = numbers.out_s[kind, base, state] + numbers.between_s[kind, state, after] - numbers.out_s[kind, base, after]
    elif place == count:
        before = days.states[seat, count - 1]
        gain = numbers.between_s[kind, before, state] + numbers.home_s[kind, base, state] - numbers.home_s[kind, base, before]
    else:
        before, after = days.states[seat, place - 1], days.states[seat, place]
        between_s = numbers.between_s
        gain = between_s[kind, before, state] + between_s[kind, state, after] - between_s[kind, before, after]
    return gain if gain == gain else np.inf  # NaN: infinite less infinite


@compiled_inside
def _try(numbers: Numbers, days: Days, seat: int, place: int, state: int, row: int, best_row: int, fresh: bool) -> None:
    """The seat's day with the state at the place, kept in the best row when it is sooner over than what is there."""
    # What is put in is read from a row of its own.
    source = len(days.counts) - 1
    days.states[source, 0], days.counts[source] = state, 1
    _spliced(numbers, days, row, seat, place, place, source, 0, 1, 0)
    if fresh or _seconds(days, row) < _seconds(days, best_row):
        _copy(days, row, days, best_row)


@compiled
def insert(numbers: Numbers, days: Days, costs: Costs, tracks: Integers, tried_places: int, gains: Floats) -> None:
    """Each track where it raises the cost least: for each seat the best of the places where it lengthens the chain least, and of the
    end, which is always possible. `gains` is room for two rows of a number for each place.
    """
    seats = len(numbers.seat_class)
    row, own_row, best_row = seats, seats + 1, seats + 2
    for track in tracks:
        chosen, least = -1, np.inf
        for seat in range(seats):
            if not numbers.serves[seat, track]:
                continue
            count = days.counts[seat]
            for way in range(2):
                for place in range(count + 1):
                    gains[way, place] = _gain(numbers, days, seat, 2 * track + way, place)
            _try(numbers, days, seat, count, 2 * track, row, own_row, True)
            _try(numbers, days, seat, count, 2 * track + 1, row, own_row, False)
            for _ in range(min(tried_places, 2 * (count + 1))):
                at, to = 0, 0
                for way in range(2):
                    for place in range(count + 1):
                        if gains[way, place] < gains[at, to]:
                            at, to = way, place
                gains[at, to] = np.inf
                _try(numbers, days, seat, to, 2 * track + at, row, own_row, False)
            cost = _cost(days, costs, seats, seat, own_row, -1, 0)
            if chosen < 0 or cost < least:
                chosen, least = seat, cost
                _copy(days, own_row, days, best_row)
        _copy(days, best_row, days, chosen)
