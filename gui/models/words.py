"""The words that an operator reads, in the language of the desktop; without Qt, which only brings the translations.

A text is marked where it stands: `tr("Saved {file}", file=path)`, `counted(3, "{n} drone", "{n} drones")`, or `mark("Lanes")` for
one that is looked up later. Many are made when their module is loaded, so a language is taken up before the rest of the desktop is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Translate(Protocol):
    """A text in another language; with `number`, in the form that goes with so many. An empty one stands for none."""

    def __call__(self, text: str, number: int | None = None) -> str: ...


def _as_it_is(text: str, number: int | None = None) -> str:  # noqa: ARG001
    return ""


def _plain(value: float, decimals: int) -> str:
    return f"{value:,.{decimals}f}"


_translate: Translate = _as_it_is
_number: Callable[[float, int], str] = _plain


def speak(translate: Translate, number: Callable[[float, int], str] = _plain) -> None:
    """From now on in this language; `number` writes one with so many decimals."""
    global _translate, _number
    _translate, _number = translate, number


def tr(text: str, /, **values: object) -> str:
    """The text with its values put in; they may stand elsewhere in another language."""
    told = _translate(text) or text
    return told.format(**values) if values else told


def counted(n: int, one: str, many: str, /, **values: object) -> str:
    """`one` or `many` in English, as many forms as another language has."""
    told = _translate(many, n) or (one if n == 1 else many)
    return told.format(n=number_text(n), **values)


def mark(text: str) -> str:
    """To be looked up with `tr` when it is shown."""
    return text


def number_text(value: float, decimals: int = 0) -> str:
    """A number as people of that language write it."""
    return _number(value, decimals)


def signed_text(value: float, decimals: int = 0) -> str:
    """The same with its sign, whichever it is."""
    return f"{'-' if value < 0 else '+'}{number_text(abs(value), decimals)}"
