"""From routes to flights: legs, written band by band, and launch times for all of them together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from shapely.geometry.base import BaseGeometry

from planner import overlay
from planner.airspace import Airspace
from planner.band_work import BandWork, moved
from planner.executor import Executor
from planner.geo import LocalFrame
from planner.model import Lane, MissionSpec, Objective, Sortie, Wind
from planner.relief.surface import surfaces
from planner.timetable.deconflict import separate
from planner.timetable.schedule import DroneDay, LegWriter, Piece, lanes_of


@dataclass(frozen=True, slots=True)
class Flown:
    """What is flown: lanes, sorties and the ground they see (local metres). `left_out` is the ground that sorties without a launch
    time would have seen, with the reasons.
    """

    lanes: tuple[Lane, ...]
    sorties: tuple[Sortie, ...]
    swept: BaseGeometry
    left_out: tuple[tuple[BaseGeometry, str], ...]

    @property
    def home_s(self) -> float:
        return max((sortie.end_s for sortie in self.sorties), default=0.0)


#: Routes' own times are by the longest way up; when even so much of them is more than another plan takes, launches can't help.
_SURELY = 0.97


def fly(
    spec: MissionSpec,
    airspace: Airspace,
    works: Sequence[BandWork],
    heights_m: Mapping[str, float],
    should_stop: Callable[[], bool],
    executor: Executor,
) -> Flown:
    """Of routes found with all effort and with less, those by which most is flown and all are home first: drones that wait for each
    other may take longer than better routes save.
    """
    best = _launched(spec, airspace, works, heights_m, executor)
    if spec.objective is Objective.TOTAL_TIME:
        return best
    for choice in _lesser(works):
        if should_stop() and not best.left_out:
            break
        if max(each.work.home_s for each in choice) * _SURELY < best.home_s or best.left_out:
            best = min(best, _launched(spec, airspace, choice, heights_m, executor), key=lambda flown: (len(flown.left_out), flown.home_s))
    return best


def _lesser(works: Sequence[BandWork]) -> Iterator[list[BandWork]]:
    """All bands with routes of one lesser effort, the most first."""
    for level in range(max((len(each.work.lesser) for each in works), default=0)):
        yield [replace(each, work=each.work.lesser[level]) if level < len(each.work.lesser) else each for each in works]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Unwritten:
    """Routes over a band with what it takes to write their legs: by drone its day and its routes. Lanes count from `first`."""

    work_frame: LocalFrame
    frame: LocalFrame
    wind: Wind
    nation: str
    first: int
    pieces: tuple[Piece, ...]
    days: tuple[tuple[DroneDay, tuple[tuple[int, ...], ...]], ...]

    def grounds(self, chains: Mapping[str, Sequence[Sortie]]) -> dict[str, list[BaseGeometry]]:
        """What each sortie's lanes see, in the band's own metres."""
        return {
            sortie.id: [self.pieces[state // 2].track.ground for state in states]
            for day, routes in self.days
            for sortie, states in zip(chains[day.drone.id], routes, strict=True)
        }

    def together(self, grounds: Sequence[BaseGeometry]) -> BaseGeometry:
        """All these in the mission's metres."""
        return moved(overlay.union(grounds), self.work_frame, self.frame)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Written:
    """A band's lanes, each drone's sorties timed from 0, and the ground that they see together (the mission's local metres)."""

    lanes: tuple[Lane, ...]
    chains: Mapping[str, tuple[Sortie, ...]]
    swept: BaseGeometry


def _launched(
    spec: MissionSpec, airspace: Airspace, works: Sequence[BandWork], heights_m: Mapping[str, float], executor: Executor
) -> Flown:
    """Legs for all routes, and launch times at which nobody meets and every permission is kept."""
    bands = list(_unwritten(spec, airspace.frame, works, heights_m))
    written = list(executor.map(_write, bands))
    launches = separate(
        {drone: chain for each in written for drone, chain in each.chains.items()},
        frame=airspace.frame,
        bases=spec.bases,
        types={drone_type.id: drone_type for drone_type in spec.drone_types},
        drones=spec.drones,
        limits=spec.limits,
        guest=airspace.guest,
    )
    flown = {leg.lane for sortie in launches.sorties for leg in sortie.legs}
    swept: list[BaseGeometry] = []
    unseen: dict[str, BaseGeometry] = {}
    for band, each in zip(bands, written, strict=True):
        missing = {sortie.id for chain in each.chains.values() for sortie in chain} & launches.left_out.keys()
        grounds = band.grounds(each.chains) if missing else {}
        unseen |= {name: band.together(grounds[name]) for name in missing}
        kept = [ground for name, own in grounds.items() if name not in missing for ground in own]
        swept.append(band.together(kept) if missing else each.swept)
    return Flown(
        lanes=tuple(lane for each in written for lane in each.lanes if lane.id in flown),
        sorties=launches.sorties,
        swept=overlay.union(swept),
        left_out=tuple((unseen[name], reason) for name, reason in launches.left_out.items()),
    )


def _unwritten(spec: MissionSpec, frame: LocalFrame, works: Sequence[BandWork], heights_m: Mapping[str, float]) -> Iterator[_Unwritten]:
    laid = dict.fromkeys((each.work.nation for each in works), 0)
    drones = {drone.id: drone for drone in spec.drones}
    found = surfaces(spec)
    for each in works:
        work = each.work
        days = tuple(
            (
                DroneDay(
                    drone=drones[name],
                    drone_type=spec.drone_type(drones[name].type),
                    base=spec.base(drones[name].base),
                    base_index=work.bases.index(drones[name].base),
                    height_m=heights_m[name],
                    ways=work.ways[drones[name].type],
                    surface=found.get(drones[name].type),
                ),
                routes,
            )
            for name, routes in work.routes.items()
        )
        yield _Unwritten(
            work_frame=each.frame,
            frame=frame,
            wind=spec.wind,
            nation=work.nation,
            first=laid[work.nation] + 1,
            pieces=work.pieces,
            days=days,
        )
        laid[work.nation] += sum(lanes_of(states, work.pieces) for routes in work.routes.values() for states in routes)


def _write(band: _Unwritten) -> _Written:
    writer = LegWriter(band.work_frame, band.wind, band.nation, first=band.first)
    chains = {
        day.drone.id: tuple(writer.sortie(day, number, states, band.pieces) for number, states in enumerate(routes, start=1))
        for day, routes in band.days
    }
    swept = band.together([ground for own in band.grounds(chains).values() for ground in own])
    return _Written(lanes=tuple(writer.lanes), chains=chains, swept=swept)
