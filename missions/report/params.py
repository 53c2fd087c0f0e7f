"""How a flight's log is read: every tolerance and threshold of the report in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportParams:
    """Defaults fit positions that come a few times a second from small copters."""

    max_gap_s: float = 5.0
    """Silence beyond this proves nothing: the track is cut there, for coverage, energy and separation alike."""
    max_speed_mps: float = 100.0
    """Positions further apart than this allows are jumps of the receiver: the track is cut there too."""
    min_step_m: float = 0.5
    """Steps of a track below this are jitter of a hover, added up before they count as distance flown."""
    swept_tolerance_m: float = 0.25
    """Points of a swept track that lie this close to the line through their neighbours are dropped: else the jitter of two
    reports in a row would turn the swath's end."""
    home_radius_m: float = 30.0
    """Landed within this distance of a base of its last sortie counts as home."""
    energy_share: float = 0.9
    """Part of a flight's time that battery readings must cover, to be taken for its energy."""
    separation_step_s: float = 0.5
    separation_tolerance_m: float = 1.0
    piece_m2: float = 100.0
    """Missed pieces smaller than this are counted, but not listed."""
    listed_pieces: int = 20

    def __post_init__(self) -> None:
        for name in ("max_gap_s", "max_speed_mps", "min_step_m", "swept_tolerance_m", "home_radius_m", "separation_step_s", "piece_m2"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} {getattr(self, name)} is not positive")
