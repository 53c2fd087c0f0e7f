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
from benchmarks.random_uploads import ENDPOINTS, Verdict, by_file, classic, judge, random_items
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
        sub.add_argument("--way", choices=("classic", "file"), default="classic", help="the item protocol, or MAVFTP")
    return parser


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
