"""The operator's actions on this desk, in menu order."""

from __future__ import annotations

from collections.abc import Callable, Container
from functools import partial
from typing import Protocol

from gui.actions import Action, Menu, ensure_distinct
from gui.appearance import Appearance
from gui.desk import Desk
from gui.models.map_model import Layer
from gui.simulation import SPEEDS
from gui.views.theme import ThemeChoice
from missions.scenario_library import scenarios

_ZOOM_STEP = 1.5
#: What the fleet table's context menu offers for the picked drones.
FLEET_ORDERS = ("fly.upload", "fly.launch", "fly.pause", "fly.continue", "fly.recall", "fly.land", "fly.hand-back", "fly.withdraw")


class Questions(Protocol):
    """What needs the window: to ask for a file, to bring a part of it to the front."""

    def ask_document(self) -> None: ...

    def ask_plan_target(self) -> None: ...

    def ask_address(self) -> None: ...

    def show_dock(self, title: str) -> None: ...

    def close_window(self) -> None: ...


def desk_actions(desk: Desk, appearance: Appearance, questions: Questions) -> tuple[Action, ...]:
    return ensure_distinct(
        (
            *_file(desk, questions),
            *_plan(desk),
            *_connect(desk, questions),
            *_fly(desk),
            *_select(desk),
            *_view(desk, appearance),
            *_docks(questions),
        )
    )


def _file(desk: Desk, questions: Questions) -> tuple[Action, ...]:
    documents = desk.documents

    def grounded() -> bool:
        # another document would put the drones that fly out of sight
        return not desk.flight.busy and not desk.planning.busy

    return (
        Action(
            id="file.open",
            menu=Menu.FILE,
            title="&Open…",
            tip="Open a mission or a plan",
            shortcut="Ctrl+O",
            group="file",
            run=questions.ask_document,
            enabled=grounded,
        ),
        *(
            Action(
                id=f"file.scenario.{scenario.name}",
                menu=Menu.FILE,
                title=f"Scenario {scenario.name}",
                tip=scenario.summary,
                group="scenarios",
                run=partial(documents.open, scenario.name),
                enabled=grounded,
            )
            for scenario in scenarios()
        ),
        Action(
            id="file.save",
            menu=Menu.FILE,
            title="&Save plan as…",
            tip="Write the plan file",
            shortcut="Ctrl+S",
            group="save",
            run=questions.ask_plan_target,
            enabled=lambda: documents.current is not None and documents.current.plan is not None,
        ),
        Action(id="file.quit", menu=Menu.FILE, title="&Quit", shortcut="Ctrl+Q", group="quit", run=questions.close_window),
    )


def _plan(desk: Desk) -> tuple[Action, ...]:
    planning = desk.planning
    return (
        Action(
            id="plan.start",
            menu=Menu.PLAN,
            title="&Plan",
            tip="Compute the routes of the open mission",
            shortcut="F5",
            group="plan",
            run=planning.start,
            enabled=lambda: planning.can_plan and not desk.flight.busy,
        ),
        Action(
            id="plan.cancel",
            menu=Menu.PLAN,
            title="&Cancel planning",
            tip="End the planning at once; there will be no plan",
            shortcut="Shift+F5",
            group="plan",
            run=planning.cancel,
            enabled=lambda: planning.busy,
        ),
        *(
            Action(
                id=f"plan.effort.{effort}",
                menu=Menu.PLAN,
                title=f"Effort &{effort}",
                tip="How long the planner may look for something better: 1 is quick, 5 is thorough",
                group="effort",
                run=partial(planning.set_effort, effort),
                enabled=lambda: not planning.busy,
                checked=partial(_is, lambda: planning.effort, effort),
            )
            for effort in range(1, 6)
        ),
    )


