"""A ground station for tests: one link of one embedded vehicle, and missions in metres from home."""

from __future__ import annotations

import math
from typing import Any

from mavlink_bridge import messages as m
from mavlink_bridge.codec import Decoder, Encoder
from mavlink_bridge.messages import Message
from planner.geo import LatLon
from planner.model import VehicleKind
from sitl.config import VehicleConfig
from sitl.earth import degrees_at
from sitl.readiness import ReadinessParams
from sitl.vehicle import EmbeddedVehicle

HOME = LatLon(lat_deg=47.5, lon_deg=19.0)
AUTO, RTL, BRAKE, LOITER, GUIDED, LAND = 3, 6, 17, 5, 4, 9
PLANE_AUTO, PLANE_LOITER, QLAND, QRTL = 10, 12, 20, 21
SET_MODE, ARM, SET_INTERVAL, REQUEST_MESSAGE, PAUSE, MISSION_START = 176, 400, 511, 512, 193, 300
HASTE = ReadinessParams(haste=50.0)


def config(**differences: Any) -> VehicleConfig:
    """ArduPilot's default vehicle, armed in AUTO without a stick."""
    kind = differences.get("kind", VehicleKind.COPTER)
    parameters = {"AUTO_OPTIONS": 3} if kind is VehicleKind.COPTER else {}
    values: dict[str, Any] = {"drone": "d1", "system_id": 1, "home": HOME, "home_amsl_m": 150.1} | differences
    values["parameters"] = parameters | values.get("parameters", {})
    return VehicleConfig(**values)


def ready(**differences: Any) -> Station:
    """A station that talks to a vehicle which has just become ready."""
    vehicle = EmbeddedVehicle(config(**differences), readiness=HASTE)
    vehicle.step(1.5)
    station = Station(vehicle)
    station.listen()
    station.forget()
    return station


def item(seq: int, command: int, north_m: float = 0.0, east_m: float = 0.0, up_m: float = 0.0, **params: float) -> dict[str, Any]:
    """An item at a place in metres from home; `place=False` for none."""
    at_home = command in (20, 93, 177, 178) or not params.pop("place", True)
    lat_deg, lon_deg = degrees_at(HOME, north_m, east_m)
    values: dict[str, Any] = {"seq": seq, "frame": 3, "command": command, "current": 0, "autocontinue": 1, "z": up_m}
    values |= {"x": 0 if at_home else round(lat_deg * 1e7), "y": 0 if at_home else round(lon_deg * 1e7)}
    return values | {f"param{number}": 0.0 for number in range(1, 5)} | params


def mission(*stops: tuple[Any, ...]) -> list[dict[str, Any]]:
    """Home, then (command, north, east, up, params) as far as given."""
    items = [item(0, 16)]
    for stop in stops:
        params = stop[-1] if isinstance(stop[-1], dict) else {}
        numbers = [part for part in stop if not isinstance(part, dict)]
        items.append(item(len(items), *numbers, **params))
    return items


class Station:
    """A ground station on link 0: sends messages, keeps what the vehicle said."""

    def __init__(self, vehicle: EmbeddedVehicle, *, system_id: int = 255, link: int = 0) -> None:
        self.vehicle = vehicle
        self.link = link
        self._encoder = Encoder(system_id=system_id, component_id=190)
        self._decoder = Decoder()
        self.heard: list[tuple[float, Message]] = []
        self._by_kind: dict[type[Any], list[tuple[float, Any]]] = {}
        self._beat_s = -1.0
        self.beats = True
        #: Repeated with every step when set.
        self.sticks_us: tuple[int, ...] | None = None

    def send(self, message: Message) -> list[Message]:
        """Send, and return the immediate answers."""
        self.vehicle.receive(self._encoder.encode(message), link=self.link)
        return self.listen()

    def listen(self) -> list[Message]:
        messages = [frame.message for frame in self._decoder.feed(self.vehicle.take_output(link=self.link))]
        for message in messages:
            self.heard.append((self.vehicle.now_s, message))
            self._by_kind.setdefault(type(message), []).append((self.vehicle.now_s, message))
        return messages

    def forget(self) -> None:
        """What has been said so far."""
        self.heard.clear()
        self._by_kind.clear()

    def command(self, command: int, *params: float) -> list[Message]:
        self.send_only(command, *params)
        return self.listen()

    def send_only(self, command: int, *params: float) -> None:
        """Send a command, and leave the answers to whoever listens next."""
        names = [f"param{number}" for number in range(1, 8)]
        values: dict[str, Any] = dict(zip(names, params, strict=False))
        message = m.CommandLong(target_system=self.vehicle.config.system_id, target_component=1, command=command, **values)
        self.vehicle.receive(self._encoder.encode(message), link=self.link)

    def order(self, command: int, *params: float) -> int:
        """Send a command, and return the result that its acknowledgement gives."""
        acks = [answer for answer in self.command(command, *params) if isinstance(answer, m.CommandAck)]
        assert [ack.command for ack in acks] == [command], acks
        return acks[0].result

    def set_parameter(self, name: str, value: float) -> list[Message]:
        return self.send(m.ParamSet(target_system=1, target_component=1, param_id=name, param_value=value, param_type=9))

    def beat_in(self, seconds: float) -> None:
        """Send the next heartbeat so much later."""
        self._beat_s = self.vehicle.now_s + seconds - 1.0

    def wait(self, seconds: float, step_s: float = 0.1) -> None:
        """Let time pass; heartbeats go out once a second."""
        until_s = self.vehicle.now_s + seconds
        while self.vehicle.now_s < until_s - 1e-9:
            if self.beats and self.vehicle.now_s - self._beat_s >= 1.0 - 1e-6:
                self._beat_s = self.vehicle.now_s
                self.send(m.Heartbeat(type=6, autopilot=8, base_mode=0, custom_mode=0, system_status=4))
            if self.sticks_us is not None:
                self.send(m.RcChannelsOverride(target_system=1, target_component=1, channels_us=self.sticks_us))
            self.vehicle.step(step_s)
            self.listen()

    def upload(self, items: list[dict[str, Any]], mission_type: int = 0) -> int:
        """Send items as asked for; the result of the final acknowledgement."""
        answers = self.send(m.MissionCount(target_system=1, target_component=1, count=len(items), mission_type=mission_type))
        for _ in range(10 * len(items) + 10):
            for answer in answers:
                if isinstance(answer, m.MissionAck):
                    return answer.type
            wanted = [answer for answer in answers if isinstance(answer, m.MissionRequest)]
            if not wanted:
                raise AssertionError(f"the vehicle did not go on: {answers}")
            answers = self.send(as_item(items[wanted[-1].seq], mission_type))
        raise AssertionError("the upload never ended")

    def said(self, kind: type[Any]) -> list[Any]:
        return [message for _, message in self.said_at(kind)]

    def said_at(self, kind: type[Any]) -> list[tuple[float, Any]]:
        """With the vehicle's time."""
        return self._by_kind.get(kind, [])

    def texts(self) -> list[str]:
        return [message.text for message in self.said(m.StatusText)]


def as_item(fields: dict[str, Any], mission_type: int = 0) -> m.MissionItemInt:
    values: dict[str, Any] = {key: (math.nan if value is None else value) for key, value in fields.items()}
    values.setdefault("target_system", 1)
    values.setdefault("target_component", 1)
    values["mission_type"] = mission_type
    return m.MissionItemInt(**values)
