"""How much has been seen so far, from telemetry, while the patrol is on; measured anew whenever a lane ends, never per message."""

from __future__ import annotations

import shapely
from shapely.geometry.base import BaseGeometry

from mavlink_bridge.events import Disarmed, LaneFinished, LaneStarted, Returning, Telemetry
from missions.control.messages import CoverageChanged, Fix, PatrolEvent
from planner import overlay
from planner.coverage import Sweep, swath
from planner.geo import LatLon, LocalFrame
from planner.model import Plan


class LiveCoverage:
    """Feed it every event. The report's figures, which also cut tracks at silences, are the ones that count."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._widths_m = {lane.id: lane.swath_m for lane in plan.lanes}
        self._frame = LocalFrame.around([plan.area])
        self._coverable = shapely.make_valid(self._frame.to_local(plan.coverable))
        self._seen: BaseGeometry = shapely.Polygon()
        self._open: dict[str, tuple[str, list[LatLon]]] = {}
        self._unseen: list[Sweep] = []
        self.latest: CoverageChanged | None = None

    def change_plan(self, plan: Plan) -> None:
        """Go on with other lanes; what was seen stays seen."""
        self._plan = plan
        self._widths_m |= {lane.id: lane.swath_m for lane in plan.lanes}
        self._coverable = shapely.make_valid(self._frame.to_local(plan.coverable))

    def observe(self, event: PatrolEvent) -> CoverageChanged | None:
        """The new figure when this event ends a lane."""
        if not self._ends_lane(event):
            return None
        swaths = [overlay.intersection(swath(self._frame, sweep), self._coverable) for sweep in self._unseen]
        self._unseen.clear()
        self._seen = overlay.union([self._seen, *swaths])
        whole_m2 = self._coverable.area
        flown = self._seen.area / whole_m2 if whole_m2 > 0 else 1.0
        self.latest = CoverageChanged(at_s=event.at_s, flown=flown, planned=self._plan.result.coverage)
        return self.latest

    def recollect(self, event: PatrolEvent) -> None:
        """What an earlier mission control saw; its figure holds until the next lane ends, and only then is anything measured."""
        if isinstance(event, CoverageChanged):
            self.latest = event
        else:
            self._ends_lane(event)

    def _ends_lane(self, event: PatrolEvent) -> bool:
        match event:
            case Telemetry(drone=drone, state=state) if drone in self._open and state.position is not None:
                self._open[drone][1].append(state.position)
            case Fix(drone=drone) if drone in self._open:
                self._open[drone][1].append(LatLon(lat_deg=event.lat_deg, lon_deg=event.lon_deg))
            case LaneStarted(drone=drone, lane=lane):
                self._open[drone] = (lane, [])
            case LaneFinished() | Returning() | Disarmed():
                return self._lane_ended(event.drone)
        return False

    def _lane_ended(self, drone: str) -> bool:
        lane, places = self._open.pop(drone, ("", []))
        if lane not in self._widths_m or len(places) < 2:
            return False
        nation = self._plan.drone(drone).nation
        self._unseen.append(Sweep(drone=drone, nation=nation, lane=lane, swath_m=self._widths_m[lane], points=tuple(places)))
        return True
