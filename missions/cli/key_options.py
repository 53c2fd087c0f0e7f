"""The options that say where signing keys are kept, and what a flight needs of them."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from missions.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection

    from missions.keys.records import KeyStore
    from missions.vehicles import Real

KEYS_VARIABLE: Final = "JOINTPATROL_KEYS"
KeysOption = Annotated[
    str | None,
    typer.Option(
        "--keys", metavar="FILE|keyring", envvar=KEYS_VARIABLE, help="Where keys are kept.", show_default="a file of the user's own"
    ),
]


def key_place(given: str | None) -> str:
    from missions.keys.key_ring import KEYRING
    from missions.keys.places import default_place

    place = given if given is not None else default_place()
    # A flight that is gone on with may be so from another folder.
    return place if place == KEYRING else str(Path(place).absolute())


def key_store(place: str) -> KeyStore:
    """Raises InputError; asks for the pass phrase when it is first needed."""
    from missions.keys.places import open_store

    return open_store(place, _pass_phrase)


def _pass_phrase(is_new: bool) -> str:
    from missions.keys.places import PASS_PHRASE_VARIABLE

    given = os.environ.get(PASS_PHRASE_VARIABLE)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise InputError("the key file has a pass phrase, and nobody can be asked", key="--keys", mend=f"set {PASS_PHRASE_VARIABLE}")
    prompt = "New pass phrase for the key file" if is_new else "Pass phrase of the key file"
    typed: str = typer.prompt(prompt, hide_input=True, confirmation_prompt=is_new, err=True)
    return typed


def with_keys(vehicles: Real, drones: Collection[str], place: str) -> Real:
    """These vehicles, spoken to signed. Raises InputError when a key is missing, or nobody knows which one is on board."""
    from missions.keys.places import open_timestamps
    from missions.vehicles import Keys

    if not drones:
        return vehicles
    store = key_store(place)
    records = store.load(sorted(drones))
    by_drone = {}
    for drone in sorted(drones):
        record = records.get(drone)
        if record is None or record.on_board is None:
            raise InputError("has no key on board", file=store.place, key=drone, mend="jointpatrol keys set-up")
        if not record.is_settled:
            raise InputError("may have its old key or its new one", file=store.place, key=drone, mend="jointpatrol keys set-up")
        by_drone[drone] = record.on_board
    return replace(vehicles, keys=Keys(by_drone=by_drone, timestamps=open_timestamps(place), place=place))
