"""What is wrong with a user's input: which file, which key, which value, and how to mend it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from difflib import get_close_matches

Value = str | int | float | bool | None

_MAX_VALUE_CHARS = 120


class InputError(Exception):
    """One defect of the input, told in one line: `file: key: text (mend)`.

    `key` is a path such as `drone_type[0].endurance_s`, or `line 7` when the file could not be parsed; `value` is what
    stood there. Both may be None.
    """

    def __init__(self, text: str, *, file: str | None = None, key: str | None = None, value: object = None, mend: str = "") -> None:
        self.text = one_line(text)
        self.file = file
        self.key = key
        self.value = plain_value(value)
        self.mend = one_line(mend)
        super().__init__(self.line)

    @property
    def line(self) -> str:
        """The whole error in one line."""
        parts = [one_line(part) for part in (self.file, self.key, self.text) if part]
        return ": ".join(parts) + (f" ({self.mend})" if self.mend else "")

    def document(self) -> dict[str, dict[str, Value]]:
        """The error object that `--json` prints."""
        return {"error": {"file": self.file, "key": self.key, "value": self.value, "mend": self.mend, "text": self.text}}


def one_line(text: str) -> str:
    """Text without line breaks or control characters, which a hostile file could use to forge terminal output."""
    return re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in text)).strip()


def plain_value(value: object) -> Value:
    """The value as JSON can hold it, shortened when long."""
    match value:
        case None | bool() | int():
            return value if -(2**63) <= (value or 0) < 2**63 else shortened(value)
        case float():
            return value if math.isfinite(value) else str(value)
        case _:
            return shortened(value)


def shortened(value: object) -> str:
    """A value for a message: quoted by the caller when it wishes, one line, never long."""
    text = value if isinstance(value, str) else type(value).__name__ if isinstance(value, dict | list) else _digits(value)
    text = one_line(text)
    return text if len(text) <= _MAX_VALUE_CHARS else text[: _MAX_VALUE_CHARS - 3] + "..."


def _digits(value: object) -> str:
    # str() of an int beyond 4300 digits raises (sys.set_int_max_str_digits)
    return f"an integer of {value.bit_length()} bits" if isinstance(value, int) and value.bit_length() > 128 else str(value)


def nearest_mend(word: str, known: Iterable[str], *, what: str = "known keys") -> str:
    """What to write instead of an unknown word: the nearest known one, or all of them."""
    names = sorted(known)
    near = get_close_matches(word.lower(), names, n=1, cutoff=0.6) or get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]}?"
    return f"{what}: {', '.join(names)}" if names else f"there are no {what}"
