"""Read what nations agree on in a mission file: who patrols, who may fly where and when, and what is never entered."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from missions.border_strip import Consent, between, consent_polygon, grown
from missions.errors import nearest_mend, shortened
from missions.mission_area import AreaAndBorder, GeometryStore
from missions.nation_table import read_nation
from missions.tables import Table, require_unique
from planner.geo import Geographic
from planner.model import Agreement, HeightBand, KeepOut, Limits, Nation, PartitionMode, Permission, Validity

NATION_KEYS: Final = ("id", "name", "territory", "share", "policy")
_WINDOW_KEYS: Final = ("min_height_m", "max_height_m", "from_utc", "to_utc")
PERMISSION_KEYS: Final = ("id", "host", "guest", "polygon", "depth_m", *_WINDOW_KEYS, "purpose", "max_drones")
_BUFFER_KEYS: Final = ("navigation_error_m", "wind_drift_m", "beyond_border")
KEEP_OUT_KEYS: Final = ("id", "polygon", "buffer_m", *_BUFFER_KEYS, *_WINDOW_KEYS)
AGREEMENT_KEYS: Final = ("partition", "share_tolerance", "joint")

_SHARE_TOLERANCE: Final = 1e-6


def read_nations(tables: Sequence[Table], territories: Sequence[Geographic]) -> tuple[Nation, ...]:
    """All nations, in the order of the file."""
    return tuple(read_nation(table, territory) for table, territory in zip(tables, territories, strict=True))


def read_nation_ids(tables: Sequence[Table]) -> list[str]:
    """The nations' ids; the shares of the work are checked on the way."""
    require_unique(tables, "id", lambda table: table.id("id"))
    _check_shares(tables)
    return [table.id("id") for table in tables]


def states_no_share(table: Table) -> bool:
    """Whether a nation says that it does none of the work: a host, who needs neither base nor drone."""
    return table.has("share") and _share(table) == 0.0


def read_permissions(
    tables: Sequence[Table], store: GeometryStore, ground: AreaAndBorder, nations: Sequence[Nation], start: datetime
) -> tuple[Permission, ...]:
    """All consents; those given by depth as the polygon they mean."""
    territories = {nation.id: nation.territory for nation in nations}
    return tuple(
        Permission(
            id=name,
            host=_known_nation(table, "host", territories),
            guest=_guest(table, territories),
            polygon=_consent(table, store, ground, territories),
            band=_band(table),
            validity=_validity(table, start),
            purpose=table.text("purpose", ""),
            max_drones=table.integer("max_drones", at_least=1, at_most=10_000) if table.has("max_drones") else None,
        )
        for name, table in _named(tables, "permission")
    )


def read_keep_outs(tables: Sequence[Table], store: GeometryStore, ground: AreaAndBorder, start: datetime) -> tuple[KeepOut, ...]:
    """All keep-outs."""
    return tuple(
        KeepOut(
            id=name,
            polygon=store.laid_out(store.polygon(table, "polygon"), ground.lon_deg),
            **_buffer(table, ground.position_uncertainty_m),
            band=_band(table),
            validity=_validity(table, start),
        )
        for name, table in _named(tables, "keep-out")
    )


def _buffer(table: Table, position_uncertainty_m: float) -> dict[str, float]:
    """Either a buffer, or what it is made up of."""
    parts = {
        "navigation_error_m": table.number("navigation_error_m", 0.0, at_least=0, at_most=10_000),
        "wind_drift_m": table.number("wind_drift_m", 0.0, at_least=0, at_most=10_000),
        "border_uncertainty_m": position_uncertainty_m if table.flag("beyond_border", False) else 0.0,
    }
    stated = any(table.has(name) for name in _BUFFER_KEYS)
    if stated and table.has("buffer_m"):
        table.fail("buffer_m", "is given beside what it is made up of", mend=f"leave it out, or leave out {', '.join(_BUFFER_KEYS)}")
    return parts | {"buffer_m": sum(parts.values()) if stated else table.number("buffer_m", 0.0, at_least=0, at_most=100_000)}


def read_agreement(root: Table, nations: Sequence[Table]) -> Agreement:
    """How the work is divided; by shares when nothing else is said and nations state some."""
    table, usual = root.table("agreement", AGREEMENT_KEYS), Agreement()
    stated = [nation for nation in nations if nation.has("share") and not states_no_share(nation)]
    partition = table.choice("partition", PartitionMode, PartitionMode.SHARES if len(stated) > 1 else usual.partition)
    if partition is PartitionMode.SHARES and len(stated) < 2:
        table.fail("partition", "divides by shares, and fewer than two nations state one", mend="add share = ... to each [[nation]]")
    return Agreement(
        partition=partition,
        share_tolerance=table.number("share_tolerance", usual.share_tolerance, above=0, below=1),
        joint=table.flag("joint", usual.joint),
    )


