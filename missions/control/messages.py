"""What people ask of mission control (intents) and what it tells them (events): the same types in-process and on the socket.

Besides the events here, mission control passes on every `mavlink_bridge.events.FleetEvent`. `at_s` is vehicle time, as in
those; `patrol_s` counts from the patrol's start as the plan's times do.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from mavlink_bridge.events import Alert, FleetEvent, UploadOutcome
from mavlink_bridge.vehicle_state import VehicleState
from planner.model import LegKind

# --- whom an intent is for -------------------------------------------------------------------------------------------


class Everyone(msgspec.Struct, frozen=True, tag=True):
    """Every drone of the plan."""


class OfNation(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Every drone of one nation, by its id in the plan."""

    nation: str


class TheseDrones(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Drones by their ids in the plan."""

    drones: tuple[str, ...]


Scope = Everyone | OfNation | TheseDrones
EVERYONE = Everyone()


# --- intents ---------------------------------------------------------------------------------------------------------


class Start(msgspec.Struct, frozen=True, tag=True):
    """Fly the patrol: upload every first sortie, launch each sortie at its time in the plan, until all are flown."""


class Upload(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Put the next sortie on these drones and verify it; nothing is launched."""

    scope: Scope = EVERYONE


class Launch(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Launch these drones' verified sortie now, in the plan's order and spacing, without waiting for its time."""

    scope: Scope = EVERYONE


class Pause(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Hold where they are; those on the ground stay there."""

    scope: Scope = EVERYONE


class Continue(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Go on after `Pause`."""

    scope: Scope = EVERYONE


class Recall(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Fly home and land; no further sortie. `retrace`: back along the way that it came (SMART_RTL), where the vehicle can."""

    scope: Scope = EVERYONE
    retrace: bool = False


class Land(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Land where they are, now; no further sortie."""

    scope: Scope = EVERYONE


class GoTo(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Leave the sortie and fly straight to a place, or only to another height above home, and hold there until `Continue`.

    None stays as it is. Only within the drone's own fence, and below its ceiling.
    """

    drone: str
    lat_deg: float | None = None
    lon_deg: float | None = None
    height_m: float | None = None


class ChangeSpeed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Fly at this speed until the sortie says otherwise."""

    scope: Scope = EVERYONE
    speed_mps: float


class Withdraw(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """These drones fly no further sortie, those in the air are called home; what they leave is offered to the others."""

    scope: Scope = EVERYONE


class CloseArea(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Nobody flies there from now on: `ring` of longitudes and latitudes, grown by `buffer_m`. Who would cross it is called back."""

    name: str
    ring: tuple[tuple[float, float], ...]
    buffer_m: float = 0.0


class Accept(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Fly on as this proposal says."""

    proposal: int


class Reject(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Fly on as before; what the proposal was about stays uncovered."""

    proposal: int


class HandBack(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Give drones that a pilot or another ground station had taken back to mission control."""

    scope: Scope = EVERYONE


class Shutdown(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """End mission control: recall everyone and wait, or at once with the drones left to their own devices."""

    leave_flying: bool = False


Intent = (
    Start
    | Upload
    | Launch
    | Pause
    | Continue
    | Recall
    | Land
    | GoTo
    | ChangeSpeed
    | Withdraw
    | CloseArea
    | Accept
    | Reject
    | HandBack
    | Shutdown
)


# --- events ----------------------------------------------------------------------------------------------------------


class PatrolState(StrEnum):
    IDLE = "idle"
    CONNECTING = "connecting"
    UPLOADING = "uploading"
    FLYING = "flying"
    RECALLING = "recalling"
    FINISHED = "finished"


class DronePhase(StrEnum):
    """Where a drone stands in its programme. HELD: automation has stopped for it, `note` says why."""

    OFFLINE = "offline"
    CONNECTED = "connected"
    READY = "ready"
    UPLOADING = "uploading"
    UPLOADED = "uploaded"
    LAUNCHING = "launching"
    FLYING = "flying"
    PAUSED = "paused"
    RETURNING = "returning"
    BATTERY_SWAP = "battery_swap"
    HELD = "held"
    DONE = "done"


class StandingRule(StrEnum):
    """What becomes of a proposal: somebody is asked, it is accepted when nothing but coverage is short, or none is made."""

    ASK = "ask"
    ACCEPT = "accept"
    NEVER = "never"


class FinalState(StrEnum):
    HOME_DISARMED = "home_disarmed"
    LANDED_AWAY = "landed_away"
    FLYING = "flying"
    LOST = "lost"


class Verdict(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    INTERRUPTED = "interrupted"


class PatrolStateChanged(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """`patrol_s` is None until the patrol has started; its 0 is the instant the plan's times count from."""

    at_s: float
    state: PatrolState
    patrol_s: float | None = None


class DroneProgress(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One drone's programme, sent whenever it changes.

    Lanes are SWEEP legs of all its sorties, counted when flown end to end. `eta_s` is when it should be down for good,
    in patrol seconds, as far as known. `automatic` is False while somebody else flies it. `recalled`: no further sortie.
    """

    at_s: float
    drone: str
    phase: DronePhase
    sortie: str | None = None
    sorties_done: int = 0
    sorties_total: int = 0
    leg: LegKind | None = None
    lane: str | None = None
    lanes_done: int = 0
    lanes_total: int = 0
    upload: UploadOutcome | None = None
    eta_s: float | None = None
    automatic: bool = True
    recalled: bool = False
    final: FinalState | None = None
    note: str = ""


class CoverageChanged(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Covered part of the coverable ground (0..1): flown so far, and promised by the plan. Throttled."""

    at_s: float
    flown: float
    planned: float


class IntentTaken(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An intent was accepted and is being acted on; everybody attached sees what others ask for."""

    at_s: float
    intent: Intent


class IntentRefused(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An intent was not acted on at all (`intent` is None when it could not be understood)."""

    at_s: float
    reason: str
    intent: Intent | None = None


class SortieChange(msgspec.Struct, frozen=True, kw_only=True):
    """A further sortie that is proposed: whose, when (patrol seconds), and which lanes it sweeps.

    `was` names for each lane the one that it is, or is a part of, in the plan that is flown. `instead_of` is the sortie in the air
    that is changed into this one; its lanes are then those that are not flown, or being flown, as before.
    """

    sortie: str
    drone: str
    start_s: float
    end_s: float
    lanes: tuple[str, ...]
    was: tuple[str, ...] = ()
    instead_of: str = ""


class ReplanProposed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What could be flown instead, now that lanes are nobody's: against the plan that is flown, by its sorties' ids.

    `shortened` sorties were broken off and count as far as they came. `uncovered` are the reasons why ground is given up,
    `violations` what `check` finds in the proposal.
    """

    at_s: float
    proposal: int
    added: tuple[SortieChange, ...] = ()
    shortened: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()
    violations: tuple[str, ...] = ()
    coverage: float
    makespan_s: float


class PlanChanged(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """From now on this proposal is what is flown; it is `plan-<proposal>.json` in the report folder."""

    at_s: float
    proposal: int


class Fix(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Where a drone was and what its battery gave: telemetry in brief, in the log alone. `at_s` is that of the position."""

    drone: str
    at_s: float
    lat_deg: float
    lon_deg: float
    alt_amsl_m: float | None = None
    battery_v: float | None = None
    battery_a: float | None = None
    battery_consumed_mah: int | None = None


class Resumed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Another mission control goes on with the patrol; nothing is known of the `gap_s` before.

    `heard` are the drones that answered at once. A line before this one that cannot be read was torn when the last one died.
    """

    at_s: float
    gap_s: float
    heard: tuple[str, ...] = ()


class PatrolEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The last event. `report_folder` is empty when nothing was written; `reasons` say why it is no PASS."""

    at_s: float
    verdict: Verdict
    report_folder: str = ""
    reasons: tuple[str, ...] = ()


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Everything somebody who attaches late needs; always the first message a client gets.

    `plan` is the plan document (the JSON text of plan.json). `states` holds drones that have been heard. `paused`: everybody was
    told to hold, and the plan's clock stands still.
    """

    at_s: float
    plan: str
    state: PatrolState
    patrol_s: float | None = None
    states: dict[str, VehicleState] = {}
    progress: tuple[DroneProgress, ...] = ()
    alerts: tuple[Alert, ...] = ()
    coverage: CoverageChanged | None = None
    proposal: ReplanProposed | None = None
    min_separation_m: float | None = None
    paused: bool = False
    report_folder: str = ""


ControlEvent = (
    PatrolStateChanged
    | DroneProgress
    | CoverageChanged
    | IntentTaken
    | IntentRefused
    | ReplanProposed
    | PlanChanged
    | Fix
    | Resumed
    | PatrolEnded
    | Snapshot
)

#: Everything that comes out of mission control, in the order it happened.
PatrolEvent = FleetEvent | ControlEvent
