"""What vehicles pass on of others in the air (ADS-B, Remote ID): part of `messages`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AdsbVehicle:
    """An aircraft that a receiver on board has heard; `flags` (ADSB_FLAGS) say which values are known. `since_s`: heard so long ago."""

    icao_address: int
    lat_deg: float
    lon_deg: float
    altitude_type: int
    altitude_m: float
    heading_deg: float
    horizontal_mps: float
    vertical_mps: float
    callsign: str
    emitter_type: int = 0
    since_s: int = 0
    flags: int = 0
    squawk: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDroneIdBasicId:
    """Who a drone says to be (ASTM F3411). `id_or_mac` is zero when it is the sender's own."""

    target_system: int = 0
    target_component: int = 0
    id_or_mac: bytes
    id_type: int
    ua_type: int
    uas_id: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDroneIdLocation:
    """Where a drone says to be (ASTM F3411); heights of -1000 are unknown."""

    target_system: int = 0
    target_component: int = 0
    id_or_mac: bytes
    status: int = 0
    direction_deg: float | None
    horizontal_mps: float | None
    vertical_mps: float | None
    lat_deg: float
    lon_deg: float
    altitude_barometric_m: float = -1000.0
    altitude_geodetic_m: float = -1000.0
    height_reference: int = 0
    height_m: float = -1000.0
    timestamp_s: float = 0.0