def strictest(limits: Limits, nations: Sequence[Nation]) -> Limits:
    """The mission's minima, or those of a nation that asks for more."""
    across = [nation.policy.min_separation_m for nation in nations if nation.policy.min_separation_m is not None]
    upwards = [nation.policy.min_vertical_separation_m for nation in nations if nation.policy.min_vertical_separation_m is not None]
    return replace(
        limits,
        min_separation_m=max([limits.min_separation_m, *across]),
        min_vertical_separation_m=max([limits.min_vertical_separation_m, *upwards]),
    )


def _share(table: Table) -> float:
    return table.number("share", at_least=0, at_most=1)


def _check_shares(tables: Sequence[Table]) -> None:
    working = [table for table in tables if not states_no_share(table)]
    given = [table for table in working if table.has("share")]
    if not given:
        return
    missing = next((table for table in working if not table.has("share")), None)
    if missing is not None:
        missing.fail("share", "is missing while other nations state theirs", mend="give every nation a share, or none")
    total = sum(_share(table) for table in given)
    if abs(total - 1.0) > _SHARE_TOLERANCE:
        given[-1].fail("share", f"shares add up to {total:g}, expected 1", mend="correct the shares")


def _named(tables: Sequence[Table], stem: str) -> list[tuple[str, Table]]:
    """Each table with its id; what has none is numbered."""
    names = [table.id("id", f"{stem}-{number}") for number, table in enumerate(tables, 1)]
    for number, (name, table) in enumerate(zip(names, tables, strict=True)):
        if name in names[:number]:
            table.fail("id", f"{name!r} is already used", mend="give each its own id", value=name)
    return list(zip(names, tables, strict=True))


def _known_nation(table: Table, name: str, territories: dict[str, Geographic]) -> str:
    value = table.text(name)
    if value not in territories:
        table.fail(name, f"{shortened(value)!r} is not the id of any nation", mend=nearest_mend(value, territories, what="nation ids"))
    return value


def _guest(table: Table, territories: dict[str, Geographic]) -> str:
    guest = _known_nation(table, "guest", territories)
    if guest == table.text("host"):
        table.fail("guest", f"{guest!r} is also the host", mend="name the nation that is let in")
    return guest


def _consent(table: Table, store: GeometryStore, ground: AreaAndBorder, territories: dict[str, Geographic]) -> Geographic:
    if table.has("polygon") == table.has("depth_m"):
        table.fail("polygon", "needs exactly one of polygon and depth_m", mend='write polygon = "FILE" or depth_m = 1500')
    if table.has("polygon"):
        return store.laid_out(store.polygon(table, "polygon"), ground.lon_deg)
    depth_m = table.number("depth_m", at_least=0, at_most=500_000)
    if ground.border is None:
        table.fail("depth_m", "is measured from the border, and there is none", mend="add border to [area], or give a polygon")
    border = ground.border
    if len(territories) > 2:
        border = between(border, territories[table.text("host")], territories[table.text("guest")], ground.position_uncertainty_m)
    polygon = consent_polygon(
        Consent(
            border=border,
            host_territory=territories[table.text("host")],
            guest_territory=territories[table.text("guest")],
            depth_m=depth_m,
            position_uncertainty_m=ground.position_uncertainty_m,
            window=grown(ground.area, store.params.consent_margin_m + ground.position_uncertainty_m),
        ),
        store.params.strip,
    )
    if polygon.is_empty:
        table.fail("depth_m", f"{depth_m:g} m of the border leaves no ground of the host near the area", mend="give a greater depth_m")
    return polygon


def _band(table: Table) -> HeightBand:
    low_m = table.number("min_height_m", -math.inf)
    high_m = table.number("max_height_m", math.inf)
    if low_m >= high_m:
        table.fail("max_height_m", f"{high_m:g} is not above min_height_m {low_m:g}", mend="correct one of them")
    return HeightBand(min_m=low_m, max_m=high_m)


def _validity(table: Table, start: datetime) -> Validity:
    from_s = (table.utc("from_utc") - start).total_seconds() if table.has("from_utc") else -math.inf
    to_s = (table.utc("to_utc") - start).total_seconds() if table.has("to_utc") else math.inf
    if from_s >= to_s:
        table.fail("to_utc", "is not after from_utc", mend="correct one of them")
    return Validity(from_s=from_s, to_s=to_s)
