"""Fetch ArduPilot's own published SITL builds, when somebody asks for it: never by itself, never in a test.

ArduPilot's build server publishes them for Linux at `<vehicle>/<release>/<board>/<program>`, without checksums. So what came is
believed when it came over a verified connection, is as long as was announced, and is a program for this machine; its SHA-256
is kept beside it, and a file that has changed since is not run.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import platform
import struct
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sitl.errors import DownloadError

SERVER: Final = "https://firmware.ardupilot.org"
STABLE: Final = "stable"

#: The server's folder of each program.
PROGRAMS: Mapping[str, str] = {"arducopter": "Copter", "arduplane": "Plane"}
#: By `platform.machine()`: the server's name of the board, and the ELF header's word size and machine.
_BOARDS: Mapping[str, tuple[str, int, int]] = {
    "x86_64": ("SITL_x86_64_linux_gnu", 2, 62),
    "AMD64": ("SITL_x86_64_linux_gnu", 2, 62),
    "armv7l": ("SITL_arm_linux_gnueabihf", 1, 40),
    "aarch64": ("SITL_arm_linux_gnueabihf", 1, 40),
}
_ELF = struct.Struct("<4sBB10xHH")
#: No build of ArduPilot is smaller or larger.
_LEAST_BYTES, _MOST_BYTES = 500_000, 200_000_000
_CHUNK_BYTES = 1 << 16
_TIMEOUT_S = 30.0
_SUMS_FILE = "sha256.json"


@dataclass(frozen=True, slots=True)
class Downloaded:
    """One program that is on this machine now."""

    program: str
    path: Path
    size: int
    sha256: str
    version: str


def download_folder() -> Path:
    """Where downloaded programs are kept, by the XDG rules."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "jointpatrol" / "ardupilot"


def downloaded(program: str, folder: Path | None = None) -> Path | None:
    """The program that was downloaded, if it is still what it was then."""
    folder = folder or download_folder()
    path = folder / program
    if not path.is_file() or not os.access(path, os.X_OK):
        return None
    return path if _sums(folder).get(program) == _sha256(path) else None


def download(program: str, *, release: str = STABLE, server: str = SERVER, folder: Path | None = None) -> Downloaded:
    """Fetch one of `PROGRAMS`, verify it and put it in the place of an older one. Raises DownloadError; then all is as it was."""
    folder = folder or download_folder()
    board, word, machine = _board()
    address = f"{server}/{PROGRAMS[program]}/{release}/{board}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=f".{program}.", delete=False) as part:
            try:
                size = _fetch(f"{address}/{program}", part.fileno())
                _require_program(Path(part.name), size, word, machine, f"{address}/{program}")
                sum_hex = _sha256(Path(part.name))
                Path(part.name).chmod(0o755)
                _keep_sum(folder, program, sum_hex)
                Path(part.name).replace(folder / program)
            finally:
                Path(part.name).unlink(missing_ok=True)
    except OSError as error:
        raise DownloadError(f"cannot be kept in {folder}: {error.strerror or error}") from error
    return Downloaded(program, folder / program, size, sum_hex, _version(address))


def _board() -> tuple[str, int, int]:
    board = _BOARDS.get(platform.machine())
    if board is None or not sys.platform.startswith("linux"):
        raise DownloadError("ArduPilot publishes its simulation for Linux on x86-64 and ARM only: build it, or use --vehicles embedded")
    return board


def _fetch(url: str, to: int) -> int:
    """The length of what came, which is what was announced."""
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as response:
            announced = response.headers.get("Content-Length")
            size = 0
            while chunk := response.read(_CHUNK_BYTES):
                size += len(chunk)
                if size > _MOST_BYTES:
                    raise DownloadError(f"{url} is larger than any build of ArduPilot")
                os.write(to, chunk)
    except urllib.error.HTTPError as error:
        raise DownloadError(f"{url} cannot be had: the server says {error.code} {error.reason}; is there such a release?") from error
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", None) or error
        raise DownloadError(f"{url} cannot be reached: {reason}; without a network, use --vehicles embedded") from error
    if announced is not None and int(announced) != size:
        raise DownloadError(f"{url} broke off: {size} of {announced} bytes came")
    return size


def _require_program(path: Path, size: int, word: int, machine: int, url: str) -> None:
    with path.open("rb") as file:
        head = file.read(_ELF.size)
    magic, its_word, order, kind, its_machine = _ELF.unpack(head.ljust(_ELF.size, b"\0"))
    executable, shared = 2, 3
    if magic != b"\x7fELF" or order != 1 or kind not in (executable, shared):
        raise DownloadError(f"{url} is no program: something between here and the server answered instead of it")
    if (its_word, its_machine) != (word, machine):
        raise DownloadError(f"{url} is a program for another machine")
    if size < _LEAST_BYTES:
        raise DownloadError(f"{url} is too small for a build of ArduPilot: {size} bytes")


def _version(address: str) -> str:
    """What the server says of the build; empty when it says nothing."""
    with (
        contextlib.suppress(OSError, http.client.HTTPException),
        urllib.request.urlopen(f"{address}/firmware-version.txt", timeout=_TIMEOUT_S) as response,
    ):
        return str(response.read(100).decode("utf-8", "replace")).strip()
    return ""


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sums(folder: Path) -> dict[str, str]:
    try:
        sums = json.loads((folder / _SUMS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return sums if isinstance(sums, dict) else {}


def _keep_sum(folder: Path, program: str, sum_hex: str) -> None:
    (folder / _SUMS_FILE).write_text(json.dumps({**_sums(folder), program: sum_hex}, indent=1) + "\n", encoding="utf-8")
