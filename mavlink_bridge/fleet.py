"""All vehicles of a patrol in one loop: routes frames to sessions, keeps time, sends what the sessions ask for."""

from __future__ import annotations

import logging
import math
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from mavlink_bridge import messages as m
from mavlink_bridge.codec import Decoder, Encoder
from mavlink_bridge.conversation import Endpoints, Send
from mavlink_bridge.enums import MavAutopilot, MavState, MavType, MissionType
from mavlink_bridge.events import Alert, AlertLevel, FleetEvent, SessionCrashed, TrafficSeen
from mavlink_bridge.fleet_signing import FleetSigning, Seal, SendSealed
from mavlink_bridge.fleet_signing import Output as SigningOutput
from mavlink_bridge.flight import Output
from mavlink_bridge.flight_memory import FlightMemory
from mavlink_bridge.link import FleetLinks, Received, TimeObserver
from mavlink_bridge.list_work import Airspace, ListAction, ListOrder
from mavlink_bridge.mission_change import ChangeOrder
from mavlink_bridge.mission_items import SortieMission
from mavlink_bridge.other_stations import OtherStations, Party
from mavlink_bridge.signing import Admission, SigningKey
from mavlink_bridge.traffic import TrafficEars
from mavlink_bridge.vehicle import SessionParams, VehicleSession
from mavlink_bridge.vehicle_state import VehicleState
from planner.geo import LatLon

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class VehicleAddress:
    """Where a drone is reached: the link's name in `FleetLinks` and its MAVLink system id on it."""

    drone: str
    link: str
    system_id: int


class FrameRecorder(Protocol):
    """Takes every frame from and to one drone, whole, in order (see `flight_log.TlogWriter`)."""

    def record(self, frame: bytes) -> None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class FleetParams:
    """Our own address and everything that is tuned; times are vehicle seconds.

    A session that crashes is begun anew, `max_crashes` times; then its drone is left alone.
    """

    system_id: int = 255
    component_id: int = 190
    heartbeat_s: float = 1.0
    max_crashes: int = 3
    session: SessionParams = field(default_factory=SessionParams)


DEFAULT_FLEET = FleetParams()


@dataclass(slots=True)
class _Link:
    """One link's two halves of the codec, and the drones on it."""

    encoder: Encoder
    decoder: Decoder
    drones: list[str]


