"""Keys in the operating system's own keyring, one entry an aircraft."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from missions.errors import InputError
from missions.keys.records import KeyRecord, record_from, record_text

SERVICE: Final = "jointpatrol"
KEYRING: Final = "keyring"
_INSTEAD: Final = "keep them in an encrypted file instead: --keys FILE"


class KeyRing:
    """Raises InputError when there is none: servers often have no keyring."""

    def __init__(self) -> None:
        try:
            import keyring
            from keyring.errors import KeyringError, PasswordDeleteError
        except ImportError as error:
            mend = f'pip install "jointpatrol[keyring]", or {_INSTEAD}'
            raise InputError("the keyring package is not installed", key="--keys", value=KEYRING, mend=mend) from error
        self._ring, self._error, self._missing = keyring, KeyringError, PasswordDeleteError

    @property
    def place(self) -> str:
        return "the keyring of this system"

    def load(self, drones: Sequence[str]) -> Mapping[str, KeyRecord]:
        try:
            found = {drone: text for drone in drones if (text := self._ring.get_password(SERVICE, drone)) is not None}
        except self._error as error:
            raise self._unusable(error) from error
        try:
            return {drone: record_from(json.loads(text)) for drone, text in found.items()}
        except ValueError:
            raise InputError("an entry is no key of ours", file=self.place, mend=f"remove the entries of {SERVICE!r} there") from None

    def save(self, drone: str, record: KeyRecord | None) -> None:
        try:
            if record is not None:
                self._ring.set_password(SERVICE, drone, json.dumps(record_text(record)))
            elif self._ring.get_password(SERVICE, drone) is not None:
                self._ring.delete_password(SERVICE, drone)
        except self._error as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> InputError:
        # What went wrong is named by its kind: a back end's own words might quote what it was given.
        return InputError(f"the keyring cannot be used ({type(error).__name__})", key="--keys", value=KEYRING, mend=_INSTEAD)
