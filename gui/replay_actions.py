"""What is done with flights that are over: replay them, look for alerts, make their report."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from gui.actions import Action, Group, Menu, choices
from gui.desk import Desk
from gui.models.words import tr
from gui.replay import SPEEDS

_STEP_S = 10.0
_SPEEDS = {
    times: (str(times), tr("{times} times as fast as it was", times=times) if times != 1 else tr("As fast as it was")) for times in SPEEDS
}


def replay_actions(
    desk: Desk, ask_flight: Callable[[], None], ask_report_target: Callable[[], None], ask_compared: Callable[[], None]
) -> tuple[Action, ...]:
    replay = desk.replay

    def active() -> bool:
        return replay.active

    def marked() -> bool:
        return replay.record is not None and bool(replay.record.marks_s)

    def show_report() -> None:
        if replay.record is not None:
            desk.reports.show(replay.record.folder)

    opening, moving = Group(Menu.REPLAY, "open"), Group(Menu.REPLAY, "move", enabled=active)
    speed, after = Group(Menu.REPLAY, "speed", tr("&Speed"), active), Group(Menu.REPLAY, "after", enabled=active)
    return (
        opening(
            "replay.open",
            tr("&Open a flight…"),
            ask_flight,
            tip=tr("Replay a flight from the folder that was written when it was flown"),
            keys="Ctrl+Shift+R",
            enabled=lambda: not desk.flight.busy and not desk.planning.busy,
        ),
        moving("replay.play", tr("&Play or pause"), replay.toggle, keys="Ctrl+Space"),
        moving("replay.forward", tr("&Forward 10 s"), partial(replay.step, _STEP_S), keys="Ctrl+Right"),
        moving("replay.back", tr("&Back 10 s"), partial(replay.step, -_STEP_S), keys="Ctrl+Left"),
        moving("replay.next-alert", tr("&Next alert"), partial(replay.step_mark, 1), keys="Ctrl+Shift+Right", enabled=marked),
        moving("replay.previous-alert", tr("Pre&vious alert"), partial(replay.step_mark, -1), keys="Ctrl+Shift+Left", enabled=marked),
        *choices(speed, "replay.speed", _SPEEDS, replay.set_speed, lambda: replay.speed),
        after("replay.report", tr("&Report"), show_report, tip=tr("Build this flight's report and open it"), keys="Ctrl+Shift+O"),
        after(
            "replay.export-report",
            tr("&Export the report…"),
            ask_report_target,
            tip=tr("The report's page, its data and its numbers as CSV and GeoPackage, into a folder"),
            keys="Ctrl+Alt+R",
        ),
        after(
            "replay.compare",
            tr("&Compare with another flight…"),
            ask_compared,
            tip=tr("A page that puts this flight beside another one: coverage, time, way, energy, nations"),
            keys="Ctrl+Alt+C",
        ),
        after("replay.close", tr("&Close"), replay.close, tip=tr("End the replay; the plan stays open"), keys="Ctrl+Alt+Q"),
    )
