"""What a station says that is neither a command nor a transfer: heartbeats, sticks, stream rates, questions of time and terrain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mavlink_bridge import messages as m
from mavlink_bridge.enums import DataStream
from sitl.commands import Commands
from sitl.core import Core
from sitl.failsafes import Failsafes
from sitl.mission_protocol import Station
from sitl.pilot import Pilot
from sitl.telemetry import STREAM_PARAMETERS, LinkStreams
from sitl.terrain import Terrain

_Handler = Callable[[Any, Station], None]


class StationMessages:
    """Answers them, and keeps each link's streams at what its SRn_ parameters and REQUEST_DATA_STREAM ask for."""

    def __init__(
        self, core: Core, pilot: Pilot, failsafes: Failsafes, commands: Commands, terrain: Terrain, streams: Callable[[int], LinkStreams]
    ) -> None:
        self._core = core
        self._pilot = pilot
        self._failsafes = failsafes
        self._commands = commands
        self._terrain = terrain
        self._streams = streams
        self.handlers: Mapping[type[Any], _Handler] = {
            m.Heartbeat: self._heartbeat,
            m.RcChannelsOverride: self._sticks,
            m.SetMode: self._set_mode,
            m.MissionSetCurrent: self._set_current,
            m.RequestDataStream: self._data_stream,
            m.Timesync: self._timesync,
            m.Ping: self._ping,
            m.TerrainData: lambda message, _station: terrain.take(message),
            m.TerrainCheck: lambda message, station: core.out.answer(station.link, terrain.check(message)),
        }

    def start_streams(self, link: int, streams: LinkStreams) -> None:
        """The rates that a link has before anybody asks."""
        for name, stream in STREAM_PARAMETERS.items():
            rate_hz = self._core.parameters.get(f"SR{link}_{name}", 0.0)
            if rate_hz > 0:
                streams.set_stream(stream, rate_hz, self._core.now_s)

    def stream_set(self, parameter: str) -> None:
        """An SRn_ parameter was set: its stream follows at once."""
        link, _, name = parameter.removeprefix("SR").partition("_")
        if link.isdecimal() and name in STREAM_PARAMETERS:
            self._streams(int(link)).set_stream(STREAM_PARAMETERS[name], self._core.parameters[parameter], self._core.now_s)

    def _heartbeat(self, message: m.Heartbeat, station: Station) -> None:
        del message
        if station.system_id == int(self._core.parameters["SYSID_MYGCS"]):
            self._failsafes.heard_station()

    def _sticks(self, message: m.RcChannelsOverride, station: Station) -> None:
        if station.system_id == int(self._core.parameters["SYSID_MYGCS"]):
            self._core.sticks.override(message.channels_us, self._core.now_s)

    def _set_mode(self, message: m.SetMode, station: Station) -> None:
        result = self._commands.set_mode(message.custom_mode)
        self._core.out.answer(
            station.link,
            m.CommandAck(command=11, result=result, target_system=station.system_id, target_component=station.component_id),
        )

    def _set_current(self, message: m.MissionSetCurrent, station: Station) -> None:
        # Out of range there is no answer at all (k09b).
        if 0 <= message.seq < self._core.missions.count and self._pilot.set_current(message.seq, from_start=False):
            self._core.out.answer(station.link, self._pilot.mission_current())

    def _data_stream(self, message: m.RequestDataStream, station: Station) -> None:
        """The rate is that parameter's from then on (GCS_Common.cpp: handle_request_data_stream)."""
        rate_hz = message.req_message_rate if message.start_stop else 0
        self._streams(station.link).set_stream(message.req_stream_id, rate_hz, self._core.now_s)
        for name, stream in STREAM_PARAMETERS.items():
            parameter = f"SR{station.link}_{name}"
            if message.req_stream_id in (DataStream.ALL, stream) and parameter in self._core.parameters:
                self._core.parameters.put(parameter, rate_hz)

    def _timesync(self, message: m.Timesync, station: Station) -> None:
        if message.tc1 == 0:
            self._core.out.answer(station.link, m.Timesync(tc1=round(self._core.now_s * 1e9), ts1=message.ts1))

    def _ping(self, message: m.Ping, station: Station) -> None:
        if message.target_system == 0 and message.target_component == 0:
            self._core.out.answer(
                station.link,
                m.Ping(
                    time_usec=message.time_usec, seq=message.seq, target_system=station.system_id, target_component=station.component_id
                ),
            )
