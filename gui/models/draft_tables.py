"""The mission file's tables as grids to edit: which keys stand in which column, and how typed text becomes a value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from gui.models.mission_draft import MissionDraft, Path
from gui.models.words import tr
from planner.model import Objective, PatrolKind


class Kind(Enum):
    TEXT = auto()
    NUMBER = auto()
    MOMENT = auto()
    FLAG = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """One value: where it stands below its row, and `choices` when it is one of a few. `usual` is what holds when nothing is given."""

    path: Path
    title: str
    kind: Kind = Kind.TEXT
    usual: str = ""
    choices: Callable[[MissionDraft], list[str]] | None = None

    def text(self, draft: MissionDraft, row: Path) -> str:
        value = draft.value((*row, *self.path))
        match value:
            case None:
                return ""
            case bool():
                return "yes" if value else "no"
            case datetime():
                return value.isoformat().replace("+00:00", "Z")
            case float():
                return f"{value:.10g}"
            case _:
                return str(value)

    def parsed(self, text: str) -> object:
        """As the mission file has it; what cannot be understood stays text, of which the check says what it thinks. None for nothing."""
        plain = text.strip()
        if not plain:
            return None
        match self.kind:
            case Kind.NUMBER:
                return _number(plain)
            case Kind.MOMENT:
                return _moment(plain)
            case Kind.FLAG:
                return {"yes": True, "no": False}.get(plain.lower(), plain)
            case Kind.TEXT:
                return plain


def _number(text: str) -> object:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def _moment(text: str) -> object:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """A list of tables of one name, a row each; `fresh` is what a new row begins with."""

    table: str
    title: str
    keys: tuple[Key, ...]
    fresh: Callable[[MissionDraft], dict[str, object]]


def _ids(table: str) -> Callable[[MissionDraft], list[str]]:
    return lambda draft: [str(row.get("id", "")) for row in draft.rows(table)]


def _first(draft: MissionDraft, table: str) -> str:
    return next(iter(_ids(table)(draft)), "")


_HEIGHTS = (
    Key(path=("min_height_m",), title=tr("From, m"), kind=Kind.NUMBER, usual=tr("open")),
    Key(path=("max_height_m",), title=tr("To, m"), kind=Kind.NUMBER, usual=tr("open")),
    Key(path=("from_utc",), title=tr("From, UTC"), kind=Kind.MOMENT, usual=tr("open")),
    Key(path=("to_utc",), title=tr("To, UTC"), kind=Kind.MOMENT, usual=tr("open")),
)
_ID = Key(path=("id",), title=tr("Id"))

GRIDS = (
    Grid(
        table="nation",
        title=tr("Nations"),
        keys=(
            _ID,
            Key(path=("name",), title=tr("Name"), usual=tr("the id")),
            Key(path=("share",), title=tr("Share, 0-1"), kind=Kind.NUMBER, usual=tr("by territory")),
            Key(path=("policy", "max_height_m"), title=tr("Max. height, m"), kind=Kind.NUMBER, usual="120"),
            Key(path=("territory",), title=tr("Territory")),
        ),
        fresh=lambda draft: {"id": draft.free_id("nation", "N"), "territory": ""},
    ),
    Grid(
        table="base",
        title=tr("Bases"),
        keys=(
            _ID,
            Key(path=("nation",), title=tr("Nation"), choices=_ids("nation")),
            Key(path=("lat_deg",), title=tr("Latitude, °"), kind=Kind.NUMBER),
            Key(path=("lon_deg",), title=tr("Longitude, °"), kind=Kind.NUMBER),
            Key(path=("elevation_m",), title=tr("Elevation, m"), kind=Kind.NUMBER, usual="0"),
        ),
        fresh=lambda draft: {"id": draft.free_id("base", "base"), "nation": _first(draft, "nation")},
    ),
    Grid(
        table="fleet",
        title=tr("Fleet"),
        keys=(
            Key(path=("base",), title=tr("Base"), choices=_ids("base")),
            Key(path=("type",), title=tr("Type"), choices=_ids("drone_type")),
            Key(path=("count",), title=tr("Drones"), kind=Kind.NUMBER),
            Key(path=("first_system_id",), title=tr("First MAVLink id"), kind=Kind.NUMBER, usual=tr("next free")),
        ),
        fresh=lambda draft: {"base": _first(draft, "base"), "type": _first(draft, "drone_type"), "count": 1},
    ),
    Grid(
        table="drone_type",
        title=tr("Drone types"),
        keys=(
            _ID,
            Key(path=("kind",), title=tr("Kind"), choices=lambda _draft: ["copter", "plane", "quadplane"]),
            Key(path=("cruise_mps",), title=tr("Cruise, m/s"), kind=Kind.NUMBER),
            Key(path=("endurance_s",), title=tr("Endurance, s"), kind=Kind.NUMBER),
            Key(path=("battery_wh",), title=tr("Battery, Wh"), kind=Kind.NUMBER),
            Key(path=("power_hover_w",), title=tr("Hover, W"), kind=Kind.NUMBER),
            Key(path=("power_cruise_w",), title=tr("Cruise, W"), kind=Kind.NUMBER),
            Key(path=("reserve",), title=tr("Reserve, 0-1"), kind=Kind.NUMBER, usual="0.2"),
            Key(path=("height_above_home_m",), title=tr("Height, m"), kind=Kind.NUMBER),
            Key(path=("sensor", "fov_across_deg"), title=tr("View, °"), kind=Kind.NUMBER),
            Key(path=("sensor", "swath_m"), title=tr("or swath, m"), kind=Kind.NUMBER),
            Key(path=("acceleration_mps2",), title=tr("Accel., m/s²"), kind=Kind.NUMBER, usual="2.5"),
            Key(path=("climb_mps",), title=tr("Climb, m/s"), kind=Kind.NUMBER, usual="2.5"),
            Key(path=("descent_mps",), title=tr("Descent, m/s"), kind=Kind.NUMBER, usual="1.5"),
            Key(path=("turn_radius_m",), title=tr("Turn radius, m"), kind=Kind.NUMBER, usual=tr("by kind")),
            Key(path=("battery_swap_s",), title=tr("Swap, s"), kind=Kind.NUMBER, usual="300"),
        ),
        fresh=lambda draft: {
            "id": draft.free_id("drone_type", "quad"),
            "kind": "copter",
            "cruise_mps": 10,
            "endurance_s": 1500,
            "battery_wh": 180,
            "power_hover_w": 380,
            "power_cruise_w": 320,
            "height_above_home_m": 80,
            "sensor": {"fov_across_deg": 70},
        },
    ),
    Grid(
        table="permission",
        title=tr("Permissions"),
        keys=(
            _ID,
            Key(path=("host",), title=tr("Host"), choices=_ids("nation")),
            Key(path=("guest",), title=tr("Guest"), choices=_ids("nation")),
            Key(path=("depth_m",), title=tr("Depth, m"), kind=Kind.NUMBER),
            Key(path=("polygon",), title=tr("or polygon")),
            *_HEIGHTS,
            Key(path=("max_drones",), title=tr("Max. drones"), kind=Kind.NUMBER, usual=tr("any")),
            Key(path=("purpose",), title=tr("Purpose")),
        ),
        fresh=lambda draft: {
            "id": draft.free_id("permission", "permission"),
            "host": _first(draft, "nation"),
            "guest": next(reversed(_ids("nation")(draft)), ""),
            "depth_m": 100,
        },
    ),
    Grid(
        table="keep_out",
        title=tr("Keep-outs"),
        keys=(
            _ID,
            Key(path=("buffer_m",), title=tr("Buffer, m"), kind=Kind.NUMBER, usual="0"),
            *_HEIGHTS,
            Key(path=("polygon",), title=tr("Polygon")),
        ),
        fresh=lambda draft: {"id": draft.free_id("keep_out", "keep-out"), "polygon": ""},
    ),
    Grid(
        table="patrol",
        title=tr("Patrols"),
        keys=(
            _ID,
            Key(path=("kind",), title=tr("Kind"), usual="sweep", choices=lambda _draft: [each.value for each in PatrolKind]),
            Key(path=("weight",), title=tr("Weight"), kind=Kind.NUMBER, usual="1"),
            Key(path=("interval_s",), title=tr("Revisit, s"), kind=Kind.NUMBER, usual=tr("once")),
            Key(path=("width_m",), title=tr("Width, m"), kind=Kind.NUMBER, usual=tr("the line")),
            Key(path=("line",), title=tr("Line"), usual=tr("the border")),
            Key(path=("side_overlap",), title=tr("Side overlap, 0-1"), kind=Kind.NUMBER, usual="0"),
        ),
        fresh=lambda draft: {"id": draft.free_id("patrol", "patrol"), "kind": "sweep"},
    ),
)

#: What is said once for the whole mission.
GENERAL = (
    Key(path=("name",), title=tr("Name")),
    Key(path=("start_utc",), title=tr("Start, UTC"), kind=Kind.MOMENT),
    Key(path=("objective",), title=tr("Objective"), usual="makespan", choices=lambda _draft: [each.value for each in Objective]),
    Key(path=("min_coverage",), title=tr("Least coverage, 0-1"), kind=Kind.NUMBER, usual="0.99"),
    Key(path=("stay_inside",), title=tr("Stay inside the area"), kind=Kind.FLAG, usual="no", choices=lambda _draft: ["yes", "no"]),
    Key(path=("area", "half_width_m"), title=tr("Strip to each side of the border, m"), kind=Kind.NUMBER),
    Key(path=("area", "position_uncertainty_m"), title=tr("Border may be wrong by, m"), kind=Kind.NUMBER),
    Key(path=("patrol", 0, "side_overlap"), title=tr("Side overlap, 0-1"), kind=Kind.NUMBER, usual="0"),
    Key(path=("patrol", 0, "interval_s"), title=tr("Revisit, s"), kind=Kind.NUMBER, usual=tr("once")),
    Key(path=("wind", "from_deg"), title=tr("Wind from, °"), kind=Kind.NUMBER, usual=tr("calm")),
    Key(path=("wind", "speed_mps"), title=tr("Wind, m/s"), kind=Kind.NUMBER, usual=tr("calm")),
    Key(path=("limits", "max_wind_mps"), title=tr("Most wind, m/s"), kind=Kind.NUMBER, usual="12"),
    Key(path=("limits", "min_separation_m"), title=tr("Separation, m"), kind=Kind.NUMBER, usual="50"),
    Key(path=("limits", "min_vertical_separation_m"), title=tr("Vertical separation, m"), kind=Kind.NUMBER, usual="10"),
)


def written_path(path: Path) -> str:
    """As errors name it: `drone_type[0].endurance_s`."""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else key
    return text
