"""A camera that takes hardly any pictures over a lane is told of, once."""

from __future__ import annotations

from mavlink_bridge.events import Alert, LaneFinished, LaneStarted, PictureTaken
from missions.control.camera_watch import CameraWatch
from planner.geo import geodesic_m
from planner.model import LegKind
from tests.missions.control.plans import layered_plan

SORTIE = layered_plan().sorties[0]
LANES = [leg for leg in SORTIE.legs if leg.kind is LegKind.SWEEP]
EVERY_M = geodesic_m(LANES[0].start, LANES[0].end) / 10


def swept(watch: CameraWatch, number: int, pictures: range) -> list[Alert]:
    lane = LANES[number].lane or ""
    alerts = watch.observe(LaneStarted(lane=lane, sortie=SORTIE.id, drone=SORTIE.drone, at_s=1.0), SORTIE)
    for taken in pictures:
        alerts += watch.observe(PictureTaken(number=taken, lat_deg=47.0, lon_deg=19.0, height_m=60.0, drone=SORTIE.drone, at_s=1.0), SORTIE)
    return alerts + watch.observe(LaneFinished(lane=lane, sortie=SORTIE.id, drone=SORTIE.drone, at_s=1.0), SORTIE)


def test_lane_without_pictures_is_told_once_until_one_has_them() -> None:
    watch = CameraWatch(SORTIE.drone, EVERY_M)
    assert swept(watch, 0, range(1, 11)) == []
    (alert,) = swept(watch, 1, range(11, 13))
    assert "2 pictures" in alert.text
    assert swept(watch, 0, range(0)) == []
    assert swept(watch, 0, range(13, 23)) == []
    assert len(swept(watch, 1, range(0))) == 1


def test_drone_without_a_camera_to_release_is_left_alone() -> None:
    assert swept(CameraWatch(SORTIE.drone, None), 0, range(0)) == []
