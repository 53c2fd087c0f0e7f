"""How hard to try: what a plan's effort means in moves, restarts and steps."""

from __future__ import annotations

from dataclasses import dataclass

from planner.nation_work import WorkParams
from planner.routes.routing import RoutingParams
from planner.routes.tour import TourParams


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanParams:
    """`effort` 1..5 counts work, so that the same seed gives the same plan; without it the most is done unless it is stopped before."""

    seed: int = 0
    effort: int | None = 3
    time_limit_s: float | None = None
    workers: int = 1

    def __post_init__(self) -> None:
        if self.effort is not None and not 1 <= self.effort <= 5:
            raise ValueError(f"effort {self.effort} is outside 1..5")

    @property
    def most_effort(self) -> int:
        """What is done unless it is stopped before."""
        return self.effort or 5


#: Local search moves, restarts, and steps of OR-Tools.
_EFFORTS = {
    1: (50_000, 1, 5_000),
    2: (200_000, 1, 50_000),
    3: (400_000, 3, 200_000),
    4: (1_000_000, 4, 500_000),
    5: (2_500_000, 6, 2_000_000),
}


def work_of(effort: int, lesser: WorkParams | None = None) -> WorkParams:
    moves, starts, steps = _EFFORTS[effort]
    return WorkParams(tour=TourParams(moves=moves), routing=RoutingParams(steps=steps), starts=starts, lesser=lesser)


def work_up_to(effort: int) -> WorkParams:
    """The work of the effort, with that of all lesser ones: more effort never ends with a plan that takes longer."""
    work = work_of(1)
    for more in range(2, effort + 1):
        work = work_of(more, work)
    return work


#: For drafts that only tell how long something would take about.
DRAFT = WorkParams(tour=TourParams(moves=20_000), routing=RoutingParams(steps=0), pieces_per_drone=3, most_halvings=0)


#: For what one drone of a team flies over and over.
ROUNDS = WorkParams(tour=TourParams(moves=100_000), routing=RoutingParams(steps=20_000))
