"""Feed mutated files to every reader: `python -m benchmarks.fuzz_files --count 5000 --seed 1`.

A reader may refuse a file, with its one kind of error. It fails when it raises anything else, takes more than a second of CPU, or
makes the process larger than 500 MB. Cases are numbered: `--seed S --first N --count 1` repeats one, `--save DIR` keeps its file.
Readers run in a child process, so that one that takes the process down is a failure as well.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import NoReturn

import numpy as np
import pyogrio.raw
import shapely
from affine import Affine
from rasterio.io import MemoryFile

from benchmarks.export import large_plan
from missions.draft import Draft, draft_files
from missions.elevation import Stated, read_elevation
from missions.errors import InputError
from missions.formats.export import exported_files
from missions.formats.registry import FORMATS
from missions.geometry_import import import_file
from missions.lonlat_shapes import ShapeError
from missions.migration import migrate_mission_file
from missions.mission_file import read_mission
from missions.plan_file import parse_plan, plan_bytes
from missions.routes.read import parse_route
from missions.routes.route import upload_items
from missions.scenario_library import find_mission

CPU_LIMIT_S = 1.0
MEMORY_LIMIT_MB = 500.0
#: A reader that is still busy after this long is interrupted, and after twice as long its process is killed.
_HANG_S = 10.0

_PART = b"\n--part--"
_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "aaaaaaaaaaaaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 20) for i in range(8))
    + b']><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>&i;</name><Point><coordinates>19,47</coordinates>'
    b"</Point></Placemark></Document></kml>"
)
_OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    b"<Placemark><name>&x;</name><Polygon><outerBoundaryIs><LinearRing><coordinates>19,47 19.1,47 19.1,47.1 19,47</coordinates>"
    b"</LinearRing></outerBoundaryIs></Polygon></Placemark></Document></kml>"
)
_OPENAIR = (
    b"AC R\nAN LOWER FORD\nAH 2000ft\nAL SFC\nDP 47:30:00 N 019:00:00 E\nDP 47:30:00 N 019:06:00 E\nV X=47:33:00 N 019:06:00 E\nV D=+\n"
    b"DA 3,90,180\nDB 47:30:00 N 019:02:00 E, 47:31:00 N 019:03:00 E\n\nAC CTR\nAN FIELD\nV X=48:00:00 N 010:30:00 E\nDC 5\n"
)
_GRID = b"ncols 4\nnrows 3\nxllcorner 18.9\nyllcorner 47.4\ncellsize 0.1\nNODATA_value -9999\n" + b"10 20 30.5 -9999\n" * 3
_NUMBERS = (
    b"0",
    b"-1",
    b"1e308",
    b"-1e308",
    b"1e-320",
    b"NaN",
    b"null",
    b"Infinity",
    b"99999999999999999999",
    b"91",
    b"361",
    b'"x"',
    b"[]",
    b"{}",
)
_PIECES = (
    *(b"\x00", b"\xff\xfe", b"\r\n", b"\n", b"{", b"}", b"[", b"]", b'"', b"'", b"#", b"*", b"&lt;", b"<!--"),
    *(b"../../../etc/passwd", b"%n%s"),
)


@dataclass(frozen=True, slots=True)
class Target:
    """A reader with files that it reads, to be mutated."""

    name: str
    suffix: str
    seeds: tuple[bytes, ...]
    read: Callable[[bytes, Path], object]


@dataclass(frozen=True, slots=True)
class Outcome:
    case: int
    target: str
    refused: bool
    fault: str = ""
    cpu_s: float = 0.0
    memory_mb: float = 0.0


def targets() -> list[Target]:
    # a short border: small files are read in a tenth of the time, and what is changed in them matters more
    plan = large_plan(4, 10, half_m=5_000.0)
    sorties = {
        name: tuple(exported_files(plan, FORMATS[name]).values())[:2] for name in ("qgc-plan", "wpl", "fence", "rally", "script", "gpx")
    }
    maps = {name: tuple(exported_files(plan, FORMATS[name]).values())[-1:] for name in ("geojson", "kml", "kmz", "gpkg")}
    training = find_mission("training").parent
    border = (training / "border.geojson").read_bytes()
    route = (
        *sorties["qgc-plan"],
        *sorties["script"],
        *sorties["wpl"],
        *sorties["fence"],
        *sorties["rally"],
        b"47.5 19\n47.6 19\n47.6 19.1\n47.5 19\n",
    )
    return [
        Target("mission", ".toml", ((training / "mission.toml").read_bytes(),), _read_mission),
        Target("plan.json", ".json", (plan_bytes(replace(plan, sorties=plan.sorties[:2], lanes=plan.lanes[:8])),), _read_plan),
        Target("route", ".txt", route, _read_route),
        Target("import geojson", ".geojson", (border, (training / "nations.geojson").read_bytes(), *maps["geojson"]), _import),
        Target("import openair", ".txt", (_OPENAIR,), _import),
        Target("import route", ".plan", route, _import),
        Target("import kml", ".kml", (*maps["kml"], _BOMB, _OUTSIDE), _import),
        Target("import kmz", ".kmz", maps["kmz"], _import),
        Target("import gpx", ".gpx", sorties["gpx"], _import),
        Target("import gpkg", ".gpkg", maps["gpkg"], _import),
        Target("terrain tif", ".tif", _tiffs(), _read_terrain),
        Target("terrain asc", ".asc", (_GRID,), _read_terrain),
        Target("migrate", ".toml", ((training / "mission.toml").read_bytes().replace(b"schema = 1", b"schema = 0", 1),), _migrate),
        Target("import shapefile", ".zip", (_shapefile(),), _import_archive),
    ]


def _tiffs() -> tuple[bytes, ...]:
    """Heights around the training border, plain and compressed in tiles."""
    heights = np.arange(64 * 64, dtype=np.float32).reshape(64, 64) % 700
    place = {"crs": "EPSG:4326", "transform": Affine(0.005, 0, 18.85, 0, -0.005, 47.65), "nodata": -9999.0}
    kinds: tuple[dict[str, object], ...] = ({}, {"tiled": True, "blockxsize": 32, "blockysize": 32, "compress": "deflate"})
    made = []
    for kind in kinds:
        with MemoryFile() as memory:
            with memory.open(driver="GTiff", width=64, height=64, count=1, dtype="float32", **place, **kind) as file:
                file.write(heights, 1)
            made.append(bytes(memory.read()))
    return tuple(made)


def _read_terrain(data: bytes, path: Path) -> object:
    path.write_bytes(data)
    terrain = read_elevation(path, stated=Stated(crs="EPSG:4326") if path.suffix == ".asc" else Stated())
    return terrain.text, terrain.height_m(np.array([47.5, 0.0]), np.array([19.0, 181.0]))


def _migrate(data: bytes, path: Path) -> object:
    for geometry in find_mission("training").parent.glob("*.geojson"):
        shutil.copy(geometry, path.parent)
    path.write_bytes(data)
    done = migrate_mission_file(path, steps={0: lambda _: ["nothing"]})
    if done.kept is not None:
        done.kept.unlink()
    return done


def _shapefile() -> bytes:
    """The parts of a shapefile one after the other, each after its name and length."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.shp"
        shape = np.array([shapely.to_wkb(shapely.box(19, 47, 19.1, 47.1))])
        pyogrio.raw.write(path, shape, [], [], crs="EPSG:4326", geometry_type="Polygon", driver="ESRI Shapefile")
        return b"".join(_PART + part.suffix.encode() + part.read_bytes() for part in sorted(Path(folder).iterdir()))


