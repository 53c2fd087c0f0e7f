"""Where one drone stands in its programme, for whoever decides about several."""

from __future__ import annotations

from dataclasses import dataclass, field

from mavlink_bridge.enums import LandedState
from mavlink_bridge.events import UploadOutcome
from mavlink_bridge.vehicle_state import VehicleState
from missions.control.drive import Attempts, Drive
from missions.control.messages import DronePhase, FinalState
from missions.control.params import ControlParams
from missions.control.patrol_clock import PatrolClock
from missions.control.sortie_progress import SortieProgress
from planner.model import Plan

_OFF_THE_GROUND = (LandedState.IN_AIR, LandedState.TAKEOFF, LandedState.LANDING)


@dataclass(slots=True)
class Standing:
    """`grounded` waits for Continue, `unrecognised` for what is on board to be read back, `awaits_turn` to come down at its base."""

    plan: Plan
    drone: str
    clock: PatrolClock
    params: ControlParams
    progress: SortieProgress = field(init=False)
    phase: DronePhase = DronePhase.OFFLINE
    drive: Drive = Drive.BY_INTENT
    automatic: bool = True
    grounded: bool = False
    unrecognised: bool = False
    awaits_turn: bool = False
    launch_wanted: bool = False
    changing: str = ""
    """The version of its sortie that is being put on board in flight: the same for the first `kept_lanes` lanes."""
    kept_lanes: int = 0
    upload: UploadOutcome | None = None
    final: FinalState | None = None
    state: VehicleState = field(default_factory=VehicleState)
    note: str = ""
    launches: Attempts = field(default_factory=Attempts)
    _flying: bool = False

    def __post_init__(self) -> None:
        kind = self.plan.drone_type(self.plan.drone(self.drone).type)
        self.progress = SortieProgress(self.plan.sorties_of(self.drone), kind.battery_swap_s)

    @property
    def airborne(self) -> bool:
        """Off the ground: the event comes only after the climb, so until then what the vehicle says counts."""
        return self._flying or (self.state.armed and self.state.landed_state in _OFF_THE_GROUND)

    @property
    def settled(self) -> bool:
        """Nothing more will happen with it unless somebody asks."""
        return self.phase is DronePhase.DONE or (self.phase is DronePhase.HELD and not self.airborne)

    @property
    def is_busy(self) -> bool:
        """In the air, on its way there, or with more to fly by itself."""
        under_way = self.phase in (DronePhase.UPLOADING, DronePhase.LAUNCHING) or self.drive is Drive.PROGRAMME
        return self.airborne or (under_way and not self.settled)

    @property
    def under_way(self) -> bool:
        """In the air with a sortie, or on its way there."""
        return self.airborne or self.phase is DronePhase.LAUNCHING

    @property
    def follows_plan(self) -> bool:
        """Whether the plan's courses tell where it will be."""
        outbound = self.phase in (DronePhase.LAUNCHING, DronePhase.FLYING)
        broken_off = self.progress.sortie is not None and self.progress.sortie.id in self.progress.broken_off
        return outbound or (self.phase is DronePhase.RETURNING and self.drive is not Drive.OVER and not broken_off)

    def may_launch(self, now_s: float) -> bool:
        """Verified, wanted, and not waiting after a failed try."""
        wanted = self.launch_wanted or self.drive is Drive.PROGRAMME
        waited = self.launches.next_s is None or now_s >= self.launches.next_s
        return self.phase is DronePhase.UPLOADED and wanted and waited and not self.grounded and not self.unrecognised

    def outcome(self) -> FinalState:
        """Where it is for good, if nothing else happened."""
        if self.final is not None:
            return self.final
        if self.state.heard_s is None:
            return FinalState.LOST
        return FinalState.FLYING if self.airborne else FinalState.HOME_DISARMED
