"""Raster tiles from an MBTiles file (specification 1.3)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from gui.models.raster_tiles import Tile, TileSource
from missions.errors import InputError

SUFFIX = ".mbtiles"


def open_mbtiles(path: Path) -> TileSource:
    """Raises InputError."""
    try:
        with closing(_connected(path)) as connection:
            told = dict(connection.execute("SELECT name, value FROM metadata"))
            zooms = connection.execute("SELECT min(zoom_level), max(zoom_level) FROM tiles").fetchone()
    except sqlite3.Error as error:
        raise InputError(f"is no MBTiles file: {error}", file=str(path), mend="give a file with the tables metadata and tiles") from error
    if told.get("format") == "pbf":
        raise InputError("holds vector tiles", file=str(path), key="format", value="pbf", mend="give one with png, jpg or webp tiles")
    if zooms[0] is None:
        raise InputError("holds no tile", file=str(path), mend="give a file with tiles")
    return TileSource(path=path, min_zoom=int(zooms[0]), max_zoom=int(zooms[1]))


def read_tiles(path: Path, tiles: Iterable[Tile]) -> dict[Tile, bytes]:
    """Those that there are. Raises InputError."""
    query = "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"
    try:
        with closing(_connected(path)) as connection:
            # rows are counted from the south in the file
            found = {tile: connection.execute(query, (tile.zoom, tile.column, 2**tile.zoom - 1 - tile.row)).fetchone() for tile in tiles}
    except sqlite3.Error as error:
        raise InputError(f"cannot be read: {error}", file=str(path), mend="check the file") from error
    return {tile: bytes(row[0]) for tile, row in found.items() if row is not None}


def _connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
