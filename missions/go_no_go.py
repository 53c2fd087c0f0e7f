"""Whether real aircraft may be launched now: by the plan's clock, and by the wind."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from missions.utc import at_utc, utc_text
from planner.model import Plan, Validity


@dataclass(frozen=True, slots=True, kw_only=True)
class GoParams:
    """`window_s` is how far from the plan's start a patrol may begin whose permissions or keep-outs hold for a time only."""

    window_s: float = 900.0


DEFAULTS = GoParams()


def reasons_to_stay(plan: Plan, now: datetime, *, wind_mps: float | None = None, params: GoParams = DEFAULTS) -> tuple[str, ...]:
    """Why nobody takes off now; empty when nothing speaks against it. `wind_mps` is measured at the bases, None when nobody did."""
    return (*_clock(plan, now, params), *_wind(plan, wind_mps))


def _clock(plan: Plan, now: datetime, params: GoParams) -> Iterator[str]:
    """Permissions that end count from the plan's start: begun at another time, the flight would not have them."""
    bound = [each.id for each in plan.permissions if _ends_or_begins(each.validity)]
    bound += [each.id for each in plan.keep_outs if _ends_or_begins(each.validity)]
    start = at_utc(plan.start_utc, 0.0)
    off_s = (now - start).total_seconds()
    if bound and abs(off_s) > params.window_s:
        how_long = f"{abs(off_s) / 3600:.1f} h {'ago' if off_s > 0 else 'from now'}"
        yield f"the plan starts at {utc_text(start)}, {how_long}, and {', '.join(bound)} hold by the clock"


def _wind(plan: Plan, wind_mps: float | None) -> Iterator[str]:
    limit_mps = plan.limits.max_wind_mps
    if plan.wind.speed_mps > limit_mps:
        yield f"the plan counts on {plan.wind.speed_mps:g} m/s of wind, the mission allows {limit_mps:g} m/s"
    if wind_mps is not None and wind_mps > limit_mps:
        yield f"the wind is {wind_mps:g} m/s, the mission allows {limit_mps:g} m/s"
    if wind_mps is not None:
        slow = sorted({kind.id for kind in plan.drone_types if kind.cruise_mps <= wind_mps})
        if slow:
            yield f"the wind is {wind_mps:g} m/s, as fast as {', '.join(slow)} fly"


def _ends_or_begins(validity: Validity) -> bool:
    return validity.to_s < math.inf or validity.from_s > 0.0
