"""What is done with vehicles: connect to them, order the picked ones or everyone, decide on proposals."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from gui.actions import Action, Group, Menu, choices
from gui.control_process import ARDUPILOT
from gui.desk import Desk
from gui.models.words import tr
from gui.simulation import SPEEDS

_SPEEDS = {times: (str(times), tr("{times} times as fast as life", times=times) if times != 1 else tr("Real time")) for times in SPEEDS}


def connect_actions(
    desk: Desk, ask_address: Callable[[], None], ask_faults: Callable[[], None], ask_links: Callable[[], None]
) -> tuple[Action, ...]:
    simulation, real = desk.simulation, desk.real_vehicles

    def unattached() -> bool:
        return not desk.flight.busy

    connect, speed = Group(Menu.FLY, "connect"), Group(Menu.FLY, "speed", tr("Simulation s&peed"), unattached)
    return (
        connect(
            "fly.simulate",
            tr("Start si&mulated fleet"),
            simulation.start,
            tip=tr("Start mission control and simulated vehicles for the open plan"),
            keys="F6",
            enabled=lambda: simulation.can_start,
        ),
        connect(
            "fly.ardupilot",
            tr("Start ArduPilot's si&mulation"),
            partial(simulation.start, ARDUPILOT),
            tip=tr("Start mission control and ArduPilot's own simulation (SITL), a process for each drone of the open plan"),
            keys="Ctrl+F6",
            enabled=lambda: simulation.can_start,
        ),
        connect(
            "fly.open-links",
            tr("Open a lin&ks file…"),
            ask_links,
            tip=tr("A file that says how each drone is reached, and how its airframe is known"),
            keys="Ctrl+Alt+L",
            enabled=lambda: bool(real.links) and unattached(),
        ),
        connect(
            "fly.look",
            tr("Loo&k who answers"),
            real.ask,
            tip=tr("Listen on the links of real drones: autopilot, board, place; nothing is changed on anybody"),
            keys="Ctrl+Alt+T",
            enabled=lambda: real.can_ask,
        ),
        connect(
            "fly.connect",
            tr("C&onnect"),
            real.connect,
            tip=tr("Start mission control for the real drones that answered as planned"),
            keys="Ctrl+Shift+T",
            enabled=lambda: real.can_connect,
        ),
        connect(
            "fly.attach",
            tr("&Attach to a running patrol…"),
            ask_address,
            tip=tr("Look at a mission control that runs already: open control.json in its report folder"),
            keys="Ctrl+T",
            enabled=unattached,
        ),
        connect(
            "fly.shutdown",
            tr("&End mission control"),
            desk.orders.end_control,
            tip=tr("Call everyone home, then end mission control and its simulated vehicles"),
            keys="Ctrl+Shift+K",
            enabled=desk.orders.can_end_control,
        ),
        connect(
            "fly.leave",
            tr("&Detach"),
            desk.flight.leave,
            tip=tr("Let go of mission control; it and the drones carry on"),
            keys="Ctrl+Shift+D",
            enabled=lambda: desk.flight.busy,
        ),
        speed(
            "fly.faults",
            tr("&Practise with faults…"),
            lambda: simulation.set_faults(None) if simulation.faults else ask_faults(),
            tip=tr("A file of what goes wrong with simulated vehicles and when; again for none"),
            keys="Ctrl+Alt+F",
            checked=lambda: simulation.faults is not None,
        ),
        *choices(speed, "fly.speed", _SPEEDS, simulation.set_speedup, lambda: simulation.speedup),
    )


def fly_actions(desk: Desk) -> tuple[Action, ...]:
    orders = desk.orders
    add, decide = Group(Menu.FLY, "orders"), Group(Menu.FLY, "proposal", enabled=orders.can_decide)
    rows: tuple[tuple[str, str, str, Callable[[], None], Callable[[], bool], str], ...] = (
        (
            "start",
            tr("&Fly the patrol"),
            tr("Upload and launch every sortie at its time in the plan"),
            orders.start,
            orders.can_start,
            "F9",
        ),
        (
            "upload",
            tr("&Upload"),
            tr("Put the next sortie on the picked drones and read it back"),
            orders.upload,
            orders.can_upload,
            "Ctrl+U",
        ),
        ("launch", tr("&Launch"), tr("Launch the picked drones now"), orders.launch, orders.can_launch, "Ctrl+L"),
        ("pause", tr("&Pause"), tr("The picked drones hold where they are"), orders.pause, orders.can_pause, "Ctrl+P"),
        ("continue", tr("&Continue"), tr("Go on after a pause"), orders.go_on, orders.can_continue, "Ctrl+Shift+P"),
        ("recall", tr("&Bring home"), tr("The picked drones fly home and land"), orders.recall, orders.can_recall, "Ctrl+B"),
        ("withdraw", tr("&Withdraw"), _WITHDRAW, orders.withdraw, orders.can_withdraw, "Ctrl+W"),
        ("land", tr("L&and there"), tr("The picked drones land where they are"), orders.land, orders.can_land, "Ctrl+Shift+L"),
        ("hand-back", tr("&Hand back"), _HAND_BACK, orders.hand_back, orders.can_hand_back, "Ctrl+Shift+B"),
        (
            "everyone-home",
            tr("&Everyone home"),
            tr("Bring every drone home"),
            orders.ask_everyone_home,
            orders.can_recall_everyone,
            "Ctrl+Shift+H",
        ),
    )
    return (
        *(add(f"fly.{name}", title, run, tip=tip, keys=keys, enabled=enabled) for name, title, tip, run, enabled, keys in rows),
        decide(
            "fly.accept",
            tr("&Accept the proposal"),
            orders.accept,
            tip=tr("Fly on as the proposal says; nothing is changed in the air"),
            keys="Ctrl+Shift+A",
        ),
        decide(
            "fly.reject",
            tr("&Reject the proposal"),
            orders.reject,
            tip=tr("Fly on as before; what the proposal was about stays uncovered"),
            keys="Ctrl+Shift+J",
        ),
    )


_WITHDRAW = tr("The picked drones fly home for good; what they leave is offered to the others")
_HAND_BACK = tr("Let mission control fly drones again that a pilot had taken")


def nation_actions(desk: Desk, drone: str) -> tuple[Action, ...]:
    """What can be ordered of the whole nation of this drone."""
    nation = desk.fleet.drones[drone].nation
    return (
        Action(
            id="fleet.pick-nation",
            menu=Menu.SELECT,
            title=tr("&Pick all of {nation}", nation=nation),
            run=lambda: desk.selection.pick(desk.fleet.of_nation(nation)),
        ),
        Action(
            id="fleet.withdraw-nation",
            menu=Menu.FLY,
            title=tr("Withdraw all of {nation}", nation=nation),
            tip=tr("They fly home for good; what they leave is offered to the other nations"),
            run=lambda: desk.orders.withdraw_nation(nation),
            enabled=lambda: desk.orders.can_withdraw_nation(nation),
        ),
    )
