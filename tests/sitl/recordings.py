"""Recorded flights and conversations of the real autopilot, when they lie beside the checkout; and the same, flown here."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mavlink_bridge import messages as m
from planner.model import VehicleKind
from sitl.config import VehicleConfig
from sitl.earth import offset_m
from sitl.vehicle import EmbeddedVehicle
from tests.sitl.station import HOME, Station

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "recordings"

needs_recordings = pytest.mark.skipif(not FOLDER.is_dir(), reason="recordings of the real autopilot are not beside the checkout")

#: ArduPilot's default simulated quadplane: 3.75 m/s is what it climbs with full throttle.
_QUADPLANE: dict[str, Any] = {
    "kind": VehicleKind.QUADPLANE,
    "cruise_mps": 25.0,
    "climb_mps": 2.5,
    "descent_mps": 1.5,
    "power_hover_w": 527.0,
    "power_cruise_w": 160.0,
}

Points = NDArray[np.float64]


@dataclass(slots=True)
class Flight:
    """One flight: rows of seconds since arming, north, east, up; events (seconds since arming, what); summary figures."""

    track: Points
    events: list[tuple[float, str]]
    duration_s: float
    energy_wh: float


def record(name: str) -> dict[str, Any]:
    path = next(FOLDER.glob(f"{name}*.json"))
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


def recorded_flight(name: str) -> Flight:
    data = record(name)
    start_s = float(data["t_arm_s"])
    with gzip.open(FOLDER / data["track"]["file"], "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    columns = {column: number for number, column in enumerate(rows[0]["columns"])}
    track = [
        (row[columns["t_s"]] - start_s, *offset_m(HOME, row[columns["lat_deg"]], row[columns["lon_deg"]]), row[columns["rel_alt_m"]])
        for row in rows[1:]
    ]
    summary = data["summary"]
    events = [(event["t_s"] - start_s, said) for event in data["events"] if (said := _as_said(event)) is not None]
    return Flight(np.array(track), events, summary["flight_time_s"], summary["energy_wh"])


def _as_said(event: dict[str, Any]) -> str | None:
    match event["type"]:
        case "STATUSTEXT":
            return f"text {event['text']}"
        case "MISSION_ITEM_REACHED":
            return f"reached {event['seq']}"
        case "HEARTBEAT":
            return f"mode {event['custom_mode']} armed {int(event['armed'])} status {event['system_status']}"
        case "EXTENDED_SYS_STATE":
            return f"landed {event['landed_state']}"
        case "MISSION_CURRENT":
            return f"current {event['seq']} of {event['total']} state {event['mission_state']} mode {event['mission_mode']}"
    return None


def fly_again(name: str, *, step_s: float = 0.1, extra_s: float = 3.0) -> Flight:
    """Fly a recorded mission on the embedded vehicle: the same parameters, items, and actions at the same times since arming."""
    data = record(name)
    wanted = data["parameter_overrides"]
    frame = data["simulation"].get("frame_model") or data.get("frame_model") or {}
    capacity_ah = frame.get("battCapacityAh")
    plane = data["simulation"]["model"] == "quadplane"
    config = VehicleConfig(
        drone="recorded",
        system_id=1,
        home=HOME,
        home_amsl_m=150.1,
        battery_wh=None if capacity_ah is None else capacity_ah * _nominal_v(),
        parameters={**wanted, "TECS_CLMB_MAX": 3.75, "TECS_SINK_MAX": 5} if plane else wanted,
        **(_QUADPLANE if plane else {}),
    )
    vehicle = EmbeddedVehicle(config)
    station = Station(vehicle)
    station.wait(5.0)
    assert station.upload(data["mission_items_sent"]) == 0
    for kind, items in data["geo_items_sent"].items():
        mission_type = {"fence": 1, "rally": 2}[kind]
        assert station.upload(items, mission_type) == 0
    for message_id in (0, 42, 245):
        station.command(511, message_id, 100_000)
    station.wait(43.0)
    station.command(176, 1, 10 if plane else 3)
    station.wait(0.1 if plane else 1.0)
    station.forget()
    station.command(400, 1)
    assert vehicle.truth.armed, station.texts()
    start_s = vehicle.now_s
    station.beat_in(_next_beat_s(data))
    track, used = [], 0.0
    actions = _actions(data)
    action = next(actions, None)
    while vehicle.truth.armed and vehicle.now_s < start_s + 3000:
        now_s = vehicle.now_s - start_s
        while action is not None and action[0] <= now_s + 1e-6:
            _act(station, action[1])
            action = next(actions, None)
        station.wait(step_s, step_s)
        truth = vehicle.truth
        north_m, east_m = offset_m(HOME, truth.position.lat_deg, truth.position.lon_deg)
        track.append((vehicle.now_s - start_s, north_m, east_m, truth.height_m))
        used = truth.battery_consumed_wh
    duration_s = vehicle.now_s - start_s
    station.wait(extra_s)
    return Flight(np.array(track), list(_events(station, start_s)), duration_s, used)


def _next_beat_s(data: dict[str, Any]) -> float:
    """From arming to a heartbeat: the last one was FS_GCS_TIMEOUT before the failsafe (c12)."""
    failsafe_s = next((event["t_s"] for event in data["events"] if event.get("text") == "GCS Failsafe"), None)
    if failsafe_s is None:
        return 0.0
    return float((failsafe_s - data["parameter_overrides"]["FS_GCS_TIMEOUT"] - data["t_arm_s"]) % 1.0)


def _nominal_v() -> float:
    from sitl.battery import nominal_v

    return nominal_v()


def _actions(data: dict[str, Any]) -> Iterator[tuple[float, dict[str, Any]]]:
    start_s = data["t_arm_s"]
    return iter([(action["t_s"] - start_s, action) for action in data["actions"] if action["t_s"] > start_s + 0.05])


def _act(station: Station, action: dict[str, Any]) -> None:
    fields = action.get("fields") or {}
    match action["name"]:
        case "COMMAND_LONG":
            station.send(m.CommandLong(**fields))
        case "PARAM_SET":
            station.send(m.ParamSet(**fields))
        case "RC_CHANNELS_OVERRIDE":
            station.sticks_us = tuple(fields[f"chan{number}_raw"] for number in range(1, 19))
        case name if "stops sending HEARTBEAT" in name:
            station.beats = False
        case name if "resumes HEARTBEAT" in name:
            station.beats = True
        case other:
            raise AssertionError(f"unknown action {other}")


def _events(station: Station, start_s: float) -> Iterator[tuple[float, str]]:
    last: dict[type[Any], str] = {}
    for at_s, message in station.heard:
        match message:
            case m.StatusText():
                yield at_s - start_s, f"text {message.text}"
            case m.MissionItemReached():
                yield at_s - start_s, f"reached {message.seq}"
            case m.Heartbeat() | m.ExtendedSysState() | m.MissionCurrent():
                said = _state(message)
                if last.get(type(message)) != said:
                    last[type(message)] = said
                    yield at_s - start_s, said
            case _:
                pass


def _state(message: m.Heartbeat | m.ExtendedSysState | m.MissionCurrent) -> str:
    match message:
        case m.Heartbeat():
            return f"mode {message.custom_mode} armed {int(bool(message.base_mode & 128))} status {message.system_status}"
        case m.ExtendedSysState():
            return f"landed {message.landed_state}"
        case m.MissionCurrent():
            return f"current {message.seq} of {message.total} state {message.mission_state} mode {message.mission_mode}"


def farthest_m(track: Points, line: Points) -> float:
    """Largest distance of a track's points to a line through other points, in three dimensions, not aligned in time."""
    points, corners = track[:, 1:4], line[:, 1:4]
    best = np.full(len(points), np.inf)
    for start, end in pairwise(corners):
        along = end - start
        square = float(along @ along)
        part = np.clip((points - start) @ along / square, 0.0, 1.0) if square > 0 else np.zeros(len(points))
        best = np.minimum(best, np.linalg.norm(points - (start + part[:, None] * along), axis=1))
    return float(best.max())
