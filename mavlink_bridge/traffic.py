"""Others in the air, as our vehicles' receivers hear them: one picture of each craft, whoever heard it.

Nobody vouches for what is heard: neither ADS-B nor Remote ID is signed. It is shown and warned of, never flown by.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag, StrEnum

from mavlink_bridge import messages as m
from planner.geo import LatLon


class TrafficSource(StrEnum):
    ADSB = "ADS-B"
    REMOTE_ID = "Remote ID"


class AdsbFlag(IntFlag):
    """ADSB_FLAGS: which values of an ADSB_VEHICLE are known."""

    VALID_COORDS = 1
    VALID_ALTITUDE = 2
    VALID_HEADING = 4
    VALID_VELOCITY = 8
    VALID_CALLSIGN = 16
    VERTICAL_VELOCITY_VALID = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """One craft as last heard; None is unknown. `seen_s` is vehicle time, `id` is its own among all sources.

    `alt_amsl_m` is by a barometer or by satellites, whichever it told: some tens of metres apart.
    """

    id: str
    source: TrafficSource
    name: str
    seen_s: float
    place: LatLon
    alt_amsl_m: float | None = None
    heading_deg: float | None = None
    speed_mps: float | None = None
    climb_mps: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficParams:
    """Vehicle seconds: one craft is told of so often at most, however many vehicles hear it."""

    period_s: float = 1.0


class TrafficEars:
    """Feed it every frame; what comes out is to be told."""

    def __init__(self, params: TrafficParams | None = None) -> None:
        self._params = params or TrafficParams()
        self._told_s: dict[str, float] = {}
        self._names: dict[bytes, str] = {}

    def hear(self, message: m.Message, now_s: float) -> Traffic | None:
        """The craft that the message tells of, unless it was told of just now."""
        match message:
            case m.AdsbVehicle():
                return self._fresh(_aircraft(message, now_s), now_s)
            case m.OpenDroneIdBasicId(id_or_mac=sender, uas_id=name) if any(sender):
                self._names[sender] = name.rstrip(b"\0").decode("ascii", "replace")
                return None
            case m.OpenDroneIdLocation(id_or_mac=sender) if any(sender):
                return self._fresh(_drone(message, self._names.get(sender, ""), now_s), now_s)
            case _:
                return None

    def _fresh(self, traffic: Traffic | None, now_s: float) -> Traffic | None:
        if traffic is None or now_s - self._told_s.get(traffic.id, -self._params.period_s) < self._params.period_s:
            return None
        self._told_s[traffic.id] = now_s
        return traffic


def _aircraft(said: m.AdsbVehicle, now_s: float) -> Traffic | None:
    place = _place(said.lat_deg, said.lon_deg)
    if place is None or not said.flags & AdsbFlag.VALID_COORDS:
        return None
    name = said.callsign.strip() if said.flags & AdsbFlag.VALID_CALLSIGN else ""
    return Traffic(
        id=f"icao-{said.icao_address:06x}",
        source=TrafficSource.ADSB,
        name=name or f"{said.icao_address:06X}",
        seen_s=now_s - said.since_s,
        place=place,
        alt_amsl_m=said.altitude_m if said.flags & AdsbFlag.VALID_ALTITUDE else None,
        heading_deg=said.heading_deg if said.flags & AdsbFlag.VALID_HEADING else None,
        speed_mps=said.horizontal_mps if said.flags & AdsbFlag.VALID_VELOCITY else None,
        climb_mps=said.vertical_mps if said.flags & AdsbFlag.VERTICAL_VELOCITY_VALID else None,
    )


def _drone(said: m.OpenDroneIdLocation, name: str, now_s: float) -> Traffic | None:
    place = _place(said.lat_deg, said.lon_deg)
    if place is None:
        return None
    heights_m = (height_m for height_m in (said.altitude_geodetic_m, said.altitude_barometric_m) if height_m > _NO_HEIGHT_M)
    sender = said.id_or_mac.rstrip(b"\0").hex()
    return Traffic(
        id=f"rid-{sender}",
        source=TrafficSource.REMOTE_ID,
        name=name or f"drone {sender[-6:]}",
        seen_s=now_s,
        place=place,
        alt_amsl_m=next(heights_m, None),
        heading_deg=said.direction_deg,
        speed_mps=said.horizontal_mps,
        climb_mps=said.vertical_mps,
    )


_NO_HEIGHT_M = -1000.0


def _place(lat_deg: float, lon_deg: float) -> LatLon | None:
    """None for what is nowhere: 0, 0 stands for unknown."""
    if (lat_deg == 0 and lon_deg == 0) or not (-90 <= lat_deg <= 90 and -180 <= lon_deg <= 180):
        return None
    return LatLon(lat_deg=lat_deg, lon_deg=lon_deg)
