"""Everything known of one drone, as rows to read: attitude, place, battery with the time home, link, preflight, programme."""

from __future__ import annotations

from gui.models.coordinates import PositionFormat, position_text
from gui.models.drone_view import DroneView
from gui.models.figures import Figure, Tone
from gui.models.fleet_columns import COLUMNS, Cell
from gui.models.text import NOTHING, duration_text
from gui.models.units import Units
from gui.models.words import signed_text, tr
from mavlink_bridge.modes import autopilot_name
from planner.geo import geodesic_m

_FROM_TABLE = (tr("State"), tr("Upload"), tr("Battery"), tr("Mode"), tr("Height"), tr("Speed"), tr("Link"), tr("Lanes"), tr("Down at"))
_FIX_3D = 3


def drone_facts(drone: DroneView, positions: PositionFormat, units: Units, *, now_s: float, cruise_mps: float | None) -> tuple[Figure, ...]:
    """The table's cells and what has no room there; `cruise_mps` is its type's, for the way home."""
    cells = {column.title: (column.cell(drone, now_s, units), column.tip) for column in COLUMNS}
    return (
        *(_figure(title, *cells[title]) for title in _FROM_TABLE),
        Figure(title=tr("Attitude"), value=_attitude(drone), tip=tr("Roll and pitch, degrees; heading clockwise from north")),
        Figure(title=tr("Climb"), value=_climb(drone, units)),
        Figure(
            title=tr("Current"), value=_value(drone.state.battery_a if drone.state else None, "{:.1f} A"), tip=tr("Drawn from the battery")
        ),
        Figure(
            title=tr("Way home"),
            value=_home(drone, units, cruise_mps),
            tip=tr("Straight to its home, and the time at cruise speed (h:mm:ss)"),
        ),
        Figure(title=tr("Position"), value=_position(drone, positions)),
        _gps(drone),
        _ready(drone),
        Figure(title=tr("Autopilot"), value=_autopilot(drone), tip=tr("What flies it, by its own account, and its MAVLink system id")),
        Figure(
            title=tr("Board"),
            value=drone.state.board_id if drone.state and drone.state.board_id else NOTHING,
            tip=tr("Its board's own number"),
        ),
    )


def _figure(title: str, cell: Cell, tip: str) -> Figure:
    return Figure(title=title, value=cell.text, tip=cell.tip or tip, tone=cell.tone)


def _value(value: float | None, form: str) -> str:
    return NOTHING if value is None else form.format(value)


def _climb(drone: DroneView, units: Units) -> str:
    return NOTHING if drone.state is None or drone.state.climb_mps is None else units.climb(drone.state.climb_mps)


def _attitude(drone: DroneView) -> str:
    state = drone.state
    if state is None or state.roll_deg is None or state.pitch_deg is None:
        return NOTHING if state is None or state.heading_deg is None else tr("heading {heading}°", heading=f"{state.heading_deg:03.0f}")
    heading = "" if state.heading_deg is None else tr(", heading {heading}°", heading=f"{state.heading_deg:03.0f}")
    roll, pitch = signed_text(state.roll_deg), signed_text(state.pitch_deg)
    return tr("roll {roll}°, pitch {pitch}°{heading}", roll=roll, pitch=pitch, heading=heading)


def _home(drone: DroneView, units: Units, cruise_mps: float | None) -> str:
    state = drone.state
    if state is None or state.position is None or state.home is None:
        return NOTHING
    way_m = geodesic_m(state.position, state.home)
    return f"{units.length(way_m)}, {duration_text(way_m / cruise_mps)}" if cruise_mps else units.length(way_m)


def _position(drone: DroneView, positions: PositionFormat) -> str:
    return NOTHING if drone.state is None or drone.state.position is None else position_text(drone.state.position, positions)


def _autopilot(drone: DroneView) -> str:
    state = drone.state
    if state is None or not state.autopilot:
        return NOTHING
    return " ".join(filter(None, (autopilot_name(state.autopilot), state.firmware, f"(system {drone.system_id})")))


def _gps(drone: DroneView) -> Figure:
    state = drone.state
    if state is None:
        return Figure(title=tr("Satellites"), value=NOTHING, tone=Tone.MUTED)
    good = state.gps_fix >= _FIX_3D
    return Figure(
        title=tr("Satellites"), value=f"{state.satellites}{'' if good else tr(', no fix')}", tone=Tone.NORMAL if good else Tone.BAD
    )


def _ready(drone: DroneView) -> Figure:
    """What the vehicle itself says of whether it would arm; its reasons come as alerts and in its state's note."""
    state, note = drone.state, "" if drone.progress is None else drone.progress.note
    if state is None:
        return Figure(title=tr("Preflight"), value=NOTHING, tone=Tone.MUTED)
    if state.armed or state.prearm_ok:
        return Figure(title=tr("Preflight"), value=tr("passed"), tip=tr("The vehicle's own checks before arming"), tone=Tone.GOOD)
    return Figure(
        title=tr("Preflight"), value=note or tr("not passed yet"), tip=tr("The vehicle's own checks before arming"), tone=Tone.WARNING
    )
