"""Look at the machine: versions, libraries of the desktop, the autopilot's simulation, the display."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Final

from planner.model import VehicleKind
from sitl.ardupilot import MISSING_TEXT, find_ardupilot

PROGRAM: Final = "jointpatrol"

#: What PyQt6's wheels expect of the system, and the Debian packages that bring it.
QT_LIBRARIES: Final[Mapping[str, str]] = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
#: Needed as well where windows are to be seen on an X display.
X11_LIBRARIES: Final[Mapping[str, str]] = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}

_NEEDED: Final = (
    "cryptography",
    "fpdf2",
    "jinja2",
    "msgspec",
    "numba",
    "numpy",
    "ortools",
    "pymavlink",
    "pyogrio",
    "pyproj",
    "pyserial",
    "rasterio",
    "rich",
    "shapely",
    "tomlkit",
    "typer",
)
_OLDEST_PYTHON: Final = (3, 11)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing looked for. What is not `needed` only switches something off."""

    name: str
    found: bool
    needed: bool
    detail: str
    mend: str = ""

    @property
    def mark(self) -> str:
        """For a table."""
        return "ok" if self.found else "MISSING" if self.needed else "-"

    def document(self) -> dict[str, str | bool]:
        """For `--json`."""
        return {"name": self.name, "found": self.found, "needed": self.needed, "detail": self.detail, "mend": self.mend}


def diagnose() -> list[Finding]:
    """Everything there is to say, most basic first."""
    packages = [_package(name, needed=True, mend=f"pip install {PROGRAM}") for name in _needed_packages()]
    qt = _package("PyQt6", needed=False, mend=f'pip install "{PROGRAM}[gui]"')
    libraries = [_libraries()] if sys.platform.startswith("linux") and qt.found else []
    return [_python(), *packages, qt, *libraries, _display(), _ardupilot()]


def missing_libraries(libraries: Mapping[str, str]) -> dict[str, str]:
    """Those that the system's loader does not find, with the package of each."""
    return {library: package for library, package in libraries.items() if not _loads(library)}


def _needed_packages() -> list[str]:
    try:
        requirements = requires(PROGRAM) or []
    except PackageNotFoundError:
        return list(_NEEDED)
    plain = [requirement for requirement in requirements if "extra ==" not in requirement]
    return [_bare_name(requirement) for requirement in plain]


def _bare_name(requirement: str) -> str:
    for position, character in enumerate(requirement):
        if not (character.isalnum() or character in "-_."):
            return requirement[:position]
    return requirement


def _python() -> Finding:
    return Finding(
        name="Python",
        found=sys.version_info >= _OLDEST_PYTHON,
        needed=True,
        detail=f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        mend="" if sys.version_info >= _OLDEST_PYTHON else "install Python 3.11 or newer",
    )


def _package(name: str, *, needed: bool, mend: str) -> Finding:
    try:
        return Finding(name=name, found=True, needed=needed, detail=version(name))
    except PackageNotFoundError:
        return Finding(name=name, found=False, needed=needed, detail="not installed", mend=mend)


def _libraries() -> Finding:
    wanted = {**QT_LIBRARIES, **X11_LIBRARIES} if os.environ.get("DISPLAY") else QT_LIBRARIES
    missing = missing_libraries(wanted)
    return Finding(
        name="system libraries of Qt",
        found=not missing,
        needed=False,
        detail=f"missing {', '.join(missing)}" if missing else "all there",
        mend=f"sudo apt-get install {' '.join(sorted(set(missing.values())))}" if missing else "",
    )


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _display() -> Finding:
    shown = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    native = sys.platform in {"win32", "darwin"}
    detail = "native" if native else shown or "none: the desktop cannot be shown, everything else works"
    return Finding(name="display", found=native or bool(shown), needed=False, detail=detail)


def _ardupilot() -> Finding:
    program = find_ardupilot(VehicleKind.COPTER)
    if program is None:
        return Finding(name="ArduPilot SITL", found=False, needed=False, detail="not found: embedded vehicles are used", mend=MISSING_TEXT)
    return Finding(name="ArduPilot SITL", found=True, needed=False, detail=str(program))