def _import_archive(data: bytes, path: Path) -> object:
    for part in data.split(_PART)[1:]:
        suffix, content = part[:4], part[4:]
        if suffix in (b".shp", b".shx", b".dbf", b".prj"):
            path.with_suffix(suffix.decode()).write_bytes(content)
    return _drafted(path.with_suffix(".shp"))


def _read_mission(data: bytes, path: Path) -> object:
    return read_mission(data, file=path.name, folder=find_mission("training").parent)


def _read_plan(data: bytes, path: Path) -> object:
    return parse_plan(data, path.name)


def _read_route(data: bytes, path: Path) -> object:
    return upload_items(parse_route(data, path.name))


def _import(data: bytes, path: Path) -> object:
    path.write_bytes(data)
    return _drafted(path)


def _drafted(path: Path) -> object:
    found = import_file(path)
    if found.area is None and found.border is None:
        return found
    draft = Draft(
        name="fuzz",
        start=datetime(2026, 6, 1, tzinfo=UTC),
        nations=("A",),
        area=found.area,
        border=found.border,
        keep_outs=tuple(found.keep_outs),
        bases=tuple(found.bases),
    )
    names = draft_files(draft)
    assert all(Path(name).name == name for name in names), f"a file outside the folder: {list(names)}"
    return names


def mutated(seeds: Sequence[bytes], dice: random.Random) -> bytes:
    """A seed with a few things done to it."""
    data = bytearray(dice.choice(seeds))
    if len(data) > 60_000 and dice.random() < 0.5:
        begin = dice.randrange(len(data) - 30_000)
        del data[begin : begin + dice.randrange(30_000)]
    for _ in range(dice.choice((0, 1, 1, 2, 3, 5, 10, 30))):
        _mutate(data, seeds, dice)
    return bytes(data)


def _mutate(data: bytearray, seeds: Sequence[bytes], dice: random.Random) -> None:
    at = dice.randrange(len(data) + 1)
    match dice.choice((0, 1, 2, 3, 4, 4, 4, 4, 4, 5, 6, 7)):
        case 0:
            data[at : at + 1] = bytes([dice.randrange(256)])
        case 1:
            del data[at : at + dice.choice((1, 2, 10, 100, 1000))]
        case 2:
            data[at:at] = data[at : at + dice.choice((1, 10, 100, 1000))]
        case 3:
            data[at:at] = dice.choice(_PIECES)
        case 4:
            _replace_number(data, at, dice.choice(_NUMBERS))
        case 5:
            other = dice.choice(seeds)
            start = dice.randrange(len(other) + 1)
            data[at:at] = other[start : start + dice.choice((10, 100, 1000))]
        case 6:
            del data[at:]
        case 7:
            data[at:at] = dice.choice((b"[", b"(", b"{", b"<a>", b"9", b" ")) * dice.choice((10, 1000, 20_000))


