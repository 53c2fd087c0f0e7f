"""The table of commands. Each module has `register(app)`, which adds its command to a Typer app; only what is asked for is loaded.

Other packages add commands through entry points of the group `jointpatrol.commands` that name such a function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Final

import typer

from missions.errors import InputError

Register = Callable[[typer.Typer], None]

#: In the order in which `jointpatrol --help` lists them.
COMMANDS: Final[dict[str, str]] = {
    "demo": "missions.cli.demo",
    "scenarios": "missions.cli.scenarios",
    "new": "missions.cli.new",
    "import": "missions.cli.import_geometry",
    "plan": "missions.cli.plan",
    "check": "missions.cli.check",
    "migrate": "missions.cli.migrate",
    "export": "missions.cli.export",
    "fly": "missions.cli.fly",
    "control": "missions.cli.control",
    "keys": "missions.cli.keys",
    "sitl": "missions.cli.sitl",
    "report": "missions.cli.report",
    "compare": "missions.cli.compare",
    "doctor": "missions.cli.doctor",
}

ENTRY_POINT_GROUP: Final = "jointpatrol.commands"

#: Commands of packages that may be missing, and what installs them.
EXTRAS: Final[dict[str, str]] = {"gui": 'pip install "jointpatrol[gui]"'}


def register_commands(app: typer.Typer, arguments: Sequence[str]) -> None:
    """Add the command that the arguments ask for; all of them when they ask for none that is known."""
    wanted = asked_for(arguments)
    if wanted in COMMANDS:
        _load(COMMANDS[wanted])(app)
        return
    plugins = {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}
    if wanted in plugins or wanted in EXTRAS:
        _register_plugin(app, wanted, plugins.get(wanted))
        return
    for module in COMMANDS.values():
        _load(module)(app)
    for name in dict.fromkeys((*plugins, *EXTRAS)):
        _register_plugin(app, name, plugins.get(name))


def asked_for(arguments: Sequence[str]) -> str:
    """The command's name: the first argument that is no option, for options before it take no value."""
    return next((argument for argument in arguments if not argument.startswith("-")), "")


def command_names() -> list[str]:
    """All commands that can be asked for, those of other packages included."""
    return list(dict.fromkeys((*COMMANDS, *(point.name for point in entry_points(group=ENTRY_POINT_GROUP)), *EXTRAS)))


def missing_extra(name: str, reason: str) -> InputError:
    """What to say when a command's package cannot be loaded."""
    return InputError(f"the {name} command is not there: {reason}", value=name, mend=EXTRAS.get(name, f"reinstall what brings {name}"))


def _load(module: str) -> Register:
    register: Register = import_module(module).register
    return register


def _register_plugin(app: typer.Typer, name: str, point: EntryPoint | None) -> None:
    try:
        if point is None:
            raise ModuleNotFoundError("it is not installed")
        register: Register = point.load()
    except (ImportError, AttributeError) as error:
        _register_missing(app, name, str(error))
    else:
        register(app)


def _register_missing(app: typer.Typer, name: str, reason: str) -> None:
    @app.command(
        name, help=f"Not installed: {EXTRAS.get(name, reason)}", context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
    )
    def missing() -> None:
        raise missing_extra(name, reason)