class Fleet:
    """The one door to the vehicles. Intents return at once; what becomes of them arrives as events from `step`.

    A bug in one vehicle's session costs that session alone (`SessionCrashed`). Orders to a drone that a foreign hand has
    taken end refused until `hand_back`. A vehicle that is not in the plan is told of once, by an `Alert` without a drone.
    """

    def __init__(
        self,
        vehicles: Sequence[VehicleAddress],
        links: FleetLinks,
        *,
        params: FleetParams = DEFAULT_FLEET,
        recorders: Mapping[str, FrameRecorder] | None = None,
        signing: FleetSigning | None = None,
    ) -> None:
        """Raises ValueError when two drones share a name, or a link and a system id.

        Drones with a key are spoken to signed, and nothing unsigned or forged is heard of them.
        """
        self._addresses = {address.drone: address for address in vehicles}
        self._by_system = {(address.link, address.system_id): address for address in vehicles}
        if len(self._addresses) != len(vehicles) or len(self._by_system) != len(vehicles):
            raise ValueError("two drones have the same name, or the same system id on one link")
        self._links = links
        self._observer = links if isinstance(links, TimeObserver) else None
        self._params = params
        self._recorders = dict(recorders or {})
        self._signing = signing or FleetSigning()
        self._sessions = {address.drone: self._new_session(address) for address in vehicles}
        #: When each session wants its tick, but for those that were told something since: what a step brings is looked up in one go.
        self._due_s: dict[str, float] = {}
        self._told: set[str] = set()
        self._crashes = dict.fromkeys(self._addresses, 0)
        self._wires = {name: self._new_link(name) for name in dict.fromkeys(address.link for address in vehicles)}
        self._heartbeat_s = links.now_s
        self._strangers: set[tuple[str, int]] = set()
        self._others = OtherStations(Party(params.system_id, params.component_id))
        self._traffic = TrafficEars()
        self._events: list[FleetEvent] = []

    @property
    def now_s(self) -> float:
        """Vehicle time, as in the events' `at_s`."""
        return self._links.now_s

    @property
    def drones(self) -> tuple[str, ...]:
        return tuple(self._addresses)

    def state(self, drone: str) -> VehicleState:
        """What the drone last said."""
        return self._sessions[drone].state

    def address(self, drone: str) -> VehicleAddress:
        return self._addresses[drone]

    async def step(self) -> list[FleetEvent]:
        """Wait for the next thing to happen on any link and return what it means, in order."""
        for received in await self._links.exchange():
            self._receive(received)
        self._send_heartbeats()
        self._tick()
        events, self._events = self._events, []
        return events

    # --- orders ------------------------------------------------------------------------------------------------------

    def upload(self, drone: str, mission: SortieMission, airspace: Airspace | None = None) -> None:
        """Put the mission on the vehicle and verify it; ends with one `Uploaded`. Waits for `Ready` first.

        With `airspace`, its fence and rally points come first, and only when all three are verified is it VERIFIED.
        """
        self._order(drone, lambda session, now_s: session.upload(mission, now_s, airspace=airspace))

    def upload_list(self, drone: str, kind: MissionType, items: Sequence[m.MissionItemInt]) -> None:
        """Put a fence or rally list (or a mission by itself) on the vehicle and verify it; ends with one `ListEnded`."""
        order = ListOrder(kind=kind, action=ListAction.UPLOAD if items else ListAction.CLEAR, items=tuple(items))
        self._order(drone, lambda session, now_s: session.order_list(order, now_s))

    def download_list(self, drone: str, kind: MissionType) -> None:
        """Read a list from the vehicle; ends with one `ListEnded` that has its items."""
        self._order(drone, lambda session, now_s: session.order_list(ListOrder(kind=kind, action=ListAction.DOWNLOAD), now_s))

    def clear_list(self, drone: str, kind: MissionType) -> None:
        """Empty a list, and see that it is empty; ends with one `ListEnded`."""
        self._order(drone, lambda session, now_s: session.order_list(ListOrder(kind=kind, action=ListAction.CLEAR), now_s))

    def read_parameters(self, drone: str, names: Sequence[str]) -> None:
        """Ask for these alone, all at once where the vehicle offers its parameters as a file; ends with one `ParametersTold`."""
        self._order(drone, lambda session, now_s: session.read_parameters(names, now_s))

    def set_parameter(self, drone: str, name: str, value: float) -> None:
        """Ends with one `ParameterChanged`, which says what the vehicle has then."""
        self._order(drone, lambda session, now_s: session.set_parameter(name, value, now_s))

    def ask_capacity(self, drone: str, kind: MissionType) -> None:
        """How many items of this list it can hold; ends with one `CapacityTold`. What is on board stays as it is."""
        self._order(drone, lambda session, now_s: session.ask_capacity(kind, now_s))

    def launch(self, drone: str) -> None:
        """Arm and fly the verified mission; ends with one `CommandEnded(command=MISSION_START)`, reasons included."""
        self._order(drone, VehicleSession.launch)

    def recall(self, drone: str, *, retrace: bool = False) -> None:
        """Fly home and land; cancels a launch. Ends with `CommandEnded(command=NAV_RETURN_TO_LAUNCH)`.

        `retrace` asks for the way that it came (SMART_RTL), and for the straight one only when that is refused.
        """
        self._order(drone, lambda session, now_s: session.recall(now_s, retrace=retrace))

    def change_mission(self, drone: str, order: ChangeOrder) -> None:
        """Put another mission in the place of the one that it flies: hold, send, read back, fly on. Ends with one `MissionChanged`."""
        self._order(drone, lambda session, now_s: session.change_mission(order, now_s))

    def land(self, drone: str) -> None:
        """Land where it is. Ends with `CommandEnded(command=NAV_LAND)`."""
        self._order(drone, VehicleSession.land)

    def pause(self, drone: str) -> None:
        """Hold in the air. Ends with `CommandEnded(command=DO_PAUSE_CONTINUE)`."""
        self._order(drone, VehicleSession.pause)

    def resume(self, drone: str) -> None:
        """Go on with the mission after `pause`. Ends with `CommandEnded(command=DO_PAUSE_CONTINUE)`."""
        self._order(drone, VehicleSession.resume)

    def go_to(self, drone: str, place: LatLon | None, height_m: float | None) -> None:
        """Leave the mission, fly straight there (`height_m` above home) and hold; None stays as it is.

        Ends with `CommandEnded(command=DO_REPOSITION)`.
        """
        self._order(drone, lambda session, now_s: session.go_to(place, height_m, now_s))

    def change_speed(self, drone: str, speed_mps: float) -> None:
        """Over ground (copters) or through the air. Ends with `CommandEnded(command=DO_CHANGE_SPEED)`."""
        self._order(drone, lambda session, now_s: session.change_speed(speed_mps, now_s))

    def battery_swapped(self, drone: str) -> None:
        """Tell the vehicle that its battery is full. Ends with `CommandEnded(command=BATTERY_RESET)`."""
        self._order(drone, VehicleSession.battery_swapped)

    def change_key(self, drone: str, key: SigningKey | None) -> None:
        """Have the vehicle sign with this key from now on, or not at all; ends with one `SigningEnded`.

        The key travels in the clear: only on a link that nobody listens to. Refused by the vehicle while it is armed.
        """
        address = self._addresses[drone]
        self._perform_signing(address, self._signing.begin(drone, self._endpoints(address), key, self.now_s))

    def hand_back(self, drone: str) -> None:
        """Take control again after somebody else had changed the mode; nothing is commanded by this itself."""
        self._sessions[drone].hand_back()
        self._told.add(drone)

    def adopt(self, drone: str, mission: SortieMission) -> None:
        """Follow a mission that is on the vehicle already (after a restart of mission control), without an upload."""
        self._sessions[drone].adopt(mission)
        self._told.add(drone)

    def take_up(self, drone: str, memory: FlightMemory) -> None:
        """Go on with a flight that an earlier mission control followed. With a mission in memory, ends with one `Recognised`."""
        self._order(drone, lambda session, now_s: session.take_up(memory, now_s))

    # --- frames ------------------------------------------------------------------------------------------------------

    def _receive(self, received: Received) -> None:
        wire = self._wires.get(received.link)
        if wire is None:
            return
        for frame in wire.decoder.feed(received.data):
            address = self._by_system.get((received.link, frame.system_id))
            if address is None:
                self._meet_stranger(received.link, frame)
                continue
            is_own, outputs = self._signing.hear(address.drone, frame, self.now_s)
            self._perform_signing(address, outputs)
            if not is_own:
                continue
            if not isinstance(frame.message, m.SetupSigning):
                self._record(address.drone, frame.raw)
            self._events += self._others.hear_vehicle(address.drone, frame, self.now_s)
            self._hear_traffic(address.drone, frame)
            self._observe_time(received.link, frame.message)
            self._guarded(address, partial(_deliver, frame))

    def _meet_stranger(self, link: str, frame: m.Frame) -> None:
        who = (link, frame.system_id)
        self._hear_traffic(next((each.drone for each in self._addresses.values() if each.link == link), ""), frame)
        is_station = isinstance(frame.message, m.Heartbeat) and frame.message.type == MavType.GCS
        for address in self._addresses.values():
            if address.link == link:
                told = self._others.hear_stranger(address.drone, address.system_id, frame, self.now_s)
                self._events += told
                if told or (is_station and frame.system_id != self._params.system_id):
                    self._sessions[address.drone].hear_other_station()
        if who in self._strangers or not isinstance(frame.message, m.Heartbeat) or frame.message.autopilot == MavAutopilot.INVALID:
            return
        self._strangers.add(who)
        text = f"system {frame.system_id} on link {link} is not in the plan; it is left alone"
        self._events.append(Alert(drone="", at_s=self.now_s, level=AlertLevel.WARNING, rule="unknown_system", text=text))

    def _hear_traffic(self, drone: str, frame: m.Frame) -> None:
        traffic = self._traffic.hear(frame.message, self.now_s)
        if traffic is not None:
            self._events.append(TrafficSeen(drone=drone, at_s=self.now_s, traffic=traffic))

    def _observe_time(self, link: str, message: m.Message) -> None:
        if self._observer is not None and isinstance(message, m.SystemTime | m.GlobalPositionInt | m.Attitude):
            self._observer.observe(link, message.time_boot_s)

    def _send_heartbeats(self) -> None:
        """Once a second on each link: failsafes on the vehicles watch for it (FS_GCS_ENABLE)."""
        if self.now_s < self._heartbeat_s:
            return
        self._heartbeat_s = self.now_s + self._params.heartbeat_s
        for name, wire in self._wires.items():
            for listeners in self._signing.listeners(wire.drones):
                data = wire.encoder.encode(_OUR_HEARTBEAT, self._signing.seal(listeners[0]))
                self._links.send(name, data)
                for drone in listeners:
                    self._record(drone, data)

    def _tick(self) -> None:
        now_s = self.now_s
        self._look_up()
        for drone, due_s in list(self._due_s.items()):
            if now_s >= due_s:
                self._guarded(self._addresses[drone], VehicleSession.tick)
        for drone, output in self._signing.tick(now_s):
            self._perform_signing(self._addresses[drone], [output])

    def _look_up(self) -> None:
        for drone in sorted(self._told):
            self._guarded(self._addresses[drone], self._note_due)
        self._told.clear()

    def _note_due(self, session: VehicleSession, _now_s: float) -> list[Output]:
        deadline_s = session.deadline_s
        self._due_s[session.drone] = math.inf if deadline_s is None else deadline_s
        return []

    # --- sessions ----------------------------------------------------------------------------------------------------

    def _order(self, drone: str, act: Callable[[VehicleSession, float], list[Output]]) -> None:
        self._guarded(self._addresses[drone], act)

    def _guarded(self, address: VehicleAddress, act: Callable[[VehicleSession, float], list[Output]]) -> None:
        """Let a session act; its bugs stay its own. The supervisor of design section 7: the one broad `except`."""
        if self._crashes[address.drone] > self._params.max_crashes:
            return
        try:
            self._told.add(address.drone)
            outputs = act(self._sessions[address.drone], self.now_s)
        except Exception as error:  # noqa: BLE001  # one vehicle's bug must not stop the others
            self._crashed(address, error)
            return
        self._perform(address, outputs)

    def _crashed(self, address: VehicleAddress, error: Exception) -> None:
        log.error("a session crashed", extra={"drone": address.drone}, exc_info=error)
        self._crashes[address.drone] += 1
        last_line = traceback.format_exception_only(error)[-1].strip()
        self._events.append(SessionCrashed(drone=address.drone, at_s=self.now_s, text=last_line))
        state = self._sessions[address.drone].state
        self._sessions[address.drone] = self._new_session(address)
        self._sessions[address.drone].state = state

    def _perform(self, address: VehicleAddress, outputs: Sequence[Output]) -> None:
        for output in outputs:
            if isinstance(output, Send):
                self._send(address, output.message, self._signing.seal(address.drone))
            else:
                self._events.append(output)

    def _perform_signing(self, address: VehicleAddress, outputs: Sequence[SigningOutput]) -> None:
        for output in outputs:
            if isinstance(output, SendSealed):
                self._send(address, output.message, output.seal)
            else:
                self._events.append(output)

    def _send(self, address: VehicleAddress, message: m.Message, seal: Seal | None) -> None:
        data = self._wires[address.link].encoder.encode(message, seal)
        self._links.send(address.link, data)
        if not isinstance(message, m.SetupSigning):
            self._record(address.drone, data)

    def signing_counts(self, drone: str) -> Mapping[Admission, int]:
        """How many frames were heard of it, by what became of them; empty for a drone without a key."""
        return self._signing.counts(drone)

    def _record(self, drone: str, frame: bytes) -> None:
        recorder = self._recorders.get(drone)
        if recorder is not None:
            recorder.record(frame)

    def _new_session(self, address: VehicleAddress) -> VehicleSession:
        return VehicleSession(address.drone, self._endpoints(address), self._params.session)

    def _endpoints(self, address: VehicleAddress) -> Endpoints:
        return Endpoints(own_system=self._params.system_id, own_component=self._params.component_id, system=address.system_id)

    def _new_link(self, name: str) -> _Link:
        encoder = Encoder(system_id=self._params.system_id, component_id=self._params.component_id)
        return _Link(encoder, Decoder(), [address.drone for address in self._addresses.values() if address.link == name])


_OUR_HEARTBEAT = m.Heartbeat(type=MavType.GCS, autopilot=MavAutopilot.INVALID, base_mode=0, custom_mode=0, system_status=MavState.ACTIVE)


def _deliver(frame: m.Frame, session: VehicleSession, now_s: float) -> list[Output]:
    return session.receive(frame, now_s)
