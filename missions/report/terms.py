"""What was asked for and agreed, in words: rows of a name and a text, the same on the page and on paper."""

from __future__ import annotations

import math

from missions.utc import UtcTexts
from planner.model import HeightBand, Objective, Permission, Plan, Validity

_OBJECTIVES = {
    Objective.MAKESPAN: "to be finished as early as possible, then with little energy",
    Objective.TOTAL_TIME: "as little flying as possible",
}

Row = tuple[str, str]


def asked(plan: Plan) -> list[Row]:
    """What the patrol was to do, and within which limits."""
    limits = plan.limits
    rows = [
        ("Coverage", f"at least {100 * plan.min_coverage:g} % of the ground that can be covered"),
        ("Objective", _OBJECTIVES[plan.objective]),
        ("Separation", f"{limits.min_separation_m:g} m, or {limits.min_vertical_separation_m:g} m in height"),
        ("Wind", f"no flying above {limits.max_wind_mps:g} m/s"),
    ]
    if plan.border is not None:
        rows.append(("Border", f"known to {plan.position_uncertainty_m:g} m; that near to it nobody flies without the neighbour's consent"))
    if plan.stay_inside:
        rows.append(("Airspace", "within the area, but for the ways between it and the bases"))
    return rows


def agreed(plan: Plan) -> list[Row]:
    """Shares of the work, heights, permissions and keep-outs, by whom."""
    rows = [(nation.name, _nation_terms(plan, nation.id)) for nation in plan.nations]
    rows += [(f"Permission {permission.id}", _permission_terms(plan, permission)) for permission in plan.permissions]
    for zone in plan.keep_outs:
        rows.append((f"Keep-out {zone.id}", f"{zone.buffer_m:g} m kept from it{_bounds(plan, zone.band, zone.validity)}"))
    return rows


def _nation_terms(plan: Plan, nation_id: str) -> str:
    nation = plan.nation(nation_id)
    share = "shared by territory" if nation.share is None else f"share agreed: {100 * nation.share:.1f} %"
    done = plan.result.share.get(nation_id)
    planned = "" if done is None else f", planned: {100 * done:.1f} % of the sweeping"
    return f"{share}{planned}; nobody above {nation.policy.max_height_m:g} m over it"


def _permission_terms(plan: Plan, permission: Permission) -> str:
    many = "" if permission.max_drones is None else f", at most {permission.max_drones} at a time"
    purpose = f" ({permission.purpose})" if permission.purpose else ""
    bounds = _bounds(plan, permission.band, permission.validity)
    return f"{permission.host} lets {permission.guest} in{purpose}{many}{bounds}"


def _bounds(plan: Plan, band: HeightBand, validity: Validity) -> str:
    times = UtcTexts(plan.start_utc)
    parts = []
    if math.isfinite(band.min_m) and band.min_m > 0:
        parts.append(f"from {band.min_m:g} m")
    if math.isfinite(band.max_m):
        parts.append(f"up to {band.max_m:g} m")
    if math.isfinite(validity.from_s):
        parts.append(f"from {times.text(validity.from_s)}")
    if math.isfinite(validity.to_s):
        parts.append(f"until {times.text(validity.to_s)}")
    return f"; {', '.join(parts)}" if parts else ""
