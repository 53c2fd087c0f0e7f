"""What Qt needs of a Linux system, looked for before Qt is loaded: Qt itself only aborts when something is missing."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Mapping

from missions.errors import InputError

#: Libraries that Qt's modules are linked with, and the Debian and Ubuntu packages that bring them (PyQt6 6.11, read with objdump).
_ALWAYS = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon.so.0": "libxkbcommon0",
}
#: The same for windows on X11, which Wayland desktops offer as well.
_X11 = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}


def loads(library: str) -> bool:
    """Whether the dynamic loader finds it."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def ensure_qt_can_start(environment: Mapping[str, str], *, platform: str = sys.platform, found: Callable[[str], bool] = loads) -> None:
    """Raises InputError with the line that mends it when Qt would abort. Other systems bring all it needs."""
    if not platform.startswith("linux"):
        return
    chosen = environment.get("QT_QPA_PLATFORM", "")
    if not chosen and not environment.get("DISPLAY") and not environment.get("WAYLAND_DISPLAY"):
        raise InputError("there is no display to show a window on", mend="run it in a desktop session; jointpatrol fly needs none")
    needed = _ALWAYS if chosen and not chosen.startswith("xcb") else {**_ALWAYS, **_X11}
    missing = [library for library in needed if not found(library)]
    if missing:
        packages = " ".join(needed[library] for library in missing)
        raise InputError(f"Qt cannot start without {', '.join(missing)}", mend=f"on Debian and Ubuntu: sudo apt-get install -y {packages}")
