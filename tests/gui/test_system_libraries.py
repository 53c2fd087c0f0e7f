from __future__ import annotations

import pytest

from gui.system_libraries import ensure_qt_can_start
from missions.errors import InputError

X11 = {"DISPLAY": ":0"}


def test_a_missing_library_is_named_with_the_line_that_installs_it() -> None:
    with pytest.raises(InputError) as caught:
        ensure_qt_can_start(X11, platform="linux", found=lambda library: library not in {"libEGL.so.1", "libxcb-cursor.so.0"})
    assert "libEGL.so.1, libxcb-cursor.so.0" in caught.value.text
    assert caught.value.mend.endswith("apt-get install -y libegl1 libxcb-cursor0")


def test_offscreen_needs_nothing_of_x11() -> None:
    ensure_qt_can_start({"QT_QPA_PLATFORM": "offscreen"}, platform="linux", found=lambda library: "xcb" not in library)


def test_without_a_display_it_says_so() -> None:
    with pytest.raises(InputError, match="no display"):
        ensure_qt_can_start({}, platform="linux", found=lambda _: True)


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_other_systems_bring_what_qt_needs(platform: str) -> None:
    ensure_qt_can_start({}, platform=platform, found=lambda _: False)


def test_this_machine_can_start_qt() -> None:
    ensure_qt_can_start({"QT_QPA_PLATFORM": "offscreen"})
