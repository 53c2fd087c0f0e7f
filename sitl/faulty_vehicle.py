"""A vehicle at the far end of its link, with what its fault plan does to both."""

from __future__ import annotations

import zlib

from sitl.config import VehicleConfig
from sitl.fault_timetable import FaultTimetable
from sitl.faults import BatteryCollapse, Fault, FaultPlan, Reboot, RefuseArming, simulator_settings
from sitl.link_faults import LinkPath
from sitl.readiness import ReadinessParams
from sitl.vehicle import EmbeddedVehicle


class FaultyVehicle:
    """An embedded vehicle, the paths of its links, and its faults' timetable."""

    def __init__(
        self, config: VehicleConfig, faults: FaultPlan, *, loss: float, seed: int, readiness: ReadinessParams | None = None
    ) -> None:
        self.vehicle = EmbeddedVehicle(config, readiness=readiness)
        self._faults = faults.of(config.drone)
        self._loss = loss
        self._delays = LinkPath(self._faults, loss=loss).delays
        # Not hash(): it differs from one process to the next.
        self._seed = zlib.crc32(config.drone.encode()) ^ (seed * 2_654_435_761 & 0xFFFFFFFF)
        self._paths: dict[int, tuple[LinkPath, LinkPath]] = {}
        self._timetable = FaultTimetable(self._faults)
        self._clock_s = 0.0

    def receive(self, data: bytes, *, link: int = 0) -> None:
        """Bytes sent by a station; a bad link may lose, change or delay them."""
        arrived = self._path(link)[0].carry(data, self._clock_s)
        if arrived:
            self.vehicle.receive(arrived, link=link)

    def step(self, dt_s: float) -> None:
        """Let this much time pass; a fault within it begins and ends when it should."""
        until_s = self._clock_s + dt_s
        while self._timetable.next_s <= until_s:
            at_s = self._timetable.next_s
            self._live(max(0.0, at_s - self._clock_s))
            for fault, begins in self._timetable.due(at_s):
                self._apply(fault, begins=begins)
        self._live(until_s - self._clock_s)

    def _live(self, dt_s: float) -> None:
        self._clock_s += dt_s
        for link, (up, _) in self._paths.items() if self._delays else ():
            arrived = up.carry(b"", self._clock_s)
            if arrived:
                self.vehicle.receive(arrived, link=link)
        self.vehicle.step(dt_s)

    def take_output(self, *, link: int = 0) -> bytes:
        """What arrives at the station now."""
        data = self.vehicle.take_output(link=link)
        if not data and not self._delays:
            return b""
        return self._path(link)[1].carry(data, self._clock_s)

    def close_link(self, link: int) -> None:
        self._paths.pop(link, None)
        self.vehicle.close_link(link)

    def _path(self, link: int) -> tuple[LinkPath, LinkPath]:
        if link not in self._paths:
            up = LinkPath(self._faults, loss=self._loss, seed=self._seed + 2 * link)
            down = LinkPath(self._faults, loss=self._loss, seed=self._seed + 2 * link + 1)
            self._paths[link] = (up, down)
        return self._paths[link]

    def _apply(self, fault: Fault, *, begins: bool) -> None:
        vehicle = self.vehicle
        match fault:
            case BatteryCollapse():
                if begins:
                    vehicle.collapse_battery(fault.remaining_pct)
            case RefuseArming():
                vehicle.refuse_arming(fault.text if begins else None)
            case Reboot():
                if begins:
                    vehicle.reboot()
            case _:
                for name, value in simulator_settings(fault, begins=begins, lat_deg=vehicle.config.home.lat_deg).items():
                    vehicle.set_parameter(name, value)
