"""KMZ: the KML of a plan or of a sortie, compressed, as Google Earth opens it."""

from __future__ import annotations

from dataclasses import replace

from missions.formats.archive import zipped
from missions.formats.kml import kml_writers
from missions.formats.writing import Remark, Writers
from planner.model import Plan

#: Readers take the first .kml of the archive; this is its customary name.
_NAME = "doc.kml"


def kmz_writers(plan: Plan, remark: Remark) -> Writers:
    """The same files as `kml`, each in an archive."""
    return replace(kml_writers(plan, remark), packed=_packed)


def _packed(kml: bytes) -> bytes:
    return zipped({_NAME: kml})