def _connect(desk: Desk, questions: Questions) -> tuple[Action, ...]:
    simulation = desk.simulation
    return (
        Action(
            id="fly.simulate",
            menu=Menu.FLY,
            title="Start si&mulated fleet",
            tip="Start mission control and simulated vehicles for the open plan",
            shortcut="F6",
            group="connect",
            run=simulation.start,
            enabled=lambda: simulation.can_start,
        ),
        Action(
            id="fly.attach",
            menu=Menu.FLY,
            title="&Attach to a running patrol…",
            tip="Look at a mission control that runs already: open control.json in its report folder",
            shortcut="Ctrl+T",
            group="connect",
            run=questions.ask_address,
            enabled=lambda: not desk.flight.busy,
        ),
        Action(
            id="fly.shutdown",
            menu=Menu.FLY,
            title="&End mission control",
            tip="Call everyone home, then end mission control and its simulated vehicles",
            group="connect",
            run=desk.orders.end_control,
            enabled=desk.orders.can_end_control,
        ),
        Action(
            id="fly.leave",
            menu=Menu.FLY,
            title="&Detach",
            tip="Let go of mission control; it and the drones carry on",
            group="connect",
            run=desk.flight.leave,
            enabled=lambda: desk.flight.busy,
        ),
        *(
            Action(
                id=f"fly.speed.{speed}",
                menu=Menu.FLY,
                title=f"Simulate {speed} times as fast as life" if speed != 1 else "Simulate in real time",
                group="speed",
                run=partial(simulation.set_speedup, speed),
                enabled=lambda: not desk.flight.busy,
                checked=partial(_is, lambda: simulation.speedup, speed),
            )
            for speed in SPEEDS
        ),
    )


def _fly(desk: Desk) -> tuple[Action, ...]:
    orders = desk.orders

    def order(name: str, title: str, tip: str, run: Callable[[], None], enabled: Callable[[], bool], shortcut: str = "") -> Action:
        return Action(id=f"fly.{name}", menu=Menu.FLY, title=title, tip=tip, run=run, enabled=enabled, shortcut=shortcut, group="orders")

    return (
        order("start", "&Fly the patrol", "Upload and launch every sortie at its time in the plan", orders.start, orders.can_start, "F9"),
        order("upload", "&Upload", "Put the next sortie on the picked drones and read it back", orders.upload, orders.can_upload, "Ctrl+U"),
        order("launch", "&Launch", "Launch the picked drones now", orders.launch, orders.can_launch, "Ctrl+L"),
        order("pause", "&Pause", "The picked drones hold where they are", orders.pause, orders.can_pause, "Ctrl+P"),
        order("continue", "&Continue", "Go on after a pause", orders.go_on, orders.can_continue, "Ctrl+Shift+P"),
        order("recall", "&Bring home", "The picked drones fly home and land", orders.recall, orders.can_recall, "Ctrl+B"),
        order(
            "withdraw",
            "&Withdraw",
            "The picked drones fly home for good; what they leave is offered to the others",
            orders.withdraw,
            orders.can_withdraw,
        ),
        order("land", "L&and there", "The picked drones land where they are", orders.land, orders.can_land),
        order(
            "hand-back", "&Hand back", "Let mission control fly drones again that a pilot had taken", orders.hand_back, orders.can_hand_back
        ),
        order(
            "everyone-home",
            "&Everyone home",
            "Bring every drone home",
            orders.ask_everyone_home,
            orders.can_recall_everyone,
            "Ctrl+Shift+H",
        ),
        *_decide(desk),
    )


def nation_actions(desk: Desk, drone: str) -> tuple[Action, ...]:
    """What can be ordered of the whole nation of this drone."""
    nation = desk.fleet.drones[drone].nation
    return (
        Action(
            id="fleet.pick-nation",
            menu=Menu.SELECT,
            title=f"&Pick all of {nation}",
            run=lambda: desk.selection.pick(desk.fleet.of_nation(nation)),
        ),
        Action(
            id="fleet.withdraw-nation",
            menu=Menu.FLY,
            title=f"Withdraw all of {nation}",
            tip="They fly home for good; what they leave is offered to the other nations",
            run=lambda: desk.orders.withdraw_nation(nation),
            enabled=lambda: desk.orders.can_withdraw_nation(nation),
        ),
    )


