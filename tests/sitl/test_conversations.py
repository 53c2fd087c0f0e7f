"""Recorded conversations with ArduCopter 4.7.0-dev, held again with the embedded vehicle: the same answers in the same order.

Streams are left out, times are not compared, and floats agree to five digits. What differs is listed with its reason, and
must go on differing: a reason that no longer has anything to explain fails.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from mavlink_bridge import messages as m
from sitl.vehicle import EmbeddedVehicle
from tests.sitl.conversations import Heard, Preparation, answers, differences, held_again, recorded_answers
from tests.sitl.recordings import FOLDER, needs_recordings, record
from tests.sitl.station import ARM, AUTO, SET_MODE, Station, mission

pytestmark = needs_recordings

#: What comes at a rate; the recordings with rates say so.
_STREAMS = (m.GlobalPositionInt, m.Attitude, m.ExtendedSysState, m.MissionCurrent, m.FenceStatus)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a recording does not hold: which recordings of its session came before, what had been set, what is streamed."""

    before: tuple[str, ...] = ()
    start: Mapping[str, float] = field(default_factory=dict)
    prepare: Preparation | None = None
    streamed: tuple[type[Any], ...] = ()
    #: Pattern of a difference, and why it may be.
    exceptions: Mapping[str, str] = field(default_factory=dict)


def _upload(vehicle: EmbeddedVehicle, items: list[dict[str, Any]]) -> Station:
    station = Station(vehicle)
    assert station.upload(items) == 0
    station.listen()
    return station


def _five_items(vehicle: EmbeddedVehicle) -> None:
    _upload(vehicle, mission((22, 0, 0, 20), (16, 100, 0, 20), (16, 100, 100, 20), (20,))).forget()


def _auto_over_home(vehicle: EmbeddedVehicle) -> None:
    """The mission that k07 begins with: home, take-off to 20 m, and north."""
    station = _upload(vehicle, mission((22, 0, 0, 20), (16, 300, 0, 20), (16, 300, 100, 20), (16, 0, 100, 20), (20,)))
    station.command(SET_MODE, 1, AUTO)


def _armed_in_auto(vehicle: EmbeddedVehicle) -> None:
    """The mission that k07b begins with, as far as it is read back there; armed as the recording begins.

    The take-off ends 11.1 s after arming, so it leads to 12 m as that of the next upload does: 20 m take three seconds more (c01).
    """
    read = [entry["fields"] for entry in record("k07b")["messages"] if entry["dir"] == "rx" and entry["name"] == "MISSION_ITEM_INT"]
    last = [{**fields, "target_system": 1, "target_component": 1} for fields in read[5:10]]
    station = _upload(vehicle, [*mission((22, 0, 0, 12), *[(16, 300, 0, 20)] * 3), *last])
    station.command(SET_MODE, 1, AUTO)
    station.send_only(ARM, 1)


SETTINGS: Mapping[str, Setting] = {
    "k06_capacity_probe": Setting(before=("k05_upload_stalled",)),
    "k07_upload_flying": Setting(start={"AUTO_OPTIONS": 3}, prepare=_auto_over_home, streamed=_STREAMS),
    "k07b_ftp_upload_flying": Setting(
        start={"AUTO_OPTIONS": 3},
        prepare=_armed_in_auto,
        exceptions={"CommandAck.command=400": "the recording begins just after its answer to the order to arm"},
    ),
    "k10b_refused_mission": Setting(
        exceptions={"PreArm: Mode requires mission": "ArduPilot repeats itself after 4 s; what was said before is not recorded"}
    ),
    "k10c_refused_fence": Setting(before=("k10b_refused_mission",)),
    "k11_params": Setting(prepare=_five_items),
    "k15_message_rates": Setting(streamed=_STREAMS),
}
NAMES = sorted(path.stem for path in FOLDER.glob("k*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_the_answers_are_those_that_arducopter_gave_in(name: str) -> None:
    setting = SETTINGS.get(name, Setting())
    recorded = answers(recorded_answers(name), streamed=setting.streamed)
    again = answers(held_again(name, before=setting.before, start=setting.start, prepare=setting.prepare), streamed=setting.streamed)
    if name == "k11_params":
        recorded, again = _ends_of_the_list(recorded), _ends_of_the_list(again)
    found = list(differences(recorded, again))
    unexplained = [line for line in found if not any(re.search(pattern, line) for pattern in setting.exceptions)]
    assert not unexplained, "\n".join(unexplained)
    for pattern, reason in setting.exceptions.items():
        assert any(re.search(pattern, line) for line in found), f"nothing differs any more: {reason}"


def _ends_of_the_list(heard: list[Heard]) -> list[Heard]:
    """The recording keeps the first 40 and the last 5 values of the list; how many lie between is not compared."""
    listed = [(one, one.message) for one in heard if isinstance(one.message, m.ParamValue) and one.at_s > 56.0]
    first = [one for one, value in listed if value.param_index < 40]
    last = [Heard(one.at_s, one.link, replace(value, param_index=0)) for one, value in listed[-5:]]
    others = [one for one in heard if not (isinstance(one.message, m.ParamValue) and one.at_s > 56.0)]
    return others + first + last
