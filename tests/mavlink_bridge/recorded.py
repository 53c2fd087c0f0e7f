"""Recorded flights and conversations of the real autopilot as our messages, when they lie beside the checkout."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from mavlink_bridge import messages as m
from mavlink_bridge.codec import _BY_KIND, _SPECIAL

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "recordings"

needs_recordings = pytest.mark.skipif(not FOLDER.is_dir(), reason="recordings of the real autopilot are not beside the checkout")

_KIND_BY_NAME = {re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).upper(): kind for kind in _BY_KIND}
_KIND_BY_NAME["STATUSTEXT"] = m.StatusText


def flight_record(name: str) -> dict[str, Any]:
    path = next(path for path in sorted(FOLDER.glob(f"{name}*.json")))
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


def conversation(name: str) -> list[tuple[str, m.Message]]:
    """(direction, message) of all messages that we speak, in order."""
    return [(way, message) for _, way, message in timed_conversation(name)]


def timed_conversation(name: str) -> Iterator[tuple[float, str, m.Message]]:
    for entry in flight_record(name)["messages"]:
        kind = _KIND_BY_NAME.get(entry.get("name", ""))
        if kind is not None and kind not in _SPECIAL:
            yield entry["t_s"], entry["dir"], as_message(kind, entry["fields"])


def as_message(kind: type[Any], wire: dict[str, Any]) -> m.Message:
    """A recorded message in our units; what the recording left out is 0."""
    ours = {entry.attribute: entry for entry in _BY_KIND[kind].fields}
    values = {
        item.name: ours[item.name].read(wire[ours[item.name].wire]) if wire.get(ours[item.name].wire) is not None else 0
        for item in fields(kind)
        if ours[item.name].wire in wire
    }
    message: m.Message = kind(**values)
    return message
