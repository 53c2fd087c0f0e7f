"""What is kept of one aircraft's signing: the key that it has, and one that is on its way to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from mavlink_bridge.signing import SigningKey


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """`on_board` is what the vehicle has proven to have; `coming` was, or will be, sent to it, and it may have that instead.

    The coming key is kept before it is sent: whatever dies on the way, no vehicle is left with a key that nobody knows.
    """

    on_board: SigningKey | None = None
    coming: SigningKey | None = None

    @property
    def is_settled(self) -> bool:
        """Whether it is certain which key the vehicle has."""
        return self.coming is None

    def arrived(self) -> KeyRecord:
        return KeyRecord(on_board=self.coming)

    def refused(self) -> KeyRecord:
        return replace(self, coming=None)


class KeyStore(Protocol):
    """Where records are kept, by drone id."""

    @property
    def place(self) -> str:
        """What people call it."""
        ...

    def load(self, drones: Sequence[str]) -> Mapping[str, KeyRecord]:
        """Those of these drones that there are. Raises InputError."""
        ...

    def save(self, drone: str, record: KeyRecord | None) -> None:
        """Keep it for good before this returns; None forgets it. Raises InputError."""
        ...


def record_text(record: KeyRecord) -> dict[str, str]:
    """The secret itself, in hexadecimal: only for what is encrypted next."""
    keys = {"on_board": record.on_board, "coming": record.coming}
    return {name: key.secret.hex() for name, key in keys.items() if key is not None}


def record_from(text: Mapping[str, str]) -> KeyRecord:
    """Raises ValueError that tells nothing of what it read."""
    return KeyRecord(on_board=_key(text.get("on_board")), coming=_key(text.get("coming")))


def _key(text: str | None) -> SigningKey | None:
    if text is None:
        return None
    try:
        secret = bytes.fromhex(text)
    except (ValueError, TypeError):
        secret = b""
    return SigningKey(secret)
