"""The options that say which vehicles a command is about, the same for `fly`, `sitl`, `demo` and `control serve`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from missions.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from missions.control.params import ControlParams
    from missions.vehicles import ArduPilot, Embedded, Vehicles
    from planner.model import Plan, VehicleKind
    from sitl.faults import FaultPlan

EMBEDDED: Final = "embedded"
ARDUPILOT: Final = "ardupilot"

VehiclesOption = Annotated[
    str, typer.Option("--vehicles", metavar="embedded|ardupilot|LINKS.toml", help="Simulated ones, or a file that names each drone's link.")
]
DroneOption = Annotated[list[str] | None, typer.Option("--drone", metavar="ID", help="Only this drone; may be given several times.")]
SpeedupOption = Annotated[
    float | None,
    typer.Option("--speedup", metavar="N", help="Simulated seconds per second.", show_default="as fast as it goes; ardupilot 5"),
]
WindOption = Annotated[
    float | None,
    typer.Option("--wind", metavar="M/S", min=0.0, help="Wind at the bases; real vehicles stay down beyond the limit."),
]
RuleOption = Annotated[
    str,
    typer.Option("--standing-rule", metavar="ask|accept|never", help="What becomes of proposals to fly on otherwise."),
]
SignedOption = Annotated[
    bool, typer.Option("--signed", help="Speak to every drone signed, and hear nothing else; simulated ones get keys for this flight.")
]
SetFailsafesOption = Annotated[
    bool, typer.Option("--set-failsafes", help="Set failsafe parameters of real vehicles as the plan counts on them, without asking.")
]
LossOption = Annotated[float, typer.Option("--loss", metavar="P", help="Part of the messages lost each way (simulated vehicles).")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Another seed, other gusts and losses, another search.")]
FaultOption = Annotated[Path | None, typer.Option("--fault", metavar="FILE", help="What goes wrong and when (simulated vehicles).")]

_ARDUPILOT_SPEEDUP: Final = 5.0


def chosen_vehicles(
    plan: Plan,
    vehicles: str,
    *,
    speedup: float | None = None,
    loss: float = 0.0,
    seed: int = 0,
    fault: Path | None = None,
    signed: bool = False,
    keys: str | None = None,
) -> Vehicles:
    """What the options ask for. Raises InputError, also for options that make no sense together."""
    kinds = {plan.drone_type(drone.type).kind for drone in plan.drones if plan.sorties_of(drone.id)}
    simulated = simulated_vehicles(kinds, vehicles, speedup=speedup, loss=loss, seed=seed, fault=fault)
    if simulated is not None:
        return replace(simulated, signed=signed)
    if speedup is not None:
        raise InputError("real vehicles fly at their own pace", key="--speedup", value=speedup, mend="leave it out")
    return _real(Path(vehicles), plan, signed=signed, keys=keys)


def _real(path: Path, plan: Plan, *, signed: bool, keys: str | None) -> Vehicles:
    from missions.cli.key_options import key_place, with_keys
    from missions.links_file import load_links
    from missions.vehicles import Real

    found = load_links(path, plan)
    real = Real(links=found.links, airframes=found.airframes)
    return with_keys(real, found.links.keys() if signed else found.signed, key_place(keys))


def simulated_vehicles(
    kinds: Iterable[VehicleKind],
    vehicles: str,
    *,
    speedup: float | None = None,
    loss: float = 0.0,
    seed: int = 0,
    fault: Path | None = None,
) -> Embedded | ArduPilot | None:
    """What the options ask for of these kinds; None when it is real ones. Raises InputError."""
    from missions.vehicles import ArduPilot, Embedded

    check_numbers(speedup, loss)
    if vehicles == EMBEDDED:
        return Embedded(speedup=speedup, loss=loss, seed=seed, faults=faults_from(fault))
    if vehicles == ARDUPILOT:
        require_ardupilot(kinds)
        return ArduPilot(speedup=speedup or _ARDUPILOT_SPEEDUP, loss=loss, seed=seed, faults=faults_from(fault))
    for option, value in (("--loss", loss or None), ("--fault", fault)):
        if value is not None:
            raise InputError("is for simulated vehicles only", key=option, value=value, mend="leave it out")
    return None


def control_params(rule: str) -> ControlParams:
    """Raises InputError."""
    from missions.control.messages import StandingRule
    from missions.control.params import ControlParams

    if rule not in {each.value for each in StandingRule}:
        raise InputError("is no standing rule", key="--standing-rule", value=rule, mend="give ask, accept or never")
    return ControlParams(standing_rule=StandingRule(rule))


def require_ardupilot(kinds: Iterable[VehicleKind]) -> None:
    """Raises InputError when ArduPilot's simulation of these vehicles is not installed."""
    from sitl.ardupilot import MISSING_TEXT, find_ardupilot

    if any(find_ardupilot(kind) is None for kind in kinds):
        raise InputError(MISSING_TEXT, key="--vehicles", value=ARDUPILOT)


def check_numbers(speedup: float | None, loss: float) -> None:
    """Raises InputError."""
    if speedup is not None and not 0 < speedup <= 1000:
        raise InputError("is not between 0 and 1000", key="--speedup", value=speedup, mend="give a number such as 10")
    if not 0 <= loss < 1:
        raise InputError("is not a part of the messages", key="--loss", value=loss, mend="give a number from 0 to below 1, such as 0.01")


def faults_from(file: Path | None) -> FaultPlan | None:
    """Raises InputError."""
    if file is None:
        return None
    from sitl.errors import FaultFileError
    from sitl.faults import load_faults

    try:
        return load_faults(file)
    except FaultFileError as error:
        raise InputError(error.text, file=str(error.file), key=error.key, value=error.value, mend=error.mend) from error


def require_embedded(option: str, value: object, vehicles: str) -> None:
    """Raises InputError when an option was given that other vehicles do not know."""
    if value is not None:
        raise InputError(f"works with embedded vehicles only, not with {vehicles}", key=option, value=value, mend="leave it out")
