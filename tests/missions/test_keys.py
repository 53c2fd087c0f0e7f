"""Keys kept, sent, changed and taken away: on the disk, in a keyring, and on vehicles behind a links file."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mavlink_bridge.events import UploadOutcome
from mavlink_bridge.signing import SigningKey
from missions.cli import main
from missions.errors import InputError
from missions.keys.change import ChangeParams, KeyChange, change_on_vehicles, prepared
from missions.keys.key_file import KeyFile, ScryptParams
from missions.keys.key_ring import KeyRing
from missions.keys.records import KeyRecord, KeyStore
from missions.keys.timestamps import TimestampFile
from missions.plan_file import write_plan
from missions.vehicles import Real
from planner.model import Plan
from sitl.config import configs_from_plan
from sitl.server import serve
from tests.missions.tiny_mission import whole_tiny_plan

FIRST, SECOND = SigningKey(bytes(range(32))), SigningKey(bytes(range(1, 33)))
BOTH = KeyRecord(on_board=FIRST, coming=SECOND)
CHEAP = ScryptParams(cost=2**10)


def key_file(path: Path, phrase: str = "open sesame") -> KeyFile:
    return KeyFile(path / "fleet.keys", lambda _is_new: phrase, CHEAP)


@pytest.fixture
def key_ring(monkeypatch: pytest.MonkeyPatch) -> KeyRing:
    keyring = pytest.importorskip("keyring")
    # Chosen now, before there is another one to choose.
    keyring.get_keyring()

    class Memory(keyring.backend.KeyringBackend):  # type: ignore[misc,name-defined]  # it is there only where it is installed
        priority = 1
        kept: dict[tuple[str, str], str] = {}  # noqa: RUF012  # as its base has it

        def get_password(self, service: str, name: str) -> str | None:
            return self.kept.get((service, name))

        def set_password(self, service: str, name: str, text: str) -> None:
            self.kept[service, name] = text

        def delete_password(self, service: str, name: str) -> None:
            del self.kept[service, name]

    monkeypatch.setattr(keyring.core, "_keyring_backend", Memory())
    return KeyRing()


def test_a_key_file_gives_back_what_it_was_given_and_nobody_can_read_it(tmp_path: Path) -> None:
    key_file(tmp_path).save("a", BOTH)
    key_file(tmp_path).save("b", KeyRecord(coming=FIRST))
    assert key_file(tmp_path).load(["a", "b", "c"]) == {"a": BOTH, "b": KeyRecord(coming=FIRST)}
    content = (tmp_path / "fleet.keys").read_bytes()
    assert FIRST.secret.hex().encode() not in content
    assert FIRST.secret not in content
    assert (tmp_path / "fleet.keys").stat().st_mode & 0o077 == 0
    key_file(tmp_path).save("a", None)
    assert list(key_file(tmp_path).load(["a", "b"])) == ["b"]


def test_a_wrong_pass_phrase_or_a_changed_byte_opens_nothing(tmp_path: Path) -> None:
    key_file(tmp_path).save("a", BOTH)
    with pytest.raises(InputError, match="pass phrase is wrong") as caught:
        key_file(tmp_path, "guess").load(["a"])
    assert "guess" not in caught.value.line
    document = json.loads((tmp_path / "fleet.keys").read_text())
    for change in ({"cost": 2**11}, {"sealed": "00" + document["sealed"][2:]}, {"format": "x"}, {"cost": 2**40}, {"salt": 3}):
        (tmp_path / "fleet.keys").write_text(json.dumps({**document, **change}))
        with pytest.raises(InputError):
            key_file(tmp_path).load(["a"])


def test_a_keyring_gives_back_what_it_was_given(key_ring: KeyRing) -> None:
    key_ring.save("a", BOTH)
    assert key_ring.load(["a", "b"]) == {"a": BOTH}
    key_ring.save("a", None)
    key_ring.save("a", None)
    assert key_ring.load(["a"]) == {}


def test_a_system_without_a_keyring_says_what_to_do_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = pytest.importorskip("keyring")
    fail = pytest.importorskip("keyring.backends.fail")
    monkeypatch.setattr(keyring.core, "_keyring_backend", fail.Keyring())
    with pytest.raises(InputError, match="--keys FILE"):
        KeyRing().load(["a"])


def test_signing_time_never_goes_back_whoever_writes(tmp_path: Path) -> None:
    ours, theirs = TimestampFile(tmp_path / "times"), TimestampFile(tmp_path / "times")
    ours.save("a", {"ours": 50, "0/1/1": 7})
    theirs.save("a", {"ours": 40, "0/1/1": 9})
    theirs.save("b", {"ours": 1})
    assert TimestampFile(tmp_path / "times").load("a") == {"ours": 50, "0/1/1": 9}
    (tmp_path / "text").write_text("no database")
    with pytest.raises(OSError, match="database"):
        TimestampFile(tmp_path / "text")


def test_signing_time_is_on_the_disk_before_save_returns(tmp_path: Path) -> None:
    TimestampFile(tmp_path / "times").save("a", {"ours": 50})
    with sqlite3.connect(f"file:{tmp_path / 'times'}?mode=ro", uri=True) as file:
        assert file.execute("SELECT ticks FROM timestamps").fetchall() == [(50,)]
    file.close()


def test_what_is_prepared_never_loses_a_key_that_may_be_on_board() -> None:
    records = {"new": KeyRecord(), "flying": KeyRecord(on_board=FIRST), "torn": BOTH}
    set_up = prepared(records, list(records), KeyChange.SET_UP)
    assert set_up["new"].coming is not None
    assert (set_up["flying"], set_up["torn"]) == (KeyRecord(on_board=FIRST), BOTH)
    rotated = prepared(records, list(records), KeyChange.ROTATE)
    assert rotated["flying"].on_board == FIRST
    assert rotated["flying"].coming not in (None, FIRST)
    assert rotated["torn"] == BOTH
    assert prepared(records, list(records), KeyChange.REMOVE) == records


# --- on vehicles -----------------------------------------------------------------------------------------------------

PLAN: Plan = whole_tiny_plan()
HASTE = ChangeParams(heard_s=15.0, taken_s=12.0)


@asynccontextmanager
async def served() -> AsyncIterator[Real]:
    """The plan's vehicles behind TCP ports, each with somebody on its first link: on the second they believe only who has the key."""
    configs = configs_from_plan(PLAN)
    found: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
    announce = lambda drone, url: found.put_nowait((drone, url))  # noqa: E731
    serving = asyncio.create_task(serve(configs, first_port=0, speedup=8.0, announce=announce))
    urls = dict([await found.get() for _ in configs])
    others = [await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2])) for url in urls.values()]
    try:
        yield Real(links=urls, system_ids={config.drone: config.system_id for config in configs}, speedup=8.0)
    finally:
        for _, writer in others:
            writer.close()
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving


