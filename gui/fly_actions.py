"""What is done with vehicles: connect to them, order the picked ones or everyone, decide on proposals."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from gui.actions import Action, Group, Menu, choices
from gui.control_process import ARDUPILOT
from gui.desk import Desk
from gui.simulation import SPEEDS

_SPEEDS = {times: (str(times), f"{times} times as fast as life" if times != 1 else "Real time") for times in SPEEDS}


def connect_actions(
    desk: Desk, ask_address: Callable[[], None], ask_faults: Callable[[], None], ask_links: Callable[[], None]
) -> tuple[Action, ...]:
    simulation, real = desk.simulation, desk.real_vehicles

    def unattached() -> bool:
        return not desk.flight.busy

    connect, speed = Group(Menu.FLY, "connect"), Group(Menu.FLY, "speed", "Simulation s&peed", unattached)
    return (
        connect(
            "fly.simulate",
            "Start si&mulated fleet",
            simulation.start,
            tip="Start mission control and simulated vehicles for the open plan",
            keys="F6",
            enabled=lambda: simulation.can_start,
        ),
        connect(
            "fly.ardupilot",
            "Start ArduPilot's si&mulation",
            partial(simulation.start, ARDUPILOT),
            tip="Start mission control and ArduPilot's own simulation (SITL), a process for each drone of the open plan",
            keys="Ctrl+F6",
            enabled=lambda: simulation.can_start,
        ),
        connect(
            "fly.open-links",
            "Open a lin&ks file…",
            ask_links,
            tip="A file that says how each drone is reached, and how its airframe is known",
            keys="Ctrl+Alt+L",
            enabled=lambda: bool(real.links) and unattached(),
        ),
        connect(
            "fly.look",
            "Loo&k who answers",
            real.ask,
            tip="Listen on the links of real drones: autopilot, board, place; nothing is changed on anybody",
            keys="Ctrl+Alt+T",
            enabled=lambda: real.can_ask,
        ),
        connect(
            "fly.connect",
            "C&onnect",
            real.connect,
            tip="Start mission control for the real drones that answered as planned",
            keys="Ctrl+Shift+T",
            enabled=lambda: real.can_connect,
        ),
        connect(
            "fly.attach",
            "&Attach to a running patrol…",
            ask_address,
            tip="Look at a mission control that runs already: open control.json in its report folder",
            keys="Ctrl+T",
            enabled=unattached,
        ),
        connect(
            "fly.shutdown",
            "&End mission control",
            desk.orders.end_control,
            tip="Call everyone home, then end mission control and its simulated vehicles",
            keys="Ctrl+Shift+K",
            enabled=desk.orders.can_end_control,
        ),
        connect(
            "fly.leave",
            "&Detach",
            desk.flight.leave,
            tip="Let go of mission control; it and the drones carry on",
            keys="Ctrl+Shift+D",
            enabled=lambda: desk.flight.busy,
        ),
        speed(
            "fly.faults",
            "&Practise with faults…",
            lambda: simulation.set_faults(None) if simulation.faults else ask_faults(),
            tip="A file of what goes wrong with simulated vehicles and when; again for none",
            keys="Ctrl+Alt+F",
            checked=lambda: simulation.faults is not None,
        ),
        *choices(speed, "fly.speed", _SPEEDS, simulation.set_speedup, lambda: simulation.speedup),
    )


def fly_actions(desk: Desk) -> tuple[Action, ...]:
    orders = desk.orders
    add, decide = Group(Menu.FLY, "orders"), Group(Menu.FLY, "proposal", enabled=orders.can_decide)
    rows: tuple[tuple[str, str, str, Callable[[], None], Callable[[], bool], str], ...] = (
        ("start", "&Fly the patrol", "Upload and launch every sortie at its time in the plan", orders.start, orders.can_start, "F9"),
        ("upload", "&Upload", "Put the next sortie on the picked drones and read it back", orders.upload, orders.can_upload, "Ctrl+U"),
        ("launch", "&Launch", "Launch the picked drones now", orders.launch, orders.can_launch, "Ctrl+L"),
        ("pause", "&Pause", "The picked drones hold where they are", orders.pause, orders.can_pause, "Ctrl+P"),
        ("continue", "&Continue", "Go on after a pause", orders.go_on, orders.can_continue, "Ctrl+Shift+P"),
        ("recall", "&Bring home", "The picked drones fly home and land", orders.recall, orders.can_recall, "Ctrl+B"),
        ("withdraw", "&Withdraw", _WITHDRAW, orders.withdraw, orders.can_withdraw, "Ctrl+W"),
        ("land", "L&and there", "The picked drones land where they are", orders.land, orders.can_land, "Ctrl+Shift+L"),
        ("hand-back", "&Hand back", _HAND_BACK, orders.hand_back, orders.can_hand_back, "Ctrl+Shift+B"),
        ("everyone-home", "&Everyone home", "Bring every drone home", orders.ask_everyone_home, orders.can_recall_everyone, "Ctrl+Shift+H"),
    )
    return (
        *(add(f"fly.{name}", title, run, tip=tip, keys=keys, enabled=enabled) for name, title, tip, run, enabled, keys in rows),
        decide(
            "fly.accept",
            "&Accept the proposal",
            orders.accept,
            tip="Fly on as the proposal says; nothing is changed in the air",
            keys="Ctrl+Shift+A",
        ),
        decide(
            "fly.reject",
            "&Reject the proposal",
            orders.reject,
            tip="Fly on as before; what the proposal was about stays uncovered",
            keys="Ctrl+Shift+J",
        ),
    )


_WITHDRAW = "The picked drones fly home for good; what they leave is offered to the others"
_HAND_BACK = "Let mission control fly drones again that a pilot had taken"


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
