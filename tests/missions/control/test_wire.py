from __future__ import annotations

from dataclasses import fields
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from mavlink_bridge.events import Alert, AlertLevel, FleetEvent, Telemetry, UploadOutcome
from mavlink_bridge.messages import MissionItemInt
from mavlink_bridge.traffic import Traffic, TrafficSource
from mavlink_bridge.vehicle_state import VehicleState
from missions.control.messages import (
    Accept,
    ChangeSpeed,
    CloseArea,
    ControlEvent,
    CoverageChanged,
    DronePhase,
    DroneProgress,
    Everyone,
    FinalState,
    Fix,
    GoTo,
    Intent,
    IntentRefused,
    IntentTaken,
    OfNation,
    PatrolEnded,
    PatrolState,
    PatrolStateChanged,
    PlanChanged,
    Recall,
    Reject,
    ReplanProposed,
    Resumed,
    Shutdown,
    Snapshot,
    SortieChange,
    Start,
    TheseDrones,
    Verdict,
)
from missions.control.wire import MAX_INTENT_BYTES, Hello, WireError, decode_event, decode_hello, decode_intent, encode
from planner.geo import LatLon
from planner.model import LegKind

STATE = VehicleState(heard_s=1.0, armed=True, position=LatLon(lat_deg=47.5, lon_deg=19.0), battery_remaining_pct=80)
ITEM = MissionItemInt(target_system=1, target_component=1, seq=0, frame=0, command=5001, x=475000000, y=190000000)
PROGRESS = DroneProgress(
    at_s=2.0, drone="a", phase=DronePhase.FLYING, leg=LegKind.SWEEP, upload=UploadOutcome.VERIFIED, final=FinalState.LOST
)
ALERT = Alert(drone="a", at_s=1.0, level=AlertLevel.WARNING, rule="battery", text="low")
SNAPSHOT = Snapshot(at_s=3.0, plan="{}", state=PatrolState.FLYING, states={"a": STATE}, progress=(PROGRESS,), alerts=(ALERT,))
CONTROL_EVENTS: tuple[ControlEvent, ...] = (
    Fix(drone="a", at_s=1.0, lat_deg=47.0, lon_deg=19.0, alt_amsl_m=150.0),
    Resumed(at_s=9.0, gap_s=3.0, heard=("a",)),
    ReplanProposed(
        at_s=1.0,
        proposal=1,
        added=(SortieChange(sortie="a-s2", drone="a", start_s=1.0, end_s=2.0, lanes=("l",)),),
        coverage=0.9,
        makespan_s=2.0,
    ),
    PlanChanged(at_s=1.0, proposal=1),
    PatrolStateChanged(at_s=1.0, state=PatrolState.IDLE),
    PROGRESS,
    CoverageChanged(at_s=1.0, flown=0.5, planned=0.99),
    IntentTaken(at_s=1.0, intent=Recall(scope=OfNation(nation="ALD"))),
    IntentRefused(at_s=1.0, reason="no", intent=None),
    PatrolEnded(at_s=1.0, verdict=Verdict.PASS),
    SNAPSHOT,
)
SCOPES = st.one_of(
    st.just(Everyone()), st.builds(OfNation, nation=st.text()), st.builds(TheseDrones, drones=st.lists(st.text()).map(tuple))
)


def _example(kind: type[FleetEvent]) -> FleetEvent:
    values: dict[str, Any] = {
        "str": "x\nü",
        "int": 3,
        "float": 1.5,
        "bool": True,
        "bool | None": None,
        "UploadOutcome": UploadOutcome.UNKNOWN,
        "AlertLevel": AlertLevel.CRITICAL,
        "VehicleState": STATE,
        "dict[str, float]": {"FENCE_ENABLE": 1.0},
        "float | None": None,
        "int | None": 70,
        "tuple[MissionItemInt, ...]": (ITEM,),
        "Traffic": Traffic(id="icao-1", source=TrafficSource.ADSB, name="x", seen_s=1.5, place=LatLon(lat_deg=1.0, lon_deg=2.0)),
    }
    return kind(**{field.name: values[str(field.type)] for field in fields(kind)})


@pytest.mark.parametrize("kind", get_args(FleetEvent))
def test_every_fleet_event_survives_the_wire(kind: type[FleetEvent]) -> None:
    line = encode(_example(kind))
    assert line.count(b"\n") == 1
    assert decode_event(line) == _example(kind)


@pytest.mark.parametrize("event", CONTROL_EVENTS, ids=lambda event: type(event).__name__)
def test_every_control_event_survives_the_wire(event: ControlEvent) -> None:
    assert decode_event(encode(event)) == event


REQUIRED: dict[type, dict[str, Any]] = {
    GoTo: {"drone": "a"},
    ChangeSpeed: {"speed_mps": 7.5},
    CloseArea: {"name": "fire", "ring": ((19.0, 47.0), (19.1, 47.0), (19.1, 47.1))},
    Accept: {"proposal": 2},
    Reject: {"proposal": 2},
}


@pytest.mark.parametrize("kind", get_args(Intent))
@given(scope=SCOPES)
def test_every_intent_survives_the_wire(kind: type[Intent], scope: Everyone) -> None:
    plain = kind(**REQUIRED.get(kind, {}))
    intent = structs.replace(plain, scope=scope) if "scope" in kind.__struct_fields__ else plain
    try:
        line = encode(intent)
    except UnicodeEncodeError:  # a lone surrogate is no text
        return
    if len(line) <= MAX_INTENT_BYTES:
        assert decode_intent(line) == intent


@given(st.binary(max_size=300))
def test_bytes_from_a_stranger_are_an_error_and_never_a_crash(line: bytes) -> None:
    for decode in (decode_intent, decode_event, decode_hello):
        with pytest.raises(WireError):
            decode(line)


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 60_000,
        b'{"type":"Recall","scope":{"type":"Everything"}}',
        b'{"type":"Recall","scope":' + b'{"a":' * 12_000,
        b'{"type":"Shutdown","leave_flying":"yes"}',
        b'{"type":"Telemetry","drone":"a","at_s":1,"state":{"position":{"lat_deg":91,"lon_deg":0}}}',
        b'{"type":"PatrolEnded","at_s":1,"verdict":"maybe"}',
        b"null",
    ],
)
def test_wrong_messages_are_refused_with_a_reason(line: bytes) -> None:
    for decode in (decode_intent, decode_event):
        with pytest.raises(WireError, match="not an"):
            decode(line)


def test_an_intent_longer_than_any_honest_one_is_refused_unread() -> None:
    with pytest.raises(WireError, match="at most"):
        decode_intent(encode(Recall(scope=TheseDrones(drones=("x" * MAX_INTENT_BYTES,)))))


def test_only_the_right_token_opens() -> None:
    assert decode_hello(encode(Hello(token="söcret"))).opens("söcret")
    assert not Hello(token="secre").opens("secret")


def test_telemetry_without_a_position_is_fine() -> None:
    event = Telemetry(drone="a", at_s=1.0, state=VehicleState())
    assert decode_event(encode(event)) == event


def test_defaults_may_be_left_out_of_an_intent() -> None:
    assert decode_intent(b'{"type":"Recall"}') == Recall(scope=Everyone())
    assert decode_intent(b'{"type":"Shutdown"}') == Shutdown(leave_flying=False)
    assert decode_intent(b'{"type":"Start"}') == Start()
