"""The bridge's figures, one subcommand each: `python -m benchmarks.bridge uploads --count 10000`."""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

from benchmarks.bad_radio import BadRadio, RadioParams, as_stored
from benchmarks.forgeries import attack
from benchmarks.random_uploads import ENDPOINTS, Verdict, by_file, classic, judge, random_items
from benchmarks.telemetry import ardupilot_mix, embedded_mix, into_sessions, into_state, mix_of
from benchmarks.transfers import full_lists, run_ardupilot, run_embedded
from mavlink_bridge.conversation import Verified
from mavlink_bridge.enums import MissionType
from mavlink_bridge.ftp_upload import FtpUpload
from mavlink_bridge.lossy import LossParams
from mavlink_bridge.mission_upload import MissionUpload

Row = tuple[str, str]


def uploads(options: argparse.Namespace) -> list[Row]:
    """Random uploads: how many were said to be verified and are not, and how many left a mixture."""
    upload = by_file if options.way == "file" else classic
    verdicts = [judge(seed, upload) for seed in range(options.first, options.first + options.count)]
    odd = [verdict for verdict in verdicts if verdict.lied or verdict.overtaken or verdict.mixture or verdict.end != "Verified"]
    if options.keep:
        options.keep.write_text("".join(json.dumps(_told(verdict)) + "\n" for verdict in odd), encoding="utf-8")
    ends = Counter(verdict.end for verdict in verdicts)
    return [
        (f"uploads, seeds {options.first} to {options.first + options.count - 1}", str(len(verdicts))),
        ("ends", ", ".join(f"{end} {number}" for end, number in sorted(ends.items()))),
        ("said what is not so", _seeds([verdict for verdict in verdicts if verdict.lied])),
        ("overtaken by another station, unseen", _seeds([verdict for verdict in verdicts if verdict.overtaken])),
        ("mixtures left on board", _seeds([verdict for verdict in verdicts if verdict.mixture])),
    ]


def _told(verdict: Verdict) -> dict[str, object]:
    return {name: getattr(verdict, name) for name in Verdict.__slots__}


def _seeds(verdicts: Sequence[Verdict]) -> str:
    return f"{len(verdicts)}" + (f" (seeds {', '.join(str(verdict.seed) for verdict in verdicts)})" if verdicts else "")


def loss(options: argparse.Namespace) -> list[Row]:
    """Long missions over a link that loses frames both ways, acknowledgements included."""
    took_s: list[float] = []
    failed: list[int] = []
    for seed in range(options.first, options.first + options.count):
        bad = LossParams(loss=options.loss)
        radio = BadRadio(RadioParams(up=bad, down=bad), seed=seed)
        items = random_items(radio.dice, MissionType.MISSION, options.items)
        upload = FtpUpload(items, ENDPOINTS, sessions=count(1)) if options.way == "file" else MissionUpload(items, ENDPOINTS)
        end, at_s = radio.run(upload, limit_s=3600.0)
        is_there = radio.vehicle.board(MissionType.MISSION) == as_stored(items, MissionType.MISSION)
        if end == Verified() and is_there:
            took_s.append(at_s)
        else:
            failed.append(seed)
    took_s.sort()
    share = len(took_s) / options.count
    return [
        (f"{options.items} items at {options.loss:.0%} loss each way, verified", f"{share:.2%} of {options.count}"),
        ("not verified, seeds", ", ".join(map(str, failed)) or "none"),
        ("radio seconds, median and longest", f"{took_s[len(took_s) // 2]:.0f}, {took_s[-1]:.0f}" if took_s else "none"),
    ]


def ardupilot(options: argparse.Namespace) -> list[Row]:
    """Everything that fits on one ArduPilot SITL at speed-up 1, read back."""
    took_s, ends = run_ardupilot(options.way, full_lists(options.items, options.vertices, options.points))
    return [(_lists_text(options), f"{took_s:.2f} s wall"), ("ends", ", ".join(map(str, ends)))]


