"""A sortie's geofence: the airspace around its legs as one inclusion polygon that is nowhere larger, and keep-outs.

ArduPilot takes a drone for outside when it is outside any inclusion polygon, so there is one at most. Its fences have neither
heights nor times, and a small autopilot says to hold 70 items in all. It stores eight bytes for each of these, and in them two for
each polygon, eight for each vertex, four in front and one behind (AC_Fence/AC_PolyFence_loader.cpp): one polygon of 69 vertices fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, compress
from operator import not_

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from missions.formats.rings import shrunk_to
from missions.formats.ways import Way, in_degrees, ways
from missions.formats.writing import Remark
from planner.geo import LocalFrame
from planner.model import KeepOut, Permission, Plan, Sortie

#: A tenth of a metre of latitude: what straightening an edge in degrees may move it by.
_STRAIGHT_DEG = 9e-7


@dataclass(frozen=True, kw_only=True, slots=True)
class FenceParams:
    """The inclusion polygon reaches `reach_m` beyond the hull of the legs where that is allowed, stays `edge_m` inside what is
    allowed, and its edges pass the legs at `track_m` or more. Round corners of keep-outs get `quarter_segments` a quarter turn.
    What has too many vertices is tried moved by each of `moved_m`, away from what must not be flown over; a keep-out that is
    larger than that is cut `beyond_m` outside of the reach.
    """

    reach_m: float = 500.0
    beyond_m: float = 100.0
    edge_m: float = 0.3
    track_m: float = 1.0
    corridor_m: float = 50.0
    moved_m: tuple[float, ...] = (1.0, 3.0, 10.0, 30.0, 100.0, 200.0)
    max_items: int = 70
    max_keep_out_vertices: int = 24
    quarter_segments: int = 4


@dataclass(frozen=True, slots=True)
class Fence:
    """Rings without holes in longitude and latitude; `inclusion` is None when no single polygon holds the sortie."""

    inclusion: Polygon | None
    exclusions: tuple[Polygon, ...]

    @property
    def polygons(self) -> Iterator[tuple[bool, Polygon]]:
        """Each polygon and whether it is to be stayed in."""
        if self.inclusion is not None:
            yield True, self.inclusion
        yield from ((False, polygon) for polygon in self.exclusions)


#: The inclusion polygon and the holes in it.
_Inclusion = tuple[Polygon, list[Polygon]]


@dataclass(frozen=True, slots=True)
class _Outline:
    """A keep-out drawn larger: on the ground, as rings in degrees, and whether these have few enough vertices each."""

    ground: BaseGeometry
    rings: list[Polygon]
    is_simple: bool


@dataclass(slots=True)
class Fences:
    """The fences of a plan's sorties. What nations allow is worked out once."""

    plan: Plan
    remark: Remark
    params: FenceParams = field(default_factory=FenceParams)
    frame: LocalFrame = field(init=False)
    _allowed: dict[tuple[str, ...], BaseGeometry] = field(init=False, default_factory=dict)
    _levels: dict[tuple[str, ...], list[BaseGeometry]] = field(init=False, default_factory=dict)
    _band: BaseGeometry = field(init=False)
    _keep_outs: list[tuple[KeepOut, BaseGeometry]] = field(init=False)
    _shapes: NDArray[np.object_] = field(init=False)
    _outlines: dict[str, list[_Outline]] = field(init=False, default_factory=dict)
    _ways: dict[str, Way] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        plan = self.plan
        self.frame = LocalFrame.around([plan.area])
        self._band = Polygon()
        if plan.border is not None and plan.position_uncertainty_m > 0:
            self._band = self.frame.line(plan.border).buffer(plan.position_uncertainty_m)
        segments = self.params.quarter_segments
        self._keep_outs = [(zone, self.frame.ground(zone.polygon).buffer(zone.buffer_m, quad_segs=segments)) for zone in plan.keep_outs]
        self._shapes = np.array([shape for _, shape in self._keep_outs], dtype=object)
        shapely.prepare(self._shapes)

    def of(self, sortie: Sortie) -> Fence:
        """The sortie's fence. Remarks what does not fit."""
        way = self._way(sortie)
        track = way.track
        is_near: list[bool] = shapely.intersects(self._shapes, way.near).tolist()
        zones = list(self._zones(sortie, track, compress(self._keep_outs, is_near)))
        # what lies outside the inclusion is shut out by it; said all the same as far as half of the vertices go
        far = list(compress(self._keep_outs, map(not_, is_near)))
        some = list(_as_many(self._zones(sortie, track, far), self.params.max_items // 2 - _vertices(zones)))
        taken = [*zones, *some]
        found = self._prepared(way, taken) or self._made(way, taken)
        if found is None:
            self.remark(f"{sortie.id}: no inclusion fence, because its legs do not lie in one piece of its nation's airspace")
            return self._told(sortie, Fence(None, (*zones, *self._zones(sortie, track, far))))
        inclusion, holes = found
        return self._told(sortie, Fence(inclusion, (*zones, *holes, *some)))

    def _told(self, sortie: Sortie, fence: Fence) -> Fence:
        rings = [ring for _, ring in fence.polygons]
        if _stored_bytes(rings) > self.params.max_items * _VERTEX_BYTES:
            polygons = f"{_vertices(rings)} fence vertices in {len(rings)} polygons"
            self.remark(f"{sortie.id}: {polygons}, more than an autopilot with room for {self.params.max_items} items holds")
        return fence

    def _room(self, rings: Sequence[Polygon]) -> int:
        """How many vertices one more polygon may have beside these."""
        left = self.params.max_items * _VERTEX_BYTES - _stored_bytes(rings) - _POLYGON_BYTES
        return max(0, min(_MOST_VERTICES, left // _VERTEX_BYTES))

    def _way(self, sortie: Sortie) -> Way:
        """Where it leads: one of the plan's, or one that has been changed since."""
        lengths_m = {"near_m": self.params.reach_m, "hull_m": self.params.track_m}
        if self._ways is None:
            self._ways = {way.sortie.id: way for way in ways(self.frame, self.plan.sorties, **lengths_m)}
        way = self._ways.get(sortie.id)
        return way if way is not None and way.sortie is sortie else ways(self.frame, [sortie], **lengths_m)[0]

    def _prepared(self, way: Way, taken: Sequence[Polygon]) -> _Inclusion | None:
        """From the nation's airspace as it has been moved inwards and simplified for all sorties: enough for nearly all of them."""
        if self.plan.stay_inside:
            return None
        # around the hull of the legs where that is allowed: it has fewer points by far
        roomy = self._from_levels(way.sortie, way.hull_deg, way.near_deg, taken)
        if roomy is not None and self._fits(roomy, taken):
            return roomy
        return self._from_levels(way.sortie, self._degrees(way.track.buffer(self.params.track_m, quad_segs=2)), way.near_deg, taken)

    def _from_levels(self, sortie: Sortie, kept: BaseGeometry, near_deg: BaseGeometry, taken: Sequence[Polygon]) -> _Inclusion | None:
        """From the first level that comes down to so few vertices, else from the last one that holds what is to be kept."""
        shapely.prepare(near_deg)
        last: BaseGeometry | None = None
        room = self._room(taken)
        for level in self._levels_for(sortie):
            clipped = shapely.clip_by_rect(level, *near_deg.bounds)
            if not clipped.covers(kept):
                break
            last = clipped
            inside = int(shapely.intersects_xy(near_deg, shapely.get_coordinates(clipped)).sum())
            if inside + shapely.get_num_coordinates(near_deg) > 2 * room:
                continue
            found = self._cut_down(clipped, near_deg, kept, taken)
            if found is not None and self._fits(found, taken):
                return found
        return None if last is None else self._cut_down(last, near_deg, kept, taken)

    def _cut_down(self, ground: BaseGeometry, near: BaseGeometry, kept: BaseGeometry, taken: Sequence[Polygon]) -> _Inclusion | None:
        """The piece of near ground that holds what is to be kept, with as few vertices as that allows."""
        parts = shapely.get_parts(ground.intersection(near))
        part = next((part for part in parts if isinstance(part, Polygon) and part.covers(kept)), None)
        if part is None:
            return None
        holes = [Polygon(hole) for hole in part.interiors]
        return shrunk_to(part, kept, vertices=self._room([*taken, *holes])), holes

    def _fits(self, found: _Inclusion, taken: Sequence[Polygon]) -> bool:
        return _corners(found[0]) <= self._room([*taken, *found[1]])

    def _made(self, way: Way, taken: Sequence[Polygon]) -> _Inclusion | None:
        """From what is allowed around this sortie, when it comes so near to its edge that nothing prepared will do."""
        component = self._component(way)
        if component is None:
            return None
        kept = self._degrees(way.track.buffer(self.params.track_m, quad_segs=2).intersection(component))
        holes = [self._ring(Polygon(hole)) for hole in component.interiors]
        return self._simplified(component, kept, self._room([*taken, *holes])), holes

    def _simplified(self, component: Polygon, kept: BaseGeometry, room: int) -> Polygon:
        """The component's shell with as few vertices as there is room for, or with the fewest that could be found.

        What has been moved inwards by a distance and simplified by no more still lies inside.
        """
        found: list[Polygon] = []
        for inwards_m in (0.0, *self.params.moved_m):
            moved = component.buffer(-inwards_m, join_style="mitre").simplify(inwards_m) if inwards_m else component
            is_last = inwards_m == self.params.moved_m[-1]
            for part in shapely.get_parts(moved):
                if shapely.get_num_coordinates(part) > 2 * room and not is_last:
                    continue
                ring = self._ring(part)
                if ring.covers(kept):
                    found.append(shrunk_to(ring, kept, vertices=room))
            if found and _corners(found[-1]) <= room:
                return found[-1]
        # where nothing simpler covers what is kept the component itself does: it has been looked for so
        return min(found or [shrunk_to(self._ring(component), kept, vertices=room)], key=_corners)

    def _component(self, way: Way) -> Polygon | None:
        """The piece of allowed airspace near the sortie that holds all of it."""
        track, near = way.track, way.near
        allowed = shapely.clip_by_rect(self._allowed_for(way.sortie), *near.bounds)
        if self.plan.stay_inside:
            corridor = shapely.union(self.frame.ground(self.plan.area), track.buffer(self.params.corridor_m))
            allowed = allowed.intersection(corridor)
        # a leg may end at the very edge: the checker forgives a metre, and so does the fence, there only
        if allowed.buffer(self.params.track_m).covers(track):
            allowed = allowed.union(track.buffer(self.params.track_m + self.params.edge_m))
        # what is simplified by less than it has been moved inwards still lies inside
        inside = allowed.intersection(near).buffer(-self.params.edge_m, join_style="mitre").simplify(0.9 * self.params.edge_m)
        return next((part for part in shapely.get_parts(inside) if isinstance(part, Polygon) and part.covers(track)), None)

    def _allowed_for(self, sortie: Sortie) -> BaseGeometry:
        key = self._key(sortie)
        if key not in self._allowed:
            own = self.frame.ground(self.plan.nation(sortie.nation).territory).difference(self._band)
            granted = [each for each in self.plan.permissions if each.id in key[1:]]
            self._allowed[key] = shapely.union_all([own, *(self.frame.ground(each.polygon) for each in granted)])
        return self._allowed[key]

    def _levels_for(self, sortie: Sortie) -> list[BaseGeometry]:
        """Allowed airspace in degrees, moved inwards and simplified further and further."""
        key = self._key(sortie)
        if key not in self._levels:
            allowed, edge_m = self._allowed_for(sortie), self.params.edge_m
            moved = (
                allowed.buffer(-edge_m - inwards_m, join_style="mitre").simplify(max(inwards_m, 0.9 * edge_m))
                for inwards_m in (0.0, *self.params.moved_m)
            )
            self._levels[key] = [self._degrees(shape).simplify(_STRAIGHT_DEG) for shape in moved]
        return self._levels[key]

    def _key(self, sortie: Sortie) -> tuple[str, ...]:
        return (sortie.nation, *(each.id for each in self.plan.permissions if _holds_for(each, sortie)))

    def _zones(self, sortie: Sortie, track: BaseGeometry, keep_outs: Iterable[tuple[KeepOut, BaseGeometry]]) -> Iterator[Polygon]:
        """Keep-outs as rings, but those that the sortie passes over, under, or at another time."""
        for zone, shape in keep_outs:
            if shape.intersects(track):
                self.remark(f"{sortie.id}: keep-out {zone.id} is no fence, because the drone passes it at another height or time")
                continue
            yield from self._outlines_of(zone, shape, track)

    def _outlines_of(self, zone: KeepOut, shape: BaseGeometry, track: BaseGeometry) -> list[Polygon]:
        """The first outline of few enough vertices that the track passes; what is moved outwards by no more than it is simplified by
        still covers the keep-out. A country's has none: what lies near the sortie is drawn then, for the inclusion shuts out the rest.
        """
        if zone.id not in self._outlines:
            self._outlines[zone.id] = [self._outline(shape, outwards_m) for outwards_m in (0.0, *self.params.moved_m)]
        whole = self._passed(self._outlines[zone.id], track)
        if whole.is_simple:
            return whole.rings
        near = shapely.clip_by_rect(shape, *track.buffer(self.params.reach_m + self.params.beyond_m).bounds)
        return self._passed([self._outline(near, outwards_m) for outwards_m in (0.0, *self.params.moved_m)], track).rings

    def _passed(self, outlines: Sequence[_Outline], track: BaseGeometry) -> _Outline:
        """The first simple one that the track passes, else the first that it passes."""
        passed = (each for each in outlines if not shapely.dwithin(each.ground, track, self.params.track_m))
        first = next(passed, outlines[0])
        return next((each for each in chain([first], passed) if each.is_simple), first)

    def _outline(self, shape: BaseGeometry, outwards_m: float) -> _Outline:
        moved = shape.buffer(outwards_m).simplify(outwards_m) if outwards_m else shape
        shapely.prepare(moved)
        rings = [self._ring(part) for part in shapely.get_parts(moved)]
        return _Outline(moved, rings, all(_corners(ring) <= self.params.max_keep_out_vertices for ring in rings))

    def _ring(self, polygon: Polygon) -> Polygon:
        """The shell in degrees; straightened where it has many points, as territories cut into short edges have."""
        ring = Polygon(shapely.get_parts(self._degrees(Polygon(polygon.exterior)))[0].exterior)
        if shapely.get_num_coordinates(ring) <= self.params.max_keep_out_vertices:
            return ring
        straight = ring.simplify(_STRAIGHT_DEG)
        return straight if isinstance(straight, Polygon) and straight.is_valid else ring

    def _degrees(self, shape: BaseGeometry) -> BaseGeometry:
        return in_degrees(self.frame, shape)


#: What ArduPilot stores, and the most that a polygon's count can say.
_VERTEX_BYTES, _POLYGON_BYTES, _FRAME_BYTES = 8, 2, 5
_MOST_VERTICES = 255


def _stored_bytes(rings: Sequence[Polygon]) -> int:
    return _FRAME_BYTES + len(rings) * _POLYGON_BYTES + _vertices(rings) * _VERTEX_BYTES


def _vertices(rings: Iterable[Polygon]) -> int:
    return sum(_corners(ring) for ring in rings)


def _corners(ring: Polygon) -> int:
    return int(shapely.get_num_points(ring.exterior)) - 1


def _as_many(rings: Iterator[Polygon], room: int) -> Iterator[Polygon]:
    """The rings as far as there is room for their vertices."""
    while room > 0 and (ring := next(rings, None)) is not None:
        room -= _vertices([ring])
        if room >= 0:
            yield ring


def _holds_for(permission: Permission, sortie: Sortie) -> bool:
    """Whether a permission holds for all of a sortie, whatever part of it lies there."""
    heights_m = [point.height_m for leg in sortie.legs for point in leg.points if point.height_m > 0]
    return (
        permission.guest == sortie.nation
        and permission.validity.from_s <= sortie.start_s
        and sortie.end_s <= permission.validity.to_s
        and permission.band.max_m >= max(heights_m, default=0.0)
        and (permission.band.min_m <= 0 or permission.band.min_m <= min(heights_m, default=0.0))
    )
