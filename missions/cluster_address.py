"""Which cluster plans, and how it is known: one address with certificates, or a file that names each nation's own, as TOML.

    [ALD]
    scheduler = "tls://10.1.0.5:8786"
    ca = "ald/ca.pem"                 # paths from the folder of the file
    cert = "ald/planner.pem"
    key = "ald/planner-key.pem"

A cluster that is spoken to without TLS must be on this computer.
"""

from __future__ import annotations

import ipaddress
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from missions.errors import InputError, nearest_mend

_KEYS: Final = ("scheduler", "ca", "cert", "key")
_EXAMPLE: Final = 'for example scheduler = "tls://10.1.0.5:8786"'


@dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """A scheduler, the certificate authority that its machines are known by, and the certificate and key that we show them.

    Files that are None are those of Dask's own settings.
    """

    scheduler: str
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None


def cluster_at(scheduler: str, ca: Path | None = None, cert: Path | None = None, key: Path | None = None) -> Cluster:
    """The cluster of the command line's options. Raises InputError."""
    if not is_trusted(scheduler):
        raise InputError(_why_not(scheduler), key="--cluster", value=scheduler, mend="for example --cluster tls://10.1.0.5:8786")
    for option, path in (("--cluster-ca", ca), ("--cluster-cert", cert), ("--cluster-key", key)):
        if path is not None and not path.is_file():
            raise InputError("there is no such file", key=option, value=str(path), mend="give a file in PEM format")
    return Cluster(scheduler=scheduler, ca=ca, cert=cert, key=key)


def load_clusters(path: Path, nations: Collection[str]) -> dict[str, Cluster]:
    """The clusters of a file by nation; who is not in it plans on this computer. Raises InputError."""
    document = _document(path)
    for nation in document:
        if nation not in nations:
            raise InputError(
                "the mission has no such nation", file=str(path), key=nation, mend=nearest_mend(nation, nations, what="nations")
            )
    return {nation: _cluster(path, nation, table) for nation, table in document.items()}


def is_trusted(address: str) -> bool:
    """Whether what is sent to an address stays secret: by TLS, or because it does not leave this computer."""
    parts = urlsplit(address)
    try:
        has_port = parts.port is not None
    except ValueError:
        return False
    return has_port and bool(parts.hostname) and (parts.scheme == "tls" or (parts.scheme == "tcp" and _is_loopback(str(parts.hostname))))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _why_not(address: str) -> str:
    if urlsplit(address).scheme == "tcp":
        return "is not encrypted, and whoever listens could run programs there"
    return "is not a scheduler's address"


def _document(path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(path), mend="give tls://host:port or a file") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"is not TOML: {error}", file=str(path), mend=f"a table a nation, {_EXAMPLE}") from error


def _cluster(path: Path, nation: str, table: object) -> Cluster:
    if not isinstance(table, dict):
        raise InputError("is not a table", file=str(path), key=nation, mend=f"write [{nation}] and below it, {_EXAMPLE}")
    for key, value in table.items():
        if key not in _KEYS:
            raise InputError("is unknown here", file=str(path), key=f"{nation}.{key}", mend=nearest_mend(key, _KEYS))
        if not isinstance(value, str):
            raise InputError("is not a text", file=str(path), key=f"{nation}.{key}", value=value, mend="write it in quotes")
    scheduler = table.get("scheduler", "")
    if not is_trusted(scheduler):
        raise InputError(_why_not(scheduler), file=str(path), key=f"{nation}.scheduler", value=scheduler, mend=_EXAMPLE)
    files = {key: path.parent / table[key] for key in _KEYS[1:] if key in table}
    for key, file in files.items():
        if not file.is_file():
            raise InputError(
                "there is no such file", file=str(path), key=f"{nation}.{key}", value=str(file), mend="give a file in PEM format"
            )
    return Cluster(scheduler=scheduler, **files)