def _decide(desk: Desk) -> tuple[Action, ...]:
    orders = desk.orders
    return (
        Action(
            id="fly.accept",
            menu=Menu.FLY,
            title="&Accept the proposal",
            tip="Fly on as the proposal says; nothing is changed in the air",
            shortcut="Ctrl+Shift+A",
            group="proposal",
            run=orders.accept,
            enabled=orders.can_decide,
        ),
        Action(
            id="fly.reject",
            menu=Menu.FLY,
            title="&Reject the proposal",
            tip="Fly on as before; what the proposal was about stays uncovered",
            shortcut="Ctrl+Shift+J",
            group="proposal",
            run=orders.reject,
            enabled=orders.can_decide,
        ),
    )


def _select(desk: Desk) -> tuple[Action, ...]:
    return (
        Action(
            id="select.everyone",
            menu=Menu.SELECT,
            title="&Everyone",
            tip="Orders go to every drone",
            shortcut="Ctrl+E",
            run=desk.selection.clear,
            enabled=lambda: bool(desk.selection.drones),
        ),
        Action(
            id="select.airborne",
            menu=Menu.SELECT,
            title="All in &flight",
            tip="Pick the drones that are off the ground",
            run=lambda: desk.selection.pick(desk.fleet.airborne),
            enabled=lambda: bool(desk.fleet.airborne),
        ),
        Action(
            id="select.seen",
            menu=Menu.SELECT,
            title="Mark &alerts as read",
            shortcut="Ctrl+R",
            group="alerts",
            run=desk.fleet.alerts.mark_seen,
            enabled=lambda: desk.fleet.alerts.unseen() > 0,
        ),
    )


def _view(desk: Desk, appearance: Appearance) -> tuple[Action, ...]:
    def look(name: str, title: str, run: Callable[[], None], shortcut: str) -> Action:
        return Action(
            id=f"view.{name}",
            menu=Menu.VIEW,
            title=title,
            run=run,
            shortcut=shortcut,
            group="look",
            enabled=lambda: desk.map.scene is not None,
        )

    return (
        look("fit", "&Fit all", desk.map.fit, "Ctrl+0"),
        look("closer", "Zoom &in", lambda: desk.map.zoom(_ZOOM_STEP), "Ctrl++"),
        look("farther", "Zoom &out", lambda: desk.map.zoom(1 / _ZOOM_STEP), "Ctrl+-"),
        look("next-violation", "&Next violation", lambda: desk.map.step_mark(1), "F8"),
        look("previous-violation", "Pre&vious violation", lambda: desk.map.step_mark(-1), "Shift+F8"),
        *(
            Action(
                id=f"view.layer.{layer.name.lower()}",
                menu=Menu.VIEW,
                title=layer.value,
                group="layers",
                run=partial(desk.map.toggle, layer),
                checked=partial(_has, lambda: desk.map.layers, layer),
            )
            for layer in Layer
        ),
        *(
            Action(
                id=f"view.theme.{choice.value}",
                menu=Menu.VIEW,
                title=f"Theme: {choice.value}",
                group="theme",
                run=partial(appearance.choose, choice),
                checked=partial(_is, lambda: appearance.choice, choice),
            )
            for choice in ThemeChoice
        ),
    )


def _docks(questions: Questions) -> tuple[Action, ...]:
    return tuple(
        Action(
            id=f"view.dock.{title.lower()}",
            menu=Menu.VIEW,
            title=f"Show the {title.lower()}",
            shortcut=f"Ctrl+{number}",
            group="docks",
            run=partial(questions.show_dock, title),
        )
        for number, title in enumerate(("Fleet", "Timeline", "Plan", "Alerts"), start=1)
    )


def _is(read: Callable[[], object], value: object) -> bool:
    return read() == value


def _has(read: Callable[[], Container[object]], value: object) -> bool:
    return value in read()
