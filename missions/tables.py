"""Read the tables of a parsed TOML or JSON document as typed values; every error names file, key path, value and mend."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NoReturn, TypeVar

from missions.errors import InputError, nearest_mend, shortened

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

#: Ids become file names, MAVLink texts and table rows, so they are plain.
ID_PATTERN: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.\-]{0,62}[A-Za-z0-9_\-])?", re.ASCII)
MAX_TEXT_CHARS: Final = 4000


class Table:
    """One table, read key by key. Keys other than `keys` are an error at once, with the nearest known key as mend.

    `path` is the key path of the table itself, empty for the document.
    """

    def __init__(self, raw: object, *, file: str, path: str, keys: Sequence[str]) -> None:
        self.file = file
        self.path = path
        if not isinstance(raw, dict):
            raise InputError(f"is {kind_of(raw)}, expected a table", file=file, key=path or None, value=raw, mend="give keys and values")
        self._raw: dict[str, object] = raw
        for key in raw:
            if key not in keys:
                self.fail(key, "unknown key", mend=nearest_mend(key, keys), value=raw[key])

    def key(self, name: str) -> str:
        """The full key path of one of this table's keys."""
        name = name if re.fullmatch(r"[A-Za-z0-9_\-]+", name) else f'"{shortened(name)}"'
        return f"{self.path}.{name}" if self.path else name

    def fail(self, name: str, text: str, *, mend: str = "", value: object = None) -> NoReturn:
        """Report a defect of one key; the value is looked up when not given."""
        raise InputError(text, file=self.file, key=self.key(name), value=self._raw.get(name) if value is None else value, mend=mend)

    def has(self, name: str) -> bool:
        """Whether the key is there; JSON's null counts as absent."""
        return self._raw.get(name) is not None

    def raw(self, name: str) -> object:
        """The unconverted value; a missing key is an error."""
        if not self.has(name):
            self.fail(name, "is missing", mend=f"add {name}")
        return self._raw[name]

    def text(self, name: str, default: str | None = None) -> str:
        """A single line of printable text that is not empty."""
        if default is not None and not self.has(name):
            return default
        value = self._typed(name, str, "a text")
        if not value.isprintable() or (not value.strip() and default != ""):
            self.fail(name, "is empty or not printable", mend="give one line of text")
        if len(value) > MAX_TEXT_CHARS:
            self.fail(name, f"is longer than {MAX_TEXT_CHARS} characters", mend="shorten it")
        return value

    def id(self, name: str, default: str | None = None) -> str:
        """A name that other keys refer to, and that may become part of a file's name."""
        value = self.text(name, default)
        if not ID_PATTERN.fullmatch(value):
            self.fail(name, f"{shortened(value)!r} is not an id", mend="use up to 64 letters a-z, digits, '-', '_' and '.'", value=value)
        return value

    def number(
        self,
        name: str,
        default: float | None = None,
        *,
        above: float = -math.inf,
        below: float = math.inf,
        at_least: float = -math.inf,
        at_most: float = math.inf,
    ) -> float:
        """A finite number within the given limits, as a float."""
        if default is not None and not self.has(name):
            return default
        value = self.raw(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fail(name, f"is {kind_of(value)}, expected a number", mend="give a number without quotes")
        number = _as_float(value)
        if not math.isfinite(number):
            self.fail(name, f"{shortened(value)} is not a finite number", mend="give a finite number")
        if not (above < number < below and at_least <= number <= at_most):
            limits = _limits(above=above, below=below, at_least=at_least, at_most=at_most)
            self.fail(name, f"{shortened(value)} is out of range", mend=f"give a number {limits}")
        return number

    def integer(self, name: str, default: int | None = None, *, at_least: int, at_most: int) -> int:
        """A whole number within the given limits."""
        if default is not None and not self.has(name):
            return default
        value = self._typed(name, int, "a whole number")
        if not at_least <= value <= at_most:
            self.fail(name, f"{shortened(value)} is out of range", mend=f"give a whole number from {at_least} to {at_most}")
        return value

    def flag(self, name: str, default: bool | None = None) -> bool:
        """True or false."""
        if default is not None and not self.has(name):
            return default
        return self._typed(name, bool, "true or false")

    def choice(self, name: str, choices: type[E], default: E | None = None) -> E:
        """One of an enum's values."""
        if default is not None and not self.has(name):
            return default
        value = self._typed(name, str, "a text")
        try:
            return choices(value)
        except ValueError:
            words = [choice.value for choice in choices]
            self.fail(name, f"{shortened(value)!r} is not one of {', '.join(words)}", mend=nearest_mend(value, words, what="choices"))

    def utc(self, name: str) -> datetime:
        """A moment with its offset, converted to UTC."""
        value = self.raw(name)
        mend = "write it like 2026-06-01T06:00:00Z, without quotes"
        if not isinstance(value, datetime):
            self.fail(name, f"is {kind_of(value)}, expected a date and time", mend=mend)
        if value.tzinfo is None:
            self.fail(name, f"{value.isoformat()} has no time zone", mend=f"add Z for UTC, or an offset: {value.isoformat()}Z")
        try:
            return value.astimezone(UTC)
        except OverflowError:
            self.fail(name, f"{value.isoformat()} is outside the calendar in UTC", mend=mend)

    def table(self, name: str, keys: Sequence[str]) -> Table:
        """A sub-table; an absent one reads as empty."""
        return Table(self._raw[name] if self.has(name) else {}, file=self.file, path=self.key(name), keys=keys)

    def items(self, name: str) -> list[tuple[str, object]]:
        """The elements of a list, each with its key path; an absent list is empty."""
        raw = self._raw[name] if self.has(name) else []
        if not isinstance(raw, list):
            self.fail(name, f"is {kind_of(raw)}, expected a list", mend=f"write [[{self.key(name)}]] in a mission file")
        return [(f"{self.key(name)}[{index}]", element) for index, element in enumerate(raw)]

    def tables(self, name: str, keys: Sequence[str]) -> list[Table]:
        """A list of tables; an absent list is empty."""
        return [Table(raw, file=self.file, path=path, keys=keys) for path, raw in self.items(name)]

    @contextmanager
    def checked(self) -> Iterator[None]:
        """Turn what a frozen type refuses at construction into an error at this table."""
        try:
            yield
        except ValueError as error:
            raise InputError(str(error), file=self.file, key=self.path or None, mend="correct this table") from error

    def _typed(self, name: str, wanted: type[T], words: str) -> T:
        value = self.raw(name)
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            self.fail(name, f"is {kind_of(value)}, expected {words}", mend=f"give {words}")
        return value


def require_unique(tables: Sequence[Table], name: str, read: Callable[[Table], str]) -> None:
    """Report the second table whose key repeats an earlier one's value."""
    seen: dict[str, str] = {}
    for table in tables:
        value = read(table)
        if value in seen:
            table.fail(name, f"{value!r} is already used by {seen[value]}", mend="give each its own id", value=value)
        seen[value] = table.path


def kind_of(value: object) -> str:
    """What a parsed value is, in a user's words."""
    match value:
        case None:
            return "empty"
        case bool():
            return f"{str(value).lower()} (a truth value)"
        case int() | float():
            return f"the number {shortened(value)}"
        case str():
            return f"the text {shortened(value)!r}"
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return f"the {type(value).__name__} {shortened(value)}"


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _limits(*, above: float, below: float, at_least: float, at_most: float) -> str:
    words = (("above", above), ("of at least", at_least), ("below", below), ("of at most", at_most))
    return " and ".join(f"{word} {limit:g}" for word, limit in words if math.isfinite(limit))
