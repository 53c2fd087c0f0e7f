"""What was known of a drone's flight when it was last followed: enough for another mission control to go on."""

from __future__ import annotations

from dataclasses import dataclass

from mavlink_bridge.mission_items import SortieMission
from mavlink_bridge.vehicle_state import VehicleState


@dataclass(frozen=True, kw_only=True, slots=True)
class FlightMemory:
    """`mission` is what was verified to be on board, None when nothing was. Lanes are counted along its spans, this flight.

    `taken` says that somebody else had it in hand. What happened while nobody looked is told when the vehicle is heard again:
    lanes that are behind it by then, a landing, a mode that is not ours.
    """

    state: VehicleState
    mission: SortieMission | None = None
    armed: bool = False
    airborne: bool = False
    landed: bool = False
    returning: bool = False
    lanes_started: int = 0
    lanes_finished: int = 0
    taken: bool = False

    @property
    def completed_seq(self) -> int:
        """The last item that is known to be done; 0 is none."""
        spans = self.mission.spans if self.mission is not None else ()
        started = (span.start_seq for span in spans[: self.lanes_started])
        return max([0, *started, *(span.end_seq for span in spans[: self.lanes_finished])])
