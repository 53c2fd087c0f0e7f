"""What the map may show, each on or off and more or less opaque; and the files that the user has laid under it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from gui.models.words import mark, tr


class Layer(StrEnum):
    """What can be switched on and off; the value is its title."""

    BASEMAP = mark("Land and sea")
    GRATICULE = mark("Graticule")
    SECTORS = mark("Sectors")
    BORDER = mark("Border, uncertainty")
    PERMISSIONS = mark("Permissions")
    KEEP_OUTS = mark("Keep-outs")
    LANES = mark("Lanes")
    ROUTES = mark("Routes")
    BASES = mark("Bases")
    VIOLATIONS = mark("Violations")
    TRAILS = mark("Drone trails")
    LABELS = mark("Drone labels")
    SEEN = mark("Ground seen")
    REVISIT = mark("Time since seen")
    FOOTPRINTS = mark("Footprints")
    TRAFFIC = mark("Other traffic")
    PRIORITIES = mark("Priorities")

    @property
    def text(self) -> str:
        return tr(self.value)


#: Off until asked for: they lie over everything else.
FIRST_HIDDEN = frozenset({Layer.GRATICULE, Layer.REVISIT})


@dataclass(frozen=True, slots=True)
class LayerLook:
    """Which layers are on, and how opaque (0..1) those are that are not wholly so. Equal looks draw the same."""

    shown: frozenset[Layer] = frozenset(Layer)
    faded: Mapping[Layer, float] = field(default_factory=dict)

    def __contains__(self, layer: object) -> bool:
        return layer in self.shown

    def opacity(self, layer: Layer) -> float:
        return self.faded.get(layer, 1.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnLayer:
    """A geometry file of the user's under the scene; `title` is what the layer list calls it."""

    path: Path
    shown: bool = True
    opacity: float = 1.0

    @property
    def title(self) -> str:
        return self.path.stem
