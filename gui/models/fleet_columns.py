"""The fleet table as data: one column a question, one cell an answer with its tone and its explanation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gui.models.drone_view import DroneView, Freshness
from gui.models.figures import Tone
from gui.models.text import NOTHING, age_text, duration_text
from gui.models.units import Units
from gui.models.words import tr
from mavlink_bridge.events import UploadOutcome
from missions.control.messages import DronePhase

SortKey = tuple[int, float, str]

LOW_BATTERY_PCT = 30
EMPTY_BATTERY_PCT = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """`sort` orders the column; unknown values come last."""

    text: str
    sort: SortKey
    tip: str = ""
    tone: Tone = Tone.NORMAL


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    title: str
    tip: str
    cell: Callable[[DroneView, float, Units], Cell]
    sample: str
    """Text as wide as its cells usually get."""
    numeric: bool = False


def _text(text: str, *, tip: str = "", tone: Tone = Tone.NORMAL) -> Cell:
    return Cell(text=text, sort=(0, 0.0, text), tip=tip, tone=tone)


def _number(value: float, text: str, *, tip: str = "", tone: Tone = Tone.NORMAL) -> Cell:
    return Cell(text=text, sort=(0, value, text), tip=tip, tone=tone)


_UNKNOWN = Cell(text=NOTHING, sort=(1, 0.0, ""), tip=tr("never heard"), tone=Tone.MUTED)

_PHASE_TEXT = {
    DronePhase.OFFLINE: tr("offline"),
    DronePhase.CONNECTED: tr("not ready"),
    DronePhase.READY: tr("ready"),
    DronePhase.UPLOADING: tr("uploading"),
    DronePhase.UPLOADED: tr("waiting to launch"),
    DronePhase.LAUNCHING: tr("launching"),
    DronePhase.FLYING: tr("flying"),
    DronePhase.PAUSED: tr("paused"),
    DronePhase.RETURNING: tr("returning"),
    DronePhase.BATTERY_SWAP: tr("battery swap"),
    DronePhase.HELD: tr("held"),
    DronePhase.DONE: tr("done"),
}
_PHASE_TONE = {
    DronePhase.OFFLINE: Tone.MUTED,
    DronePhase.FLYING: Tone.GOOD,
    DronePhase.PAUSED: Tone.WARNING,
    DronePhase.HELD: Tone.BAD,
}


def _drone(drone: DroneView, _now_s: float, _units: Units) -> Cell:
    return _text(
        drone.id, tip=tr("no MAVLink id") if drone.system_id is None else tr("MAVLink system {system_id}", system_id=drone.system_id)
    )


def _nation(drone: DroneView, _now_s: float, _units: Units) -> Cell:
    return _text(drone.nation)


def _phase(drone: DroneView, _now_s: float, _units: Units) -> Cell:
    progress = drone.progress
    if progress is not None and not progress.automatic:
        return _text(tr("in other hands"), tip=progress.note or tr("a pilot or another ground station flies it"), tone=Tone.BAD)
    text = _PHASE_TEXT[drone.phase]
    if progress is not None and progress.note and drone.phase is DronePhase.HELD:
        text = f"{text}: {progress.note}"
    tip = "" if progress is None else progress.note
    if progress is not None and progress.recalled and drone.phase is not DronePhase.DONE:
        text, tip = tr("{text}, recalled", text=text), tip or tr("flies no further sortie")
    return _text(text, tip=tip, tone=_PHASE_TONE.get(drone.phase, Tone.NORMAL))


def _battery(drone: DroneView, _now_s: float, _units: Units) -> Cell:
    if drone.state is None or drone.state.battery_remaining_pct is None or drone.state.battery_remaining_pct < 0:
        return _UNKNOWN
    percent = drone.state.battery_remaining_pct
    volts = "" if drone.state.battery_v is None else f"{drone.state.battery_v:.1f} V"
    tone = Tone.BAD if percent <= EMPTY_BATTERY_PCT else Tone.WARNING if percent <= LOW_BATTERY_PCT else Tone.NORMAL
    return _number(percent, f"{percent} %", tip=volts, tone=tone)


def _mode(drone: DroneView, _now_s: float, _units: Units) -> Cell:
    if drone.state is None or not drone.state.mode_name:
        return _UNKNOWN
    armed = tr("armed") if drone.state.armed else tr("disarmed")
    return _text(drone.state.mode_name, tip=armed, tone=Tone.NORMAL if drone.state.armed else Tone.MUTED)


def _height(drone: DroneView, _now_s: float, units: Units) -> Cell:
    if drone.state is None or drone.state.relative_alt_m is None:
        return _UNKNOWN
    amsl = "" if drone.state.alt_amsl_m is None else tr("{alt_amsl_m} above sea level", alt_amsl_m=units.height(drone.state.alt_amsl_m))
    return _number(drone.state.relative_alt_m, units.height(drone.state.relative_alt_m), tip=amsl)


def _speed(drone: DroneView, _now_s: float, units: Units) -> Cell:
    if drone.state is None or drone.state.groundspeed_mps is None:
        return _UNKNOWN
    return _number(drone.state.groundspeed_mps, units.speed(drone.state.groundspeed_mps))


def _link(drone: DroneView, now_s: float, _units: Units) -> Cell:
    age_s = drone.age_s(now_s)
    if age_s is None:
        return _UNKNOWN
    match drone.freshness(now_s):
        case Freshness.LOST:
            return _number(age_s, tr("LOST {age_s}", age_s=age_text(age_s)), tip=tr("values are what it said last"), tone=Tone.BAD)
        case Freshness.STALE:
            return _number(age_s, tr("stale {age_s}", age_s=age_text(age_s)), tip=tr("values are what it said last"), tone=Tone.WARNING)
        case Freshness.OVER:
            return _text(tr("ended"), tip=tr("the patrol is over; values are what it said last"), tone=Tone.MUTED)
        case _ if drone.logged:
            return _number(0.0, tr("live"), tip=tr("nothing in the log says otherwise"), tone=Tone.GOOD)
        case _:
            return _number(age_s, age_text(age_s), tone=Tone.GOOD)


def _lanes(drone: DroneView, _now_s: float, _units: Units) -> Cell:
    if drone.progress is None:
        return _UNKNOWN
    progress = drone.progress
    part = progress.lanes_done / progress.lanes_total if progress.lanes_total else 1.0
    tip = tr(
        "sortie {sortie}, {sorties_done} of {sorties_total} flown",
        sortie=progress.sortie or NOTHING,
        sorties_done=progress.sorties_done,
        sorties_total=progress.sorties_total,
    )
    return _number(part, f"{progress.lanes_done}/{progress.lanes_total}", tip=tip)


def _down(drone: DroneView, _now_s: float, _units: Units) -> Cell:
    if drone.progress is None or drone.progress.eta_s is None:
        return _UNKNOWN
    return _number(drone.progress.eta_s, duration_text(drone.progress.eta_s))


_UPLOADS = {
    UploadOutcome.VERIFIED: (tr("verified"), tr("read back from the vehicle: the mission is on it"), Tone.GOOD),
    UploadOutcome.FAILED: (tr("failed"), tr("the mission is not on the vehicle"), Tone.BAD),
    UploadOutcome.UNKNOWN: (tr("unknown"), tr("nobody knows what is on the vehicle: upload again"), Tone.WARNING),
}


def _upload(drone: DroneView, _now_s: float, _units: Units) -> Cell:
    if drone.upload is not None:
        text, tip, tone = _UPLOADS[drone.upload]
        return _text(text, tip=drone.upload_reason or tip, tone=tone)
    if drone.total_items:
        return _text(f"{drone.sent_items}/{drone.total_items}", tip=tr("items sent; nothing is verified yet"))
    return Cell(text=NOTHING, sort=(1, 0.0, ""), tip=tr("nothing uploaded"), tone=Tone.MUTED)


COLUMNS = (
    Column(title=tr("Drone"), tip=tr("Id in the plan"), cell=_drone, sample="aldermark-12"),
    Column(title=tr("Nation"), tip=tr("Whose drone it is"), cell=_nation, sample="WW Nation"),
    Column(title=tr("State"), tip=tr("Where it stands in its programme"), cell=_phase, sample="returning, recalled"),
    Column(title=tr("Upload"), tip=tr("verified: read back from the vehicle; failed; or unknown"), cell=_upload, sample="unknown"),
    Column(title=tr("Battery"), tip=tr("Remaining, by its own account"), cell=_battery, sample="100 %", numeric=True),
    Column(title=tr("Mode"), tip=tr("Flight mode"), cell=_mode, sample="STABILIZE"),
    Column(title=tr("Height"), tip=tr("Above its home"), cell=_height, sample="120 m", numeric=True),
    Column(title=tr("Speed"), tip=tr("Over ground"), cell=_speed, sample="10.0 m/s", numeric=True),
    Column(title=tr("Link"), tip=tr("How long ago it was heard"), cell=_link, sample="LOST 120 min", numeric=True),
    Column(title=tr("Lanes"), tip=tr("Flown end to end, of all in its sorties"), cell=_lanes, sample="100/100", numeric=True),
    Column(
        title=tr("Down at"), tip=tr("When it should be down for good, h:mm:ss from the start"), cell=_down, sample="1:00:00", numeric=True
    ),
)
