"""What is open: a mission, or the plan made of it, with its scene; read in a worker thread, so free of Qt and of state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from gui.models.draft_check import Checked
from gui.models.draft_files import DraftPlace, checked_spec, load_draft
from gui.models.map_scene import MapScene
from gui.models.mission_draft import MissionDraft
from gui.models.scene_building import scene_of
from missions.plan_file import read_plan
from missions.scenario_library import find_mission
from planner.model import MissionSpec, Plan

PLAN_SUFFIX = ".json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """`source` is what was opened (a file, a folder or a scenario's name); `plan_file` is where the plan is on disk, if it is.

    `place` and `draft` are there when the mission can be edited: where its file is, and what it said when it was opened.
    """

    source: str
    spec: MissionSpec | None
    plan: Plan | None
    scene: MapScene
    plan_file: Path | None = None
    place: DraftPlace | None = None
    draft: MissionDraft | None = None

    @property
    def content(self) -> MissionSpec | Plan:
        content = self.plan or self.spec
        assert content is not None
        return content

    @property
    def title(self) -> str:
        """For the window: the mission's name, and a star while its plan is nowhere on disk."""
        return f"{self.content.name}{' *' if self.unsaved else ''}"

    @property
    def unsaved(self) -> bool:
        """A plan that was made here and is nowhere on disk."""
        return self.plan is not None and self.spec is not None and self.plan_file is None


def open_document(source: str) -> Document:
    """A plan when it is a .json file, else a mission (its file, its folder or a scenario's name). Raises InputError."""
    path = Path(source)
    if path.suffix.lower() == PLAN_SUFFIX:
        plan = read_plan(path)
        return Document(source=source, spec=None, plan=plan, scene=scene_of(plan), plan_file=path.resolve())
    place = DraftPlace(file=find_mission(source))
    return opened_draft(source, load_draft(place), place)


def opened_draft(source: str, draft: MissionDraft, place: DraftPlace) -> Document:
    """A mission that can be edited. Raises InputError when the draft is none."""
    spec = checked_spec(draft, place)
    return Document(source=source, spec=spec, plan=None, scene=scene_of(spec), place=place, draft=draft)


def edited(document: Document, checked: Checked) -> Document:
    """The same mission after an edit; with the plan that was made of it as it is now, if there is one."""
    return replace(document, spec=checked.spec, plan=checked.plan, scene=checked.scene, plan_file=None)


def planned(document: Document, plan: Plan) -> Document:
    """The document with the plan that was made of its mission; it is not on disk yet."""
    return replace(document, plan=plan, scene=scene_of(plan, document.scene.frame), plan_file=None)


def recorded(source: str, plan: Plan, scene: MapScene, plan_file: Path | None) -> Document:
    """What was flown in a flight that is replayed."""
    return Document(source=source, spec=None, plan=plan, scene=scene, plan_file=plan_file)


def attached(plan: Plan, scene: MapScene) -> Document:
    """The plan that a running mission control flies; its file is mission control's business."""
    return Document(source=plan.name, spec=None, plan=plan, scene=scene)


def flown_on(document: Document, plan: Plan, scene: MapScene, plan_file: Path | None) -> Document:
    """The same mission, now that another plan of it is flown; mission control keeps it in that file."""
    return replace(document, plan=plan, scene=scene, plan_file=plan_file)


def saved(document: Document, path: Path) -> Document:
    """The same document, now that its plan is on disk there."""
    return replace(document, plan_file=path.resolve())
