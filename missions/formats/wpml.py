"""DJI's Waypoint Markup Language 1.0.2: a KMZ with wpmz/template.kml (for editing) and wpmz/waylines.wpml (what is flown).

After developer.dji.com/doc/cloud-api-tutorial, "DJI WPML". Heights are relative to the take-off point, and so to home.
"""

from __future__ import annotations

from missions.formats.archive import zipped
from missions.formats.waypoints import Waypoint, sortie_waypoints
from missions.formats.writing import Remark, Writers
from missions.formats.xml_text import HEAD, xml_text
from missions.utc import at_utc
from planner.model import Plan, Sortie

_NAMESPACES = 'xmlns="http://www.opengis.net/kml/2.2" xmlns:wpml="http://www.dji.com/wpmz/1.0.2"'
#: What the elements take (common-element.html): speeds 1..15 m/s, heights of take-off 1.2..1500 m.
_SPEEDS_MPS = (1.0, 15.0)
_TAKE_OFF_M = (1.2, 1500.0)
_MAX_WAYPOINTS = 65_536
#: Mavic 3 Enterprise with its wide camera (product-support.html); the app asks when another is connected.
_DRONE, _DRONE_SUB, _PAYLOAD = 77, 0, 66
_TURN = "toPointAndStopWithDiscontinuityCurvature"
_HEADING = (
    "<wpml:waypointHeadingMode>followWayline</wpml:waypointHeadingMode>"
    "<wpml:waypointHeadingPathMode>followBadArc</wpml:waypointHeadingPathMode>"
)


def wpml_writer(plan: Plan, remark: Remark) -> Writers:
    """One archive a sortie. It flies straight from point to point, stops at each, looks along its way, and photographs as the plan does."""

    def write(sortie: Sortie) -> bytes:
        waypoints = sortie_waypoints(plan, sortie)
        cruise_mps = plan.drone_type(plan.drone(sortie.drone).type).cruise_mps
        speed_mps = min(max(cruise_mps, _SPEEDS_MPS[0]), _SPEEDS_MPS[1])
        if speed_mps != cruise_mps:
            remark(f"{sortie.id}: {cruise_mps:g} m/s is written as {speed_mps:g}, which DJI's aircraft can fly")
        if len(waypoints) > _MAX_WAYPOINTS:
            remark(f"{sortie.id}: {len(waypoints)} waypoints, and a wayline holds {_MAX_WAYPOINTS}")
        config = _mission_config(sortie, speed_mps)
        return zipped(
            {
                "wpmz/template.kml": _document(_creation(plan) + config + _template(sortie, waypoints, speed_mps)),
                "wpmz/waylines.wpml": _document(config + _wayline(waypoints, speed_mps)),
            }
        )

    return Writers(write)


def _document(content: str) -> bytes:
    return f"{HEAD}<kml {_NAMESPACES}>\n<Document>\n{content}</Document>\n</kml>\n".encode()


def _creation(plan: Plan) -> str:
    # the plan's own time, so that one plan gives one file
    moment_ms = round(at_utc(plan.start_utc, 0.0).timestamp() * 1000)
    times = f"<wpml:createTime>{moment_ms}</wpml:createTime><wpml:updateTime>{moment_ms}</wpml:updateTime>\n"
    return f"<wpml:author>jointpatrol</wpml:author>{times}"


def _mission_config(sortie: Sortie, speed_mps: float) -> str:
    highest_m = max(point.height_m for leg in sortie.legs[:1] for point in leg.points)
    take_off_m = min(max(highest_m, _TAKE_OFF_M[0]), _TAKE_OFF_M[1])
    finish = "goHome" if sortie.start_base == sortie.end_base else "autoLand"
    return (
        "<wpml:missionConfig>\n"
        "<wpml:flyToWaylineMode>safely</wpml:flyToWaylineMode>\n"
        f"<wpml:finishAction>{finish}</wpml:finishAction>\n"
        "<wpml:exitOnRCLost>executeLostAction</wpml:exitOnRCLost>\n"
        "<wpml:executeRCLostAction>goBack</wpml:executeRCLostAction>\n"
        f"<wpml:takeOffSecurityHeight>{take_off_m:.2f}</wpml:takeOffSecurityHeight>\n"
        f"<wpml:globalTransitionalSpeed>{speed_mps:g}</wpml:globalTransitionalSpeed>\n"
        f"<wpml:droneInfo><wpml:droneEnumValue>{_DRONE}</wpml:droneEnumValue>"
        f"<wpml:droneSubEnumValue>{_DRONE_SUB}</wpml:droneSubEnumValue></wpml:droneInfo>\n"
        f"<wpml:payloadInfo><wpml:payloadEnumValue>{_PAYLOAD}</wpml:payloadEnumValue>"
        "<wpml:payloadPositionIndex>0</wpml:payloadPositionIndex></wpml:payloadInfo>\n"
        "</wpml:missionConfig>\n"
    )


