"""Readers of exported files that share nothing with the writers: what another program would make of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
import numpy as np
import pyogrio.raw
import shapely
from shapely.geometry.base import BaseGeometry


class WplRow(NamedTuple):
    """The twelve columns of `QGC WPL 110` (mavlink.io/en/file_formats)."""

    seq: int
    current: int
    frame: int
    command: int
    p1: float
    p2: float
    p3: float
    p4: float
    lat_deg: float
    lon_deg: float
    z: float
    autocontinue: int


def read_wpl(content: bytes) -> list[WplRow]:
    """Strict: the header, then twelve columns a row, counted from 0."""
    header, *lines = content.decode("ascii").splitlines()
    assert header == "QGC WPL 110"
    rows = []
    for number, line in enumerate(lines):
        columns = line.split("\t")
        assert len(columns) == 12, line
        rows.append(WplRow._make([*map(int, columns[:4]), *map(float, columns[4:11]), int(columns[11])]))
        assert rows[-1].seq == number
    return rows


Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Params = Annotated[list[float | None], msgspec.Meta(min_length=7, max_length=7)]


class SimpleItem(msgspec.Struct, forbid_unknown_fields=True):
    type: Literal["SimpleItem"]
    command: Annotated[int, msgspec.Meta(gt=0)]
    frame: Literal[0, 2, 3, 10]
    autoContinue: bool  # noqa: N815
    doJumpId: Annotated[int, msgspec.Meta(ge=1)]  # noqa: N815
    params: Params
    Altitude: float | None = None
    AltitudeMode: Literal[0, 1, 2, 3, 4] | None = None
    AMSLAltAboveTerrain: float | None = None


class QgcMission(msgspec.Struct, forbid_unknown_fields=True):
    version: Literal[2]
    firmwareType: Literal[3, 12]  # noqa: N815
    vehicleType: Literal[1, 2, 20]  # noqa: N815
    cruiseSpeed: float  # noqa: N815
    hoverSpeed: float  # noqa: N815
    globalPlanAltitudeMode: Literal[0, 1, 2, 3, 4]  # noqa: N815
    plannedHomePosition: tuple[Latitude, Longitude, float]  # noqa: N815
    items: list[SimpleItem]


class FencePolygon(msgspec.Struct, forbid_unknown_fields=True):
    version: Literal[1]
    inclusion: bool
    polygon: Annotated[list[tuple[Latitude, Longitude]], msgspec.Meta(min_length=3)]


class GeoFence(msgspec.Struct, forbid_unknown_fields=True):
    version: Literal[2]
    circles: list[Any]
    polygons: list[FencePolygon]


class RallyPoints(msgspec.Struct, forbid_unknown_fields=True):
    version: Literal[2]
    points: list[tuple[Latitude, Longitude, float]]


class QgcPlan(msgspec.Struct, forbid_unknown_fields=True):
    """QGroundControl's plan.md, with its version numbers; keys it does not list are refused."""

    fileType: Literal["Plan"]  # noqa: N815
    version: Literal[1]
    groundStation: str  # noqa: N815
    mission: QgcMission
    geoFence: GeoFence  # noqa: N815
    rallyPoints: RallyPoints  # noqa: N815


def read_qgc_plan(content: bytes) -> QgcPlan:
    return msgspec.json.decode(content, type=QgcPlan, strict=True)


class Row(msgspec.Struct, frozen=True):
    """A feature as GDAL gives it."""

    geometry: BaseGeometry
    fields: dict[str, Any]


def read_with_gdal(content: bytes, path: Path) -> dict[str, list[Row]]:
    """Layers of a file by their name, as GDAL reads them."""
    path.write_bytes(content)
    layers: dict[str, list[Row]] = {}
    for layer, _ in pyogrio.list_layers(path):
        meta, _, wkb, columns = pyogrio.raw.read(path, layer=layer)
        names = [str(name) for name in meta["fields"]]
        layers[str(layer)] = [
            Row(geometry=shape, fields={name: _plain(column[index]) for name, column in zip(names, columns, strict=True)})
            for index, shape in enumerate(shapely.from_wkb(wkb).tolist())
        ]
    return layers


def all_rows(layers: dict[str, list[Row]]) -> Iterable[Row]:
    return (row for rows in layers.values() for row in rows)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
