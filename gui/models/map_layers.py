"""What the map may show, each on or off and more or less opaque; and the files that the user has laid under it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Layer(StrEnum):
    """What can be switched on and off; the value is its title."""

    BASEMAP = "Land and sea"
    GRATICULE = "Graticule"
    SECTORS = "Sectors"
    BORDER = "Border, uncertainty"
    PERMISSIONS = "Permissions"
    KEEP_OUTS = "Keep-outs"
    LANES = "Lanes"
    ROUTES = "Routes"
    BASES = "Bases"
    VIOLATIONS = "Violations"
    TRAILS = "Drone trails"
    LABELS = "Drone labels"
    SEEN = "Ground seen"
    REVISIT = "Time since seen"
    FOOTPRINTS = "Footprints"
    TRAFFIC = "Other traffic"
    PRIORITIES = "Priorities"


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
