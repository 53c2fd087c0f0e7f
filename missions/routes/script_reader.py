"""Read back the MAVLink scripts that `export --format script` writes: what they upload, as a route.

A script's commands are those of every launch (mode, arm, start), so they are only looked at for being known; times are not kept.
"""

from __future__ import annotations

from typing import Final

from mavlink_bridge.enums import MavCmd, MavFrame, MissionType
from missions.errors import InputError
from missions.formats.mission_rows import MissionRow
from missions.formats.script import VERSION
from missions.routes.json_parts import json_list, json_object
from missions.routes.numbers import check_item, place, real, whole
from missions.routes.route import Route
from missions.routes.wpl_reader import fence_zones
from planner.geo import Position

_WIRE_PER_DEG: Final = 10**7
_STEPS: Final = ("upload", "command", "wait_until", "wait_for")
_MAX_ITEMS: Final = 100_000
_AGAIN: Final = "export the script again"

_Object = dict[str, object]


def read_script(raw: object, file: str) -> Route:
    """The route in a parsed JSON document. Raises InputError."""
    document = _object(raw, file, "the document")
    if document.get("version") != VERSION:
        raise InputError("is not supported", file=file, key="version", value=document.get("version"), mend=f"give version {VERSION}")
    lists: dict[MissionType, list[MissionRow]] = {}
    for index, part in enumerate(_list(document.get("steps"), file, "steps")):
        key = f"steps[{index}]"
        step = _object(part, file, key)
        if step.get("do") not in _STEPS:
            raise InputError("is not a step", file=file, key=f"{key}.do", value=step.get("do"), mend=f"give one of {', '.join(_STEPS)}")
        if step["do"] == "upload":
            kind = whole(step.get("mission_type"), file=file, key=f"{key}.mission_type", at_most=255)
            if kind not in set(MissionType):
                raise InputError("is no list of a vehicle", file=file, key=f"{key}.mission_type", value=kind, mend="give 0, 1 or 2")
            lists[MissionType(kind)] = _rows(step.get("items"), file, f"{key}.items")
    mission = lists.get(MissionType.MISSION, [])
    return Route(
        home=_position(mission[0], file) if mission else None,
        items=tuple(mission[1:]),
        fences=tuple(fence_zones(lists.get(MissionType.FENCE, ()), file)),
        rally=tuple(_position(row, file) for row in lists.get(MissionType.RALLY, ()) if row.command == MavCmd.NAV_RALLY_POINT),
    )


def _rows(raw: object, file: str, key: str) -> list[MissionRow]:
    found = _list(raw, file, key)
    if len(found) > _MAX_ITEMS:
        raise InputError(f"has more than {_MAX_ITEMS} items", file=file, key=key, mend="no vehicle holds so many")
    return [_row(_object(item, file, f"{key}[{seq}]"), seq, file, f"{key}[{seq}]") for seq, item in enumerate(found)]


def _row(item: _Object, seq: int, file: str, key: str) -> MissionRow:
    if whole(item.get("seq"), file=file, key=f"{key}.seq") != seq:
        raise InputError(
            f"stands where {seq} should", file=file, key=f"{key}.seq", value=item.get("seq"), mend="number the items 0, 1, 2 ..."
        )
    frame = whole(item.get("frame"), file=file, key=f"{key}.frame", at_most=255)
    command = whole(item.get("command"), file=file, key=f"{key}.command", at_most=65_535)
    scale = 1 if frame == MavFrame.MISSION else _WIRE_PER_DEG
    x, y, z = (real(item.get(name), file=file, key=f"{key}.{name}") for name in ("x", "y", "z"))
    p1, p2, p3, p4 = (real(item.get(f"param{number}"), file=file, key=f"{key}.param{number}") for number in range(1, 5))
    check_item(frame, command, x / scale, y / scale, file=file, key=key)
    autocontinue = bool(whole(item.get("autocontinue", 1), file=file, key=f"{key}.autocontinue"))
    return MissionRow(
        seq=seq, frame=frame, command=command, params=(p1, p2, p3, p4), x=x / scale, y=y / scale, z=z, autocontinue=autocontinue
    )


def _position(row: MissionRow, file: str) -> Position:
    where = place(row.x, row.y, file=file, key=f"item {row.seq}")
    return Position(lat_deg=where.lat_deg, lon_deg=where.lon_deg, height_m=row.z)


def _object(raw: object, file: str, key: str) -> _Object:
    return json_object(raw, file=file, key=key, mend=_AGAIN)


def _list(raw: object, file: str, key: str) -> list[object]:
    return json_list(raw, file=file, key=key, mend=_AGAIN)
