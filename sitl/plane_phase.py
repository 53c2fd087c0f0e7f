"""What a plane or quadplane is doing at a moment, and what carries it."""

from __future__ import annotations

from enum import Enum, auto


class Phase(Enum):
    ON_GROUND = auto()
    RISING = auto()
    TRANSITION = auto()
    CRUISING = auto()
    APPROACHING = auto()
    BRAKING = auto()
    STOPPING = auto()
    POSITIONING = auto()
    DESCENDING = auto()
    RUNNING_UP = auto()
    GLIDING_IN = auto()
    ROLLING_OUT = auto()
    FALLING = auto()


#: Carried by rotors, wholly or in part.
ON_ROTORS = frozenset({Phase.RISING, Phase.STOPPING, Phase.POSITIONING, Phase.DESCENDING})
