"""What to draw of each drone in view, and which of them a click means."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from gui.models.drone_view import DroneView, Freshness
from gui.models.fleet import FleetModel
from gui.models.text import age_text
from gui.models.tracks import Tracks
from gui.models.viewport import Viewport

#: A click this close to a drone means it.
REACH_PX = 16.0
_MARGIN_PX = 40.0


@dataclass(kw_only=True, slots=True)  # not frozen: thousands are made a second, and freezing doubles the time
class DroneSymbol:
    """`heading_deg` is None for a drone that never said it; stale data carries its age in the label."""

    drone: str
    nation: str
    x_px: float
    y_px: float
    heading_deg: float | None
    freshness: Freshness
    airborne: bool
    selected: bool
    label: str


def symbols_of(fleet: FleetModel, tracks: Tracks, viewport: Viewport, selected: frozenset[str], *, now_s: float) -> list[DroneSymbol]:
    """The drones in view that have said where they are, those selected last, so that they end on top."""
    symbols = []
    for drone in fleet.drones.values():
        head = tracks.heads.get(drone.id)
        if head is not None:
            x_px, y_px = viewport.to_screen(east_m=head[0], north_m=head[1])
            if -_MARGIN_PX <= x_px <= viewport.width_px + _MARGIN_PX and -_MARGIN_PX <= y_px <= viewport.height_px + _MARGIN_PX:
                symbols.append(symbol_of(drone, x_px, y_px, selected=drone.id in selected, now_s=now_s))
    symbols.sort(key=lambda symbol: (symbol.selected, symbol.airborne))
    return symbols


def symbol_of(drone: DroneView, x_px: float, y_px: float, *, selected: bool, now_s: float) -> DroneSymbol:
    """What to draw of a drone that is at this pixel."""
    freshness = drone.freshness(now_s)
    age_s = drone.age_s(now_s)
    stale = freshness in (Freshness.STALE, Freshness.LOST) and age_s is not None
    return DroneSymbol(
        drone=drone.id,
        nation=drone.nation,
        x_px=x_px,
        y_px=y_px,
        heading_deg=None if drone.state is None else drone.state.heading_deg,
        freshness=freshness,
        airborne=drone.airborne,
        selected=selected,
        label=f"{drone.id} ({age_text(age_s, tenths=False)})" if stale and age_s is not None else drone.id,
    )


def drone_at(symbols: Iterable[DroneSymbol], *, x_px: float, y_px: float) -> str | None:
    """The drone nearest to the pixel, if it is within reach."""
    near = [(math.hypot(symbol.x_px - x_px, symbol.y_px - y_px), symbol.drone) for symbol in symbols]
    distance_px, drone = min(near, default=(math.inf, None))
    return drone if distance_px <= REACH_PX else None
