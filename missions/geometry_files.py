"""Read the geometry a mission file refers to: GeoJSON by hand, anything else through GDAL, as longitude and latitude."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from missions.geojson_file import NAMING_PROPERTIES, Feature, geojson_features, is_plain_geojson, parse_json
from missions.lonlat_shapes import ShapeError
from missions.openair import is_openair, read_openair
from planner.errors import GeometryError
from planner.geo import geographic_from, reference_code

MAX_FILE_BYTES = 200_000_000

#: Asks for all features of a file, united.
EVERY_FEATURE = "*"

_SHOWN_NAMES = 12
_TEXT_SUFFIXES = frozenset({".txt", ".air", ".openair"})


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a geometry is: a file, and the feature's name in it when one is asked for."""

    path: Path
    feature: str | None

    @classmethod
    def parse(cls, text: str, folder: Path) -> Reference:
        """`file`, `file#name` or `file#*`, relative to the folder; a `#` in the name of an existing file is part of it."""
        whole = folder / text
        if "#" not in text or _exists(whole):
            return cls(whole, None)
        name, _, feature = text.rpartition("#")
        return cls(folder / name, feature)


def select(features: list[Feature], name: str | None) -> BaseGeometry:
    """The one feature of that name: by id first, then by each naming property; without a name, the only feature."""
    if not features:
        raise ShapeError("has no feature with a geometry", "put the geometry into it")
    if name == EVERY_FEATURE:
        return shapely.GeometryCollection([feature.geometry for feature in features])
    if name is None:
        if len(features) > 1:
            raise ShapeError(
                f"has {len(features)} features", f"name one: file#ID, where ID is one of {_names(features)}; or file#* for all"
            )
        return features[0].geometry
    for rank in range(1 + len(NAMING_PROPERTIES)):
        found = [feature for feature in features if feature.names[rank] == name]
        if len(found) > 1:
            raise ShapeError(f"has {len(found)} features named {name!r}", f"give each its own id; there are {_names(features)}")
        if found:
            return found[0].geometry
    raise ShapeError(f"has no feature named {name!r}", f"there are {_names(features)}")


def read_features(path: Path, *, crs: str | None = None) -> list[Feature]:
    """All features of a file that have a geometry. `crs` takes the place of what the file says, or does not, of its reference system."""
    if not _exists(path):
        raise ShapeError("does not exist", "correct the name; it is relative to the mission file's folder")
    if path.is_dir() and path.suffix.lower() != ".gdb":
        raise ShapeError("is a folder", "name the file in it")
    if path.is_file() and path.stat().st_size > MAX_FILE_BYTES:
        raise ShapeError(f"is larger than {MAX_FILE_BYTES // 1_000_000} MB", "cut out the part that is needed")
    try:
        return _read(path, crs)
    except OSError as error:
        raise ShapeError(f"cannot be read: {error.strerror or error}", "check the file and its permissions") from error


def stated_crs(path: Path) -> str | None:
    """What reference system a file names, as GDAL tells it; None for those that need none, and where it names none."""
    if path.suffix.lower() in {".geojson", ".json"} or not path.is_file() or is_openair(_head(path)):
        return None
    import pyogrio.errors

    _configure_gdal()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
            found = pyogrio.read_info(path, layer=layers[0])["crs"] if layers else None
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, UnboundLocalError):
            return None
    return None if found is None else reference_code(str(found)) or str(found)


def _read(path: Path, crs: str | None) -> list[Feature]:
    if path.is_file() and path.suffix.lower() in _TEXT_SUFFIXES and is_openair(_head(path)):
        return [Feature((None, None, None, space.name), space.polygon) for space in read_openair(path.read_bytes())]
    if path.suffix.lower() in {".geojson", ".json"}:
        document = parse_json(path.read_bytes())
        if is_plain_geojson(document):
            features = geojson_features(document)
            return features if crs is None else [Feature(each.names, _reprojected(each.geometry, crs)) for each in features]
    return _read_with_gdal(path, crs)


def _read_with_gdal(path: Path, crs: str | None) -> list[Feature]:
    # a virtual dataset may name other files and addresses; everything here works offline and reads what it was told to
    if path.is_file() and b"<OGRVRT" in _head(path):
        raise ShapeError("is a virtual dataset", "give the file it points to")
    # imported here: loading GDAL takes longer than reading a mission that needs only GeoJSON
    import pyogrio.errors

    _configure_gdal()
    with warnings.catch_warnings():
        # GDAL warns of what is mended or refused later: open rings, odd fields
        warnings.simplefilter("ignore", RuntimeWarning)
        warnings.simplefilter("ignore", UserWarning)
        try:
            layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
            return [feature for layer in layers for feature in _layer_features(path, layer, crs)]
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.GeometryError) as error:
            raise ShapeError(f"cannot be read: {str(error).split(';')[0]}", "give GeoJSON, GeoPackage, Shapefile or KML") from error
        except (ValueError, OverflowError, UnboundLocalError) as error:
            # names that are no text, years that are no dates; a reference system that GDAL cannot write out (pyogrio 0.13, get_crs)
            raise ShapeError(f"is damaged: {error}", "save it again in the program that wrote it") from error


@cache
def _configure_gdal() -> None:
    """GDAL would compare a reference system that it does not know with all that it knows, for seconds; PROJ names it at once."""
    import pyogrio

    pyogrio.set_gdal_config_options({"USE_OSR_FIND_MATCHES": "NO"})


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4096)


def _layer_features(path: Path, layer: str, crs: str | None) -> list[Feature]:
    import pyogrio.raw

    meta, _, shapes, columns = pyogrio.raw.read(path, layer=layer, force_2d=True)
    fields = {str(name).lower(): column for name, column in zip(meta["fields"], columns, strict=True)}
    stated = crs or meta["crs"]
    crs = stated if stated is None else reference_code(stated) or stated
    return [
        Feature((None, *(_field(fields.get(key), row) for key in NAMING_PROPERTIES)), geometry)
        for row, geometry in enumerate(_lonlat(shape, crs) for shape in shapes)
        if not geometry.is_empty
    ]


def _field(column: NDArray[np.object_] | None, row: int) -> str | None:
    value = None if column is None else column[row]
    return str(value) if value is not None and str(value) not in {"", "nan", "NaT"} else None


def _lonlat(wkb: bytes | None, crs: str | None) -> BaseGeometry:
    if wkb is None:
        return shapely.GeometryCollection()
    try:
        geometry = shapely.from_wkb(wkb)
    except shapely.errors.GEOSException as error:
        raise ShapeError(f"has a geometry that cannot be read: {error}", "correct the file") from error
    return geometry if crs is None or crs == "EPSG:4326" else _reprojected(geometry, crs)


def _reprojected(geometry: BaseGeometry, crs: str) -> BaseGeometry:
    try:
        return geographic_from(geometry, crs).geometry
    except GeometryError as error:
        raise ShapeError(str(error), "give WGS84 longitude and latitude") from error


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name too long, or with a NUL
        return False


def _names(features: list[Feature]) -> str:
    labels = [feature.label for feature in features]
    return ", ".join(labels[:_SHOWN_NAMES]) + (f" and {len(labels) - _SHOWN_NAMES} more" if len(labels) > _SHOWN_NAMES else "")
