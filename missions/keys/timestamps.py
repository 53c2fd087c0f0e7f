"""How far the time of each aircraft's signing has come, on the disk: it never goes back, whoever writes and whatever dies.

A frame is believed once. Were the time forgotten, old frames could be played again; were it to go back, ours would be refused.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

_TABLE = "CREATE TABLE IF NOT EXISTS timestamps (drone TEXT, stream TEXT, ticks INTEGER NOT NULL, PRIMARY KEY (drone, stream))"
_SAVE = (
    "INSERT INTO timestamps VALUES (?, ?, ?) ON CONFLICT (drone, stream) DO UPDATE SET ticks = max(ticks, excluded.ticks) "
    "WHERE excluded.ticks > ticks"
)
#: How long to wait for another program that is writing.
_PATIENCE_S = 5.0


class TimestampFile:
    """A `mavlink_bridge.signing.TimestampStore`. Opened for each use, so nothing is held that could be lost."""

    def __init__(self, path: Path) -> None:
        """Raises OSError when there can be no such file."""
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with closing(self._open()) as file, file:
                file.execute(_TABLE)
        except sqlite3.Error as error:
            raise OSError(None, str(error)) from error

    def load(self, name: str) -> Mapping[str, int]:
        with closing(self._open()) as file:
            return dict(file.execute("SELECT stream, ticks FROM timestamps WHERE drone = ?", (name,)).fetchall())

    def save(self, name: str, timestamps: Mapping[str, int]) -> None:
        with closing(self._open()) as file, file:
            file.executemany(_SAVE, [(name, stream, ticks) for stream, ticks in timestamps.items()])

    def _open(self) -> sqlite3.Connection:
        file = sqlite3.connect(self._path, timeout=_PATIENCE_S)
        # On the disk before it is used; with a log written ahead that is one wait a transaction.
        file.execute("PRAGMA journal_mode=WAL")
        file.execute("PRAGMA synchronous=FULL")
        return file
