"""A simulated vehicle without any I/O: bytes in, time in, bytes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mavlink_bridge import messages as m
from mavlink_bridge.enums import Severity
from planner.geo import LatLon
from sitl.arming import Arming
from sitl.camera import Camera
from sitl.commands import Commands, Order
from sitl.config import VehicleConfig
from sitl.copter_pilot import CopterPilot
from sitl.core import Core
from sitl.failsafes import Failsafes
from sitl.fence import DO_FENCE_ENABLE, Fence
from sitl.ftp_files import VehicleFiles
from sitl.ftp_server import FtpServer
from sitl.item_conversations import ITEM_MESSAGES, ItemConversations, ItemMessage
from sitl.item_file import ItemStores
from sitl.item_rules import StoredItem
from sitl.link_signing import SETUP_SIGNING_ID, message_id, set_up_all, setup_target
from sitl.mission_protocol import Station
from sitl.mission_store import Verdict
from sitl.pilot import Pilot
from sitl.plane_pilot import PlanePilot
from sitl.readiness import ReadinessParams
from sitl.sensor_faults import SensorFaults
from sitl.station_messages import StationMessages
from sitl.telemetry import LinkStreams, Reports
from sitl.terrain import Terrain
from sitl.vehicle_link import VehicleLink

#: The vehicle lives in steps of this; what happens between two of them is answered at once.
TICK_S = 0.1
_TIMESYNC_S = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Truth:
    """Where the vehicle really is, whatever it tells: for tests, pictures and reports."""

    time_s: float
    position: LatLon
    height_m: float
    north_mps: float
    east_mps: float
    down_mps: float
    armed: bool
    custom_mode: int
    battery_consumed_wh: float
    battery_remaining_pct: float


class EmbeddedVehicle:
    """One vehicle that speaks MAVLink 2 and behaves as ArduPilot does. Deterministic for its config and its input.

    It may have several links (as ArduPilot has serial ports); link 0 exists from the start, others when first used.
    """

    def __init__(self, config: VehicleConfig, *, readiness: ReadinessParams | None = None) -> None:
        self.config = config
        self._readiness = readiness
        self._links: dict[int, VehicleLink] = {}
        self._signing_setup: bytes | None = None
        self._ticks = 0
        self._boot(config)

    def _boot(self, config: VehicleConfig) -> None:
        self._core = core = Core(config, self._readiness)
        self._pilot: Pilot = PlanePilot(core) if core.is_plane else CopterPilot(core)
        self._fence = Fence(core)
        self._arming = Arming(core, self._pilot, self._fence)
        self._failsafes = Failsafes(core, self._pilot, self._arming, self._fence)
        self._sensors = SensorFaults(core, self._pilot)
        self._terrain = Terrain(core, self._pilot.motion)
        self._reports = Reports(core, self._pilot, self._arming, self._failsafes, self._terrain)
        self._camera = Camera(core, self._pilot.motion, lambda: self._pilot.flies_mission)
        core.on_order = self._carry_out
        self._commands = Commands(
            core, self._pilot, self._arming, self._fence, self._reports, self._camera, lambda link: self._link(link).streams
        )
        self._items = ItemConversations(core)
        stores = ItemStores(core.missions, core.fences, core.rallies, self._say_verdict)
        self._ftp = FtpServer(VehicleFiles(stores, core.parameters), core.out, banner=self._say_banner)
        core.missions.on_count = lambda: core.parameters.tell("MIS_TOTAL", core.missions.count, core.out)
        core.missions.on_change = self._note_change
        core.missions.may_clear = lambda: not (core.armed and self._pilot.flies_mission)
        core.rallies.on_count = lambda: core.parameters.tell("RALLY_TOTAL", core.rallies.count, core.out)
        core.parameters.on_set = self._parameter_set
        self._said = StationMessages(
            core, self._pilot, self._failsafes, self._commands, self._terrain, lambda link: self._link(link).streams
        )
        self._handlers: Mapping[type[Any], Callable[[Any, Station], None]] = {
            m.CommandLong: lambda message, station: self._commands.handle(Order.from_long(message), station),
            m.CommandInt: lambda message, station: self._commands.handle(Order.from_int(message), station),
            m.ParamRequestRead: lambda message, station: core.parameters.request(message, station.link),
            m.ParamRequestList: self._on_param_list,
            m.ParamSet: lambda message, station: core.parameters.set(message, station.link, core.out),
            m.FileTransferProtocol: self._on_file_transfer,
            **dict.fromkeys(ITEM_MESSAGES, self._on_item_message),
            **self._said.handlers,
        }
        self._has_home = self._is_up = self._mission_changed = False
        self._link(0).heard = True

    def _link(self, number: int) -> VehicleLink:
        link = self._links.get(number)
        if link is None:
            link = self._links[number] = VehicleLink(number, self.config.system_id, self._core.now_s)
            self._said.start_streams(number, link.streams)
            if self._signing_setup is not None:
                set_up_all([link.signing], self._signing_setup)
        return link

    # The outside

    def receive(self, data: bytes, *, link: int = 0) -> None:
        """Bytes from a ground station. They are answered at once: `take_output` has the answers."""
        self._wake()
        port = self._link(link)
        frames = port.decoder.feed(data)
        # What was due by now comes before the answers.
        self._items.tick(self._core.now_s)
        for frame in frames:
            port.heard = True
            if port.signing.is_on and not port.signing.accepts(frame.raw):
                continue
            message = frame.message
            target = getattr(message, "target_system", 0)
            if target not in (0, self.config.system_id):
                continue
            if type(message) is m.Heartbeat:
                self._forward(frame.raw, link)
            handler = self._handlers.get(type(message))
            if handler is not None:
                handler(message, Station(link, frame.system_id, frame.component_id))
                # Parameter values wait until all that came at once has been answered (k10b).
                self._flush(values=frame is frames[-1])
            elif message_id(frame.raw) == SETUP_SIGNING_ID:
                self._set_up_signing(frame.raw, link)
        if self._ftp.is_busy:
            self._ftp.work(self._core.now_s)
        if not self._core.out.is_empty:
            self._flush()
        self._notice_change()

    def _set_up_signing(self, raw: bytes, link: int) -> None:
        if setup_target(raw) not in (0, self.config.system_id):
            return
        if self._core.armed:
            self._core.out.text(Severity.WARNING, "ERROR: Won't setup signing when armed", link)
            return
        self._signing_setup = raw
        set_up_all([port.signing for port in self._links.values()], raw)

    def _notice_change(self) -> None:
        """The mission's pilot looks at the store after everything else has been said (k07)."""
        if self._mission_changed:
            self._mission_changed = False
            self._pilot.mission_changed()
            self._flush()

    def step(self, dt_s: float) -> None:
        """Let this much simulated time pass."""
        core = self._core
        until_s = core.now_s + dt_s
        next_s = (self._ticks + 1) * TICK_S
        while next_s <= until_s + 1e-9:
            core.now_s = next_s
            self._ticks += 1
            self._tick()
            if self._commands.reboot_wanted:
                self._reboot()
                self.step(until_s - next_s)
                return
            next_s = (self._ticks + 1) * TICK_S
        core.now_s = until_s

    def take_output(self, *, link: int = 0) -> bytes:
        """What the vehicle has sent on this link since the last call."""
        buffer = self._link(link).buffer
        if not buffer:
            return b""
        data = bytes(buffer)
        buffer.clear()
        return data

    def close_link(self, link: int) -> None:
        """Forget a link whose station has gone; link 0 stays."""
        if link != 0:
            self._links.pop(link, None)

    @property
    def now_s(self) -> float:
        """Seconds since the vehicle's boot."""
        return self._core.now_s

    @property
    def truth(self) -> Truth:
        core, motion = self._core, self._pilot.motion()
        shift_n, shift_e = self._sensors.shift
        lat_deg, lon_deg = core.to_degrees(motion.north_m - shift_n, motion.east_m - shift_e)
        return Truth(
            time_s=core.now_s,
            position=LatLon(lat_deg=lat_deg, lon_deg=lon_deg),
            height_m=motion.up_m,
            north_mps=motion.vn,
            east_mps=motion.ve,
            down_mps=-motion.vu,
            armed=core.armed,
            custom_mode=self._pilot.custom_mode,
            battery_consumed_wh=core.battery.consumed_wh,
            battery_remaining_pct=core.battery.charge_pct if self.config.battery_wh is not None else core.battery.remaining_pct,
        )

    # Faults

    def set_parameter(self, name: str, value: float) -> None:
        """As if somebody turned a knob of the simulation (SIM_*)."""
        self._core.parameters.put(name, value)
        self._parameter_set(name)

    def collapse_battery(self, remaining_pct: float) -> None:
        self._core.battery.collapse(remaining_pct)

    def refuse_arming(self, reason: str | None) -> None:
        """From now on arming fails with this text; None lifts it."""
        self._arming.refusal = reason

    def reboot(self) -> None:
        """As if its power failed for a moment: in the air it falls."""
        self._commands.reboot_wanted = True

    # One moment

    def _tick(self) -> None:
        core = self._core
        ready = core.readiness
        if not ready.is_settled:
            for severity, text in ready.texts(core.now_s):
                core.say(severity, text)
        self._wake()
        if not self._has_home and ready.has_home(core.now_s):
            self._has_home = True
            core.set_home()
            core.announce_home()
        if core.armed:
            self._pilot.step(TICK_S)
            core.battery.draw(self._pilot.power_w, TICK_S)
        else:
            self._pilot.rest(TICK_S)
        if self._camera.is_busy:
            self._camera.tick()
        self._sensors.tick()
        self._failsafes.tick()
        self._arming.tick()
        self._items.tick(core.now_s)
        if core.parameters.is_busy:
            core.parameters.tick(core.out)
        if self._ftp.is_busy:
            self._ftp.tick(core.now_s, TICK_S)
        if not core.out.is_empty:
            self._flush()
        self._notice_change()
        self._stream()

    def _wake(self) -> None:
        """Initialised: whatever mode was asked for before is forgotten (k10a)."""
        if not self._is_up and self._core.readiness.is_up(self._core.now_s):
            self._is_up = True
            self._commands.set_mode(self._pilot.initial_mode)

    def _stream(self) -> None:
        now_s = self._core.now_s
        if not self._core.readiness.speaks(now_s):
            return
        timesync = self._ticks % round(_TIMESYNC_S / TICK_S) == 0
        for link in self._links.values():
            if link.streams.earliest_s <= now_s + 1e-6:
                for message_id in link.streams.due(now_s):
                    message = self._reports.build(message_id)
                    if message is not None:
                        link.write(message)
            if timesync and link.heard:
                link.write(m.Timesync(tc1=0, ts1=round(now_s * 1e9)))

    def _flush(self, *, values: bool = True) -> None:
        for number, message in self._core.out.take(values=values):
            if number is not None:
                link = self._link(number)
                link.write(message)
                continue
            for link in self._links.values():
                if link.heard:
                    link.write(message)

    def _forward(self, raw: bytes, source: int) -> None:
        """Stations on different links see each other's heartbeats (k08)."""
        for number, link in self._links.items():
            if number != source and link.heard:
                link.buffer += raw

    def _reboot(self) -> None:
        """Parameters and stores survive, all else begins anew."""
        values = {name: self._core.parameters[name] for name in self._core.parameters.names}
        old, up_m = self._core, self._pilot.motion().up_m
        self._ticks = 0
        # It wakes up where it is: that will be its home.
        self._boot(replace(self.config, home=self.truth.position))
        self._core.battery.carry_over(old.battery)
        if up_m > 0.0:
            self._pilot.drop_from(up_m)
        for name, value in values.items():
            self._core.parameters.put(name, value)
        self._core.missions.adopt(old.missions)
        self._core.fences.adopt(old.fences)
        self._core.rallies.adopt(old.rallies)
        for number, link in self._links.items():
            link.streams = LinkStreams(0.0)
            self._said.start_streams(number, link.streams)

    def _carry_out(self, item: StoredItem) -> None:
        """A mission's order to equipment."""
        self._camera.obey_item(item)
        if item.command == DO_FENCE_ENABLE:
            self._fence.switch_by_mission(int(item.param1))

    def _note_change(self) -> None:
        self._mission_changed = True

    def _parameter_set(self, name: str) -> None:
        if name == "FENCE_ENABLE":
            self._fence.follow_parameter()
        if name.startswith("SR"):
            self._said.stream_set(name)
        if name == "SIM_ENGINE_FAIL" and self._core.parameters[name] > 0:
            self._pilot.fall()
        else:
            self._pilot.parameter_set(name)

    # Messages

    def _on_param_list(self, message: m.ParamRequestList, station: Station) -> None:
        del message
        self._say_banner()
        self._core.parameters.request_list(station.link)

    def _say_banner(self) -> None:
        for severity, text in self._pilot.banner():
            self._core.say(severity, text)

    def _say_verdict(self, verdict: Verdict) -> None:
        for severity, text in verdict.texts:
            self._core.say(severity, text)

    def _on_item_message(self, message: ItemMessage, station: Station) -> None:
        self._items.handle(message, station, self._core.now_s)

    def _on_file_transfer(self, message: m.FileTransferProtocol, station: Station) -> None:
        self._ftp.push(message, station)
