"""What the desktop remembers between runs: window layout, theme, layers, the patrol that runs."""

from __future__ import annotations

import json
from pathlib import Path

from PyQt6.QtCore import QByteArray, QSettings

from gui.language import chosen, user_settings
from gui.models.coordinates import PositionFormat
from gui.models.map_layers import FIRST_HIDDEN, Layer, OwnLayer
from gui.models.map_model import MapModel
from gui.models.units import Units
from gui.views.theme import ThemeChoice

#: Layouts of another version are not restored: docks may have changed.
LAYOUT_VERSION = 7


class Settings:
    """Typed access to one QSettings; what is malformed there counts as never set."""

    def __init__(self, store: QSettings) -> None:
        self._store = store

    @classmethod
    def of_user(cls) -> Settings:
        return cls(user_settings())

    @property
    def language(self) -> str:
        """Its code; another one is taken up at the next start."""
        return chosen(self._store)

    @language.setter
    def language(self, code: str) -> None:
        self._store.setValue("language", code)

    @property
    def theme(self) -> ThemeChoice:
        value = self._store.value("theme")
        return ThemeChoice(value) if value in set(ThemeChoice) else ThemeChoice.SYSTEM

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self._store.setValue("theme", choice.value)

    @property
    def font_percent(self) -> int:
        value = self._store.value("font_percent")
        return int(value) if str(value).isdigit() and 50 <= int(value) <= 300 else 100

    @font_percent.setter
    def font_percent(self, percent: int) -> None:
        self._store.setValue("font_percent", percent)

    @property
    def alarm(self) -> bool:
        """Whether alerts sound."""
        return str(self._store.value("alarm", "true")) == "true"

    @alarm.setter
    def alarm(self, on: bool) -> None:
        self._store.setValue("alarm", "true" if on else "false")

    @property
    def recent(self) -> tuple[str, ...]:
        """Files that were opened last, newest first, as far as they are still there."""
        kept = self._json("recent").get("files")
        return tuple(str(file) for file in kept if Path(str(file)).exists()) if isinstance(kept, list) else ()

    def keep_recent(self, files: tuple[str, ...]) -> None:
        self._store.setValue("recent", json.dumps({"files": list(files)}))

    def restore_map(self, map_model: MapModel) -> None:
        """Layers, own geometry that is still there, how positions are written, units."""
        kept = self._json("map")
        hidden, faded, own = kept.get("hidden"), kept.get("faded"), kept.get("own")
        names = {str(name) for name in hidden} if isinstance(hidden, list) else {layer.name for layer in FIRST_HIDDEN}
        map_model.set_layers(frozenset(layer for layer in Layer if layer.name not in names))
        values = faded if isinstance(faded, dict) else {}
        map_model.set_faded({layer: _part(values[layer.name]) for layer in Layer if layer.name in values})
        rows = [row for row in own if isinstance(row, list) and len(row) == 3] if isinstance(own, list) else []
        layers = (OwnLayer(path=Path(str(path)), shown=bool(shown), opacity=_part(opacity)) for path, shown, opacity in rows)
        map_model.set_own_layers(tuple(layer for layer in layers if layer.path.exists()))
        if kept.get("positions") in PositionFormat.__members__:
            map_model.write_positions(PositionFormat[str(kept["positions"])])
        if kept.get("units") in Units.__members__:
            map_model.units.choose(Units[str(kept["units"])])

    def keep_map(self, map_model: MapModel) -> None:
        self._store.setValue(
            "map",
            json.dumps(
                {
                    "hidden": sorted(layer.name for layer in Layer if layer not in map_model.layers),
                    "faded": {layer.name: opacity for layer, opacity in map_model.look_of_layers.faded.items()},
                    "own": [[str(layer.path), layer.shown, layer.opacity] for layer in map_model.own_layers],
                    "positions": map_model.positions.name,
                    "units": map_model.units.now.name,
                }
            ),
        )

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

    def _json(self, key: str) -> dict[str, object]:
        value = self._store.value(key)
        try:
            kept = json.loads(value) if isinstance(value, str) else {}
        except ValueError:
            kept = {}
        return kept if isinstance(kept, dict) else {}

    def _bytes(self, key: str) -> QByteArray | None:
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else None


def _part(value: object) -> float:
    return min(max(float(value), 0.1), 1.0) if isinstance(value, int | float) else 1.0
