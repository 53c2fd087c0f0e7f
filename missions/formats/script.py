"""A MAVLink script (JSON): every upload and every command that flies one sortie, in order, for programs that talk to the drone.

The steps are those of `fly`: fence, rally points and mission are uploaded and read back, the drone waits for its launch time, is
armed in a mode for it, and starts. Item fields are those of MISSION_ITEM_INT, command fields those of COMMAND_LONG.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from mavlink_bridge.enums import MavCmd, MavFrame, MavType, MissionType
from mavlink_bridge.messages import MissionItemInt
from mavlink_bridge.mission_items import sortie_mission
from mavlink_bridge.modes import modes_of, vehicle_class
from missions.formats.fence import fence_rows
from missions.formats.fences import Fences
from missions.formats.mission_rows import MissionRow
from missions.formats.rally import rally_points, rally_rows
from missions.formats.writing import Remark, Writers
from missions.utc import at_utc, utc_text
from planner.model import Plan, Sortie, VehicleKind

FORMAT = "jointpatrol-mavlink-script"
VERSION = 1
_CUSTOM_MODE_ENABLED = 1.0
_WIRE_PER_DEG = 10**7
_TYPES = {VehicleKind.COPTER: MavType.QUADROTOR, VehicleKind.PLANE: MavType.FIXED_WING, VehicleKind.QUADPLANE: MavType.VTOL_QUADPLANE}

_Json = dict[str, Any]


def script_writer(plan: Plan, remark: Remark) -> Writers:
    """One file a sortie."""
    fences = Fences(plan, remark)

    def write(sortie: Sortie) -> bytes:
        drone = plan.drone(sortie.drone)
        document = {
            "format": FORMAT,
            "version": VERSION,
            "plan": {"name": plan.name, "spec_sha256": plan.spec_sha256},
            "sortie": sortie.id,
            "drone": drone.id,
            "nation": drone.nation,
            "system_id": drone.system_id,
            "launch_utc": utc_text(at_utc(plan.start_utc, sortie.start_s)),
            "land_utc": utc_text(at_utc(plan.start_utc, sortie.end_s)),
        }
        # a step a line
        steps = b",\n".join(msgspec.json.encode(step) for step in _steps(plan, sortie, fences))
        return msgspec.json.encode(document)[:-1] + b',"steps":[\n' + steps + b"\n]}\n"

    return Writers(write)


def _steps(plan: Plan, sortie: Sortie, fences: Fences) -> list[_Json]:
    kind = plan.drone_type(plan.drone(sortie.drone).type).kind
    modes = modes_of(vehicle_class(_TYPES[kind]))
    return [
        _upload(MissionType.FENCE, _wire_items(fence_rows(fences.of(sortie)), MissionType.FENCE)),
        _upload(MissionType.RALLY, _wire_items(rally_rows(rally_points(plan, sortie)), MissionType.RALLY)),
        _upload(MissionType.MISSION, list(sortie_mission(plan, sortie).items)),
        {"do": "wait_until", "utc": utc_text(at_utc(plan.start_utc, sortie.start_s))},
        _command(MavCmd.DO_SET_MODE, _CUSTOM_MODE_ENABLED, float(modes.arming)),
        _command(MavCmd.COMPONENT_ARM_DISARM, 1.0),
        # both parameters 0: ArduPilot refuses anything else
        _command(MavCmd.MISSION_START),
        {"do": "wait_for", "state": "disarmed"},
    ]


def _upload(mission_type: MissionType, items: Sequence[_Json | MissionItemInt]) -> _Json:
    return {"do": "upload", "mission_type": int(mission_type), "read_back": True, "items": items}


def _command(command: MavCmd, param1: float = 0.0, param2: float = 0.0) -> _Json:
    params = {f"param{number}": value for number, value in enumerate((param1, param2, 0.0, 0.0, 0.0, 0.0, 0.0), start=1)}
    return {"do": "command", "name": f"MAV_CMD_{command.name}", "command": int(command), **params}


def _wire_items(rows: Iterable[MissionRow], mission_type: MissionType) -> list[_Json]:
    return [
        {
            "target_system": 0,
            "target_component": 0,
            "seq": row.seq,
            "frame": int(MavFrame.GLOBAL_RELATIVE_ALT_INT),
            "command": int(row.command),
            "current": 0,
            "autocontinue": 1,
            **{f"param{number}": value for number, value in enumerate(row.params, start=1)},
            "x": round(row.x * _WIRE_PER_DEG),
            "y": round(row.y * _WIRE_PER_DEG),
            "z": row.z,
            "mission_type": int(mission_type),
        }
        for row in rows
    ]
