"""What goes wrong and when: on the link, in the pack, at arming; read from a file or built in a test."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class FaultPlan:
    """All faults of a fleet; empty by default."""


def load_faults(path: Path) -> FaultPlan:
    """Read a fault file (TOML or JSON). Raises FaultFileError naming file, key, value and mend."""
    raise NotImplementedError
