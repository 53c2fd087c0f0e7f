"""What the desktop remembers between runs: window layout, theme, layers, the patrol that runs."""

from __future__ import annotations

from PyQt6.QtCore import QByteArray, QSettings

from gui.models.map_model import Layer
from gui.views.theme import ThemeChoice

ORGANISATION = "jointpatrol"
APPLICATION = "jointpatrol-desktop"
#: Layouts of another version are not restored: docks may have changed.
LAYOUT_VERSION = 3


class Settings:
    """Typed access to one QSettings; what is malformed there counts as never set."""

    def __init__(self, store: QSettings) -> None:
        self._store = store

    @classmethod
    def of_user(cls) -> Settings:
        return cls(QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, ORGANISATION, APPLICATION))

    @property
    def theme(self) -> ThemeChoice:
        value = self._store.value("theme")
        return ThemeChoice(value) if value in set(ThemeChoice) else ThemeChoice.SYSTEM

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self._store.setValue("theme", choice.value)

    @property
    def hidden_layers(self) -> frozenset[Layer]:
        value = self._store.value("hidden_layers")
        names = set(value.split(",")) if isinstance(value, str) else set()
        return frozenset(layer for layer in Layer if layer.name in names)

    @hidden_layers.setter
    def hidden_layers(self, layers: frozenset[Layer]) -> None:
        self._store.setValue("hidden_layers", ",".join(sorted(layer.name for layer in layers)))

    @property
    def running_patrol(self) -> str:
        """Report folder of the patrol that ran when the program was last seen; empty when there was none."""
        value = self._store.value("running_patrol")
        return value if isinstance(value, str) else ""

    @running_patrol.setter
    def running_patrol(self, folder: str) -> None:
        self._store.setValue("running_patrol", folder)
        # a crash must not lose it
        self._store.sync()

    @property
    def geometry(self) -> QByteArray | None:
        return self._bytes("geometry")

    @property
    def layout(self) -> QByteArray | None:
        return self._bytes("layout")

    def keep_window(self, geometry: QByteArray, layout: QByteArray) -> None:
        self._store.setValue("geometry", geometry)
        self._store.setValue("layout", layout)

    def _bytes(self, key: str) -> QByteArray | None:
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else None
