"""Ground that several nations claim: nobody's own, and open to a guest only where all other claimants have consented."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import shapely
from shapely.geometry.base import BaseGeometry

from planner.check.params import CheckParams
from planner.check.shapes import local_polygon
from planner.geo import LocalFrame
from planner.model import Permission


@dataclass(frozen=True, eq=False, slots=True)
class Claims:
    """What pairs of nations both claim (metres in a tile), and who lets whom in there without conditions."""

    shared: tuple[tuple[frozenset[str], BaseGeometry], ...]
    unconditional: Mapping[tuple[str, str], BaseGeometry]

    @classmethod
    def of(
        cls, territory: Mapping[str, BaseGeometry], permissions: Sequence[Permission], frame: LocalFrame, params: CheckParams
    ) -> Claims:  # fmt: skip
        """What is narrower than twice the tolerance is no claim: two maps of one border differ by slivers."""
        pairs = [
            (frozenset((one, other)), shapely.intersection(territory[one], territory[other]).buffer(-params.tolerance_m))
            for one, other in combinations(territory, 2)
        ]
        shared = tuple((claimants, core.buffer(params.tolerance_m)) for claimants, core in pairs if not core.is_empty)
        given: dict[tuple[str, str], list[BaseGeometry]] = {}
        for each in permissions if shared else ():
            if _is_unconditional(each):
                given.setdefault((each.host, each.guest), []).append(local_polygon(each.polygon, frame, params))
        return cls(shared, {parties: shapely.union_all(grounds) for parties, grounds in given.items()})

    def of_others(self, nation_id: str) -> BaseGeometry:
        """The nation's ground that others claim as well."""
        return shapely.union_all([ground for claimants, ground in self.shared if nation_id in claimants])

    def refused(self, permission: Permission) -> BaseGeometry:
        """Where the host's permission is not enough, for another claims the ground too and has not consented."""
        nowhere = shapely.Polygon()
        return shapely.union_all(
            [
                shapely.difference(ground, self.unconditional.get((third, permission.guest), nowhere))
                for claimants, ground in self.shared
                for third in claimants - {permission.host, permission.guest}
            ]
        )


def _is_unconditional(permission: Permission) -> bool:
    band, validity = permission.band, permission.validity
    forever = validity.from_s <= 0 and math.isinf(validity.to_s)
    return forever and permission.max_drones is None and band.min_m <= 0 and math.isinf(band.max_m)
