"""A patrol in the terminal: a line for each drone that keeps itself up to date, or plain lines where there is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mavlink_bridge.events import Airborne, Alert, AlertLevel, Disarmed, SessionCrashed, Telemetry, Uploaded, UploadOutcome
from missions.cli.output import print_note
from missions.control.messages import (
    CoverageChanged,
    DroneProgress,
    IntentRefused,
    PatrolEvent,
    PatrolState,
    PatrolStateChanged,
    PlanChanged,
    ReplanProposed,
)

if TYPE_CHECKING:
    from rich.table import Table

    from mavlink_bridge.vehicle_state import VehicleState

LineWriter = Callable[[str], None]


def clock(seconds: float) -> str:
    """Hours, minutes and seconds."""
    whole = max(0, round(seconds))
    return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"


class FlightView:
    """Watches a patrol. `watch` takes every event; `line_of` what is worth a line of its own."""

    def __init__(self) -> None:
        self._progress: dict[str, DroneProgress] = {}
        self._states: dict[str, VehicleState] = {}
        self._coverage: CoverageChanged | None = None
        self._state = PatrolState.CONNECTING
        self._now_s = 0.0
        self._zero_s: float | None = None

    def watch(self, event: PatrolEvent) -> None:
        self._now_s = max(self._now_s, event.at_s)
        match event:
            case Telemetry(drone=drone, state=state):
                self._states[drone] = state
            case DroneProgress():
                self._progress[event.drone] = event
            case CoverageChanged():
                self._coverage = event
            case PatrolStateChanged():
                self._state = event.state
                if event.patrol_s is not None:
                    self._zero_s = event.at_s - event.patrol_s
            case _:
                pass

    def line_of(self, event: PatrolEvent) -> str | None:
        """What happened in words, after the patrol's time; None for what is not worth a line."""
        text = _text(event)
        return None if text is None else f"{self._time}  {text}"

    def table(self) -> Table:
        """Everybody, as things stand."""
        from rich import box
        from rich.table import Table

        seen = f", {100 * self._coverage.flown:.1f} % seen" if self._coverage is not None else ""
        table = Table(title=f"{self._time}  {self._state.value}{seen}", title_justify="left", box=box.SIMPLE_HEAD)
        for column in ("drone", "", "sortie", "lanes", "battery", "mode", "down at", ""):
            table.add_column(column, no_wrap=True)
        for progress in self._progress.values():
            table.add_row(*self._row(progress))
        return table

    @property
    def _time(self) -> str:
        return clock(self._now_s - self._zero_s) if self._zero_s is not None else "-:--:--"

    def _row(self, progress: DroneProgress) -> tuple[str, ...]:
        state = self._states.get(progress.drone)
        left_pct = state.battery_remaining_pct if state is not None else None
        flying = min(progress.sorties_done + 1, progress.sorties_total)
        return (
            progress.drone,
            progress.phase.value.replace("_", " "),
            f"{flying}/{progress.sorties_total}",
            f"{progress.lanes_done}/{progress.lanes_total}",
            "" if left_pct is None else f"{left_pct} %",
            "" if state is None else state.mode_name,
            "" if progress.eta_s is None else clock(progress.eta_s),
            progress.note[:60],
        )


@contextmanager
def shown_flight() -> Iterator[FlightWatcher]:
    """Show what `watch` is told on stderr while the block runs."""
    view = FlightView()
    if not sys.stderr.isatty():
        yield FlightWatcher(view, print_note)
        return
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True, highlight=False, markup=False)
    with Live(console=console, refresh_per_second=5, get_renderable=view.table, transient=True):
        yield FlightWatcher(view, console.print)


class FlightWatcher:
    """Feeds the view and prints the lines."""

    def __init__(self, view: FlightView, write: LineWriter) -> None:
        self._view = view
        self._write = write

    def watch(self, event: PatrolEvent) -> None:
        self._view.watch(event)
        line = self._view.line_of(event)
        if line is not None:
            self._write(line)


def _text(event: PatrolEvent) -> str | None:
    match event:
        case PatrolStateChanged(state=state):
            return f"patrol {state.value}"
        case Uploaded(outcome=UploadOutcome.VERIFIED):
            return f"{event.drone}: {event.sortie} verified on board"
        case Uploaded():
            return f"{event.drone}: upload of {event.sortie} {event.outcome.value}: {event.reason}"
        case Airborne():
            return f"{event.drone}: airborne"
        case Disarmed():
            return f"{event.drone}: disarmed"
        case Alert(level=level) if level is not AlertLevel.INFO:
            return f"{event.drone}: {level.value}: {event.text}"
        case SessionCrashed():
            return f"{event.drone}: internal error: {event.text}"
        case ReplanProposed():
            whom = ", ".join(sorted({change.drone for change in event.added})) or "nobody"
            left = f"; left: {'; '.join(event.uncovered)}" if event.uncovered else ""
            return f"proposal {event.proposal}: {len(event.added)} further sorties by {whom}{left}"
        case PlanChanged():
            return f"proposal {event.proposal} is flown"
        case IntentRefused():
            return f"refused: {event.reason}"
        case _:
            return None
