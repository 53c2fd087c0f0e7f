"""Long ground is planned in rounds: seams between bands, and between nations, move to where the routes say that they belong; then
routes are searched for longer, band by band.

Ground is first divided by an estimate of how long its drones take (`sectors.effort`). Who is home later than the others takes longer
than estimated, so it is given less the next time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from planner.band_work import BandWork
from planner.sectors.bands import Band
from planner.sectors.claims import Asked
from planner.sectors.division import Division


@dataclass(frozen=True, kw_only=True, slots=True)
class Slower:
    """How many times as long as estimated nations' and bases' drones take, 1 where nothing is said."""

    nations: Mapping[str, float] = field(default_factory=dict)
    bases: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shared:
    """Ground divided over nations and bands, what is asked for beside it, and who flies what over each band."""

    slower: Slower
    division: Division
    asked: Asked
    bands: Sequence[Band]
    works: Sequence[BandWork]

    @property
    def is_cut(self) -> bool:
        """Whether a nation's ground is in bands."""
        return any(band.known is None for band in self.bands)

    @property
    def home_s(self) -> float:
        """When the last drone would be back if none had to wait for another."""
        return max((each.work.home_s for each in self.works), default=0.0)


#: Ground divided by what is known of the drones' slowness; None when there was no time for it.
Share = Callable[[Slower], Shared | None]


def with_better_seams(first: Shared, share: Share, rounds: int, should_stop: Callable[[], bool]) -> Shared:
    """The sharing by which all are home first, of the first and so many more, each by what was learnt from the one before."""
    best = last = first
    for _ in range(rounds):
        found = None if should_stop() else share(_corrected(last))
        if found is None:
            break
        last = found
        best = min(best, last, key=lambda shared: shared.home_s)
    return best


def with_longer_search(shared: Shared, found: Iterable[BandWork | None]) -> Shared:
    """With other routes over the bands where these are home earlier; what was flown before is kept as lesser work."""
    works = [old if new is None else _better(old, new) for old, new in zip(shared.works, found, strict=True)]
    return replace(shared, works=works)


def _better(old: BandWork, new: BandWork) -> BandWork:
    if new.work.home_s >= old.work.home_s:
        return old
    return replace(new, work=replace(new.work, lesser=(replace(old.work, lesser=()), *old.work.lesser)))


def _corrected(shared: Shared) -> Slower:
    by_nation: dict[str, list[float]] = defaultdict(list)
    for each in shared.works:
        by_nation[each.work.nation].append(each.work.home_s)
    mean_s = {nation: sum(times_s) / len(times_s) for nation, times_s in by_nation.items()}
    of_all_s = sum(mean_s.values()) / len(mean_s)
    nations = {nation: shared.slower.nations.get(nation, 1.0) * seconds / of_all_s for nation, seconds in mean_s.items() if seconds > 0}
    bases = dict(shared.slower.bases)
    for band, each in zip(shared.bands, shared.works, strict=True):
        if band.known is None and each.work.home_s > 0:
            base = band.spec.bases[0].id
            bases[base] = bases.get(base, 1.0) * each.work.home_s / mean_s[band.nation]
    return Slower(nations=nations, bases=bases)