def _replace_number(data: bytearray, at: int, number: bytes) -> None:
    """The first run of digits from here on."""
    begin = next((i for i in range(at, len(data)) if 48 <= data[i] <= 57), None)
    if begin is not None:
        end = next((i for i in range(begin, len(data)) if not (48 <= data[i] <= 57 or data[i] == 46)), len(data))
        data[begin:end] = number


def _hung(_number: int, _frame: FrameType | None) -> NoReturn:
    raise TimeoutError(f"still busy after {_HANG_S:g} s")


def _outcome(case: int, target: Target, data: bytes, path: Path) -> Outcome:
    started_s = time.process_time()
    fault, refused = "", False
    signal.setitimer(signal.ITIMER_REAL, _HANG_S)
    try:
        target.read(data, path)
    except (InputError, ShapeError) as error:
        refused = True
        fault = "" if str(error) else "an error without a text"
    except Exception as error:  # noqa: BLE001  # what this run looks for
        fault = f"{type(error).__name__}: {error} at {traceback.format_tb(error.__traceback__)[-1].strip()}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    cpu_s = time.process_time() - started_s
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if not fault and cpu_s > CPU_LIMIT_S:
        fault = f"took {cpu_s:.1f} s of CPU"
    if not fault and memory_mb > MEMORY_LIMIT_MB:
        fault = f"the process grew to {memory_mb:.0f} MB"
    return Outcome(case, target.name, refused, fault, cpu_s, memory_mb)


def case_data(case: int, seed: int, known: Sequence[Target]) -> tuple[Target, bytes]:
    """The same case whenever it is asked for."""
    dice = random.Random(f"{seed}/{case}")
    target = known[case % len(known)]
    return target, mutated(target.seeds, dice)


def _work(connection: Connection, seed: int, cases: range) -> None:
    signal.signal(signal.SIGALRM, _hung)
    known = targets()
    with tempfile.TemporaryDirectory() as folder:
        for target in known:  # what is loaded on first use is nobody's fault
            _outcome(-1, target, target.seeds[0], Path(folder) / f"warm{target.suffix}")
        for case in cases:
            target, data = case_data(case, seed, known)
            connection.send(case)
            connection.send(_outcome(case, target, data, Path(folder) / f"case{target.suffix}"))
    connection.close()


def outcomes(seed: int, first: int, count: int) -> Iterator[Outcome]:
    """Each case's outcome; a child that dies is replaced, and its case a failure."""
    known, case, last = targets(), first, first + count
    context = multiprocessing.get_context("spawn")
    while case < last:
        receiver, sender = context.Pipe(duplex=False)
        child = context.Process(target=_work, args=(sender, seed, range(case, last)))
        child.start()
        sender.close()
        while case < last:
            outcome = _received(receiver)
            if outcome is None:
                break
            yield outcome
            case += 1
            if outcome.memory_mb > MEMORY_LIMIT_MB:
                break
        else:
            child.join()
            continue
        if child.is_alive():
            child.kill()
        child.join()
        if outcome is None:
            yield Outcome(case, known[case % len(known)].name, False, f"took the process down (exit {child.exitcode})")
            case += 1


def _received(receiver: Connection) -> Outcome | None:
    """The next outcome, or None when the child is gone or does not answer."""
    try:
        while receiver.poll(6 * _HANG_S):
            told = receiver.recv()
            if isinstance(told, Outcome):
                return told
    except EOFError:
        pass
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--save", type=Path, help="keep the files of failures in this folder")
    asked = parser.parse_args()
    told: Counter[str] = Counter()
    slowest, largest, faults = 0.0, 0.0, 0
    known = targets()
    for outcome in outcomes(asked.seed, asked.first, asked.count):
        told[f"{outcome.target}: {'failed' if outcome.fault else 'refused' if outcome.refused else 'read'}"] += 1
        slowest, largest = max(slowest, outcome.cpu_s), max(largest, outcome.memory_mb)
        if outcome.fault:
            faults += 1
            print(f"case {outcome.case} ({outcome.target}): {outcome.fault}", flush=True)
            if asked.save is not None:
                asked.save.mkdir(parents=True, exist_ok=True)
                target, data = case_data(outcome.case, asked.seed, known)
                (asked.save / f"{asked.seed}-{outcome.case}{target.suffix}").write_bytes(data)
    for line, number in sorted(told.items()):
        print(f"{number:7} {line}")
    print(
        f"{asked.count} cases from seed {asked.seed}: {faults} failures; slowest {slowest:.2f} s of CPU; process at most {largest:.0f} MB"
    )
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
