"""Parameters as ArduCopter 4.7.0-dev gives and takes them (k11)."""

from __future__ import annotations

import math

import pytest

from mavlink_bridge import messages as m
from sitl.earth import degrees_at
from sitl.vehicle import EmbeddedVehicle
from tests.sitl.station import HOME, Station, config, mission, ready


@pytest.fixture
def station() -> Station:
    return ready()


def _read(station: Station, name: str, index: int = -1) -> list[m.ParamValue]:
    station.forget()
    station.send(m.ParamRequestRead(target_system=1, target_component=1, param_id=name, param_index=index))
    station.wait(0.3)
    values: list[m.ParamValue] = station.said(m.ParamValue)
    return values


def test_only_the_older_names_are_known(station: Station) -> None:
    assert [value.param_value for value in _read(station, "WPNAV_SPEED")] == [1000.0]
    for newer in ("WP_SPD", "RTL_ALT_M", "MAV_SYSID", "LAND_SPD_MS"):
        assert not _read(station, newer)


def test_a_value_asked_for_by_name_comes_without_its_index_and_by_index_with_it(station: Station) -> None:
    assert [value.param_index for value in _read(station, "SYSID_THISMAV")] == [65535]
    assert [(value.param_id, value.param_index) for value in _read(station, "", 1)] == [("SYSID_THISMAV", 1)]
    assert not _read(station, "", 30000)


@pytest.mark.parametrize(("wanted", "kept"), [(300, 127.0), (-300, -128.0), (2.4, 2.0)])
def test_a_value_that_does_not_fit_its_type_becomes_the_nearest_that_does(station: Station, wanted: float, kept: float) -> None:
    station.set_parameter("FENCE_ACTION", wanted)
    assert station.said(m.ParamValue)[-1].param_value == kept


def test_counters_of_the_stores_are_read_only_and_the_refusal_comes_after_the_value(station: Station) -> None:
    answers = station.set_parameter("MIS_TOTAL", 5)
    assert [type(answer) for answer in answers] == [m.ParamValue, m.StatusText]
    assert station.texts() == ["Param write denied (MIS_TOTAL)"]


def test_unknown_names_and_what_is_no_number_get_no_answer(station: Station) -> None:
    assert not station.set_parameter("NO_SUCH_PARAM", 1)
    assert not station.set_parameter("FENCE_MARGIN", math.nan)


def test_the_whole_list_comes_once_in_order_within_a_second_after_the_banner(station: Station) -> None:
    station.send(m.ParamRequestList(target_system=1, target_component=1))
    station.wait(1.0)
    values = station.said(m.ParamValue)
    assert [value.param_index for value in values] == list(range(len(values)))
    assert len(values) == values[0].param_count > 1300
    assert station.texts()[0].startswith("ArduCopter V4")


def test_single_reads_are_answered_ten_a_second(station: Station) -> None:
    for index in range(20):
        station.send(m.ParamRequestRead(target_system=1, target_component=1, param_id="", param_index=index))
    station.forget()
    station.wait(1.0)
    assert len(station.said(m.ParamValue)) == 10


def test_a_parameter_that_no_vehicle_has_is_refused_before_boot() -> None:
    with pytest.raises(ValueError, match="WP_SPD"):
        EmbeddedVehicle(config(parameters={"WP_SPD": 5.0}))


def test_sr0_parameters_set_a_link_s_streams_at_once_and_request_data_stream_sets_them() -> None:
    station = ready()
    station.set_parameter("SR0_POSITION", 5)
    station.forget()
    station.wait(2.0)
    assert len(station.said(m.GlobalPositionInt)) == pytest.approx(10, abs=1)
    station.send(m.RequestDataStream(target_system=1, target_component=1, req_stream_id=6, req_message_rate=2, start_stop=1))
    station.forget()
    station.wait(2.0)
    assert len(station.said(m.GlobalPositionInt)) == pytest.approx(4, abs=1)
    assert station.vehicle._core.parameters["SR0_POSITION"] == 2


def test_do_set_home_moves_where_it_returns_to() -> None:
    station = ready()
    lat_deg, lon_deg = degrees_at(HOME, 60.0, 0.0)
    station.order(179, 0, 0, 0, 0, lat_deg, lon_deg, 150.1)
    told = station.said(m.HomePosition)[-1]
    assert (told.lat_deg, told.lon_deg) == pytest.approx((lat_deg, lon_deg), abs=1e-5)
    assert station.upload(mission((22, 0, 0, 20), (16, 0, 80, 20), (20,))) == 0
    station.order(176, 1, 3)
    assert station.order(400, 1) == 0
    station.wait(130.0)
    truth = station.vehicle.truth
    assert not truth.armed
    assert (truth.position.lat_deg, truth.position.lon_deg) == pytest.approx((lat_deg, lon_deg), abs=2e-5)


def test_do_set_home_s_height_is_what_heights_and_rtl_alt_count_from_as_in_arducopter() -> None:
    """By COMMAND_LONG it is above the sea (GCS_Common.cpp: mav_frame_for_command_long)."""
    station = ready()
    assert station.order(179, 0, 0, 0, 0, HOME.lat_deg, HOME.lon_deg, 140.1) == 0
    assert station.order(179, 2, 0, 0, 0, HOME.lat_deg, HOME.lon_deg, 0) == 4
    assert station.said(m.HomePosition)[-1].alt_amsl_m == pytest.approx(140.1)
    station.command(511, 33, 100_000)
    assert station.upload(mission((22, 0, 0, 30), (16, 0, 60, 30), (20,))) == 0
    station.order(176, 1, 3)
    assert station.order(400, 1) == 0
    station.wait(40.0)
    assert station.vehicle.truth.height_m == pytest.approx(20.0, abs=0.2)
    assert station.said(m.GlobalPositionInt)[-1].relative_alt_m == pytest.approx(30.0, abs=0.2)
