"""Ground that several nations claim: nobody flies there unless all the other claimants consent.

A claimant's consent is its permission. One other claimant's binds as any permission does, with its heights, times and numbers. Where a
third claims the ground too, its consent must be without conditions: two sets of terms at once are more than a permission can say.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import shapely
from shapely.geometry.base import BaseGeometry

from planner import overlay
from planner.geo import Geographic, LocalFrame
from planner.model import MissionSpec, Permission

#: Territories drawn from different maps overlap by slivers along their borders: what is narrower than this is no claim.
SLIVER_M = 2.0
#: What is left gets a point every so many metres, so that its edges are the same lines in every frame.
_STEP_M = 500.0


@dataclass(frozen=True, slots=True)
class Contested:
    """What pairs of nations both claim, in metres of a frame. Of ground that three claim there are three pairs."""

    frame: LocalFrame
    shared: tuple[tuple[tuple[str, str], BaseGeometry], ...]


def contested_ground(spec: MissionSpec) -> Contested:
    """What any two territories share, as far as it is wider than `SLIVER_M`."""
    frame = LocalFrame.around([spec.area])
    lands = {nation.id: frame.ground(nation.territory) for nation in spec.nations}
    overlaps = ((pair, overlay.intersection(lands[pair[0]], lands[pair[1]])) for pair in combinations(lands, 2))
    wide = ((pair, shapely.MultiPolygon([part for part in shapely.get_parts(ground) if _is_wide(part)])) for pair, ground in overlaps)
    return Contested(frame, tuple((pair, ground) for pair, ground in wide if not ground.is_empty))


def settled(spec: MissionSpec, contested: Contested) -> MissionSpec:
    """The mission with nobody's territory where it is contested, and permissions only as far as all claimants consent."""
    if not contested.shared:
        return spec
    nations = tuple(
        replace(nation, territory=_without(nation.territory, [ground for pair, ground in contested.shared if nation.id in pair], contested))
        for nation in spec.nations
    )
    clipped = (replace(each, polygon=_without(each.polygon, list(_refused(spec, each, contested)), contested)) for each in spec.permissions)
    return replace(spec, nations=nations, permissions=tuple(each for each in clipped if not each.polygon.is_empty))


def contested_notes(spec: MissionSpec, contested: Contested) -> Iterator[str]:
    """Who claims how much, and who has consented."""
    for (one, other), ground in contested.shared:
        consents = [
            f"{host} consents to {guest}"
            for host, guest in ((one, other), (other, one))
            if any(given.intersects(ground) for given in _consents(spec, host, guest, contested))
        ]
        said = ", ".join(consents) if consents else "neither consents to the other by a permission, so nobody flies there"
        yield f"{one} and {other} both claim {ground.area / 1e6:.3g} km2: {said}"


def _is_wide(ground: BaseGeometry) -> bool:
    return not ground.buffer(-SLIVER_M / 2).is_empty


def _refused(spec: MissionSpec, permission: Permission, contested: Contested) -> Iterator[BaseGeometry]:
    """Contested ground to which some third claimant has not consented."""
    for pair, ground in contested.shared:
        for third in set(pair) - {permission.host, permission.guest}:
            yield overlay.difference(ground, overlay.union(_consents(spec, third, permission.guest, contested, _is_unconditional)))


def _consents(
    spec: MissionSpec, host: str, guest: str, contested: Contested, counts: Callable[[Permission], bool] = lambda _: True
) -> list[BaseGeometry]:  # fmt: skip
    return [contested.frame.ground(each.polygon) for each in spec.permissions if (each.host, each.guest) == (host, guest) and counts(each)]


def _is_unconditional(permission: Permission) -> bool:
    always = permission.validity.from_s <= 0 and permission.validity.to_s == math.inf
    return always and permission.max_drones is None and permission.band.min_m <= 0 and permission.band.max_m == math.inf


def _without(shape: Geographic, taken: Sequence[BaseGeometry], contested: Contested) -> Geographic:
    if not taken:
        return shape
    left = overlay.difference(contested.frame.ground(shape), overlay.union(taken))
    return contested.frame.to_geographic(shapely.segmentize(left, _STEP_M))
