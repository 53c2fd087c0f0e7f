"""Read `QGC WPL 110` as Mission Planner, MAVProxy and QGroundControl write it: missions, fences and rally points alike.

After mavlink.io/en/file_formats and pymavlink's mavwp.py: fields parted by any white space, LF or CRLF, comments after `#`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mavlink_bridge.enums import MavCmd
from missions.errors import InputError
from missions.formats.mission_rows import MissionRow
from missions.routes.numbers import check_item, place, real, whole
from missions.routes.route import FenceCircle, FencePolygon, FenceZone, Route
from planner.geo import LatLon, Position

HEAD = "QGC WPL"
_VERSION = "110"
_COLUMNS = 12
_MAX_ROWS = 100_000
_FENCE = range(MavCmd.NAV_FENCE_RETURN_POINT, MavCmd.NAV_FENCE_CIRCLE_EXCLUSION + 1)
_POLYGONS = {MavCmd.NAV_FENCE_POLYGON_VERTEX_INCLUSION: True, MavCmd.NAV_FENCE_POLYGON_VERTEX_EXCLUSION: False}
_CIRCLES = {MavCmd.NAV_FENCE_CIRCLE_INCLUSION: True, MavCmd.NAV_FENCE_CIRCLE_EXCLUSION: False}


def read_wpl(text: str, file: str) -> Route:
    """The route in a file's text. Raises InputError."""
    lines = text.splitlines()
    version = lines[0].removeprefix(HEAD).strip() if lines else ""
    if version != _VERSION:
        mend = "save it as QGC WPL 110, as QGroundControl, Mission Planner and MAVProxy do today"
        raise InputError(f"is version {version!r}, not {_VERSION}", file=file, key="line 1", value=version, mend=mend)
    repairs: list[str] = []
    rows = list(_rows(lines, file, repairs))
    if len(rows) > _MAX_ROWS:
        raise InputError(f"has {len(rows)} items, more than {_MAX_ROWS}", file=file, mend="no vehicle holds so many")
    home = rows[0] if rows and _is_home(rows[0]) else None
    others = rows[1:] if home else rows
    fence = [row for row in others if row.command in _FENCE]
    rally = [row for row in others if row.command == MavCmd.NAV_RALLY_POINT]
    mission = [row for row in others if row.command not in _FENCE and row.command != MavCmd.NAV_RALLY_POINT]
    return Route(
        home=None if home is None or (fence and not mission) else _position(home, file),
        items=tuple(mission),
        fences=tuple(fence_zones(fence, file)),
        rally=tuple(_position(row, file) for row in rally),
        repairs=tuple(repairs),
    )


def _rows(lines: Sequence[str], file: str, repairs: list[str]) -> Iterator[MissionRow]:
    seq = 0
    for number, line in enumerate(lines[1:], start=2):
        content = line.strip()
        if not content or content.startswith("#"):
            continue
        yield _row(content.split(), seq, file, f"line {number}", repairs)
        seq += 1


def _row(fields: Sequence[str], seq: int, file: str, key: str, repairs: list[str]) -> MissionRow:
    if len(fields) != _COLUMNS:
        raise InputError(f"has {len(fields)} fields, not {_COLUMNS}", file=file, key=key, mend="give twelve fields parted by tabs")
    if (said := whole(fields[0], file=file, key=key)) != seq:
        repairs.append(f"{key}: item {said} stands where {seq} should: counted anew")
    frame, command = whole(fields[2], file=file, key=key, at_most=255), whole(fields[3], file=file, key=key, at_most=65_535)
    p1, p2, p3, p4, x, y, z = (real(field, file=file, key=key) for field in fields[4:11])
    if seq == 0 and command == 0:
        # Mission Planner writes home so
        command = int(MavCmd.NAV_WAYPOINT)
        repairs.append(f"{key}: home has command 0: taken as a waypoint")
    check_item(frame, command, x, y, file=file, key=key)
    autocontinue = bool(whole(fields[11], file=file, key=key))
    return MissionRow(seq=seq, frame=frame, command=command, params=(p1, p2, p3, p4), x=x, y=y, z=z, autocontinue=autocontinue)


def _is_home(row: MissionRow) -> bool:
    return row.command == MavCmd.NAV_WAYPOINT


def _position(row: MissionRow, file: str) -> Position:
    where = place(row.x, row.y, file=file, key=f"item {row.seq}")
    return Position(lat_deg=where.lat_deg, lon_deg=where.lon_deg, height_m=row.z)


def fence_zones(rows: Iterable[MissionRow], file: str) -> Iterator[FenceZone]:
    """Fence items as zones: as many vertices follow each other as the first one says. Return points are passed over."""
    pending = list(rows)
    while pending:
        row = pending[0]
        count = 1
        if row.command in _CIRCLES:
            radius_m = row.params[0]
            if radius_m <= 0:
                raise InputError(f"radius {radius_m:g} is not above 0", file=file, key=f"item {row.seq}", mend="correct the file")
            yield FenceCircle(_CIRCLES[MavCmd(row.command)], _place(row, file), radius_m)
        elif row.command in _POLYGONS:
            count = whole(row.params[0], file=file, key=f"item {row.seq}", at_most=_MAX_ROWS)
            vertices = pending[:count]
            if (
                count < 3
                or len(vertices) < count
                or any((each.command, each.params[0]) != (row.command, row.params[0]) for each in vertices)
            ):
                text = f"a fence of {count} vertices begins here, and the items after it are not that"
                raise InputError(text, file=file, key=f"item {row.seq}", value=count, mend="give every vertex the polygon's vertex count")
            yield FencePolygon(_POLYGONS[MavCmd(row.command)], tuple(_place(each, file) for each in vertices))
        pending = pending[count:]


def _place(row: MissionRow, file: str) -> LatLon:
    return place(row.x, row.y, file=file, key=f"item {row.seq}")
