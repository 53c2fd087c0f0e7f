"""A list of callables to be told that something changed: how models reach views without knowing Qt."""

from __future__ import annotations

from collections.abc import Callable

Listener = Callable[[], None]


class Changed:
    """Tells its listeners, in the order they came; they read what they need from the model."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def connect(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def emit(self) -> None:
        for listener in tuple(self._listeners):
            listener()