def _template(sortie: Sortie, waypoints: list[Waypoint], speed_mps: float) -> str:
    height_m = max((waypoint.height_m for waypoint in waypoints), default=0.0)
    head = (
        f"<Folder>\n<name>{xml_text(sortie.id)}</name>\n<wpml:templateType>waypoint</wpml:templateType>\n<wpml:templateId>0</wpml:templateId>\n"
        "<wpml:waylineCoordinateSysParam><wpml:coordinateMode>WGS84</wpml:coordinateMode>"
        "<wpml:heightMode>relativeToStartPoint</wpml:heightMode></wpml:waylineCoordinateSysParam>\n"
        f"<wpml:autoFlightSpeed>{speed_mps:g}</wpml:autoFlightSpeed>\n<wpml:globalHeight>{height_m:.2f}</wpml:globalHeight>\n"
        f"<wpml:globalWaypointHeadingParam>{_HEADING}</wpml:globalWaypointHeadingParam>\n"
        f"<wpml:globalWaypointTurnMode>{_TURN}</wpml:globalWaypointTurnMode>\n<wpml:globalUseStraightLine>1</wpml:globalUseStraightLine>\n"
        "<wpml:gimbalPitchMode>manual</wpml:gimbalPitchMode>\n"
    )
    points = "".join(
        f"<Placemark>{_point(waypoint)}<wpml:index>{index}</wpml:index>"
        f"<wpml:ellipsoidHeight>{waypoint.height_m:.2f}</wpml:ellipsoidHeight><wpml:height>{waypoint.height_m:.2f}</wpml:height>"
        "<wpml:useGlobalHeight>0</wpml:useGlobalHeight><wpml:useGlobalSpeed>1</wpml:useGlobalSpeed>"
        "<wpml:useGlobalHeadingParam>1</wpml:useGlobalHeadingParam><wpml:useGlobalTurnParam>1</wpml:useGlobalTurnParam>"
        f"{_photos(waypoint, index)}</Placemark>\n"
        for index, waypoint in enumerate(waypoints)
    )
    return f"{head}{points}</Folder>\n"


def _wayline(waypoints: list[Waypoint], speed_mps: float) -> str:
    head = (
        "<Folder>\n<wpml:templateId>0</wpml:templateId>\n<wpml:executeHeightMode>relativeToStartPoint</wpml:executeHeightMode>\n"
        f"<wpml:waylineId>0</wpml:waylineId>\n<wpml:autoFlightSpeed>{speed_mps:g}</wpml:autoFlightSpeed>\n"
    )
    turn = f"<wpml:waypointTurnMode>{_TURN}</wpml:waypointTurnMode><wpml:waypointTurnDampingDist>0</wpml:waypointTurnDampingDist>"
    points = "".join(
        f"<Placemark>{_point(waypoint)}<wpml:index>{index}</wpml:index><wpml:executeHeight>{waypoint.height_m:.2f}</wpml:executeHeight>"
        f"<wpml:waypointSpeed>{speed_mps:g}</wpml:waypointSpeed><wpml:waypointHeadingParam>{_HEADING}</wpml:waypointHeadingParam>"
        f"<wpml:waypointTurnParam>{turn}</wpml:waypointTurnParam><wpml:useStraightLine>1</wpml:useStraightLine>"
        f"{_photos(waypoint, index)}</Placemark>\n"
        for index, waypoint in enumerate(waypoints)
    )
    return f"{head}{points}</Folder>\n"


def _photos(waypoint: Waypoint, index: int) -> str:
    """On the way to the next point, every so many metres (common-element.html, actionGroup and multipleDistance)."""
    if waypoint.trigger_m <= 0:
        return ""
    return (
        f"<wpml:actionGroup><wpml:actionGroupId>{index}</wpml:actionGroupId>"
        f"<wpml:actionGroupStartIndex>{index}</wpml:actionGroupStartIndex><wpml:actionGroupEndIndex>{index + 1}</wpml:actionGroupEndIndex>"
        "<wpml:actionGroupMode>sequence</wpml:actionGroupMode>"
        "<wpml:actionTrigger><wpml:actionTriggerType>multipleDistance</wpml:actionTriggerType>"
        f"<wpml:actionTriggerParam>{waypoint.trigger_m:g}</wpml:actionTriggerParam></wpml:actionTrigger>"
        "<wpml:action><wpml:actionId>0</wpml:actionId><wpml:actionActuatorFunc>takePhoto</wpml:actionActuatorFunc>"
        "<wpml:actionActuatorFuncParam><wpml:payloadPositionIndex>0</wpml:payloadPositionIndex></wpml:actionActuatorFuncParam>"
        "</wpml:action></wpml:actionGroup>"
    )


def _point(waypoint: Waypoint) -> str:
    return f"<Point><coordinates>{waypoint.place.lon_deg:.8f},{waypoint.place.lat_deg:.8f}</coordinates></Point>"
