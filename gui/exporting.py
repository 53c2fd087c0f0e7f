"""The open plan as files of other programs, written in the background; what a format cannot say is told with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gui.background import Background
from gui.documents import Documents
from gui.models.notices import Choice, Notice, NoticeLevel, Notices
from gui.models.words import counted, tr
from planner.model import Plan

TOPIC = "export"

#: Every format of `jointpatrol export` by its name there, in words: the table itself takes long to import.
FORMAT_TITLES = {
    "qgc-plan": tr("QGroundControl (.plan)"),
    "wpl": tr("Mission Planner, MAVProxy (.waypoints)"),
    "fence": tr("Fences (.waypoints)"),
    "rally": tr("Rally points (.waypoints)"),
    "geojson": "GeoJSON",
    "gpkg": "GeoPackage",
    "kml": tr("Google Earth (KML)"),
    "kmz": tr("Google Earth (KMZ)"),
    "gpx": "GPX",
    "wpml": tr("DJI Pilot 2 (WPML)"),
    "litchi": tr("Litchi (CSV)"),
    "script": tr("MAVLink script (JSON)"),
    "f3548": tr("4D volumes (F3548)"),
    "ical": tr("Calendar (iCalendar)"),
    "crew-sheet": tr("Crew sheets (HTML)"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Exported:
    files: int
    losses: tuple[str, ...]


class Exports:
    """`open_place` shows a folder with the system's program."""

    def __init__(self, background: Background, documents: Documents, notices: Notices, *, open_place: Callable[[str], None]) -> None:
        self._background = background
        self._documents = documents
        self._notices = notices
        self._open_place = open_place

    @property
    def plan(self) -> Plan | None:
        document = self._documents.current
        return None if document is None else document.plan

    def export(self, name: str, folder: Path) -> None:
        """Into this folder, which is made; one that has anything in it is left as it is, and that is told."""
        plan = self.plan
        assert plan is not None
        self._notices.info(TOPIC, tr("Exporting to {FORMAT_TITLES}…", FORMAT_TITLES=FORMAT_TITLES[name]))
        failed = partial(self._failed, name)
        self._background.run(partial(_exported, plan, name, folder), then=partial(self._told, name, folder), failed=failed)

    def _failed(self, name: str, text: str) -> None:
        self._notices.error(TOPIC, tr("Not exported to {FORMAT_TITLES}: {text}", FORMAT_TITLES=FORMAT_TITLES[name], text=text))

    def _told(self, name: str, folder: Path, exported: _Exported) -> None:
        lost = (
            tr("; {losses} of the plan are not said by them", losses=counted(len(exported.losses), "{n} thing", "{n} things"))
            if exported.losses
            else ""
        )
        details = "\n".join(["Not said:", *(f"- {loss}" for loss in exported.losses)]) if exported.losses else ""
        text = tr(
            "{FORMAT_TITLES}: {files} in {folder}{lost}",
            FORMAT_TITLES=FORMAT_TITLES[name],
            files=counted(exported.files, "{n} file", "{n} files"),
            folder=folder,
            lost=lost,
        )
        show = Choice(title=tr("Open the folder"), run=partial(self._open_place, str(folder)))
        self._notices.post(Notice(topic=TOPIC, level=NoticeLevel.INFO, text=text, details=details, choices=(show,)))


def _exported(plan: Plan, name: str, folder: Path) -> _Exported:
    # takes a while to import, which is no matter in this thread
    from missions.formats.export import export_plan, format_named

    target, remarks = format_named(name), list[str]()
    written = export_plan(plan, target, folder, remark=remarks.append)
    return _Exported(files=len(written), losses=(*target.lost_of(plan), *remarks))