def test_keys_are_set_up_changed_and_removed_and_a_torn_change_is_finished(tmp_path: Path) -> None:
    store, times, drones = key_file(tmp_path), TimestampFile(tmp_path / "times"), ["w1", "w2"]

    async def change(vehicles: Real, kind: KeyChange) -> set[UploadOutcome]:
        return {end.outcome for end in await change_on_vehicles(PLAN, vehicles, store, times, drones, kind, HASTE)}

    async def all_changes() -> None:
        async with served() as vehicles:
            assert await change(vehicles, KeyChange.SET_UP) == {UploadOutcome.VERIFIED}
            first = dict(store.load(drones))
            assert all(record.is_settled and record.on_board for record in first.values())
            assert await change(vehicles, KeyChange.ROTATE) == {UploadOutcome.VERIFIED}
            second = dict(store.load(drones))
            assert all(second[drone].on_board != first[drone].on_board for drone in drones)
            # As if it had died after the vehicle took its key and before that was written down.
            store.save("w1", KeyRecord(on_board=first["w1"].on_board, coming=second["w1"].on_board))
            assert await change(vehicles, KeyChange.SET_UP) == {UploadOutcome.VERIFIED}
            assert store.load(drones) == second
            assert await change(vehicles, KeyChange.REMOVE) == {UploadOutcome.VERIFIED}
            assert store.load(drones) == {}

    asyncio.run(all_changes())
    assert dict(times.load("w1"))["ours"] > 0


def test_nobody_there_leaves_both_keys_known(tmp_path: Path) -> None:
    store: KeyStore = key_file(tmp_path)
    store.save("w1", KeyRecord(on_board=FIRST))
    nobody = Real(links={"w1": "udp:127.0.0.1:9"}, system_ids={"w1": 1}, speedup=50.0)
    times = TimestampFile(tmp_path / "times")
    params = ChangeParams(heard_s=0.1, taken_s=0.3)
    (end,) = asyncio.run(change_on_vehicles(PLAN, nobody, store, times, ["w1"], KeyChange.ROTATE, params))
    assert end.outcome is UploadOutcome.UNKNOWN
    record = store.load(["w1"])["w1"]
    assert record.on_board == FIRST
    assert record.coming is not None


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_makes_keys_tells_of_them_and_never_shows_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOINTPATROL_KEYS_PASSPHRASE", "open sesame")
    write_plan(PLAN, tmp_path / "p.json")
    place = ["--keys", str(tmp_path / "k")]
    assert main(["-v", "keys", "new", str(tmp_path / "p.json"), "--drone", "w1", *place]) == 0
    assert main(["-v", "keys", "list", str(tmp_path / "p.json"), *place]) == 0
    told = capsys.readouterr()
    assert "1 new keys" in told.err
    assert "set-up" in told.out
    secret = KeyFile(tmp_path / "k", lambda _is_new: "open sesame").load(["w1"])["w1"].coming
    assert secret is not None
    assert secret.secret.hex() not in told.out + told.err
    (tmp_path / "links.toml").write_text('w1 = "tcp:127.0.0.1:1"\nw2 = "tcp:127.0.0.1:2"\n')
    fly = ["fly", str(tmp_path / "p.json"), "--vehicles", str(tmp_path / "links.toml"), "--signed", *place]
    assert main(fly) == 2
    assert "has no key on board" in capsys.readouterr().err
    monkeypatch.setenv("JOINTPATROL_KEYS_PASSPHRASE", "wrong")
    assert main(fly) == 2
    assert "pass phrase is wrong" in capsys.readouterr().err
