"""Read QGroundControl's `.plan`: simple items, complex items by the items they were expanded to, fences and rally points.

After docs/en/qgc-dev-guide/file_formats/plan.md and src/MissionManager; where they differ the source wins (surveys are version 5).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from mavlink_bridge.enums import MavCmd, MavFrame
from missions.errors import InputError
from missions.formats.mission_rows import MissionRow
from missions.routes.json_parts import json_list, json_object
from missions.routes.numbers import check_item, place, real, whole
from missions.routes.route import FenceCircle, FencePolygon, FenceZone, Route
from planner.geo import LatLon, Position

FILE_TYPE: Final = "Plan"
_TRANSECTS: Final = "TransectStyleComplexItem"
#: Save versions that QGroundControl writes or still loads.
_COMPLEX: Final = {"survey": range(2, 6), "CorridorScan": range(2, 3)}
_MAX_ITEMS: Final = 100_000
_AGAIN: Final = "save the plan again in QGroundControl"

_Object = dict[str, object]


@dataclass(slots=True)
class _Collected:
    """What the items come to."""

    rows: list[MissionRow] = field(default_factory=list)
    #: doJumpId -> seq, for jumps name the former.
    jump_ids: dict[int, int] = field(default_factory=dict)
    surveys: list[tuple[LatLon, ...]] = field(default_factory=list)
    corridors: list[tuple[LatLon, ...]] = field(default_factory=list)


def read_qgc_plan(document: object, file: str) -> Route:
    """The route in a parsed JSON document. Raises InputError."""
    root = _object(document, file, "the document")
    if root.get("fileType") != FILE_TYPE:
        raise InputError("is not a QGroundControl plan", file=file, key="fileType", value=root.get("fileType"), mend='give fileType "Plan"')
    _require_version(root, file, "version", range(1, 2))
    mission = _object(_get(root, "mission", file, "mission"), file, "mission")
    _require_version(mission, file, "mission.version", range(2, 3))
    collected = _Collected()
    for index, raw in enumerate(_list(_get(mission, "items", file, "mission.items"), file, "mission.items")):
        _collect(raw, collected, file, f"mission.items[{index}]")
    fence, rally = root.get("geoFence"), root.get("rallyPoints")
    vehicle = mission.get("vehicleType")
    return Route(
        vehicle_type=None if vehicle is None else whole(vehicle, file=file, key="mission.vehicleType", at_most=255),
        home=_home(mission, file),
        items=tuple(_with_jumps(collected, file)),
        fences=() if fence is None else tuple(_fences(_object(fence, file, "geoFence"), file)),
        rally=() if rally is None else tuple(_rally(_object(rally, file, "rallyPoints"), file)),
        surveys=tuple(collected.surveys),
        corridors=tuple(collected.corridors),
    )


def _collect(raw: object, collected: _Collected, file: str, key: str) -> None:
    item = _object(raw, file, key)
    match item.get("type"):
        case "SimpleItem":
            _collect_simple(item, collected, file, key)
        case "ComplexItem":
            _collect_complex(item, collected, file, key)
        case other:
            raise InputError("is not a kind of item", file=file, key=f"{key}.type", value=other, mend="give SimpleItem or ComplexItem")


def _collect_simple(item: _Object, collected: _Collected, file: str, key: str) -> None:
    if len(collected.rows) >= _MAX_ITEMS:
        raise InputError(f"has more than {_MAX_ITEMS} items", file=file, key=key, mend="no vehicle holds so many")
    numbers = _list(_get(item, "params", file, f"{key}.params"), file, f"{key}.params")
    if len(numbers) != 7:
        raise InputError(f"has {len(numbers)} numbers, not 7", file=file, key=f"{key}.params", mend="give param1 to param4, x, y and z")
    p1, p2, p3, p4, x, y, z = (math.nan if value is None else real(value, file=file, key=f"{key}.params") for value in numbers)
    frame = whole(_get(item, "frame", file, f"{key}.frame"), file=file, key=f"{key}.frame", at_most=255)
    command = whole(_get(item, "command", file, f"{key}.command"), file=file, key=f"{key}.command", at_most=65_535)
    if frame != MavFrame.MISSION:
        check_item(frame, command, x, y, file=file, key=f"{key}.params")
    check_item(frame, 0, x, y, file=file, key=f"{key}.frame")
    seq = len(collected.rows) + 1
    jump_id = item.get("doJumpId")
    collected.jump_ids[seq if jump_id is None else whole(jump_id, file=file, key=f"{key}.doJumpId")] = seq
    autocontinue = item.get("autoContinue", True) is True
    collected.rows.append(
        MissionRow(seq=seq, frame=frame, command=command, params=(p1, p2, p3, p4), x=x, y=y, z=z, autocontinue=autocontinue)
    )


def _collect_complex(item: _Object, collected: _Collected, file: str, key: str) -> None:
    kind = item.get("complexItemType")
    if not isinstance(kind, str) or kind not in _COMPLEX:
        mend = f"give one of {', '.join(_COMPLEX)}, or save the plan's items as simple ones"
        raise InputError("cannot be expanded", file=file, key=f"{key}.complexItemType", value=kind, mend=mend)
    _require_version(item, file, f"{key}.version", _COMPLEX[kind])
    transects = _object(_get(item, _TRANSECTS, file, f"{key}.{_TRANSECTS}"), file, f"{key}.{_TRANSECTS}")
    where = f"{key}.{_TRANSECTS}.Items"
    for index, raw in enumerate(_list(_get(transects, "Items", file, where), file, where)):
        inner = _object(raw, file, f"{where}[{index}]")
        if inner.get("type") != "SimpleItem":
            raise InputError("is not a simple item", file=file, key=f"{where}[{index}].type", mend=_AGAIN)
        _collect_simple(inner, collected, file, f"{where}[{index}]")
    if "polygon" in item:
        collected.surveys.append(_ring(item["polygon"], file, f"{key}.polygon", at_least=3))
    if "polyline" in item:
        collected.corridors.append(_ring(item["polyline"], file, f"{key}.polyline", at_least=2))


def _with_jumps(collected: _Collected, file: str) -> Iterator[MissionRow]:
    """DO_JUMP names a doJumpId in the file and a seq on the vehicle."""
    for row in collected.rows:
        if row.command != MavCmd.DO_JUMP:
            yield row
            continue
        target = collected.jump_ids.get(int(row.params[0])) if math.isfinite(row.params[0]) else None
        if target is None:
            text = f"jumps to {row.params[0]:g}, and no item has that doJumpId"
            raise InputError(text, file=file, key=f"item {row.seq}", value=row.params[0], mend="correct the jump")
        yield replace(row, params=(float(target), *row.params[1:]))


def _home(mission: _Object, file: str) -> Position | None:
    raw = mission.get("plannedHomePosition")
    if raw is None:
        return None
    key = "mission.plannedHomePosition"
    numbers = _list(raw, file, key)
    where = _lat_lon(numbers, file, key)
    height_m = real(numbers[2], file=file, key=key) if len(numbers) > 2 and numbers[2] is not None else 0.0
    return Position(lat_deg=where.lat_deg, lon_deg=where.lon_deg, height_m=height_m)


def _fences(fence: _Object, file: str) -> Iterator[FenceZone]:
    for index, raw in enumerate(_list(fence.get("polygons", []), file, "geoFence.polygons")):
        key = f"geoFence.polygons[{index}]"
        polygon = _object(raw, file, key)
        yield FencePolygon(_flag(polygon, file, key), _ring(polygon.get("polygon"), file, f"{key}.polygon", at_least=3))
    for index, raw in enumerate(_list(fence.get("circles", []), file, "geoFence.circles")):
        key = f"geoFence.circles[{index}]"
        zone = _object(raw, file, key)
        circle = _object(zone.get("circle"), file, f"{key}.circle")
        radius_m = real(circle.get("radius"), file=file, key=f"{key}.circle.radius")
        if radius_m <= 0:
            raise InputError(f"{radius_m:g} is not above 0", file=file, key=f"{key}.circle.radius", value=radius_m, mend="correct the file")
        centre = _lat_lon(_list(circle.get("center"), file, f"{key}.circle.center"), file, f"{key}.circle.center")
        yield FenceCircle(_flag(zone, file, key), centre, radius_m)


def _flag(zone: _Object, file: str, key: str) -> bool:
    value = zone.get("inclusion")
    if not isinstance(value, bool):
        raise InputError("is not true or false", file=file, key=f"{key}.inclusion", value=value, mend="say whether to stay in")
    return value


def _rally(rally: _Object, file: str) -> Iterator[Position]:
    for index, raw in enumerate(_list(rally.get("points", []), file, "rallyPoints.points")):
        key = f"rallyPoints.points[{index}]"
        numbers = _list(raw, file, key)
        where = _lat_lon(numbers, file, key)
        height_m = real(numbers[2], file=file, key=key) if len(numbers) > 2 else 0.0
        yield Position(lat_deg=where.lat_deg, lon_deg=where.lon_deg, height_m=height_m)


def _ring(raw: object, file: str, key: str, *, at_least: int) -> tuple[LatLon, ...]:
    points = [_lat_lon(_list(pair, file, f"{key}[{index}]"), file, f"{key}[{index}]") for index, pair in enumerate(_list(raw, file, key))]
    if len(points) < at_least:
        raise InputError(f"has {len(points)} places", file=file, key=key, mend=f"give at least {at_least}")
    return tuple(points)


def _lat_lon(numbers: Sequence[object], file: str, key: str) -> LatLon:
    """The opposite order of GeoJSON's."""
    if len(numbers) < 2:
        raise InputError("is not a place", file=file, key=key, mend="give [latitude, longitude]")
    return place(numbers[0], numbers[1], file=file, key=key)


def _require_version(table: _Object, file: str, key: str, known: range) -> None:
    version = table.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version not in known:
        versions = f"{known[0]}" if len(known) == 1 else f"{known[0]} to {known[-1]}"
        raise InputError(f"is not {versions}", file=file, key=key, value=version, mend="save it again with a current QGroundControl")


def _get(table: _Object, name: str, file: str, key: str) -> object:
    if table.get(name) is None:
        raise InputError("is missing", file=file, key=key, mend=_AGAIN)
    return table[name]


def _object(raw: object, file: str, key: str) -> _Object:
    return json_object(raw, file=file, key=key, mend=_AGAIN)


def _list(raw: object, file: str, key: str) -> list[object]:
    return json_list(raw, file=file, key=key, mend=_AGAIN)
