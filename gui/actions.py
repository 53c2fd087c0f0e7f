"""Everything the operator can do, as data: menus, the tool bar and shortcuts are views of this list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Menu(StrEnum):
    """The menus in their order; the value is the title with its mnemonic."""

    FILE = "&File"
    PLAN = "&Plan"
    FLY = "Fl&y"
    SELECT = "&Select"
    VIEW = "&View"


def always() -> bool:
    return True


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """`enabled` and `checked` are asked whenever something has changed; `checked` makes it a switch.

    Actions of one `group` stand together in their menu.
    """

    id: str
    menu: Menu
    title: str
    run: Callable[[], None]
    tip: str = ""
    shortcut: str = ""
    group: str = ""
    enabled: Callable[[], bool] = always
    checked: Callable[[], bool] | None = None


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
