"""The links file: which drone is reached where, as TOML with one line a drone.

    ald-west-1 = "udpin:0.0.0.0:14550"
    ald-west-2 = "serial:/dev/ttyUSB0:57600"

Several drones may share a link: each answers to the system id that the plan gives it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from mavlink_bridge.errors import LinkAddressError
from mavlink_bridge.link_address import parse_link
from missions.errors import InputError, nearest_mend
from planner.model import Plan


def load_links(path: Path, plan: Plan) -> dict[str, str]:
    """Link addresses by drone id, for every drone that has a sortie. Raises InputError.

    Every such drone must have a system id in the plan: without one nobody can tell which airframe answers.
    """
    document = _document(path)
    known = {drone.id for drone in plan.drones}
    needed = {sortie.drone for sortie in plan.sorties}
    for drone, link in document.items():
        if drone not in known:
            raise InputError("the plan has no such drone", file=str(path), key=drone, mend=nearest_mend(drone, known, what="drones"))
        _require_address(path, drone, link)
    for drone in sorted(needed - document.keys()):
        raise InputError("has no link", file=str(path), key=drone, mend="every drone with a sortie needs one")
    _require_system_ids(path, plan, document)
    return {drone: str(link) for drone, link in document.items() if drone in needed}


def _document(path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(path), mend="give embedded, ardupilot or a links file") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"is not TOML: {error}", file=str(path), mend='one line a drone: name = "udpin:0.0.0.0:14550"') from error


def _require_address(path: Path, drone: str, link: object) -> None:
    try:
        if not isinstance(link, str):
            raise LinkAddressError("is not a link's address: write it in quotes")
        parse_link(link)
    except LinkAddressError as error:
        mend = f'for example {drone} = "udpin:0.0.0.0:14550"'
        raise InputError(str(error), file=str(path), key=drone, value=link, mend=mend) from error


def _require_system_ids(path: Path, plan: Plan, links: Mapping[str, object]) -> None:
    taken: dict[tuple[object, int], str] = {}
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
