"""Where a drone said it was, beside the places of a plan."""

from __future__ import annotations

from mavlink_bridge.vehicle_state import VehicleState
from planner.geo import LatLon, geodesic_m


def stands_at(state: VehicleState, place: LatLon, *, within_m: float) -> bool:
    """Whether its last position is near; no position is nowhere."""
    return state.position is not None and geodesic_m(state.position, place) <= within_m


def place_text(state: VehicleState) -> str:
    """Its last position for people."""
    here = state.position
    return f"{here.lat_deg:.5f}, {here.lon_deg:.5f}" if here is not None else "at an unknown place"
