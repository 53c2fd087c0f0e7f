"""report.json: the account in the fields that contract and docs/report.md define."""

from __future__ import annotations

import json
from typing import Final

from mavlink_bridge.events import Alert
from missions.canonical import ENERGY_DECIMALS, LENGTH_DECIMALS, RATIO_DECIMALS, TIME_DECIMALS, Json, Object, kept
from missions.formats.antimeridian import within_world
from missions.formats.geojson import geometry_json
from missions.plan_file import violation_document
from missions.report.account import DroneAccount, Effort, FlightAccount, NationAccount

SCHEMA: Final = 1

_SECONDS_PER_HOUR = 3600.0


def report_document(account: FlightAccount) -> Object:
    """Plain JSON values. Lengths are metres, energies Wh, times seconds from the patrol's start, coverages parts of 1."""
    return {
        "schema": SCHEMA,
        "verdict": account.verdict.value,
        "plan_sha256": account.plan_sha256,
        "start_utc": account.plan.start_utc,
        "duration_s": kept(account.duration_s, TIME_DECIMALS),
        "coverage": {
            "planned": kept(account.planned.coverage, RATIO_DECIMALS),
            "flown": kept(account.flown.coverage, RATIO_DECIMALS),
            "missed": geometry_json(within_world(account.flown.missed.geometry)),
        },
        "nations": {nation.nation: _nation(nation) for nation in account.nations},
        "drones": {drone.drone: _drone(drone) for drone in account.drones},
        "violations": [violation_document(violation) for violation in account.violations],
        "alerts": [_alert(alert) for alert in account.alerts],
        "min_separation_m": None if account.min_separation_m is None else kept(account.min_separation_m, LENGTH_DECIMALS),
    }


def report_bytes(account: FlightAccount) -> bytes:
    """What report.json holds."""
    members = ",\n".join(f"{json.dumps(key)}: {_lines(value)}" for key, value in report_document(account).items())
    return f"{{\n{members}\n}}\n".encode()


def _lines(value: Json) -> str:
    """A line for each element of a list or table, so that two reports can be compared line by line."""
    match value:
        case list() if value:
            return "[\n" + ",\n".join(f"  {_compact(element)}" for element in value) + "\n]"
        case dict() if value:
            return "{\n" + ",\n".join(f"  {json.dumps(key)}: {_compact(element)}" for key, element in value.items()) + "\n}"
        case _:
            return _compact(value)


def _compact(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _nation(nation: NationAccount) -> Json:
    return {**_effort(nation.flown), "coverage": kept(nation.flown_coverage, RATIO_DECIMALS)}


def _drone(drone: DroneAccount) -> Json:
    return {
        "nation": drone.nation,
        "system_id": drone.system_id,
        "upload": drone.upload.value,
        "final": drone.final.value,
        **_effort(drone.flown),
        **({"pictures": drone.pictures} if drone.pictures is not None else {}),
    }


def _effort(effort: Effort) -> Object:
    return {
        "hours_h": kept(effort.time_s / _SECONDS_PER_HOUR, 6),
        "length_m": kept(effort.length_m, LENGTH_DECIMALS),
        "energy_wh": kept(effort.energy.wh, ENERGY_DECIMALS),
    }


def _alert(alert: Alert) -> Json:
    return {
        "drone": alert.drone,
        "at_s": kept(alert.at_s, TIME_DECIMALS),
        "level": alert.level.value,
        "rule": alert.rule,
        "text": alert.text,
    }
