"""Whoever writes results leaves the old ones whole when it fails, and only one module writes them."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import missions.folders
from missions.errors import InputError
from missions.folders import write_all, write_into, write_whole

#: Logs grow while they are read, and an address is for one process only.
_OWN_FILES = {"folders.py", "event_log.py", "address.py"}
_WRITES = {"write_text", "write_bytes"}


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("stage", ["_write_new", "_settle"])
@pytest.mark.parametrize("failure", [KeyboardInterrupt(), SystemExit(143), OSError(28, "No space left on device")])
def test_whatever_stops_a_writer_leaves_the_old_files_and_nothing_else(
    stage: str, failure: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = {"a": b"old a", "b": b"old b"}
    for name, content in old.items():
        (tmp_path / name).write_bytes(content)
    real, calls = getattr(missions.folders, stage), []

    def stopped(path: Path, *others: bytes) -> None:
        real(path, *others)
        calls.append(path)
        if len(calls) == 2:
            raise failure

    monkeypatch.setattr(missions.folders, stage, stopped)
    with pytest.raises(type(failure)):
        write_all([(tmp_path / name, b"new") for name in ("a", "b", "c")])
    assert files_in(tmp_path) == old


def test_a_disk_that_takes_no_more_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(b"old")
    script = (
        "import resource, signal, sys\nfrom pathlib import Path\n"
        "from missions.errors import InputError\nfrom missions.folders import write_into\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\nresource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
        "try: write_into(Path(sys.argv[1]), {'plan.json': b'x' * 20_000}, force=True)\n"
        "except InputError as error: print(error); sys.exit(2)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (ended.returncode, "cannot be written" in ended.stdout) == (2, True)
    assert files_in(tmp_path) == {"plan.json": b"old"}


def test_files_that_cannot_be_made_leave_no_folder(tmp_path: Path) -> None:
    def files() -> Iterator[tuple[str, bytes]]:
        yield "a", b"new"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_into(tmp_path / "new" / "out", files(), force=False)
    assert files_in(tmp_path) == {}


def test_files_are_replaced_whole(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", b"one")
    write_whole(tmp_path / "a", b"two")
    assert files_in(tmp_path) == {"a": b"two"}


def test_a_folder_with_something_in_it_needs_force(tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(b"mine")
    with pytest.raises(InputError) as caught:
        write_into(tmp_path, {"a": b"new"}, force=False)
    assert "--force" in caught.value.mend
    assert files_in(tmp_path) == {"mine": b"mine"}
    write_into(tmp_path, {"a": b"new"}, force=True)
    assert files_in(tmp_path) == {"mine": b"mine", "a": b"new"}


def _direct_writes(module: Path) -> list[str]:
    """Places where a module writes a file itself."""
    found = []
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            modes = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            if name in _WRITES or (name == "open" and any(set(mode) & set("wax+") and len(mode) <= 3 for mode in modes)):
                found.append(f"{module.name}:{node.lineno}")
    return found


def test_results_are_written_through_one_module() -> None:
    root = Path(missions.folders.__file__).parent
    modules = [module for module in root.rglob("*.py") if module.name not in _OWN_FILES]
    assert len(modules) > 50
    assert [place for module in modules for place in _direct_writes(module)] == []
