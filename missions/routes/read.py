"""Read a route file of any known kind; its content tells which."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from missions.errors import InputError
from missions.formats.script import FORMAT as SCRIPT
from missions.geojson_file import parse_json
from missions.lonlat_shapes import ShapeError
from missions.routes.point_lists import RALLY, read_points, read_rally
from missions.routes.qgc_plan_reader import FILE_TYPE, read_qgc_plan
from missions.routes.route import Route
from missions.routes.script_reader import read_script
from missions.routes.wpl_reader import HEAD, read_wpl

MAX_FILE_BYTES: Final = 50_000_000
_PAIR = re.compile(r"[-+]?[0-9.]+\s+[-+]?[0-9.]+\s*$")
_MEND: Final = "give a QGroundControl .plan, a QGC WPL 110 file, a MAVLink script of ours, or a fence or rally file"


def read_route(path: str | Path) -> Route:
    """The route in a file. Raises InputError."""
    file = str(path)
    try:
        if Path(path).stat().st_size > MAX_FILE_BYTES:
            raise InputError(f"is larger than {MAX_FILE_BYTES // 1_000_000} MB", file=file, mend="is this a route?")
        data = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(f"cannot be read: {reason}", file=file, mend="check the name and its permissions") from error
    return parse_route(data, file)


def names_route(what: str) -> bool:
    """Whether a name is that of a route file."""
    try:
        with Path(what).open("rb") as file:
            return is_route(file.read(4096))
    except (OSError, ValueError):
        return False


def is_route(data: bytes) -> bool:
    """Whether the beginning of a file is a route's."""
    text = data[:4096].decode("utf-8-sig", errors="replace").lstrip()
    return text.startswith((HEAD, f"{RALLY} ")) or _is_json_route(text) or _is_point_list(text)


def parse_route(data: bytes, file: str) -> Route:
    """The route in a file's bytes; `file` is what errors call it. Raises InputError."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError("is not UTF-8 text", file=file, key=f"line {line}", mend=_MEND) from error
    head = text.lstrip()
    if head.startswith("{"):
        try:
            document = parse_json(data.removeprefix(b"\xef\xbb\xbf"))
        except ShapeError as error:
            raise InputError(error.text, file=file, mend=error.mend) from error
        is_script = isinstance(document, dict) and document.get("format") == SCRIPT
        return read_script(document, file) if is_script else read_qgc_plan(document, file)
    if head.startswith(HEAD):
        return read_wpl(head, file)
    if head.startswith(f"{RALLY} "):
        return read_rally(text, file)
    if _is_point_list(head):
        return read_points(text, file)
    raise InputError("is no route that is known here", file=file, mend=_MEND)


def _is_json_route(text: str) -> bool:
    return text.startswith("{") and re.search(rf'"fileType"\s*:\s*"{FILE_TYPE}"|"format"\s*:\s*"{SCRIPT}"', text) is not None


def _is_point_list(text: str) -> bool:
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return _PAIR.match(first) is not None
