"""Editing shapes on the map with a mouse: what is under it, and what pressing, dragging and clicking there do to the draft."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from gui.models.map_scene import Points
from gui.models.mission_draft import Item, MissionDraft, Path
from gui.models.observable import Changed
from gui.models.shapes import Shape, Spot, TooFewVerticesError, Vertex
from gui.models.viewport import Viewport
from gui.models.words import tr
from planner.geo import LocalFrame

VERTEX_REACH_PX = 10.0
EDGE_REACH_PX = 7.0
BASE_REACH_PX = 14.0

Do = Callable[..., None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """What is under the mouse: an item; of the picked one also a vertex, or a place on the edge that leads on from `spot`."""

    item: Item
    spot: Spot | None = None
    on_edge: bool = False


class ShapeEdit:
    """`picked` is the item whose vertices can be got hold of, `corner` the vertex that Delete would take.

    `do(text, draft, stroke=...)` carries a change out; `tell(text)` says why none is made,
    `done()` that a stroke is over. `changed` comes when the draft has changed, too. Pixels are those of the viewport.
    """

    def __init__(self, draft: Callable[[], MissionDraft | None], do: Do, tell: Callable[[str], None], done: Callable[[], None]) -> None:
        self.changed = Changed()
        self.picked: Path | None = None
        self.corner: Spot | None = None
        self.hovered: Hit | None = None
        self._draft = draft
        self._do = do
        self._tell = tell
        self._done = done
        self._stroke: object = None
        self._local: dict[int, tuple[Shape, LocalFrame, Points]] = {}

    # --- what is where -----------------------------------------------------------------------------------------------

    @property
    def items(self) -> tuple[Item, ...]:
        draft = self._draft()
        return () if draft is None else draft.items

    @property
    def item(self) -> Item | None:
        """The picked one."""
        return next((item for item in self.items if item.path == self.picked), None)

    def local(self, shape: Shape, frame: LocalFrame) -> Points:
        """All vertices in the frame's metres."""
        known = self._local.get(id(shape))
        if known is None or known[0] is not shape or known[1] != frame:
            lon_deg, lat_deg = shape.coordinates.T
            known = (shape, frame, np.column_stack(frame.arrays_to_local(lat_deg, lon_deg)))
            kept = {id(item.shape) for item in self.items}
            self._local = {key: value for key, value in self._local.items() if key in kept}
            self._local[id(shape)] = known
        return known[2]

    def hit(self, x_px: float, y_px: float, viewport: Viewport, frame: LocalFrame) -> Hit | None:
        """The picked item's vertices come first, then its edges, bases, and the other outlines from the top."""
        mouse = np.array([x_px, y_px])
        picked = self.item
        if picked is not None and picked.shape is not None:
            found = self._hit_shape(picked, picked.shape, mouse, viewport, frame)
            if found is not None:
                return found
        for item in reversed(self.items):
            if item.point is not None:
                east_m, north_m = frame.arrays_to_local(np.array([item.point[1]]), np.array([item.point[0]]))
                place = _pixels(np.column_stack([east_m, north_m]), viewport)[0]
                if float(np.hypot(*(place - mouse))) <= BASE_REACH_PX:
                    return Hit(item=item)
            elif item.shape is not None and self._edge_at(item.shape, mouse, viewport, frame) is not None:
                return Hit(item=item)
        return None

    def _hit_shape(self, item: Item, shape: Shape, mouse: Points, viewport: Viewport, frame: LocalFrame) -> Hit | None:
        away = np.hypot(*(_pixels(self.local(shape, frame), viewport) - mouse).T)
        nearest = int(np.argmin(away))
        if away[nearest] <= VERTEX_REACH_PX:
            return Hit(item=item, spot=shape.spot(nearest))
        spot = self._edge_at(shape, mouse, viewport, frame)
        return None if spot is None else Hit(item=item, spot=spot, on_edge=True)

    def _edge_at(self, shape: Shape, mouse: Points, viewport: Viewport, frame: LocalFrame) -> Spot | None:
        corners, first = _pixels(self.local(shape, frame), viewport), 0
        best: tuple[float, Spot | None] = (EDGE_REACH_PX, None)
        for number, ring in enumerate(shape.rings):
            starts = corners[first : first + len(ring)]
            ends = np.roll(starts, -1, axis=0)
            if not shape.closed:
                starts, ends = starts[:-1], ends[:-1]
            first += len(ring)
            away = _distances(starts, ends, mouse)
            index = int(np.argmin(away)) if len(away) else 0
            if len(away) and away[index] < best[0]:
                best = (float(away[index]), Spot(number, index))
        return best[1]

    # --- what the mouse does -----------------------------------------------------------------------------------------

    def hover(self, hit: Hit | None) -> None:
        if hit != self.hovered:
            self.hovered = hit
            self.changed.emit()

    def press(self, hit: Hit | None, vertex: Vertex) -> bool:
        """Whether something is got hold of: a vertex, a new one on an edge, a base. Another item is only picked."""
        draft = self._draft()
        if draft is None or hit is None:
            self.pick(None)
            return False
        self._stroke = object()
        if hit.item.shape is not None and hit.spot is not None and hit.item.path == self.picked:
            self.corner = hit.spot
            if hit.on_edge:
                self.corner = Spot(hit.spot.ring, hit.spot.index + 1)
                shape = hit.item.shape.inserted(hit.spot, vertex)
                self._do(tr("Add a corner to {title}", title=hit.item.title), draft.with_shape(hit.item.path, shape), stroke=self._stroke)
            self.changed.emit()
            return True
        self.pick(hit.item.path)
        return hit.item.point is not None

    def drag(self, vertex: Vertex) -> None:
        """What is held follows the mouse."""
        draft, item = self._draft(), self.item
        if draft is None or item is None:
            return
        if item.point is not None:
            self._do(tr("Move {title}", title=item.title), draft.with_point(item.path, vertex), stroke=self._stroke)
        elif item.shape is not None and self.corner is not None:
            shape = item.shape.moved(self.corner, vertex)
            self._do(tr("Move a corner of {title}", title=item.title), draft.with_shape(item.path, shape), stroke=self._stroke)

    def release(self) -> None:
        """What was held is let go: the next drag is another."""
        self._done()

    def pick(self, path: Path | None) -> None:
        self.corner = None
        if path != self.picked:
            self.picked = path
        self.changed.emit()

    def delete(self, spot: Spot | None = None) -> None:
        """The vertex in hand or the one given; without one the picked item, when the mission can do without."""
        draft, item, corner = self._draft(), self.item, spot or self.corner
        if draft is None or item is None:
            return
        if item.shape is not None and corner is not None:
            try:
                shape = item.shape.without(corner)
            except TooFewVerticesError as error:
                self._tell(tr("The corner stays: {error}.", error=error))
                return
            self.corner = None
            self._do(tr("Delete a corner of {title}", title=item.title), draft.with_shape(item.path, shape))
        elif item.kind in ("keep_out", "permission", "patrol", "base") and isinstance(item.path[1], int):
            self.picked = None
            self._do(tr("Delete {title}", title=item.title), _without(draft, item))
        else:
            self._tell(tr("{title} belongs to the mission; its corners can be deleted.", title=item.title))


