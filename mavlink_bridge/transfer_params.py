"""Time-outs and retries of mission transfers."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, kw_only=True, slots=True)
class TransferParams:
    """Vehicle seconds and counts.

    MAVLink suggests 1.5 s for lists and 0.25 s for items with 5 retries (mavlink.io/en/services/mission.html); items get
    longer here, for radios, and more tries, for loss: at 37 % each way 16 exchanges fail once in 3,000 times, 8 once in 60.
    `read_window` is how many items are asked for at once when reading. `vehicle_window_s` is ArduPilot's own patience with an
    uploader (`MissionItemProtocol::upload_timeout_ms`): whoever gives up sooner leaves it half-way. `no_space_s` is how long
    NO_SPACE must be repeated to be believed: ArduPilot says it to any COUNT while it boots. `attempts` counts whole uploads,
    `rereads` further read-backs when another station was heard during one.
    """

    list_timeout_s: float = 1.5
    list_tries: int = 16
    item_timeout_s: float = 0.5
    item_tries: int = 30
    read_window: int = 6
    vehicle_window_s: float = 8.0
    window_margin_s: float = 2.0
    final_ack_timeout_s: float = 2.5
    no_space_s: float = 3.0
    attempts: int = 5
    rereads: int = 5

    def __post_init__(self) -> None:
        for item in fields(self):
            if not getattr(self, item.name) > 0:
                raise ValueError(f"{item.name} {getattr(self, item.name)} is not positive")

    @property
    def silence_s(self) -> float:
        """How long a vehicle that is pulling items may say nothing."""
        return self.vehicle_window_s + self.window_margin_s


DEFAULT_TRANSFER = TransferParams()
