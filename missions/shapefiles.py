"""Shapefiles whose index points beyond the file's end, on which GDAL spends seconds a record, are refused before it sees them.

After ESRI's "Shapefile Technical Description" (July 1998): the .shx holds, after 100 bytes, offset and length of each record of the .shp as
big-endian whole numbers that count 16-bit words.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from missions.lonlat_shapes import ShapeError

_HEAD_BYTES, _ENTRY_BYTES = 100, 8


def refuse_damaged(path: Path) -> None:
    """Look at the index beside a .shp; one that is not there is GDAL's to tell. Raises ShapeError."""
    index = next((each for each in (path.with_suffix(".shx"), path.with_suffix(".SHX")) if each.is_file()), None)
    if index is None:
        return
    entries = index.read_bytes()[_HEAD_BYTES:]
    words = np.frombuffer(entries[: len(entries) // _ENTRY_BYTES * _ENTRY_BYTES], dtype=">i4").reshape(-1, 2).astype(np.int64)
    # lengths are those of the contents, which follow eight bytes of the record's own head
    ends = 2 * words.sum(axis=1) + _ENTRY_BYTES
    if (words < 0).any() or (ends > path.stat().st_size).any():
        raise ShapeError(f"is damaged: {index.name} names records that are not in it", "save it again in the program that wrote it")
