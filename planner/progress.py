"""What the planner tells while it works; apart from the pipeline, so that whoever only listens loads no solver."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the planning is: stage name, fraction done, and the figures known so far."""

    stage: str
    fraction: float
    makespan_s: float | None = None
    bound_s: float | None = None
