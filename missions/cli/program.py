"""Run a command line: parse, execute, and turn every way it can end into one line and an exit code."""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import FrameType
from typing import Annotated, Final, NoReturn

import typer

from missions.cli.commands import EXTRAS, asked_for, command_names, missing_extra, register_commands
from missions.cli.key_options import KEYS_VARIABLE
from missions.errors import InputError, nearest_mend

PROGRAM: Final = "jointpatrol"

# Typer brings its own copy of Click or uses the real one, by version; its public exception leads to either's base class
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]


class ExitCode(IntEnum):
    """How the program ends."""

    OK = 0
    NO = 1
    BAD_INPUT = 2
    INTERNAL_ERROR = 70
    INTERRUPTED = 130
    TERMINATED = 143


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; without `arguments`, those of the process."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    verbose = any(flag in _before_dashes(given) for flag in ("-v", "--verbose"))
    logging.basicConfig(level=logging.DEBUG if verbose else logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    with _signals_unwind():
        try:
            return _run([argument for argument in given if argument not in {"-v", "--verbose"}])
        except InputError as error:
            return _report(error, given)
        except ImportError as error:
            if asked_for(given) not in EXTRAS:
                return _report_defect(error, given, verbose)
            return _report(missing_extra(asked_for(given), str(error)), given)
        except (KeyboardInterrupt, typer.Abort):
            return _interrupted()
        except Exception as error:  # noqa: BLE001  # the program's rim: a defect becomes exit code 70 and, on request, a traceback
            return _report_defect(error, given, verbose)


def program_version() -> str:
    """The installed version."""
    try:
        return version(PROGRAM)
    except PackageNotFoundError:
        return "(not installed)"


def build_app(arguments: Sequence[str]) -> typer.Typer:
    """The program's commands, as far as these arguments need them."""
    app = typer.Typer(
        name=PROGRAM,
        help="Plan drone patrols over a border that several nations share, fly them, and prove what was seen.",
        epilog="Exit codes: 0 yes; 1 the honest answer is no; 2 bad input; 70 internal error; 130, 143 interrupted.",
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # plain text: help says things like jointpatrol[gui]
    )
    app.callback()(_root_options)
    register_commands(app, arguments)
    return app


def _root_options(
    show_version: Annotated[bool, typer.Option("--version", is_eager=True, callback=lambda on: _print_version() if on else None)] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Log more, and show tracebacks.")] = False,
) -> None:
    del show_version, verbose  # told before and after any command; `main` has looked already


def _print_version() -> NoReturn:
    print(f"{PROGRAM} {program_version()}")
    raise typer.Exit


def _run(arguments: list[str]) -> int:
    match arguments:
        case ["fly", "--resume", folder] if not folder.startswith("-") and KEYS_VARIABLE not in os.environ:
            return _take_up(folder)
    app = build_app(arguments)
    try:
        code = app(arguments or ["--help"], prog_name=PROGRAM, standalone_mode=False)
    except _UsageError as error:
        raise _usage_error(error, asked_for(arguments)) from error
    if code == ExitCode.INTERRUPTED:
        return _interrupted()
    return ExitCode.BAD_INPUT if not arguments else code if isinstance(code, int) else ExitCode.OK


def _take_up(folder: str) -> int:
    """Drones are in the air: no parser, which takes a quarter of the time (Typer loads pydantic), and no look for garbage while loading."""
    gc.disable()
    import missions.fly  # noqa: F401  # with all that is needed from then on
    from missions.cli.fly import resumed

    gc.freeze()
    gc.enable()
    return resumed(Path(folder))


def _usage_error(error: Exception, command: str) -> InputError:
    message: str = error.format_message() if hasattr(error, "format_message") else str(error)
    known = command_names()
    if command and command not in known:
        return InputError(f"there is no command {command!r}", value=command, mend=nearest_mend(command, known, what="commands"))
    return InputError(message, mend=f"see {PROGRAM} {command} --help" if command else f"see {PROGRAM} --help")


def _report(error: InputError, arguments: Sequence[str]) -> int:
    print(error.line, file=sys.stderr)
    if "--json" in _before_dashes(arguments):
        print(json.dumps(error.document(), ensure_ascii=False))
    return ExitCode.BAD_INPUT


def _report_defect(error: Exception, arguments: Sequence[str], verbose: bool) -> int:
    told = InputError(f"internal error: {type(error).__name__}: {error}", mend="" if verbose else "run it again with -v for a traceback")
    if verbose:
        traceback.print_exception(error)
    _report(told, arguments)
    return ExitCode.INTERNAL_ERROR


def _interrupted() -> int:
    # CPython remembers an interrupt that hit code compiled from a string (a dataclass being imported) and would end as if killed
    # by the signal; running any such code makes it forget (pythonrun.c, run_eval_code_obj)
    exec("")
    print("interrupted", file=sys.stderr)
    return ExitCode.INTERRUPTED


def _before_dashes(arguments: Sequence[str]) -> Sequence[str]:
    return arguments[: arguments.index("--")] if "--" in arguments else arguments


@contextmanager
def _signals_unwind() -> Iterator[None]:
    """Let interrupts and requests to terminate leave through every `finally`, so that no process stays behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(int(ExitCode.TERMINATED))

    # a shell starts background jobs with interrupts ignored; whoever sends one here means it all the same
    before = {signal.SIGTERM: signal.signal(signal.SIGTERM, leave), signal.SIGINT: signal.signal(signal.SIGINT, signal.default_int_handler)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
