"""All vehicles of a patrol in one loop: routes frames to sessions, keeps time, sends what the sessions ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from mavlink_bridge.events import FleetEvent
from mavlink_bridge.link import FleetLinks
from mavlink_bridge.mission_items import SortieMission
from mavlink_bridge.vehicle_state import VehicleState


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
    """Our own address and everything that is tuned; times are vehicle seconds."""

    system_id: int = 255
    component_id: int = 190


class Fleet:
    """The one door to the vehicles. Intents return at once; what becomes of them arrives as events from `step`."""

    def __init__(
        self,
        vehicles: Sequence[VehicleAddress],
        links: FleetLinks,
        *,
        params: FleetParams = FleetParams(),
        recorders: Mapping[str, FrameRecorder] | None = None,
    ) -> None:
        raise NotImplementedError

    async def step(self) -> list[FleetEvent]:
        """Wait for the next thing to happen on any link and return what it means, in order."""
        raise NotImplementedError

    def upload(self, drone: str, mission: SortieMission) -> None:
        """Put the mission on the vehicle and verify it; ends with one `Uploaded`. Waits for `Ready` first."""
        raise NotImplementedError

    def launch(self, drone: str) -> None:
        """Arm and fly the verified mission; ends with one `CommandEnded(command=MISSION_START)`, reasons included."""
        raise NotImplementedError

    def recall(self, drone: str) -> None:
        """Fly home and land; cancels a launch. Ends with `CommandEnded(command=NAV_RETURN_TO_LAUNCH)`."""
        raise NotImplementedError

    def land(self, drone: str) -> None:
        """Land where it is. Ends with `CommandEnded(command=NAV_LAND)`."""
        raise NotImplementedError

    def pause(self, drone: str) -> None:
        """Hold in the air. Ends with `CommandEnded(command=DO_PAUSE_CONTINUE)`."""
        raise NotImplementedError

    def resume(self, drone: str) -> None:
        """Go on with the mission after `pause`. Ends with `CommandEnded(command=DO_PAUSE_CONTINUE)`."""
        raise NotImplementedError

    def hand_back(self, drone: str) -> None:
        """Take control again after somebody else had changed the mode; nothing is commanded by this itself."""
        raise NotImplementedError

    def battery_swapped(self, drone: str) -> None:
        """Tell the vehicle that its battery is full. Ends with `CommandEnded(command=BATTERY_RESET)`."""
        raise NotImplementedError

    def adopt(self, drone: str, mission: SortieMission) -> None:
        """Follow a mission that is on the vehicle already (after a restart of mission control), without an upload."""
        raise NotImplementedError

    def state(self, drone: str) -> VehicleState:
        """What the drone last said."""
        raise NotImplementedError

    def address(self, drone: str) -> VehicleAddress:
        raise NotImplementedError

    @property
    def now_s(self) -> float:
        """Vehicle time, as in the events' `at_s`."""
        raise NotImplementedError
