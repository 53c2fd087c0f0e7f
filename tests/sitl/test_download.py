"""Fetching ArduPilot's published simulation from a server that stands in for its own: what is kept, and what is not."""

from __future__ import annotations

import http.server
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from planner.model import VehicleKind
from sitl.ardupilot import find_ardupilot
from sitl.download import download, downloaded
from sitl.errors import DownloadError

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ArduPilot publishes its simulation for Linux")

_PATH = "/Copter/stable/SITL_x86_64_linux_gnu/arducopter"
_PROGRAM = b"\x7fELF\x02\x01\x01" + b"\0" * 9 + (3).to_bytes(2, "little") + (62).to_bytes(2, "little") + b"\0" * 600_000


class _Server(http.server.ThreadingHTTPServer):
    files: dict[str, bytes]
    announced: int | None = None


class _Answers(http.server.BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        content = self.server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(self.server.announced or len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        """Tests are quiet."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Server]:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setenv("no_proxy", "*")
    with _Server(("127.0.0.1", 0), _Answers) as server:
        server.files = {_PATH: _PROGRAM, _PATH.replace("arducopter", "firmware-version.txt"): b"4.6.3-FIRMWARE_VERSION_TYPE_OFFICIAL\n"}
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def _url(server: _Server) -> str:
    return f"http://127.0.0.1:{server.server_port}"


def test_what_came_whole_is_kept_with_its_sum_and_found_from_then_on(
    server: _Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JOINTPATROL_ARDUPILOT_DIR", raising=False)
    assert find_ardupilot(VehicleKind.COPTER) is None
    got = download("arducopter", server=_url(server))
    assert (got.size, got.version) == (len(_PROGRAM), "4.6.3-FIRMWARE_VERSION_TYPE_OFFICIAL")
    assert find_ardupilot(VehicleKind.COPTER) == got.path
    assert {path.name for path in got.path.parent.iterdir()} == {"arducopter", "sha256.json"}


def test_a_program_that_was_changed_afterwards_is_not_run(server: _Server, tmp_path: Path) -> None:
    path = download("arducopter", server=_url(server), folder=tmp_path).path
    path.write_bytes(_PROGRAM + b"!")
    assert downloaded("arducopter", tmp_path) is None


@pytest.mark.parametrize(
    ("content", "announced", "words"),
    [
        (_PROGRAM, len(_PROGRAM) + 5, "broke off"),
        (b"<html>log in to this network</html>", None, "is no program"),
        (_PROGRAM[:18] + (40).to_bytes(2, "little") + _PROGRAM[20:], None, "another machine"),
        (_PROGRAM[:1000], None, "too small"),
    ],
)
def test_what_cannot_be_it_is_refused_and_leaves_the_older_one(
    server: _Server, tmp_path: Path, content: bytes, announced: int | None, words: str
) -> None:
    older = download("arducopter", server=_url(server), folder=tmp_path).path
    server.files[_PATH], server.announced = content, announced
    with pytest.raises(DownloadError, match=words):
        download("arducopter", server=_url(server), folder=tmp_path)
    assert older.read_bytes() == _PROGRAM
    assert downloaded("arducopter", tmp_path) == older
    assert {path.name for path in tmp_path.iterdir()} == {"arducopter", "sha256.json"}


def test_no_network_and_no_such_release_are_said(server: _Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"404.*is there such a release"):
        download("arducopter", server=_url(server), release="stable-1.0.0", folder=tmp_path)
    with pytest.raises(DownloadError, match=r"cannot be reached.*--vehicles embedded"):
        download("arducopter", server="http://127.0.0.1:9", folder=tmp_path)
