"""Fault files, and what vehicles and links suffer from them."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from mavlink_bridge import messages as m
from mavlink_bridge.codec import Decoder, Encoder
from sitl.errors import FaultFileError
from sitl.faults import (
    BatteryCollapse,
    CompassError,
    Corruption,
    Delay,
    Fault,
    FaultPlan,
    FenceFault,
    GpsGlitch,
    GpsLoss,
    LinkCut,
    MotorFailure,
    PacketLoss,
    Reboot,
    RefuseArming,
    WindChange,
    load_faults,
    simulator_settings,
)
from sitl.faulty_vehicle import FaultyVehicle
from sitl.link_faults import LinkPath
from tests.sitl.station import ARM, AUTO, HASTE, HOME, SET_MODE, Station, as_item, config, mission

KINDS = """
schema = 1
[[fault]]
kind = "packet_loss"
part = 0.1
[[fault]]
kind = "corruption"
part = 0.1
[[fault]]
kind = "delay"
delay_s = 0.5
[[fault]]
kind = "link_cut"
from_s = 10
to_s = 20
[[fault]]
kind = "battery_collapse"
remaining_pct = 20
[[fault]]
kind = "refuse_arming"
text = "No"
[[fault]]
kind = "gps_loss"
drones = ["d1"]
[[fault]]
kind = "gps_glitch"
east_m = 15
[[fault]]
kind = "compass_error"
[[fault]]
kind = "wind"
speed_mps = 8
direction_deg = 270
[[fault]]
kind = "motor_failure"
chance = 0.5
[[fault]]
kind = "reboot"
[[fault]]
kind = "fence"
radius_m = 200
"""


def _file(folder: Path, text: str, name: str = "faults.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_may_hold_every_kind(tmp_path: Path) -> None:
    kinds = {type(fault) for fault in load_faults(_file(tmp_path, KINDS)).fault}
    assert kinds == {
        PacketLoss,
        Corruption,
        Delay,
        LinkCut,
        BatteryCollapse,
        RefuseArming,
        GpsLoss,
        GpsGlitch,
        CompassError,
        WindChange,
        MotorFailure,
        Reboot,
        FenceFault,
    }


def test_json_is_read_by_its_name(tmp_path: Path) -> None:
    plan = load_faults(_file(tmp_path, '{"fault": [{"kind": "delay", "delay_s": 1}]}', "faults.json"))
    assert plan.fault == (Delay(delay_s=1.0),)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[[fault]]\nkind = "packet_loss"\npart = 1.5', "fault[0]"),
        ('[[fault]]\nkind = "hail"', "fault[0].kind"),
        ('[[fault]]\nkind = "delay"\ndelay_s = "long"', "fault[0].delay_s"),
        ('[[fault]]\nkind = "delay"\ndelay_s = 1\nfrom_s = 5\nto_s = 5', "fault[0]"),
        ("schema = 2", None),
        ("kind = ", None),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_file_key_and_mend(tmp_path: Path, text: str, key: str | None) -> None:
    path = _file(tmp_path, text)
    with pytest.raises(FaultFileError) as refusal:
        load_faults(path)
    assert refusal.value.file == path
    assert refusal.value.key == key
    assert refusal.value.mend


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FaultFileError, match="cannot be read"):
        load_faults(tmp_path / "none.toml")


def test_chances_are_drawn_from_the_seed_alone() -> None:
    plan = FaultPlan(fault=tuple(Reboot(from_s=float(number), chance=0.5) for number in range(100)))
    assert plan.drawn(7) == plan.drawn(7)
    assert plan.drawn(7) != plan.drawn(8)
    assert 30 < len(plan.drawn(7).fault) < 70


def test_faults_concern_the_drones_they_name_and_everyone_when_they_name_none() -> None:
    plan = FaultPlan(fault=(GpsLoss(drones=("d1",)), Reboot(from_s=5.0)))
    assert [type(fault) for fault in plan.of("d1")] == [GpsLoss, Reboot]
    assert [type(fault) for fault in plan.of("d2")] == [Reboot]


@pytest.mark.parametrize(
    ("fault", "begins", "settings"),
    [
        (GpsLoss(), True, {"SIM_GPS1_ENABLE": 0.0}),
        (GpsLoss(), False, {"SIM_GPS1_ENABLE": 1.0}),
        (
            WindChange(speed_mps=8, direction_deg=270),
            True,
            {"SIM_WIND_SPD": 8.0, "SIM_WIND_DIR": 270.0, "SIM_WIND_TURB": 0.0},
        ),
        (WindChange(speed_mps=8, direction_deg=270), False, {}),
        (MotorFailure(), True, {"SIM_ENGINE_FAIL": 1.0}),
        (GpsGlitch(north_m=111_318.845), True, {"SIM_GPS1_GLTCH_X": 1.0, "SIM_GPS1_GLTCH_Y": 0.0}),
        (CompassError(), True, {"SIM_MAG1_FAIL": 1.0}),
        (LinkCut(), True, {}),
    ],
)
def test_what_ardupilot_suffers_by_its_own_parameters(fault: Fault, begins: bool, settings: dict[str, float]) -> None:
    assert simulator_settings(fault, begins=begins) == pytest.approx(settings)


def _beats(count: int) -> list[bytes]:
    encoder = Encoder(system_id=1, component_id=1)
    return [encoder.encode(m.Ping(time_usec=0, seq=seq, target_system=0, target_component=0)) for seq in range(count)]


def _carried(path: LinkPath, frames: list[bytes], step_s: float = 0.0) -> list[int]:
    decoder = Decoder()
    arrived = b"".join(path.carry(frame, number * step_s) for number, frame in enumerate(frames))
    return [frame.message.seq for frame in decoder.feed(arrived) if isinstance(frame.message, m.Ping)]


def test_a_lossy_link_loses_about_its_part_and_the_same_with_the_same_seed() -> None:
    faults = (PacketLoss(part=0.3),)
    first = _carried(LinkPath(faults, seed=5), _beats(1000))
    assert 620 < len(first) < 780
    assert first == _carried(LinkPath(faults, seed=5), _beats(1000))


def test_damaged_frames_are_dropped_by_whoever_reads_them_and_the_others_arrive() -> None:
    assert 120 < len(_carried(LinkPath((Corruption(part=0.3),), seed=5), _beats(200))) < 160


def test_a_late_link_keeps_the_order() -> None:
    path = LinkPath((Delay(delay_s=1.0, from_s=0.0, to_s=0.5),))
    decoder, found = Decoder(), []
    for number, frame in enumerate(_beats(20)):
        found += [one.message for one in decoder.feed(path.carry(frame, number * 0.1))]
    assert [one.seq for one in found if isinstance(one, m.Ping)] == list(range(20))


def test_nothing_passes_a_cut_link_and_all_does_when_it_is_over() -> None:
    path = LinkPath((LinkCut(from_s=0.5, to_s=1.0),))
    assert _carried(path, _beats(20), step_s=0.1) == [*range(5), *range(10, 20)]


def _faulty(*faults: Fault) -> FaultyVehicle:
    drone = FaultyVehicle(config(), FaultPlan(fault=faults), loss=0.0, seed=0, readiness=HASTE)
    drone.step(2.0)
    return drone


def _in_flight(drone: FaultyVehicle) -> Station:
    station = Station(drone.vehicle)
    items = mission((22, 0, 0, 30), (16, 2000, 0, 30))
    station.send(m.MissionCount(target_system=1, target_component=1, count=len(items)))
    for fields in items:
        station.send(as_item(fields))
    station.order(SET_MODE, 1, AUTO)
    assert station.order(ARM, 1) == 0
    return station


def test_arming_is_refused_with_the_text_as_long_as_the_fault_lasts() -> None:
    drone = _faulty(RefuseArming(text="Compass not calibrated", to_s=5.0))
    station = Station(drone.vehicle)
    assert station.order(ARM, 1) == 4
    assert "Arm: Compass not calibrated" in station.texts()
    drone.step(4.0)
    assert station.order(ARM, 1) == 0


@pytest.mark.parametrize("fault", [MotorFailure(from_s=40.0), Reboot(from_s=40.0)])
def test_a_motor_failure_and_a_reboot_in_flight_end_on_the_ground(fault: Fault) -> None:
    drone = _faulty(fault)
    _in_flight(drone)
    while drone.vehicle.truth.height_m < 25.0:
        drone.step(0.5)
    drone.step(60.0)
    assert drone.vehicle.truth.height_m < 0.1


def test_wind_stays_when_its_fault_is_over() -> None:
    drone = _faulty(WindChange(speed_mps=8, direction_deg=270, from_s=3.0, to_s=4.0))
    drone.step(5.0)
    assert drone.vehicle._core.parameters["SIM_WIND_SPD"] == 8.0


def test_a_fence_that_the_plan_knows_nothing_of_brings_the_vehicle_home() -> None:
    drone = _faulty(FenceFault(radius_m=60.0, from_s=3.0))
    station = _in_flight(drone)
    drone.step(60.0)
    station.listen()
    assert drone.vehicle.truth.custom_mode == 6
    assert "Circle fence breached" in station.texts()


def test_a_collapsed_pack_is_low_at_once() -> None:
    drone = FaultyVehicle(
        config(battery_wh=180.0, parameters={"BATT_LOW_MAH": 2000, "BATT_FS_LOW_ACT": 2}),
        FaultPlan(fault=(BatteryCollapse(remaining_pct=10.0, from_s=40.0),)),
        loss=0.0,
        seed=0,
        readiness=HASTE,
    )
    drone.step(2.0)
    _in_flight(drone)
    drone.step(45.0)
    assert drone.vehicle.truth.custom_mode == 6


def test_a_glitch_is_rejected_for_ten_seconds_and_then_believed() -> None:
    drone = _faulty(GpsGlitch(east_m=15.0, from_s=30.0, to_s=50.0))
    station = _in_flight(drone)
    drone.step(36.0)
    assert abs(_strayed_m(drone)) < 0.5
    drone.step(10.0)
    assert _strayed_m(drone) == pytest.approx(-15.0, abs=1.0)
    drone.step(25.0)
    assert _strayed_m(drone) == pytest.approx(0.0, abs=1.0)
    station.listen()
    assert [text for text in station.texts() if "litch" in text] == ["GPS Glitch or Compass error", "Glitch cleared"] * 2


def _strayed_m(drone: FaultyVehicle) -> float:
    """East of the leg, which leads north."""
    return (drone.vehicle.truth.position.lon_deg - HOME.lon_deg) * 111_318.845 * math.cos(math.radians(HOME.lat_deg))


def test_a_failed_compass_keeps_the_vehicle_on_the_ground_and_is_replaced_in_the_air() -> None:
    drone = _faulty(CompassError(to_s=3.0))
    station = Station(drone.vehicle)
    assert station.order(ARM, 1) == 4
    assert "Arm: Compass not healthy" in station.texts()
    drone = _faulty(CompassError(from_s=30.0))
    station = _in_flight(drone)
    drone.step(50.0)
    station.listen()
    assert "EKF3 IMU0 switching to compass 1" in station.texts()
    assert drone.vehicle.truth.armed
