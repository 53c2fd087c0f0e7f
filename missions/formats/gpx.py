"""GPX 1.1 (topografix.com/GPX/1/1): a route for each sortie, points with planned heights and times, and bases as waypoints.

Routes, not tracks: a track is where somebody has been. Heights are metres above sea level, as GPX wants.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from missions.formats.xml_text import HEAD, tag, xml_text
from missions.lonlat_shapes import DECIMALS
from missions.utc import UtcTexts
from planner.geo import LatLon, Position
from planner.model import Base, LegKind, Plan, Sortie

_SCHEMA = (
    'xmlns="http://www.topografix.com/GPX/1/1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://www.topografix.com/GPX/1/1 http://www.topografix.com/GPX/1/1/gpx.xsd"'
)


def plan_gpx(plan: Plan) -> bytes:
    """All bases and all sorties."""
    return _document(plan, plan.name, plan.bases, plan.sorties)


def sortie_gpx(plan: Plan, sortie: Sortie) -> bytes:
    """The sortie and its bases."""
    bases = [base for base in plan.bases if base.id in (sortie.start_base, sortie.end_base)]
    return _document(plan, sortie.id, bases, [sortie])


def _document(plan: Plan, name: str, bases: Iterable[Base], sorties: Iterable[Sortie]) -> bytes:
    times = UtcTexts(plan.start_utc)
    about = f"{plan.name}, planned times from {plan.start_utc}"
    metadata = f"<metadata>{tag('name', name)}{tag('desc', about)}{tag('time', times.text(0.0))}</metadata>"
    routes = (line for sortie in sorties for line in _route(plan, sortie, times))
    lines = [f'<gpx version="1.1" creator="jointpatrol" {_SCHEMA}>', metadata, *map(_waypoint, bases), *routes, "</gpx>", ""]
    return (HEAD + "\n".join(lines)).encode()


def _waypoint(base: Base) -> str:
    return f"<wpt {_place(base.location)}><ele>{base.elevation_m:.2f}</ele>{tag('name', base.id)}{tag('desc', base.nation)}</wpt>"


def _route(plan: Plan, sortie: Sortie, times: UtcTexts) -> Iterator[str]:
    elevation_m = plan.base(sortie.start_base).elevation_m
    yield f"<rte>{tag('name', sortie.id)}{tag('desc', f'{sortie.drone}, {sortie.nation}')}"
    yield _point(sortie.legs[0].start, elevation_m, times.text(sortie.start_s), sortie.start_base)
    for leg in sortie.legs:
        *between, end = leg.points[1:]
        yield from (_point(point, elevation_m, None, "") for point in between)
        lane = leg.lane if leg.kind is LegKind.SWEEP and leg.lane else ""
        yield _point(end, elevation_m, times.text(leg.end_s), f"{leg.kind.value} {lane}".strip())
    yield "</rte>"


def _point(point: Position, elevation_m: float, time: str | None, name: str) -> str:
    when = f"<time>{time}</time>" if time else ""
    called = f"<name>{xml_text(name)}</name>" if name else ""
    return f"<rtept {_place(point)}><ele>{elevation_m + point.height_m:.2f}</ele>{when}{called}</rtept>"


def _place(place: LatLon | Position) -> str:
    # GPX's longitudes end below 180
    lon_deg = place.lon_deg - 360 if place.lon_deg >= 180 else place.lon_deg
    return f'lat="{place.lat_deg:.{DECIMALS}f}" lon="{lon_deg:.{DECIMALS}f}"'
