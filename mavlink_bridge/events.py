"""Everything that can happen to a fleet, as one typed union that log, control, GUI and report all read.

`drone` is the drone's id in the plan; `at_s` is vehicle time. Lifecycle events are those whose order a flight
promises: Connected, Ready, Uploaded, Armed, Airborne, LaneStarted, LaneFinished, Returning, Landed, Disarmed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mavlink_bridge.messages import MissionItemInt
from mavlink_bridge.traffic import Traffic
from mavlink_bridge.vehicle_state import VehicleState


class UploadOutcome(StrEnum):
    VERIFIED = "verified"
    FAILED = "failed"
    UNKNOWN = "unknown"


class AlertLevel(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    drone: str
    at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected(_Event):
    system_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready(_Event):
    """The vehicle would arm: position, estimator and its own pre-arm checks are good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadProgress(_Event):
    sent: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded(_Event):
    """How an upload ended; only VERIFIED means that the mission is on the vehicle. `sortie` is its plan id."""

    outcome: UploadOutcome
    sortie: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionChanged(_Event):
    """How a change of the mission in flight ended. `changed`: this sortie was verified on board in place of the one before.

    `flies_on`: it flies by itself what is on board, the one or the other; else it holds, or somebody else decides.
    """

    sortie: str
    changed: bool
    flies_on: bool
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEnded(_Event):
    """How an order about one of the vehicle's lists ended ("mission", "fence" or "rally"; "upload", "download" or "clear").

    VERIFIED is proven by the vehicle's own answers; `items` are what a download read.
    """

    kind: str
    action: str
    outcome: UploadOutcome
    reason: str = ""
    items: tuple[MissionItemInt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningEnded(_Event):
    """How setting up, changing or removing the vehicle's signing key ended. VERIFIED: it has spoken with the new key (or with none)."""

    outcome: UploadOutcome
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParametersTold(_Event):
    """What the vehicle has for the parameters that were asked for; a name that it does not know, or never answered, is left out."""

    values: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterChanged(_Event):
    """How setting a parameter ended: `accepted` is False when it kept `value`, None when the vehicle never said."""

    name: str
    accepted: bool | None
    value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityTold(_Event):
    """How many items of a list ("mission", "fence" or "rally") the vehicle says that it can hold; None when it would not say."""

    kind: str
    items: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised(_Event):
    """What is on the vehicle was read back to see whether it is this sortie; `on_board` is None when it could not be read."""

    sortie: str
    on_board: bool | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Armed(_Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Airborne(_Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneStarted(_Event):
    lane: str
    sortie: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneFinished(_Event):
    lane: str
    sortie: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureTaken(_Event):
    """The vehicle told that its camera was released, and where. `number` counts this drone's pictures, those that were not told, too."""

    number: int
    lat_deg: float
    lon_deg: float
    height_m: float
    """Above home."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returning(_Event):
    """On the way to a landing: by its mission (after the last lane), by our command, or by its own decision."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed(_Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Disarmed(_Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry(_Event):
    """A new state, at most a few times a second."""

    state: VehicleState


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficSeen(_Event):
    """This drone's receiver, or one on its link, has heard another craft."""

    traffic: Traffic


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeChanged(_Event):
    """A new mode while armed or being launched. `ours` is False when a foreign hand set it (a pilot, another station).

    Then nothing more is commanded until the drone is handed back. A failsafe's change counts as ours to live with: `Returning`
    and an `Alert` with rule "failsafe" tell of it.
    """

    mode: int
    name: str
    ours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SticksMoved(_Event):
    """Somebody moves these sticks in flight: as with a foreign mode, nothing more is commanded until the drone is handed back."""

    sticks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(_Event):
    """A STATUSTEXT, whole."""

    severity: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandEnded(_Event):
    """A command of ours got its answer, or none. `accepted` is None when the vehicle never said."""

    command: int
    accepted: bool | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLost(_Event):
    silent_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRestored(_Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert(_Event):
    level: AlertLevel
    rule: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCrashed(_Event):
    """A bug in our own code for this vehicle; the others go on."""

    text: str


FleetEvent = (
    Connected
    | Ready
    | UploadProgress
    | Uploaded
    | MissionChanged
    | ListEnded
    | SigningEnded
    | ParametersTold
    | ParameterChanged
    | CapacityTold
    | Recognised
    | Armed
    | Airborne
    | LaneStarted
    | LaneFinished
    | PictureTaken
    | Returning
    | Landed
    | Disarmed
    | Telemetry
    | TrafficSeen
    | ModeChanged
    | SticksMoved
    | Said
    | CommandEnded
    | LinkLost
    | LinkRestored
    | Alert
    | SessionCrashed
)

LIFECYCLE = (Connected, Ready, Uploaded, Armed, Airborne, LaneStarted, LaneFinished, Returning, Landed, Disarmed)
