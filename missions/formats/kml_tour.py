"""Timed tours for Google Earth (gx:Tour): the camera follows a drone, or stands over the area while the patrol's hours pass.

A view's time span begins with the flight and ends now, so that what has been flown so far is what is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from missions.formats.xml_text import tag
from missions.utc import UtcTexts
from planner.geo import LatLon, LocalFrame, Position, azimuths_deg
from planner.model import Leg, Plan, Sortie


@dataclass(frozen=True, kw_only=True, slots=True)
class TourParams:
    """A tour second is `speed_up` seconds of the plan; a tour of the whole patrol takes `whole_s`, in `steps` steps."""

    speed_up: float = 30.0
    range_m: float = 600.0
    tilt_deg: float = 55.0
    whole_s: float = 60.0
    steps: int = 60


_USUAL = TourParams()


class SortieTours:
    """Behind a drone, at its planned pace, speeded up."""

    def __init__(self, plan: Plan, params: TourParams = _USUAL) -> None:
        self._times, self._params = UtcTexts(plan.start_utc), params

    def tour(self, sortie: Sortie) -> str:
        """A step to each leg's end, looking along the leg."""
        texts, params = self._times, self._params
        begin = texts.text(sortie.start_s)
        steps = [
            _fly_to(
                _look_at(leg.end, course_deg, params.range_m, params.tilt_deg, begin, texts.text(leg.end_s), leg.end.height_m),
                max(leg.end_s - leg.start_s, 0.0) / params.speed_up,
            )
            for leg, course_deg in zip(sortie.legs, _courses_deg(sortie.legs), strict=True)
        ]
        return "\n".join([*_opening(f"Tour of {sortie.id}"), *steps, *_CLOSING])


def _courses_deg(legs: Sequence[Leg]) -> list[float]:
    """Along each leg; where one leads nowhere, as the leg before."""
    ends = np.array([(leg.start.lat_deg, leg.start.lon_deg, leg.end.lat_deg, leg.end.lon_deg) for leg in legs]).reshape(-1, 4)
    courses_deg: list[float] = azimuths_deg(*ends.T).tolist()
    stays: list[bool] = (ends[:, :2] == ends[:, 2:]).all(axis=1).tolist()
    last_deg = 0.0
    for index, course_deg in enumerate(courses_deg):
        courses_deg[index] = last_deg = last_deg if stays[index] else course_deg
    return courses_deg


def plan_tour(plan: Plan, params: TourParams = _USUAL) -> Iterator[str]:
    """Over the middle of the area, from the first launch to the last landing."""
    if not plan.sorties:
        return
    times, frame = UtcTexts(plan.start_utc), LocalFrame.around([plan.area])
    west_m, south_m, east_m, north_m = frame.to_local(plan.area).bounds
    range_m = max(east_m - west_m, north_m - south_m, 1000.0) * 1.5
    first_s, last_s = min(sortie.start_s for sortie in plan.sorties), max(sortie.end_s for sortie in plan.sorties)
    yield from _opening(f"Tour of {plan.name}")
    for step in range(1, params.steps + 1):
        now = times.text(first_s + (last_s - first_s) * step / params.steps)
        yield _fly_to(_look_at(frame.origin, 0.0, range_m, 0.0, times.text(first_s), now, 0.0), params.whole_s / params.steps)
    yield from _CLOSING


def _opening(name: str) -> Iterator[str]:
    yield f"<gx:Tour>{tag('name', name)}<gx:Playlist>"


_CLOSING = ("</gx:Playlist></gx:Tour>",)


def _fly_to(view: str, duration_s: float) -> str:
    return f"<gx:FlyTo><gx:duration>{duration_s:.2f}</gx:duration><gx:flyToMode>smooth</gx:flyToMode>{view}</gx:FlyTo>"


def _look_at(place: LatLon | Position, course_deg: float, range_m: float, tilt_deg: float, begin: str, end: str, height_m: float) -> str:
    lon_deg = place.lon_deg - 360 if place.lon_deg > 180 else place.lon_deg
    return (
        f"<LookAt><gx:TimeSpan><begin>{begin}</begin><end>{end}</end></gx:TimeSpan>"
        f"<longitude>{lon_deg:.7f}</longitude><latitude>{place.lat_deg:.7f}</latitude><altitude>{height_m:.1f}</altitude>"
        f"<heading>{course_deg:.1f}</heading><tilt>{tilt_deg:.0f}</tilt><range>{range_m:.0f}</range>"
        "<altitudeMode>relativeToGround</altitudeMode></LookAt>"
    )
