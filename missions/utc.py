"""Wall-clock time of a plan's seconds, for people and for files of other tools."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_MICROSECOND: Final = timedelta(microseconds=1)
_DAY_MS: Final = 86_400_000


def at_utc(start_utc: str, at_s: float) -> datetime:
    """The moment `at_s` seconds after `start_utc` (ISO 8601; taken as UTC when it names no zone)."""
    start = datetime.fromisoformat(start_utc)
    aware = start if start.tzinfo is not None else start.replace(tzinfo=UTC)
    return aware.astimezone(UTC) + timedelta(seconds=at_s)


def utc_text(moment: datetime) -> str:
    """ISO 8601 with `Z`, to the millisecond when there is a fraction of a second."""
    rounded = moment.astimezone(UTC) + timedelta(microseconds=500)
    return rounded.isoformat(timespec="milliseconds").removesuffix("+00:00").removesuffix(".000") + "Z"


class UtcTexts:
    """Texts of a plan's seconds; the start is read once, for plans have a hundred thousand moments."""

    def __init__(self, start_utc: str) -> None:
        start = at_utc(start_utc, 0.0)
        self._midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
        self._start_us = (start - self._midnight) // _MICROSECOND
        self._days: dict[int, str] = {}
        self._last: tuple[float, str] | None = None

    def text(self, at_s: float) -> str:
        """As `utc_text` of `at_utc`."""
        # a leg begins when the one before ends
        if self._last is None or self._last[0] != at_s:
            self._last = (at_s, self._made(at_s))
        return self._last[1]

    def _made(self, at_s: float) -> str:
        # half a millisecond up, as utc_text rounds; datetime itself takes ten times as long
        day, ms = divmod((self._start_us + round(at_s * 1e6) + 500) // 1000, _DAY_MS)
        if day not in self._days:
            self._days[day] = (self._midnight + timedelta(days=day)).date().isoformat()
        fraction = f".{ms % 1000:03}" if ms % 1000 else ""
        return f"{self._days[day]}T{_clock(ms // 1000)}{fraction}Z"

    def clock(self, at_s: float) -> str:
        """Hours, minutes and whole seconds that have passed on that day."""
        return _clock((self._start_us + round(at_s * 1e6)) // 1_000_000 % 86_400)


def _clock(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
