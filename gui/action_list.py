"""The operator's actions on this desk, in menu order."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from gui.actions import Action, Group, Menu, being, ensure_distinct
from gui.appearance import Appearance
from gui.desk import Desk
from gui.edit_actions import edit_actions, save_actions
from gui.exporting import FORMAT_TITLES
from gui.fly_actions import connect_actions, fly_actions, nation_actions
from gui.models.recent import SLOTS
from gui.models.words import tr
from gui.replay_actions import replay_actions
from gui.view_actions import view_actions
from missions.scenario_library import scenarios

__all__ = ["FLEET_ORDERS", "Questions", "desk_actions", "nation_actions"]

#: What the fleet table's context menu offers for the picked drones.
FLEET_ORDERS = ("fly.upload", "fly.launch", "fly.pause", "fly.continue", "fly.recall", "fly.land", "fly.hand-back", "fly.withdraw")


class Questions(Protocol):
    """What needs the window: to ask for a file, to bring a part of it to the front."""

    def ask_document(self) -> None: ...

    def ask_new_mission(self) -> None: ...

    def ask_plan_target(self) -> None: ...

    def ask_mission_target(self) -> None: ...

    def ask_address(self) -> None: ...

    def ask_faults(self) -> None: ...

    def ask_links(self) -> None: ...

    def ask_ground(self) -> None: ...

    def ask_flight(self) -> None: ...

    def ask_report_target(self) -> None: ...

    def ask_compared(self) -> None: ...

    def ask_picture(self) -> None: ...

    def ask_export_target(self, name: str) -> None: ...

    def show_dock(self, title: str) -> None: ...

    def show_palette(self) -> None: ...

    def show_places(self) -> None: ...

    def close_window(self) -> None: ...

    def switch_alarm(self) -> None: ...

    def alarm_is_on(self) -> bool: ...


def desk_actions(desk: Desk, appearance: Appearance, questions: Questions) -> tuple[Action, ...]:
    return ensure_distinct(
        (
            *_file(desk, questions),
            *edit_actions(desk),
            *_plan(desk),
            *connect_actions(desk, questions.ask_address, questions.ask_faults, questions.ask_links),
            *fly_actions(desk),
            *replay_actions(desk, questions.ask_flight, questions.ask_report_target, questions.ask_compared),
            *_select(desk, questions),
            *view_actions(desk, appearance, questions),
        )
    )


def _file(desk: Desk, questions: Questions) -> tuple[Action, ...]:
    documents = desk.documents

    def grounded() -> bool:
        # another document would put the drones that fly out of sight
        return not desk.flight.busy and not desk.planning.busy

    def planned() -> bool:
        return documents.current is not None and documents.current.plan is not None

    opening, ready = Group(Menu.FILE, "open", enabled=grounded), Group(Menu.FILE, "scenarios", tr("Sc&enarios"), grounded)
    recent = Group(Menu.FILE, "recent", tr("&Recent"), grounded)
    exporting = Group(Menu.FILE, "export", tr("&Export the plan"), planned)
    saving, quitting = Group(Menu.FILE, "save"), Group(Menu.FILE, "quit")
    return (
        opening("file.open", tr("&Open…"), questions.ask_document, tip=tr("Open a mission or a plan"), keys="Ctrl+O"),
        opening(
            "file.new",
            tr("&New mission from a file…"),
            questions.ask_new_mission,
            tip=tr("Begin a mission from a file with its area or its border; all else is filled in, to be corrected"),
            keys="Ctrl+N",
        ),
        opening(
            "file.new-here",
            tr("New mission &here"),
            desk.new_missions.begin_here,
            tip=tr("Begin a mission with a square in the middle of the map, to be drawn over"),
            keys="Ctrl+Shift+N",
            enabled=lambda: grounded() and desk.map.scene is not None,
        ),
        *(
            recent(
                f"file.recent.{slot}",
                tr("Recent file {slot}", slot=slot + 1),
                partial(_open_recent, desk, slot),
                live_title=partial(desk.recent.title, slot),
            )
            for slot in range(SLOTS)
        ),
        *(ready(f"file.scenario.{one.name}", one.name, partial(documents.open, one.name), tip=one.summary) for one in scenarios()),
        *save_actions(desk, questions.ask_mission_target),
        saving("file.save", tr("&Save plan as…"), questions.ask_plan_target, tip=tr("Write the plan file"), keys="Ctrl+S", enabled=planned),
        *(
            exporting(
                f"file.export.{name}",
                title,
                partial(questions.ask_export_target, name),
                tip=tr("As export --format {name} writes it", name=name),
            )
            for name, title in FORMAT_TITLES.items()
        ),
        saving(
            "file.picture",
            tr("Save the map as a p&icture…"),
            questions.ask_picture,
            tip=tr("A PNG of what the map shows"),
            keys="Ctrl+Shift+E",
            enabled=lambda: desk.map.scene is not None,
        ),
        quitting("file.quit", tr("&Quit"), questions.close_window, keys="Ctrl+Q"),
    )


def _open_recent(desk: Desk, slot: int) -> None:
    desk.documents.open(desk.recent.file(slot))


def _plan(desk: Desk) -> tuple[Action, ...]:
    planning = desk.planning
    planned, effort = Group(Menu.PLAN, "plan"), Group(Menu.PLAN, "effort", enabled=lambda: not planning.busy)
    tip = tr("How long the planner may look for something better: 1 is quick, 5 is thorough")
    return (
        planned(
            "plan.start",
            tr("&Plan"),
            planning.start,
            tip=tr("Compute the routes of the open mission"),
            keys="F5",
            enabled=lambda: planning.can_plan and desk.editing.valid and not desk.flight.busy,
        ),
        planned(
            "plan.cancel",
            tr("&Cancel planning"),
            planning.cancel,
            tip=tr("End the planning at once; there will be no plan"),
            keys="Shift+F5",
            enabled=lambda: planning.busy,
        ),
        *(
            effort(
                f"plan.effort.{number}",
                tr("Effort &{number}", number=number),
                partial(planning.set_effort, number),
                tip=tip,
                checked=being(lambda: planning.effort, number),
            )
            for number in range(1, 6)
        ),
    )


def _select(desk: Desk, questions: Questions) -> tuple[Action, ...]:
    fleet, alerts = Group(Menu.SELECT, "fleet"), Group(Menu.SELECT, "alerts")
    return (
        fleet(
            "select.everyone",
            tr("&Everyone"),
            desk.selection.clear,
            tip=tr("Orders go to every drone"),
            keys="Ctrl+E",
            enabled=lambda: bool(desk.selection.drones),
        ),
        fleet(
            "select.airborne",
            tr("All in &flight"),
            lambda: desk.selection.pick(desk.fleet.airborne),
            tip=tr("Pick the drones that are off the ground"),
            keys="Ctrl+Shift+F",
            enabled=lambda: bool(desk.fleet.airborne),
        ),
        alerts(
            "select.seen",
            tr("Acknowledge all &alerts"),
            desk.fleet.alerts.mark_seen,
            tip=tr("You have read them; the sound stops"),
            keys="Ctrl+R",
            enabled=lambda: desk.fleet.alerts.unseen() > 0,
        ),
        alerts(
            "select.alarm",
            tr("&Sound for alerts"),
            questions.switch_alarm,
            tip=tr("Critical alerts sound until they are acknowledged"),
            keys="Ctrl+Alt+M",
            checked=questions.alarm_is_on,
        ),
    )
