"""Keys in one encrypted file: AES-256-GCM under a key that scrypt makes of a pass phrase (RFC 7914, NIST SP 800-38D)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from missions.errors import InputError
from missions.folders import write_whole
from missions.keys.records import KeyRecord, record_from, record_text

_FORMAT: Final = "jointpatrol-keys-1"
_MEND: Final = "give the file that jointpatrol keys wrote"
_SALT_BYTES, _NONCE_BYTES, _KEY_BYTES = 16, 12, 32
#: More than this would be no file of ours, but a trap for memory.
_MOST_COST = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class ScryptParams:
    """What guessing a pass phrase costs: 128 MiB and some 0.3 s a guess (OWASP's first choice for scrypt)."""

    cost: int = 2**17
    block: int = 8
    parallel: int = 1


@dataclass(slots=True)
class KeyFile:
    """`pass_phrase` is asked once, with whether the file is new. It is read before it is written: others' changes are not lost."""

    path: Path
    pass_phrase: Callable[[bool], str] = field(repr=False)
    params: ScryptParams = field(default_factory=ScryptParams)
    _phrase: bytes | None = field(default=None, init=False, repr=False)
    _derived: tuple[bytes, bytes] | None = field(default=None, init=False, repr=False)

    @property
    def place(self) -> str:
        return str(self.path)

    def load(self, drones: Sequence[str]) -> Mapping[str, KeyRecord]:
        records = self._read()
        return {drone: records[drone] for drone in drones if drone in records}

    def save(self, drone: str, record: KeyRecord | None) -> None:
        records = self._read()
        records.pop(drone, None)
        if record is not None:
            records[drone] = record
        self._write(records)

    def _read(self) -> dict[str, KeyRecord]:
        if not self.path.exists():
            return {}
        try:
            document = json.loads(self.path.read_bytes())
            head = {name: document[name] for name in ("format", "cost", "block", "parallel", "salt")}
            salt, nonce, sealed = (bytes.fromhex(document[name]) for name in ("salt", "nonce", "sealed"))
            params = ScryptParams(cost=head["cost"], block=head["block"], parallel=head["parallel"])
            if head["format"] != _FORMAT or not 1 < params.cost <= _MOST_COST:
                raise ValueError("another format")
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", file=self.place, mend=_MEND) from error
        except (ValueError, KeyError, TypeError) as error:
            raise InputError("is no key file", file=self.place, mend=_MEND) from error
        self.params = params
        try:
            plain = AESGCM(self._key(salt)).decrypt(nonce, sealed, _head_bytes(head))
        except InvalidTag:
            self._phrase = self._derived = None
            raise InputError("the pass phrase is wrong, or the file is damaged", file=self.place, mend="try again") from None
        return {drone: record_from(text) for drone, text in json.loads(plain).items()}

    def _write(self, records: Mapping[str, KeyRecord]) -> None:
        salt = self._derived[0] if self._derived is not None else secrets.token_bytes(_SALT_BYTES)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        params = self.params
        head = {"format": _FORMAT, "cost": params.cost, "block": params.block, "parallel": params.parallel, "salt": salt.hex()}
        plain = json.dumps({drone: record_text(record) for drone, record in sorted(records.items())}).encode()
        sealed = AESGCM(self._key(salt)).encrypt(nonce, plain, _head_bytes(head))
        document = {**head, "nonce": nonce.hex(), "sealed": sealed.hex()}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self.path, json.dumps(document, indent=1).encode() + b"\n")
            self.path.chmod(0o600)
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror}", file=self.place, mend="choose another file") from error

    def _key(self, salt: bytes) -> bytes:
        """Made once for a file: it takes a while, on purpose."""
        if self._derived is None or self._derived[0] != salt:
            if self._phrase is None:
                self._phrase = self.pass_phrase(not self.path.exists()).encode()
            kdf = Scrypt(salt=salt, length=_KEY_BYTES, n=self.params.cost, r=self.params.block, p=self.params.parallel)
            self._derived = salt, kdf.derive(self._phrase)
        return self._derived[1]


def _head_bytes(head: Mapping[str, Any]) -> bytes:
    """What must not be changed either."""
    return json.dumps(head, sort_keys=True).encode()
