"""Lines are shared out again when rounds are written: by how long they really take, and how well batteries fit into their rhythms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from planner import cost
from planner.geo import LocalFrame
from planner.model import Patrol
from planner.revisit.flights import Flight
from planner.revisit.launches import Beat
from planner.sectors.claims import ClaimParams, Team

#: Less than 1: rhythms change by leaps, and shares would go to and fro between two of them.
_TRUST = 0.7


@dataclass(frozen=True, slots=True)
class Learned:
    """A team's beat, and the sorties of its round as they are flown once."""

    beat: Beat
    flights: Sequence[Flight]

    def team(self, patrols: Sequence[Patrol], frame: LocalFrame, height_m: float) -> Team:
        """The team with what its rounds take beside the lines' length, and by how much its gaps are longer than seconds by drones."""
        known = self.beat.each.team
        lines = [frame.line(patrol.shape) for patrol in patrols if patrol.shape is not None]
        length_m = sum(line.length for line in lines)
        kind = known.drone_type
        vertical_s = cost.takeoff_s(kind, height_m) + cost.landing_s(kind, height_m)
        cruise_s = sum(flight.sortie.end_s - vertical_s for flight in self.flights)
        known = replace(known, over_s=max(0.0, cruise_s - 2 * length_m / kind.cruise_mps))
        gap_s = known.seconds(length_m, 0.0, 0.0, ClaimParams())
        if not math.isfinite(self.beat.gap_s) or gap_s <= 0:
            return known
        return replace(known, pace=known.pace * (self.beat.gap_s / gap_s) ** _TRUST)
