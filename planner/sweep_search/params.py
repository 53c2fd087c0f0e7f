"""How long, how warm and at what prices tracks and tours are searched."""

from __future__ import annotations

from dataclasses import dataclass, replace

from planner.sweep_search.kernel import ramp_s
from planner.sweep_search.world import SweepTask


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchParams:
    """How long and how warm. `starts` lane sets of each direction are tried shortly; the best `finalists` are annealed on a coarse raster,
    then the best `refined` results on a fine one, one alone twice. Temperatures in seconds, prices in seconds a square metre; both as for
    a swath of 3 m that is flown across from stop to stop in 3.46 s, and scaled by `scaled_to` for other tasks. Less than `spare_m2`
    (swaths squared) of ground that may be missed is not worth another mending.

    For several routes, each tour of one drone is cut in so many ways (`cuts`), each searched for `cut_moves` from `shared_s` on, the best
    ones for `shared_moves`; routes that are to be even may differ by some seconds for each of temperature, the less the more `evenness`.
    With `order_moves` each tour is cut `orders` times more and the order alone is searched, `order_s` warm at first: the ways out and home
    then fall where they cost little. At the end `even_moves` even the routes out.

    Lane sets are drafted at `draft_price`; with `rings` also beside strips along the whole outline and round holes, and as rings one
    inside the other. On the fine raster the price rises to `fine_dear` times `dear`. Small ground gets more cells a swath, up to
    `most_cells` on the fine raster.
    """

    directions: int = 2
    lane_prices: tuple[float, ...] = (0.5, 1.0, 2.0)
    starts: int = 3
    finalists: int = 2
    start_moves: int = 1_500
    coarse_moves: int = 23_000
    refined: int = 1
    fine_moves: int = 14_500
    mending_moves: int = 2_000
    mendings: int = 6
    coarse_cells: int = 6
    fine_cells: int = 12
    hot_s: float = 1.3
    warm_s: float = 0.35
    cold_s: float = 0.06
    start_s: tuple[float, float] = (0.3, 0.06)
    draft_price: float = 1.0
    price: float = 1.5
    dear: float = 4.0
    fine_dear: float = 1.0
    spare_m2: float = 0.03
    cuts: int = 3
    cut_moves: int = 5_000
    shared_moves: int = 15_000
    shared_s: float = 0.4
    evenness: float = 0.1
    orders: int = 2
    order_moves: int = 0
    order_s: float = 2.0
    even_moves: int = 3_000
    most_cells: int = 30_000
    rings: bool = False

    def scaled_to(self, task: SweepTask) -> SearchParams:
        """Temperatures and prices in the task's own measure: what a hop to the next lane takes, and a swath squared."""
        heat = ramp_s(task.speed_mps, task.acceleration_mps2, task.swath_m) / ramp_s(3.0, 1.0, 3.0)
        price = heat * (3.0 / task.swath_m) ** 2
        return replace(
            self,
            **{name: getattr(self, name) * heat for name in ("hot_s", "warm_s", "shared_s", "order_s", "cold_s")},
            **{name: getattr(self, name) * price for name in ("draft_price", "price", "dear")},
            start_s=(self.start_s[0] * heat, self.start_s[1] * heat),
            lane_prices=tuple(each * price for each in self.lane_prices),
        )
