"""Which vehicles a patrol flies on, kept in its report folder for a mission control that goes on with it."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from missions.errors import InputError
from missions.folders import write_whole
from missions.vehicles import Real

VEHICLES_FILE: Final = "vehicles.json"


class _Vehicle(msgspec.Struct, frozen=True, kw_only=True):
    link: str
    system_id: int


class _Document(msgspec.Struct, frozen=True, kw_only=True):
    """`vehicles` is empty when they ended with their mission control. Of keys only is told whose there are, and where."""

    vehicles: dict[str, _Vehicle]
    speedup: float | None = None
    signed: tuple[str, ...] = ()
    keys: str = ""


class LastingVehicles(NamedTuple):
    """Vehicles of an earlier mission control; those in `signed` are spoken to with the keys that are at `key_place`."""

    vehicles: Real
    signed: tuple[str, ...]
    key_place: str


def write_vehicles(folder: Path, vehicles: Real | None, system_ids: dict[str, int]) -> None:
    """Keep links and system ids. None are vehicles that nobody else can reach."""
    links = vehicles.links if vehicles is not None else {}
    keys = vehicles.keys if vehicles is not None else None
    document = _Document(
        vehicles={drone: _Vehicle(link=link, system_id=system_ids[drone]) for drone, link in links.items() if drone in system_ids},
        speedup=vehicles.speedup if vehicles is not None else None,
        signed=tuple(keys.by_drone) if keys is not None else (),
        keys=keys.place if keys is not None else "",
    )
    write_whole(folder / VEHICLES_FILE, msgspec.json.format(msgspec.json.encode(document)) + b"\n")


def read_vehicles(folder: Path) -> LastingVehicles:
    """The vehicles of the patrol in this folder. Raises InputError, also when they do not live any more."""
    path = folder / VEHICLES_FILE
    try:
        document = msgspec.json.decode(path.read_bytes(), type=_Document)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(path), mend="give the folder that fly wrote") from error
    except msgspec.DecodeError as error:
        raise InputError(f"does not tell the vehicles: {error}", file=str(path), mend="give the folder that fly wrote") from error
    if not document.vehicles:
        text = "its simulated vehicles ended with their mission control"
        raise InputError(text, file=str(path), mend=f"make its report: jointpatrol report {folder}")
    vehicles = Real(
        links={drone: vehicle.link for drone, vehicle in document.vehicles.items()},
        system_ids={drone: vehicle.system_id for drone, vehicle in document.vehicles.items()},
        speedup=document.speedup,
    )
    return LastingVehicles(vehicles, document.signed, document.keys)
