"""Whether a draft is a mission: the mission and its picture, or what is wrong in the words of the command line; for a worker thread."""

from __future__ import annotations

from dataclasses import dataclass

from gui.models.draft_files import DraftPlace, checked_spec
from gui.models.map_scene import MapScene
from gui.models.mission_draft import MissionDraft
from gui.models.scene_building import scene_of
from missions.errors import InputError
from planner.geo import LocalFrame
from planner.model import MissionSpec, Plan


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """`plan` is the one that was made of this very draft before, if any; then the scene is its."""

    draft: MissionDraft
    spec: MissionSpec
    plan: Plan | None
    scene: MapScene


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """`key` is the path in the mission file, such as `drone_type[0].endurance_s`; empty for none. `line` is the whole error."""

    draft: MissionDraft
    key: str
    line: str


def check_draft(draft: MissionDraft, place: DraftPlace, plan: Plan | None, frame: LocalFrame) -> Checked | Problem:
    """In the frame that the map is in, so that the view stays where it is."""
    try:
        spec = checked_spec(draft, place)
    except InputError as error:
        return Problem(draft=draft, key=error.key or "", line=error.line)
    return Checked(draft=draft, spec=spec, plan=plan, scene=scene_of(plan or spec, frame))
