"""What keeps a session informed: streams that are asked for until they come, and texts put together from their chunks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mavlink_bridge import messages as m
from mavlink_bridge.conversation import Endpoints, Send
from mavlink_bridge.enums import MavCmd, MessageId
from mavlink_bridge.streams import StreamParams, Streams
from mavlink_bridge.text_assembly import TextAssembly, WholeText

POSITION = m.GlobalPositionInt(
    time_boot_s=1, lat_deg=47.5, lon_deg=19, alt_amsl_m=150, relative_alt_m=0, north_mps=0, east_mps=0, down_mps=0
)
BEAT = m.MissionCurrent(seq=0)
ONE = StreamParams(intervals_s={MessageId.GLOBAL_POSITION_INT: 0.25})


def asked(outputs: list[Send]) -> list[tuple[int, float, float]]:
    """(command, message id, interval in microseconds) of each request."""
    messages = [output.message for output in outputs]
    return [(message.command, message.param1, message.param2) for message in messages if isinstance(message, m.CommandLong)]


def streams(params: StreamParams = ONE) -> Streams:
    return Streams(Endpoints(system=3), params)


def test_every_stream_is_asked_for_at_the_start_at_its_rate() -> None:
    everything = streams(StreamParams())
    requests = asked(everything.start(0.0))
    assert (MavCmd.SET_MESSAGE_INTERVAL, 33.0, 250_000.0) in requests
    assert (MavCmd.SET_MESSAGE_INTERVAL, 30.0, 500_000.0) in requests
    assert {1.0, 24.0, 42.0, 147.0, 193.0, 242.0, 245.0} <= {message_id for _, message_id, _ in requests}


def test_a_stream_that_comes_is_not_asked_for_again() -> None:
    one = streams()
    one.start(0.0)
    for tick in range(200):
        one.heard(POSITION, tick * 0.25)
        assert one.tick(tick * 0.25) == []


def test_a_stream_that_stays_away_is_asked_for_again_and_ever_less_often() -> None:
    one = streams()
    one.start(0.0)
    times = []
    for second in range(300):
        times += [second] * len(one.tick(float(second)))
    assert times[:4] == [5, 15, 35, 75]
    assert times[-1] - times[-2] == 60


def test_a_stream_that_stops_after_a_reboot_is_asked_for_soon() -> None:
    one = streams()
    one.start(0.0)
    for tick in range(40):
        one.heard(POSITION, tick * 0.25)
    assert one.tick(14.0) == []
    assert len(one.tick(15.0)) == 1


def test_a_stream_at_a_rate_that_somebody_else_has_lowered_is_asked_for() -> None:
    one = streams()
    one.start(0.0)
    requests = []
    for second in range(1, 12):
        one.heard(POSITION, float(second))
        requests += one.tick(float(second))
    assert asked(requests)[0] == (MavCmd.SET_MESSAGE_INTERVAL, 33.0, 250_000.0)


def test_messages_nobody_asked_for_do_not_matter() -> None:
    one = streams()
    one.start(0.0)
    one.heard(BEAT, 1.0)
    one.heard(m.Unknown(message_id=7), 1.0)
    assert len(one.tick(5.0)) == 1


def chunks(text: str, text_id: int = 7) -> list[m.StatusText]:
    """As ArduPilot cuts a text: full chunks, and a last one that is not full."""
    pieces = [text[at : at + 50] for at in range(0, len(text) + 1, 50)]
    return [m.StatusText(severity=4, text=piece, id=text_id, chunk_seq=number) for number, piece in enumerate(pieces)]


def test_a_short_text_is_whole_at_once() -> None:
    text = "Arm: Need Position Estimate"
    assert TextAssembly().add(m.StatusText(severity=2, text=text), 0.0) == [WholeText(2, text)]


@given(text=st.text("abc ", min_size=1, max_size=180), order=st.randoms(use_true_random=False))
def test_chunks_in_any_order_make_the_text(text: str, order: st.DataObject) -> None:
    pieces = chunks(text)
    order.shuffle(pieces)  # type: ignore[attr-defined]  # a random.Random
    assembly = TextAssembly()
    whole = [done for piece in pieces for done in assembly.add(piece, 0.0)]
    assert whole == [WholeText(4, text)]
    assert assembly.deadline_s is None


def test_a_missing_chunk_is_marked_after_a_while() -> None:
    assembly = TextAssembly()
    first, _, last = chunks("a" * 50 + "b" * 50 + "c" * 10)
    assert assembly.add(first, 1.0) == []
    assert assembly.add(last, 1.1) == []
    assert assembly.tick(2.0) == []
    assert assembly.tick(3.0) == [WholeText(4, "a" * 50 + "..." + "c" * 10 + "...")]
    assert assembly.tick(4.0) == []


def test_two_texts_at_once_do_not_mix() -> None:
    assembly = TextAssembly()
    a, b = chunks("a" * 60, 1), chunks("b" * 60, 2)
    assert assembly.add(a[0], 0.0) == []
    assert assembly.add(b[0], 0.0) == []
    assert assembly.add(b[1], 0.1) == [WholeText(4, "b" * 60)]
    assert assembly.add(a[1], 0.1) == [WholeText(4, "a" * 60)]
