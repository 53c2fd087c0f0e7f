"""Give aircraft keys, change them, take them away; whatever dies on the way, every key that a vehicle may have is still known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from mavlink_bridge.events import FleetEvent, SigningEnded, UploadOutcome
from mavlink_bridge.fleet import Fleet
from mavlink_bridge.fleet_signing import new_key
from mavlink_bridge.signing import TimestampStore
from missions.keys.records import KeyRecord, KeyStore
from missions.preflight import change_keys
from missions.vehicles import Keys, Real, open_vehicles
from planner.model import Plan


class KeyChange(StrEnum):
    SET_UP = "set-up"
    ROTATE = "rotate"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeParams:
    """Vehicle seconds: how long a vehicle may take to be heard, and to take its key."""

    heard_s: float = 15.0
    taken_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEnd:
    """VERIFIED: the vehicle has spoken with what it should have now."""

    drone: str
    outcome: UploadOutcome
    reason: str = ""


def prepared(records: Mapping[str, KeyRecord], drones: Sequence[str], change: KeyChange) -> dict[str, KeyRecord]:
    """What must be kept before anything is sent: set-up and rotation finish what has begun, or begin with a new key.

    Set-up leaves alone who has a key and none that is coming.
    """
    wanted: dict[str, KeyRecord] = {}
    for drone in drones:
        record = records.get(drone, KeyRecord())
        is_due = not record.is_settled or record.on_board is None or change is KeyChange.ROTATE
        if change is KeyChange.REMOVE or not is_due:
            wanted[drone] = record
        else:
            wanted[drone] = replace(record, coming=record.coming or new_key())
    return wanted


async def change_on_vehicles(
    plan: Plan,
    vehicles: Real,
    store: KeyStore,
    timestamps: TimestampStore,
    drones: Sequence[str],
    change: KeyChange,
    params: ChangeParams | None = None,
) -> list[ChangeEnd]:
    """How it ended for each of these drones. Raises InputError, OSError."""
    params = params or ChangeParams()
    records = prepared(store.load(drones), drones, change)
    for drone, record in records.items():
        if not record.is_settled:
            store.save(drone, record)
    on_board = {drone: record.on_board for drone, record in records.items() if record.on_board is not None}
    signed = replace(vehicles, keys=Keys(by_drone=on_board, timestamps=timestamps))
    async with open_vehicles(plan, signed, Path()) as opened:
        fleet, heard = opened.fleet(), list[FleetEvent]()
        await _until_heard(fleet, drones, params.heard_s)
        if change is KeyChange.REMOVE:
            return await _removed(fleet, heard, store, records, params)
        coming = {drone: record.coming for drone, record in records.items() if record.coming is not None}
        ends = await change_keys(fleet, heard, coming, patience_s=params.taken_s)
        return [_kept(drone, records[drone], ends.get(drone), store) for drone in drones]


async def _removed(
    fleet: Fleet, heard: list[FleetEvent], store: KeyStore, records: Mapping[str, KeyRecord], params: ChangeParams
) -> list[ChangeEnd]:
    """A key that was coming may be on board: the vehicle is first brought to have it for certain."""
    unsettled = {drone: record.coming for drone, record in records.items() if record.coming is not None}
    settled = await change_keys(fleet, heard, unsettled, patience_s=params.taken_s) if unsettled else {}
    for drone in unsettled:
        _kept(drone, records[drone], settled.get(drone), store)
    ends = await change_keys(fleet, heard, dict.fromkeys(records), patience_s=params.taken_s)
    for drone in records:
        end = ends.get(drone)
        if end is not None and end.outcome is UploadOutcome.VERIFIED:
            store.save(drone, None)
    return [_end(drone, ends.get(drone)) for drone in records]


def _kept(drone: str, record: KeyRecord, end: SigningEnded | None, store: KeyStore) -> ChangeEnd:
    """Known to be on board, or known not to be, or still either."""
    if record.is_settled:
        return ChangeEnd(drone=drone, outcome=UploadOutcome.VERIFIED, reason="has a key already; rotate changes it")
    if end is not None and end.outcome is UploadOutcome.VERIFIED:
        store.save(drone, record.arrived())
    elif end is not None and end.outcome is UploadOutcome.FAILED and record.on_board is not None:
        store.save(drone, record.refused())
    return _end(drone, end)


def _end(drone: str, end: SigningEnded | None) -> ChangeEnd:
    if end is None:
        return ChangeEnd(drone=drone, outcome=UploadOutcome.UNKNOWN, reason="it never answered")
    return ChangeEnd(drone=drone, outcome=end.outcome, reason=end.reason)


async def _until_heard(fleet: Fleet, drones: Sequence[str], patience_s: float) -> None:
    """Frames that a key refuses count, too: the key may be what is wrong."""
    end_s = fleet.now_s + patience_s
    while fleet.now_s < end_s and not all(fleet.state(drone).heard_s is not None or fleet.signing_counts(drone) for drone in drones):
        await fleet.step()
