"""Everything the operator can do, as data: menus, the tool bar, shortcuts and the command palette are views of this list."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TypeVar

from gui.models.words import mark, tr

T = TypeVar("T")


class Menu(StrEnum):
    """The menus in their order; the value is the title with its mnemonic."""

    FILE = mark("&File")
    EDIT = mark("&Edit")
    PLAN = mark("&Plan")
    FLY = mark("Fl&y")
    REPLAY = mark("&Replay")
    SELECT = mark("&Select")
    VIEW = mark("&View")
    HELP = mark("&Help")

    @property
    def text(self) -> str:
        return tr(self.value)


def always() -> bool:
    return True


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """`enabled` and `checked` are asked whenever something has changed; `checked` makes it a switch.

    Actions of one `group` stand together in their menu; a group with a `submenu` stands in a menu of that title.
    """

    id: str
    menu: Menu
    title: str
    run: Callable[[], None]
    tip: str = ""
    shortcut: str = ""
    group: str = ""
    submenu: str = ""
    enabled: Callable[[], bool] = always
    checked: Callable[[], bool] | None = None
    live_title: Callable[[], str] | None = None
    """Asked as well, for a title that changes; while it is empty the action is not shown."""

    @property
    def name(self) -> str:
        """The title without its mnemonic."""
        return self.title.replace("&", "") if self.live_title is None else self.live_title()


@dataclass(frozen=True, slots=True)
class Group:
    """Makes actions that stand together: `group("fly.pause", "&Pause", orders.pause, ...)`."""

    menu: Menu
    name: str
    submenu: str = ""
    enabled: Callable[[], bool] = always
    """For all that say nothing else."""

    def __call__(
        self,
        action_id: str,
        title: str,
        run: Callable[[], None],
        *,
        tip: str = "",
        keys: str = "",
        enabled: Callable[[], bool] | None = None,
        checked: Callable[[], bool] | None = None,
        live_title: Callable[[], str] | None = None,
    ) -> Action:
        return Action(
            id=action_id,
            menu=self.menu,
            title=title,
            run=run,
            tip=tip,
            shortcut=keys,
            group=self.name,
            submenu=self.submenu,
            enabled=enabled or self.enabled,
            checked=checked,
            live_title=live_title,
        )


def choices(
    group: Group,
    name: str,
    answers: Mapping[T, tuple[str, str]],
    run: Callable[[T], None],
    read: Callable[[], T],
    *,
    keys: Callable[[int], str] = lambda _number: "",
) -> tuple[Action, ...]:
    """A switch for each answer, of which one holds.

    `answers` gives the last part of its id and its title, `keys` what types the first (0), the second...
    """
    return tuple(
        group(f"{name}.{part}", title, partial(run, answer), keys=keys(number), checked=being(read, answer))
        for number, (answer, (part, title)) in enumerate(answers.items())
    )


def being(read: Callable[[], object], value: object) -> Callable[[], bool]:
    """Whether what is read is this value: for switches of which one is on."""
    return lambda: read() == value


def having(read: Callable[[], Container[object]], value: object) -> Callable[[], bool]:
    """Whether what is read holds this value: for switches of which any may be on."""
    return lambda: value in read()


class DuplicateActionError(ValueError):
    """Two actions with the same id or shortcut: the operator would get the wrong one."""


def ensure_distinct(actions: tuple[Action, ...]) -> tuple[Action, ...]:
    """The same actions, when no two share an id or a shortcut."""
    for name in ("id", "shortcut"):
        values = [getattr(action, name) for action in actions if getattr(action, name)]
        double = {value for value in values if values.count(value) > 1}
        if double:
            raise DuplicateActionError(f"{name} {', '.join(sorted(double))} stands for more than one action")
    return actions
