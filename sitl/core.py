"""What all parts of one simulated autopilot share: its clock, home, parameters, stores, pack, and its voice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mavlink_bridge.enums import MavState, Severity
from mavlink_bridge.messages import GpsGlobalOrigin, HomePosition
from planner.geo import LatLon
from planner.model import VehicleKind
from sitl.battery import Battery, PackParams, PowerParams
from sitl.config import VehicleConfig
from sitl.earth import degrees_at, offset_m
from sitl.item_rules import StoredItem
from sitl.mission_store import StoreParams, empty_stores
from sitl.outbox import Outbox
from sitl.parameter_tables import copter_table, plane_table
from sitl.parameters import Parameters
from sitl.readiness import Readiness, ReadinessParams
from sitl.sticks import Sticks
from sitl.vehicle_setup import parameter_values
from sitl.wind import Air

#: The simulated clock starts at the recordings' date, 2026-11-23 12:00 UTC.
EPOCH_UNIX_S = 1795435200.0

#: MAV_FRAMEs; all others that are taken count from home.
_ABOVE_SEA, _ABOVE_TERRAIN = frozenset({0, 5}), frozenset({10, 11})


@dataclass(slots=True)
class Alarms:
    """Failsafes that are on; any of them makes the vehicle's status CRITICAL."""

    battery: bool = False
    station: bool = False
    estimator: bool = False

    @property
    def any(self) -> bool:
        return self.battery or self.station or self.estimator


class Core:
    """Shared state. Places are metres north, east, up of home, on ArduPilot's flat earth."""

    def __init__(self, config: VehicleConfig, readiness: ReadinessParams | None = None) -> None:
        self.config = config
        self.is_plane = config.kind is not VehicleKind.COPTER
        self.parameters = Parameters(plane_table() if self.is_plane else copter_table(), parameter_values(config))
        self.out = Outbox()
        self.missions, self.fences, self.rallies = empty_stores(StoreParams(), plane=self.is_plane)
        self.readiness = Readiness(config.home_amsl_m, readiness, plane=self.is_plane)
        self.battery = Battery(PackParams(capacity_mah=config.pack_capacity_mah), self.parameters)
        self.power = PowerParams(hover_w=config.power_hover_w, cruise_w=config.power_cruise_w, cruise_mps=config.cruise_mps)
        self.air = Air(self.parameters, config.seed)
        self.alarms = Alarms()
        self.sticks = Sticks()
        self.now_s = 0.0
        self.armed = False
        #: Told of every mission item that is done on the way.
        self.on_order: Callable[[StoredItem], None] = lambda _item: None
        self.home: LatLon = config.home
        self.home_amsl_m = config.home_amsl_m
        #: Where a station has put home (DO_SET_HOME); arming does not move it then.
        self.home_set: LatLon | None = None
        #: And how far above the ground there: what is relative to home counts from it.
        self.home_up_m = 0.0

    @property
    def unix_s(self) -> float:
        """The vehicle's calendar, as its receiver gives it."""
        return EPOCH_UNIX_S + self.now_s

    def say(self, severity: Severity, text: str) -> None:
        self.out.text(severity, text)

    def status(self, *, is_landed: bool) -> MavState:
        """HEARTBEAT.system_status."""
        if not self.readiness.is_up(self.now_s):
            return MavState.BOOT
        if self.alarms.any:
            return MavState.CRITICAL
        return MavState.STANDBY if is_landed else MavState.ACTIVE

    def set_home(self) -> None:
        """Home becomes known; item 0 of the mission shows it."""
        place = self.shown_home
        self.missions.home = (round(place.lat_deg * 1e7), round(place.lon_deg * 1e7), self.home_amsl_m + self.home_up_m)

    def move_home(self, north_m: float, east_m: float) -> None:
        """Home is where the vehicle is armed; what is counted from it must be counted anew."""
        lat_deg, lon_deg = self.to_degrees(north_m, east_m)
        self.home = LatLon(lat_deg=lat_deg, lon_deg=lon_deg)
        self.set_home()

    @property
    def shown_home(self) -> LatLon:
        """Home as stations see it, and as it is returned to."""
        return self.home_set or self.home

    @property
    def home_at(self) -> tuple[float, float]:
        """Metres north and east of where it was armed."""
        return (0.0, 0.0) if self.home_set is None else self.to_local(self.home_set.lat_deg, self.home_set.lon_deg)

    def put_home(self, place: LatLon, up_m: float) -> None:
        """DO_SET_HOME, so far above the ground: it stays there, armed or not."""
        self.home_set, self.home_up_m = place, up_m
        self.set_home()
        self.announce_home()

    def home_position(self) -> HomePosition:
        place = self.shown_home
        return HomePosition(lat_deg=place.lat_deg, lon_deg=place.lon_deg, alt_amsl_m=self.home_amsl_m + self.home_up_m)

    def announce_home(self) -> None:
        """Tell the stations where the local frame begins and where home is: both are where the vehicle stands."""
        place, amsl_m = self.home, self.home_amsl_m
        self.out.announce(GpsGlobalOrigin(lat_deg=place.lat_deg, lon_deg=place.lon_deg, alt_amsl_m=amsl_m))
        self.out.announce(self.home_position())

    def to_local(self, lat_deg: float, lon_deg: float) -> tuple[float, float]:
        return offset_m(self.home, lat_deg, lon_deg)

    def to_degrees(self, north_m: float, east_m: float) -> tuple[float, float]:
        return degrees_at(self.home, north_m, east_m)

    def place_of(self, item: StoredItem, otherwise: tuple[float, float, float]) -> tuple[float, float, float]:
        """Where an item leads. Without a place it is `otherwise`; a height of 0 counts as none."""
        n, e = self.to_local(item.x / 1e7, item.y / 1e7) if item.has_place else otherwise[:2]
        return n, e, self.height_of(item, otherwise[2])

    def height_of(self, item: StoredItem, otherwise_m: float) -> float:
        """Metres above the ground, which is as high as where it was armed: the simulated earth is flat."""
        return otherwise_m if item.z == 0.0 else self.up_m(item.frame, item.z)

    def up_m(self, frame: int, height_m: float) -> float:
        """A height in one of MAVLink's frames: above the sea, above home, or above terrain."""
        if frame in _ABOVE_SEA:
            return height_m - self.home_amsl_m
        return height_m if frame in _ABOVE_TERRAIN else height_m + self.home_up_m
