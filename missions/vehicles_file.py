"""Which vehicles a patrol flies on, kept in its report folder for a mission control that goes on with it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from missions.errors import InputError
from missions.folders import write_whole
from missions.vehicles import Real

VEHICLES_FILE: Final = "vehicles.json"


class _Vehicle(msgspec.Struct, frozen=True, kw_only=True):
    link: str
    system_id: int


class _Document(msgspec.Struct, frozen=True, kw_only=True):
    """`vehicles` is empty when they ended with their mission control."""

    vehicles: dict[str, _Vehicle]
    speedup: float | None = None


def write_vehicles(folder: Path, vehicles: Real | None, system_ids: dict[str, int]) -> None:
    """Keep links and system ids. None are vehicles that nobody else can reach."""
    links = vehicles.links if vehicles is not None else {}
    document = _Document(
        vehicles={drone: _Vehicle(link=link, system_id=system_ids[drone]) for drone, link in links.items() if drone in system_ids},
        speedup=vehicles.speedup if vehicles is not None else None,
    )
    write_whole(folder / VEHICLES_FILE, msgspec.json.format(msgspec.json.encode(document)) + b"\n")


def read_vehicles(folder: Path) -> Real:
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
    return Real(
        links={drone: vehicle.link for drone, vehicle in document.vehicles.items()},
        system_ids={drone: vehicle.system_id for drone, vehicle in document.vehicles.items()},
        speedup=document.speedup,
    )
