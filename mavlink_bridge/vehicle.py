"""One vehicle's session, sans-IO: routes frames to the machines, keeps its state, and says what is to be sent and what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mavlink_bridge import events as e
from mavlink_bridge import messages as m
from mavlink_bridge.conversation import Endpoints, Failed, Progress, Send, TransferOutput, Unknown, Verified, earliest
from mavlink_bridge.enums import MavCmd, MavState, MessageId, MissionType
from mavlink_bridge.errands import Errand, ErrandDesk, Errands
from mavlink_bridge.flight import Flight, FlightParams, Output
from mavlink_bridge.flight_memory import FlightMemory
from mavlink_bridge.list_work import Airspace, ListAction, ListOrder, ListSequence, ListWays
from mavlink_bridge.mission_change import ChangeOrder, MissionChange
from mavlink_bridge.mission_guard import TELLING, MissionGuard
from mavlink_bridge.mission_items import SortieMission
from mavlink_bridge.readiness import not_ready_reasons
from mavlink_bridge.recognition import Recognition
from mavlink_bridge.silence import Silence
from mavlink_bridge.streams import StreamParams, Streams
from mavlink_bridge.text_assembly import TextAssembly, WholeText
from mavlink_bridge.transfer_ends import outcome_of
from mavlink_bridge.transfer_params import TransferParams
from mavlink_bridge.vehicle_state import VehicleState, apply
from planner.geo import LatLon


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionParams:
    """Vehicle seconds.

    `link_lost_s` of silence is a lost link. `telemetry_s` is the least time between two `Telemetry`s. An upload waits up to
    `upload_ready_wait_s` for `Ready`, so that the order of the two does not depend on how fast the vehicle boots. `use_files`
    lets lists travel by MAVFTP where the vehicle offers it; `version_tries` is how often it is asked what it offers.
    """

    transfer: TransferParams = field(default_factory=TransferParams)
    flight: FlightParams = field(default_factory=FlightParams)
    streams: StreamParams = field(default_factory=StreamParams)
    link_lost_s: float = 5.0
    telemetry_s: float = 0.2
    idle_telemetry_s: float = 1.0
    upload_ready_wait_s: float = 90.0
    use_files: bool = True
    version_tries: int = 5


@dataclass(slots=True)
class _Upload:
    mission: SortieMission
    start_by_s: float
    orders: tuple[ListOrder, ...]
    transfer: ListSequence | None = None


class VehicleSession:
    """Feed it the frames of one system, and the time at `deadline_s`; perform the `Send`s, pass the events on."""

    def __init__(self, drone: str, endpoints: Endpoints, params: SessionParams) -> None:
        self.drone = drone
        self.state = VehicleState()
        self._endpoints = endpoints
        self._params = params
        self._flight = Flight(drone, endpoints, params.flight)
        self._streams = Streams(endpoints, params.streams)
        self._texts = TextAssembly()
        self._ways = ListWays(endpoints, use_files=params.use_files, params=params.transfer)
        self._version_tries = 0
        self._upload: _Upload | None = None
        self._errands = Errands()
        self._desk = ErrandDesk(drone, endpoints, self._ways)
        self._recognition: Recognition | None = None
        self._guard = MissionGuard()
        self._change: MissionChange | None = None
        self._next_change: ChangeOrder | None = None
        self._airspace: Airspace | None = None
        self._is_connected = False
        self._silence = Silence(drone, params.link_lost_s)
        self._telemetry_s: float | None = None

    @property
    def deadline_s(self) -> float | None:
        # A silent vehicle is not asked for streams: nothing is due until it is heard.
        streams_s = None if self._silence.is_lost else self._streams.deadline_s
        recognition_s = self._recognition.deadline_s if self._recognition else None
        change_s = self._change.deadline_s if self._change else None
        own_s = earliest(self._upload_deadline_s, self._errands_deadline_s, recognition_s, change_s, self._silence.deadline_s(self.state))
        return earliest(self._flight.deadline_s, streams_s, self._texts.deadline_s, own_s)

    # --- what happens ------------------------------------------------------------------------------------------------

    def receive(self, frame: m.Frame, now_s: float) -> list[Output]:
        if not self._endpoints.is_from_vehicle(frame):
            return []
        before, self.state = self.state, apply(self.state, frame.message, now_s)
        if isinstance(frame.message, m.Unknown):
            # Half of what ArduPilot says: it only shows that the link is alive.
            return [*self._silence.heard(now_s), *self._telemetry(frame.message, now_s)]
        outputs: list[Output] = [*self._heard(frame.message, now_s)]
        if isinstance(frame.message, m.StatusText):
            outputs += self._said(self._texts.add(frame.message, now_s), now_s)
        if isinstance(frame.message, m.CameraFeedback) and self.state.pictures > before.pictures:
            outputs.append(self._picture_taken(frame.message, now_s))
        outputs += self._flight.observe(frame, before, self.state, now_s)
        outputs += self._feed_upload(frame, now_s)
        if self._change is not None:
            outputs += self._followed(self._change, self._change.receive(frame, self.state, now_s), now_s)
        if self._errands.are_waiting and not self._is_uploading:
            outputs += self._errands.receive(frame, now_s, may_begin=self._is_up)
        if self._recognition is not None:
            outputs += self._recognition.receive(frame, now_s)
        if isinstance(frame.message, TELLING):
            outputs += self._guarded(frame.message, now_s)
        return outputs + self._telemetry(frame.message, now_s)

    def tick(self, now_s: float) -> list[Output]:
        outputs: list[Output] = [*self._silence.tick(self.state, now_s)]
        if not self._silence.is_lost:
            outputs += self._streams.tick(now_s)
        outputs += self._said(self._texts.tick(now_s), now_s)
        outputs += self._flight.tick(self.state, now_s)
        if self._recognition is not None:
            outputs += self._recognition.tick(now_s)
        outputs += self._tick_upload(now_s)
        if self._change is not None:
            outputs += self._followed(self._change, self._change.tick(self.state, now_s), now_s)
        return outputs if self._is_uploading else [*outputs, *self._errands.tick(now_s, may_begin=self._is_up)]

    def hear_other_station(self) -> None:
        """Another ground station speaks to the vehicle: what travels by file must be proven item by item."""
        self._ways.is_alone = False
        if self._upload is not None and self._upload.transfer is not None:
            self._upload.transfer.other_station_heard()
        if self._change is not None:
            self._change.other_station_heard()
        self._errands.other_station_heard()

    # --- orders ------------------------------------------------------------------------------------------------------

    def upload(self, mission: SortieMission, now_s: float, *, airspace: Airspace | None = None) -> list[Output]:
        if self._upload is not None:
            return [self._uploaded(mission, e.UploadOutcome.FAILED, "another upload is under way", now_s)]
        if self.state.armed:
            # ArduPilot restarts the running item at every item received, and an aborted upload would leave a mixture in the air.
            return [self._uploaded(mission, e.UploadOutcome.FAILED, "it is armed; it keeps what it had", now_s)]
        self._flight.prepare()
        self._recognition = None
        self._airspace = airspace
        orders = airspace.orders if airspace else ()
        whole = (*orders, ListOrder(kind=MissionType.MISSION, action=ListAction.UPLOAD, items=mission.items))
        self._upload = _Upload(mission, now_s + self._params.upload_ready_wait_s, whole)
        return self._tick_upload(now_s)

    def change_mission(self, order: ChangeOrder, now_s: float) -> list[Output]:
        """Another mission in the place of the one that it flies; a change that runs is finished first.

        Called home again while the way home is being sent, it is not sent anew: on a slow link that would never end.
        """
        if self._change is not None:
            if order.is_way_home and self._change.leads_home and self._next_change is None:
                return []
            self._change.drop("another change was ordered")
            self._next_change = order
            return []
        self._recognition = None
        self._change = MissionChange(self.drone, order, self._flight, self._ways, self._endpoints, self._params.transfer, self._airspace)
        return self._followed(self._change, self._change.start(self.state, now_s), now_s)

    def _followed(self, change: MissionChange, outputs: list[Output], now_s: float) -> list[Output]:
        if not change.is_over:
            return outputs
        self._change, following, self._next_change = None, self._next_change, None
        self._airspace = change.airspace
        return [*outputs, *self.change_mission(following, now_s)] if following is not None else outputs

    def _otherwise(self) -> None:
        """Another order than a change of the mission: it does not fly on by itself then."""
        self._next_change = None
        if self._change is not None:
            self._change.drop("another order was given")

    def order_list(self, order: ListOrder, now_s: float) -> list[Output]:
        """Upload, download or clear one list; what changes lists waits its turn, and is refused while the vehicle is armed."""
        if self.state.armed and order.action is not ListAction.DOWNLOAD:
            return [self._desk.list_ended(order, Failed("it is armed; it keeps what it had"), now_s)]
        if order.kind is MissionType.MISSION and order.action is not ListAction.DOWNLOAD:
            self._flight.follow(None)
        return self._run(self._desk.list(order, self._start_by_s(now_s)), now_s)

    def read_parameters(self, names: Sequence[str], now_s: float) -> list[Output]:
        return self._run(self._desk.read_parameters(names, self._start_by_s(now_s)), now_s)

    def set_parameter(self, name: str, value: float, now_s: float) -> list[Output]:
        return self._run(self._desk.set_parameter(name, value, self._start_by_s(now_s)), now_s)

    def ask_capacity(self, kind: MissionType, now_s: float) -> list[Output]:
        return self._run(self._desk.ask_capacity(kind, self._start_by_s(now_s)), now_s)

    def adopt(self, mission: SortieMission) -> None:
        """Follow a mission that is known to be on the vehicle already."""
        self._flight.follow(mission)

    def _guarded(self, message: m.Message, now_s: float) -> list[Output]:
        """A mission that somebody else has put there is not ours to launch; in the air its own way is gone on with, and told."""
        why = self._guard.observe(message, self._flight.mission, now_s)
        if not why:
            return []
        if not self.state.armed:
            self._flight.follow(None)
        text = f"somebody else has changed its mission: {why}"
        return [e.Alert(drone=self.drone, at_s=now_s, level=e.AlertLevel.CRITICAL, rule="other_station", text=text)]

    def take_up(self, memory: FlightMemory, now_s: float) -> list[Output]:
        """Go on with a flight that was followed before, and read back whether its mission is what the vehicle has."""
        # Silence counts from now on: nobody listened before.
        self.state = replace(memory.state, heard_s=now_s)
        self._flight.take_up(memory, now_s)
        if memory.mission is None:
            return []
        self._recognition = Recognition(self.drone, memory.mission, self._endpoints, params=self._params.transfer)
        return [*self._recognition.start(now_s)]

    def launch(self, now_s: float) -> list[Output]:
        return self._flight.launch(self.state, now_s)

    def recall(self, now_s: float, *, retrace: bool = False) -> list[Output]:
        self._otherwise()
        return self._flight.recall(self.state, now_s, retrace=retrace)

    def land(self, now_s: float) -> list[Output]:
        self._otherwise()
        return self._flight.land(self.state, now_s)

    def pause(self, now_s: float) -> list[Output]:
        self._otherwise()
        return self._flight.pause(self.state, now_s)

    def resume(self, now_s: float) -> list[Output]:
        self._otherwise()
        return self._flight.resume(self.state, now_s)

    def go_to(self, place: LatLon | None, height_m: float | None, now_s: float) -> list[Output]:
        self._otherwise()
        return self._flight.go_to(place, height_m, self.state, now_s)

    def change_speed(self, speed_mps: float, now_s: float) -> list[Output]:
        self._otherwise()
        return self._flight.change_speed(speed_mps, self.state, now_s)

    def battery_swapped(self, now_s: float) -> list[Output]:
        return self._flight.reset_battery(self.state, now_s)

    def hand_back(self) -> None:
        self._flight.hand_back()

    # --- the link ----------------------------------------------------------------------------------------------------

    def _heard(self, message: m.Message, now_s: float) -> list[Output]:
        outputs: list[Output] = []
        if not self._is_connected and isinstance(message, m.Heartbeat):
            self._is_connected = True
            outputs += self._streams.start(now_s)
        match message:
            case m.AutopilotVersion(capabilities=capabilities):
                self._ways.capabilities = capabilities
            case m.Heartbeat(system_status=status) if status >= MavState.STANDBY and self._wants_version:
                self._version_tries += 1
                outputs.append(Send(self._version_request()))
        self._streams.heard(message, now_s)
        return [*outputs, *self._silence.heard(now_s)]

    @property
    def _wants_version(self) -> bool:
        return self._params.use_files and self._ways.capabilities is None and self._version_tries < self._params.version_tries

    def _version_request(self) -> m.CommandLong:
        return m.CommandLong(
            target_system=self._endpoints.system,
            target_component=self._endpoints.component,
            command=MavCmd.REQUEST_MESSAGE,
            param1=float(MessageId.AUTOPILOT_VERSION),
        )

    def _said(self, texts: list[WholeText], now_s: float) -> list[Output]:
        outputs: list[Output] = []
        for text in texts:
            outputs.append(e.Said(drone=self.drone, at_s=now_s, severity=text.severity, text=text.text))
            outputs += self._flight.text(text.text, self.state, now_s)
        return outputs

    def _picture_taken(self, said: m.CameraFeedback, now_s: float) -> e.PictureTaken:
        return e.PictureTaken(
            drone=self.drone,
            at_s=now_s,
            number=self.state.pictures,
            lat_deg=said.lat_deg,
            lon_deg=said.lon_deg,
            height_m=said.relative_alt_m,
        )

    def _telemetry(self, message: m.Message, now_s: float) -> list[Output]:
        interval_s = self._params.telemetry_s if isinstance(message, m.GlobalPositionInt) else self._params.idle_telemetry_s
        if not self._is_connected or (self._telemetry_s is not None and now_s - self._telemetry_s < interval_s):
            return []
        self._telemetry_s = now_s
        return [e.Telemetry(drone=self.drone, at_s=now_s, state=self.state)]

    # --- upload ------------------------------------------------------------------------------------------------------

    @property
    def _upload_deadline_s(self) -> float | None:
        if self._upload is None:
            return None
        return self._upload.transfer.deadline_s if self._upload.transfer else self._upload.start_by_s

    def _feed_upload(self, frame: m.Frame, now_s: float) -> list[Output]:
        if self._upload is None:
            return []
        if self._upload.transfer is None:
            return self._tick_upload(now_s)
        return self._follow_upload(self._upload, self._upload.transfer.receive(frame, now_s), now_s)

    def _tick_upload(self, now_s: float) -> list[Output]:
        if self._upload is None:
            return []
        if self._upload.transfer is not None:
            return self._follow_upload(self._upload, self._upload.transfer.tick(now_s), now_s)
        if self._errands.has_begun:
            return []
        if self._flight.is_ready or (now_s >= self._upload.start_by_s and self.state.system_status >= MavState.STANDBY):
            return self._start_upload(self._upload, now_s)
        if now_s < self._upload.start_by_s:
            return []
        mission, self._upload = self._upload.mission, None
        reasons = "; ".join(not_ready_reasons(self.state)) if self._is_connected else "it was never heard"
        return [self._uploaded(mission, e.UploadOutcome.FAILED, f"{reasons}; nothing was sent", now_s)]

    def _start_upload(self, upload: _Upload, now_s: float) -> list[Output]:
        # From here on nobody knows what is on board, until it has been read back.
        self._flight.follow(None)
        upload.transfer = ListSequence(upload.orders, self._ways)
        return self._follow_upload(upload, upload.transfer.start(now_s), now_s)

    def _follow_upload(self, upload: _Upload, transfer_outputs: list[TransferOutput], now_s: float) -> list[Output]:
        outputs: list[Output] = []
        for output in transfer_outputs:
            match output:
                case Send():
                    outputs.append(output)
                case Progress(done=done, total=total):
                    outputs.append(e.UploadProgress(drone=self.drone, at_s=now_s, sent=done, total=total))
                case Verified() | Failed() | Unknown():
                    if isinstance(output, Verified):
                        self._flight.follow(upload.mission)
                    self._upload = None
                    outputs.append(self._uploaded(upload.mission, *outcome_of(output), now_s))
        return outputs

    # --- errands -----------------------------------------------------------------------------------------------------

    @property
    def _is_up(self) -> bool:
        """It has started, and has said what it offers."""
        return self._is_connected and self.state.system_status >= MavState.STANDBY and not self._wants_version

    @property
    def _is_uploading(self) -> bool:
        """A mission goes first; errands wait."""
        return self._upload is not None and self._upload.transfer is not None

    @property
    def _errands_deadline_s(self) -> float | None:
        return None if self._is_uploading else self._errands.deadline_s

    def _start_by_s(self, now_s: float) -> float:
        return now_s + self._params.upload_ready_wait_s

    def _run(self, errand: Errand, now_s: float) -> list[Output]:
        return self._errands.add(errand, now_s, may_begin=self._is_up and not self._is_uploading)

    def _uploaded(self, mission: SortieMission, outcome: e.UploadOutcome, reason: str, now_s: float) -> e.Uploaded:
        return e.Uploaded(drone=self.drone, at_s=now_s, outcome=outcome, sortie=mission.sortie, reason=reason)
