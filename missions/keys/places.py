"""Where keys and signing times are kept, by what people write after `--keys`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from missions.errors import InputError
from missions.keys.key_file import KeyFile
from missions.keys.key_ring import KEYRING, KeyRing
from missions.keys.records import KeyStore
from missions.keys.timestamps import TimestampFile

#: Says the pass phrase where nobody can be asked.
PASS_PHRASE_VARIABLE: Final = "JOINTPATROL_KEYS_PASSPHRASE"
_TIMES: Final = "signing-times.sqlite3"


def default_place() -> str:
    """The user's own key file."""
    return str(_state_folder() / "aircraft.keys")


def open_store(place: str, pass_phrase: Callable[[bool], str]) -> KeyStore:
    """`keyring`, or the name of an encrypted file. `pass_phrase` is asked, when it is needed, with whether the file is new."""
    return KeyRing() if place == KEYRING else KeyFile(Path(place), pass_phrase)


def open_timestamps(place: str) -> TimestampFile:
    """Beside the key file; the keyring's are with the user's other state. Raises InputError."""
    path = _state_folder() / _TIMES if place == KEYRING else Path(place).with_name(f"{Path(place).name}.times")
    try:
        return TimestampFile(path)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", file=str(path), mend="choose another place with --keys") from error


def _state_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "jointpatrol"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "jointpatrol"
