"""Orders to a fleet's clock, a word or two each: pause, go, step, speed."""

from __future__ import annotations

from sitl.errors import ClockOrderError
from sitl.pace import Pace

ORDERS = "pause, go, step [N], speed N"


def obey(pace: Pace, order: str) -> str:
    """What it has come to. Raises ClockOrderError."""
    match order.split():
        case ["pause"]:
            pace.pause()
        case ["go"]:
            pace.resume()
        case ["step", *number] if len(number) < 2:
            steps = max(1, int(_positive(number[0], order))) if number else 1
            pace.pause()
            for _ in range(steps):
                pace.single_step()
            return f"paused, {steps} step{'s' if steps > 1 else ''} taken"
        case ["speed", number]:
            pace.speedup = _positive(number, order)
        case _:
            raise ClockOrderError(f"{order.strip()!r} is no order: say {ORDERS}")
    return "paused" if pace.is_paused else f"running at {pace.speedup:g} times real time" if pace.speedup else "running as fast as it goes"


def _positive(text: str, order: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0.0 < number <= 1000.0:
        raise ClockOrderError(f"{order.strip()!r}: {text} is not between 0 and 1000")
    return number
