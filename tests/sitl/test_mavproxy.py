"""MAVProxy, from its package, flies an embedded vehicle over TCP: load a mission and a fence, fetch parameters, arm, AUTO, RTL.

Skipped where MAVProxy is not installed. It need not be in the project's own environment: JOINTPATROL_MAVPROXY may name the
program, for instance `bin/mavproxy.py` of another virtual environment in which MAVProxy was installed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sitl.server import serve
from tests.sitl.station import config

_VARIABLE = "JOINTPATROL_MAVPROXY"
PROGRAM = os.environ.get(_VARIABLE) or shutil.which("mavproxy.py")

pytestmark = pytest.mark.skipif(PROGRAM is None, reason=f"MAVProxy is not installed (mavproxy.py on PATH, or {_VARIABLE})")

MISSION = """QGC WPL 110
0 1 0 16 0 0 0 0 47.5 19.0 150 1
1 0 3 22 0 0 0 0 0 0 20 1
2 0 3 16 0 0 0 0 47.501 19.0 20 1
3 0 3 16 0 0 0 0 47.501 19.001 20 1
4 0 3 20 0 0 0 0 0 0 0 1
"""
FENCE = """QGC WPL 110
0 0 3 5001 4 0 0 0 47.49 18.99 0 1
1 0 3 5001 4 0 0 0 47.49 19.01 0 1
2 0 3 5001 4 0 0 0 47.51 19.01 0 1
3 0 3 5001 4 0 0 0 47.51 18.99 0 1
"""
#: What is typed, and what must be read afterwards.
SESSION = (
    ("", "online system 1"),
    ("", "Received"),
    ("wp load mission.txt", "Flight plan received"),
    ("wp list", "47.5010000000 19.0010000000 20.000000"),
    ("fence load fence.txt", "Fence Indexed OK"),
    ("param fetch", "Received 1353 parameters"),
    ("mode auto", "Mode AUTO"),
    ("arm throttle", "ARMED"),
    ("", "Mission: 2 WP"),
    ("rtl", "Mode RTL"),
    ("", "DISARMED"),
)
_REFUSED = "COMPONENT_ARM_DISARM: FAILED"
_PATIENCE_S = 60.0
#: The vehicle is ready to arm 43 s after its boot, and gives up an upload after 8 s of its own: at fifteenfold speed a busy machine
#: leaves MAVProxy half a second.
_SPEEDUP = 5.0


@asynccontextmanager
async def _vehicle() -> AsyncIterator[str]:
    """Its address, while it is served."""
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve([config()], first_port=0, speedup=_SPEEDUP, announce=lambda _, url: address.set_result(url)))
    try:
        yield await address
    finally:
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving


async def _session(folder: Path) -> None:
    assert PROGRAM is not None
    async with _vehicle() as url:
        process = await asyncio.create_subprocess_exec(
            PROGRAM,
            *("--master", url, "--aircraft", "test", "--state-basedir", str(folder)),
            cwd=folder,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            for typed, wanted in SESSION:
                await _type_and_read(process, typed, wanted)
        finally:
            # It has children, which would outlive it and keep its output open.
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def _type_and_read(process: asyncio.subprocess.Process, typed: str, wanted: str) -> None:
    """A refused order to arm is given again: the vehicle may not know its place yet."""
    assert process.stdin is not None
    assert process.stdout is not None
    said = ""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            _type(process.stdin, typed)
            while wanted not in said:
                said += (await process.stdout.read(4096)).decode("utf-8", "replace")
                if _REFUSED in said:
                    said = ""
                    await asyncio.sleep(0.3)
                    _type(process.stdin, typed)
    except TimeoutError:
        pytest.fail(f"after {typed!r} MAVProxy did not say {wanted!r} but: {said[-2000:]}")


def _type(keyboard: asyncio.StreamWriter, line: str) -> None:
    if line:
        keyboard.write(f"{line}\n".encode())


def test_mavproxy_loads_arms_flies_and_brings_home_an_embedded_vehicle(tmp_path: Path) -> None:
    (tmp_path / "mission.txt").write_text(MISSION.replace(" ", "\t").replace("QGC\tWPL\t110", "QGC WPL 110"), encoding="ascii")
    (tmp_path / "fence.txt").write_text(FENCE.replace(" ", "\t").replace("QGC\tWPL\t110", "QGC WPL 110"), encoding="ascii")
    asyncio.run(_session(tmp_path))
