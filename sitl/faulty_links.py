"""ArduPilot's own simulation with the same fault file as embedded vehicles: bad links here, the rest by its SIM_ parameters.

ArduPilot has no knob for "refuse to arm": its first compass fails instead, which keeps it on the ground with another text.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from mavlink_bridge import messages as m
from mavlink_bridge.codec import Encoder
from mavlink_bridge.enums import MavCmd, ParamType
from mavlink_bridge.link import FleetLinks, Received, TimeObserver
from sitl.commands import FORCED_REBOOT
from sitl.config import VehicleConfig
from sitl.fault_timetable import FaultTimetable
from sitl.faults import BatteryCollapse, CompassError, Fault, FaultPlan, Reboot, RefuseArming, simulator_settings
from sitl.link_faults import LinkPath

#: Who turns the simulation's knobs: no station's number, so that nobody's commands are mixed up with it.
_SIMULATOR_ID, _SIMULATOR_COMPONENT = 249, 191


class FaultyLinks:
    """`mavlink_bridge.link.FleetLinks` around others: link `config.drone` leads to that drone.

    A fault's times are those of the vehicle's own clock, as it last told it: it runs before anybody is connected.
    """

    def __init__(self, links: FleetLinks, configs: Sequence[VehicleConfig], faults: FaultPlan, *, loss: float = 0.0, seed: int = 0) -> None:
        drawn = faults.drawn(seed)
        self._links = links
        self._configs = {config.drone: config for config in configs}
        self._timetables = {drone: FaultTimetable(drawn.of(drone)) for drone in self._configs}
        self._paths = {drone: _paths(drawn.of(drone), drone, loss, seed) for drone in self._configs}
        #: How far each vehicle's clock is ahead of the links'; a reboot does not put its faults off.
        self._ahead_s = dict.fromkeys(self._configs, 0.0)
        self._encoder = Encoder(system_id=_SIMULATOR_ID, component_id=_SIMULATOR_COMPONENT)

    @property
    def now_s(self) -> float:
        return self._links.now_s

    def observe(self, link: str, boot_s: float) -> None:
        self._ahead_s[link] = max(self._ahead_s[link], boot_s - self.now_s)
        if isinstance(self._links, TimeObserver):
            self._links.observe(link, boot_s)

    def _vehicle_s(self, drone: str) -> float:
        return self.now_s + self._ahead_s[drone]

    def send(self, link: str, data: bytes) -> None:
        arrived = self._paths[link][0].carry(data, self._vehicle_s(link))
        if arrived:
            self._links.send(link, arrived)

    async def exchange(self) -> Sequence[Received]:
        received = await self._links.exchange()
        for drone, timetable in self._timetables.items():
            for fault, begins in timetable.due(self._vehicle_s(drone)):
                self._apply(drone, fault, begins=begins)
            self.send(drone, b"")
        came: dict[str, bytes] = dict.fromkeys(self._configs, b"")
        for one in received:
            came[one.link] += one.data
        carried = {drone: self._paths[drone][1].carry(data, self._vehicle_s(drone)) for drone, data in came.items()}
        return [Received(drone, data) for drone, data in carried.items() if data]

    async def close(self) -> None:
        await self._links.close()

    def _apply(self, drone: str, fault: Fault, *, begins: bool) -> None:
        """Past the drone's own bad link: it is the simulation that is told, not the vehicle."""
        config = self._configs[drone]
        if isinstance(fault, Reboot) and begins:
            self._tell(drone, _reboot(config.system_id))
        if isinstance(fault, BatteryCollapse) and begins:
            # The simulated voltage falls; the monitor's count of what is left must be told.
            self._tell(drone, _battery_left(config.system_id, fault.remaining_pct))
        suffered = CompassError() if isinstance(fault, RefuseArming) else fault
        for name, value in simulator_settings(suffered, begins=begins, lat_deg=config.home.lat_deg).items():
            self._tell(drone, _setting(config.system_id, name, value))

    def _tell(self, drone: str, message: m.Message) -> None:
        self._links.send(drone, self._encoder.encode(message))


def _paths(faults: Sequence[Fault], drone: str, loss: float, seed: int) -> tuple[LinkPath, LinkPath]:
    own = zlib.crc32(drone.encode()) ^ seed
    return LinkPath(faults, loss=loss, seed=own), LinkPath(faults, loss=loss, seed=own + 1)


def _setting(system_id: int, name: str, value: float) -> m.ParamSet:
    return m.ParamSet(target_system=system_id, target_component=1, param_id=name, param_value=value, param_type=ParamType.REAL32)


def _battery_left(system_id: int, remaining_pct: float) -> m.CommandLong:
    first_battery = 1.0
    return m.CommandLong(
        target_system=system_id, target_component=1, command=MavCmd.BATTERY_RESET, param1=first_battery, param2=remaining_pct
    )


def _reboot(system_id: int) -> m.CommandLong:
    return m.CommandLong(
        target_system=system_id,
        target_component=1,
        command=MavCmd.PREFLIGHT_REBOOT_SHUTDOWN,
        param1=1,
        param6=FORCED_REBOOT,
    )
