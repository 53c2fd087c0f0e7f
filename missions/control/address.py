"""Where a running mission control is found: a port of this machine and the token that opens it, kept in the report folder."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from missions.errors import InputError

HOST = "127.0.0.1"
ADDRESS_FILE = "control.json"


class Address(msgspec.Struct, frozen=True, kw_only=True):
    port: int
    token: str

    @property
    def line(self) -> str:
        """One line of JSON, for a program that started mission control."""
        return msgspec.json.encode(self).decode()


def write_address(folder: Path, address: Address) -> Path:
    """Leave the address where `jointpatrol control` finds it, readable by its owner alone."""
    path = folder / ADDRESS_FILE
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(address.line.encode() + b"\n")
    return path


def read_address(place: Path) -> Address:
    """The address in this file, or in this report folder. Raises InputError."""
    path = place / ADDRESS_FILE if place.is_dir() else place
    try:
        return msgspec.json.decode(path.read_bytes(), type=Address)
    except OSError as error:
        text = f"cannot be read: {error.strerror}"
        raise InputError(text, file=str(path), mend="give the report folder of a patrol that is running") from error
    except msgspec.DecodeError as error:
        raise InputError(f"is not an address of mission control: {error}", file=str(path)) from error