def embedded(options: argparse.Namespace) -> list[Row]:
    """The same on an embedded vehicle."""
    result = run_embedded(options.way, full_lists(options.items, options.vertices, options.points))
    ends = ", ".join(map(str, result.ends))
    return [(_lists_text(options), f"{result.wall_s:.2f} s wall, {result.simulated_s:.2f} s of the vehicle's"), ("ends", ends)]


def _lists_text(options: argparse.Namespace) -> str:
    return f"{options.items} items, {options.vertices} fence vertices, {options.points} rally points, by {options.way}"


def fleet(options: argparse.Namespace) -> list[Row]:
    """Many embedded vehicles at once, in one process with the station."""
    result = run_embedded(options.way, full_lists(options.items)[:1], options.vehicles)
    verified = sum(end == Verified() for end in result.ends)
    name = f"{options.vehicles} vehicles, {options.items} items each, by {options.way}"
    return [(name, f"{result.wall_s:.1f} s wall, {verified} verified")]


def telemetry(options: argparse.Namespace) -> list[Row]:
    """ArduPilot's mix of messages into vehicle state."""
    frames = embedded_mix(60.0) if options.mix == "embedded" else ardupilot_mix(20.0)
    rows: list[Row] = [("the mix", ", ".join(f"{name} {number}" for name, number in mix_of(frames).most_common()))]
    for name, run in (("decoder and state", into_state), ("whole session", into_sessions)):
        result = run(frames, options.messages, options.vehicles, options.batch)
        figure = f"{result.messages / result.cpu_s:,.0f} messages a CPU second; {options.batch} at once: p99 {1000 * result.p99_s:.1f} ms"
        rows.append((f"{name}, {options.vehicles} vehicles", f"{figure}; grown by {result.grown_kib} KiB in the second half"))
    return rows


def signing(options: argparse.Namespace) -> list[Row]:
    """Forged, replayed and unsigned frames on a signed link."""
    outcome = attack(options.frames, options.seed)
    return [
        ("hostile frames", ", ".join(f"{kind} {number}" for kind, number in outcome.hostile.items())),
        ("of these accepted", str(outcome.accepted)),
        ("genuine frames, and those not accepted", f"{outcome.genuine}, {outcome.locked_out}"),
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)

    def command(name: str, act: Callable[[argparse.Namespace], list[Row]], **numbers: float) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=act.__doc__)
        sub.set_defaults(act=act)
        for option, default in numbers.items():
            sub.add_argument(f"--{option}", type=type(default), default=default, help=f"default {default}")
        return sub

    random_uploads = command("uploads", uploads, count=2000, first=0)
    random_uploads.add_argument("--keep", type=Path, help="file for the seeds that did not end Verified")
    for sub in (random_uploads, command("loss", loss, count=200, first=0, items=100, loss=0.2)):
        _add_way(sub, "classic")
    for name, act in (("ardupilot", ardupilot), ("embedded", embedded)):
        _add_way(command(name, act, items=650, vertices=69, points=46), "file")
    _add_way(command("fleet", fleet, vehicles=100, items=200), "file")
    mix = command("telemetry", telemetry, messages=300_000, vehicles=100, batch=50)
    mix.add_argument("--mix", choices=("ardupilot", "embedded"), default="ardupilot")
    command("signing", signing, frames=1_000_000, seed=0)
    return parser


def _add_way(sub: argparse.ArgumentParser, default: str) -> None:
    sub.add_argument("--way", choices=("classic", "file"), default=default, help=f"the item protocol, or MAVFTP (default {default})")


def main() -> None:
    options = _parser().parse_args()
    wall_s, cpu_s = time.monotonic(), time.process_time()
    rows = options.act(options)
    rows.append(("CPU and wall seconds", f"{time.process_time() - cpu_s:.1f}, {time.monotonic() - wall_s:.1f}"))
    width = max(len(name) for name, _ in rows)
    for name, figure in rows:
        print(f"{name:<{width}}  {figure}")


if __name__ == "__main__":
    main()
