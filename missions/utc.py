"""Wall-clock time of a plan's seconds, for people and for files of other tools."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


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
        self._start = at_utc(start_utc, 0.0)
        self._last: tuple[float, str] | None = None

    def text(self, at_s: float) -> str:
        """As `utc_text` of `at_utc`."""
        # a leg begins when the one before ends
        if self._last is None or self._last[0] != at_s:
            self._last = (at_s, utc_text(self._start + timedelta(seconds=at_s)))
        return self._last[1]
