"""The links file: which drone is reached where, and how its airframe is known, as TOML.

    ald-west-1 = "udpin:0.0.0.0:14550"

    [ald-west-2]
    link = "serial:/dev/ttyUSB0:57600"
    board = "3a0027000b51353439373630"    # what `fly --dry-run` shows
    signed = true                         # by the key that `keys set-up` gave it
    parameters = { FRAME_CLASS = 1 }

Several drones may share a link: each answers to the system id that the plan gives it.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mavlink_bridge.errors import LinkAddressError
from mavlink_bridge.link_address import parse_link
from missions.errors import InputError, nearest_mend
from planner.model import Plan

_KEYS: Final = frozenset({"link", "board", "signed", "parameters"})
_LINE: Final = 'one line a drone: name = "udpin:0.0.0.0:14550"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Airframe:
    """What tells this airframe from others, beside its system id: its board's number, and parameters that it must have."""

    board: str | None = None
    parameters: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """By drone id, of the drones that have a sortie. `signed` are those that are spoken to with a key."""

    links: Mapping[str, str]
    airframes: Mapping[str, Airframe]
    signed: frozenset[str] = frozenset()


def load_links(path: Path, plan: Plan) -> Links:
    """How every drone that has a sortie is reached. Raises InputError.

    Every such drone must have a system id in the plan: without one nobody can tell which airframe answers.
    """
    document = _document(path)
    known = {drone.id for drone in plan.drones}
    needed = {sortie.drone for sortie in plan.sorties}
    for drone in document:
        if drone not in known:
            raise InputError("the plan has no such drone", file=str(path), key=drone, mend=nearest_mend(drone, known, what="drones"))
    entries = {drone: _entry(path, drone, entry) for drone, entry in document.items()}
    links = {drone: _address(path, drone, entry.get("link")) for drone, entry in entries.items()}
    airframes = {drone: _airframe(path, drone, entry) for drone, entry in entries.items()}
    for drone in sorted(needed - document.keys()):
        raise InputError("has no link", file=str(path), key=drone, mend="every drone with a sortie needs one")
    _require_system_ids(path, plan, links)
    return Links(
        links={drone: link for drone, link in links.items() if drone in needed},
        airframes={drone: airframe for drone, airframe in airframes.items() if drone in needed},
        signed=frozenset(drone for drone, entry in entries.items() if drone in needed and _flag(path, drone, entry)),
    )


def _document(path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(path), mend="give embedded, ardupilot or a links file") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"is not TOML: {error}", file=str(path), mend=_LINE) from error


def _entry(path: Path, drone: str, entry: object) -> Mapping[str, object]:
    """A table, or a line that is nothing but the link."""
    if not isinstance(entry, dict):
        return {"link": entry}
    for key in entry:
        if key not in _KEYS:
            raise InputError("is unknown here", file=str(path), key=f"{drone}.{key}", mend=nearest_mend(key, _KEYS))
    return entry


def _address(path: Path, drone: str, link: object) -> str:
    try:
        if not isinstance(link, str):
            raise LinkAddressError("is not a link's address: write it in quotes")
        parse_link(link)
    except LinkAddressError as error:
        mend = f'for example {drone} = "udpin:0.0.0.0:14550"'
        raise InputError(str(error), file=str(path), key=drone, value=link, mend=mend) from error
    return link


def _airframe(path: Path, drone: str, entry: Mapping[str, object]) -> Airframe:
    board, parameters = entry.get("board"), entry.get("parameters", {})
    if board is not None and not isinstance(board, str):
        raise InputError("is not a board's number: write it in quotes", file=str(path), key=f"{drone}.board", value=board)
    if not isinstance(parameters, dict) or not all(_is_number(value) for value in parameters.values()):
        mend = "for example { FRAME_CLASS = 1 }"
        raise InputError("are not parameters with their values", file=str(path), key=f"{drone}.parameters", mend=mend)
    values = {str(name): float(value) for name, value in parameters.items()}
    return Airframe(board=board.lower() if board is not None else None, parameters=values)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _flag(path: Path, drone: str, entry: Mapping[str, object]) -> bool:
    signed = entry.get("signed", False)
    if not isinstance(signed, bool):
        raise InputError("is neither true nor false", file=str(path), key=f"{drone}.signed", value=signed)
    return signed


def _require_system_ids(path: Path, plan: Plan, links: Mapping[str, str]) -> None:
    taken: dict[tuple[str, int], str] = {}
    for drone in plan.drones:
        if drone.id not in links:
            continue
        if drone.system_id is None:
            text = "has no system id in the plan, so nobody could tell whether it is the airframe that answers"
            raise InputError(text, file=str(path), key=drone.id, mend="give the drone a system_id in the mission file")
        other = taken.setdefault((links[drone.id], drone.system_id), drone.id)
        if other != drone.id:
            text = f"shares its link and its system id {drone.system_id} with {other}"
            raise InputError(text, file=str(path), key=drone.id, mend="use another link or other system ids")


def links_text(links: Links) -> str:
    """The same as a links file."""
    lines: list[str] = []
    for drone, link in links.links.items():
        airframe = links.airframes.get(drone, Airframe())
        lines += [f"[{json.dumps(drone)}]", f"link = {json.dumps(link)}"]
        if airframe.board is not None:
            lines.append(f"board = {json.dumps(airframe.board)}")
        if drone in links.signed:
            lines.append("signed = true")
        if airframe.parameters:
            lines.append(
                "parameters = { " + ", ".join(f"{json.dumps(name)} = {value!r}" for name, value in airframe.parameters.items()) + " }"
            )
        lines.append("")
    return "\n".join(lines)