@dataclass(slots=True)
class Drawing:
    """A shape that is being drawn: `corners` so far; `least` is how many it takes; a base is one."""

    title: str
    least: int
    finish: Callable[[tuple[Vertex, ...]], None]
    corners: tuple[Vertex, ...] = ()

    @property
    def hint(self) -> str:
        """For the status bar."""
        if self.least == 1:
            return tr("{title}: click where it is; Esc leaves off", title=self.title)
        return tr("{title}: click its corners, then Enter or a double click; Backspace takes one back, Esc leaves off", title=self.title)

    def add(self, vertex: Vertex) -> bool:
        """Whether it is finished with this."""
        if not self.corners or vertex != self.corners[-1]:
            self.corners = (*self.corners, vertex)
        return self.least == 1 and self.end()

    def take_back(self) -> None:
        self.corners = self.corners[:-1]

    def end(self) -> bool:
        """Whether there was enough to end with."""
        if len(self.corners) < self.least:
            return False
        self.finish(self.corners)
        return True


def drawings(draft: Callable[[], MissionDraft | None], do: Do) -> dict[str, Callable[[], Drawing]]:
    """What can be drawn, by the name of its action."""

    def keep_out(corners: tuple[Vertex, ...]) -> None:
        here = draft()
        if here is not None:
            do(tr("Draw a keep-out"), here.with_keep_out(Shape.polygon(corners)))

    def area(corners: tuple[Vertex, ...]) -> None:
        here = draft()
        if here is not None:
            do(tr("Draw the area"), here.with_value(("area", "polygon"), "").with_shape(("area", "polygon"), Shape.polygon(corners)))

    def base(corners: tuple[Vertex, ...]) -> None:
        here = draft()
        if here is not None:
            do(tr("Place a base"), here.with_base(corners[0], nation_at(here, corners[0])))

    def line(corners: tuple[Vertex, ...]) -> None:
        here = draft()
        if here is not None:
            do(tr("Draw a priority line"), here.with_priority_line(Shape.line(corners)))

    def place(corners: tuple[Vertex, ...]) -> None:
        here = draft()
        if here is not None:
            do(tr("Place a priority"), here.with_priority_place(corners[0]))

    return {
        "keep-out": lambda: Drawing(tr("Keep-out"), 3, keep_out),
        "area": lambda: Drawing(tr("Area"), 3, area),
        "priority-line": lambda: Drawing(tr("Priority line"), 2, line),
        "priority-place": lambda: Drawing(tr("Priority place"), 1, place),
        "base": lambda: Drawing(tr("Base"), 1, base),
    }


def _without(draft: MissionDraft, item: Item) -> MissionDraft:
    match item.path:
        case (_, int() as row, "place", int() as number):
            return draft.without_place(row, number)
        case (table, int() as row, *_):
            return draft.without_row(str(table), row)
        case _:
            return draft


def nation_at(draft: MissionDraft, vertex: Vertex) -> str:
    """Whose territory it is; the first nation's when it is nobody's."""
    place = shapely.Point(vertex)
    for item in draft.items:
        if item.kind == "nation" and item.shape is not None and shapely.intersects(item.shape.geometry, place):
            return str(draft.value((*item.path[:2], "id"), ""))
    return str(draft.value(("nation", 0, "id"), ""))


def _pixels(local: Points, viewport: Viewport) -> Points:
    x_px = viewport.width_px / 2 + (local[:, 0] - viewport.centre_east_m) / viewport.metres_per_px
    y_px = viewport.height_px / 2 - (local[:, 1] - viewport.centre_north_m) / viewport.metres_per_px
    return np.column_stack([x_px, y_px])


def _distances(starts: Points, ends: Points, mouse: Points) -> Points:
    """Of a point to segments, in the plane."""
    way = ends - starts
    length2 = np.maximum(np.einsum("ij,ij->i", way, way), 1e-12)
    part = np.clip(np.einsum("ij,ij->i", mouse - starts, way) / length2, 0.0, 1.0)
    return np.asarray(np.hypot(*(starts + part[:, None] * way - mouse).T), dtype=np.float64)
