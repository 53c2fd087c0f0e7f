"""What one band's drones fly: it is planned by itself, in the frame of its own ground."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from planner.airspace import Airspace, build_airspace
from planner.geo import LocalFrame
from planner.model import MissionSpec
from planner.nation_work import NationWork, WorkParams, plan_nation
from planner.sectors.bands import Band


@dataclass(frozen=True, kw_only=True, slots=True)
class BandWork:
    """What is flown over a band, in the frame it was planned in."""

    frame: LocalFrame
    work: NationWork

    def seen_from(self, frame: LocalFrame, ground: BaseGeometry) -> BaseGeometry:
        """Ground of this band in another frame's metres."""
        return moved(ground, self.frame, frame)


def moved(ground: BaseGeometry, here: LocalFrame, there: LocalFrame) -> BaseGeometry:
    """Ground in another frame's metres."""
    return ground if here == there else there.to_local(here.to_geographic(ground))


def plan_band(
    band: Band,
    heights_m: Mapping[str, float],
    bounded: Collection[str],
    params: WorkParams,
    seed: int,
    should_stop: Callable[[], bool],
) -> BandWork:
    """Routes over the band. `bounded` as for `build_airspace`."""
    airspace, ground = band.known or _own(band.spec, heights_m, bounded)
    work = plan_nation(band.spec, airspace, band.nation, ground, heights_m, params, seed, should_stop)
    return BandWork(frame=airspace.frame, work=work)


def plan_band_in_time(
    band: Band,
    heights_m: Mapping[str, float],
    bounded: Collection[str],
    params: WorkParams,
    seed: int,
    should_stop: Callable[[], bool],
) -> BandWork | None:
    """The same, unless it is time to stop before it has begun."""
    return None if should_stop() else plan_band(band, heights_m, bounded, params, seed, should_stop)


def _own(spec: MissionSpec, heights_m: Mapping[str, float], bounded: Collection[str]) -> tuple[Airspace, BaseGeometry]:
    airspace = build_airspace(spec, heights_m, bounded=bounded)
    return airspace, airspace.frame.ground(spec.area)
