"""Files for translators: gathers every marked text into a `.ts`, keeps what is translated there, and packs it as the `.qm` that Qt loads.

`python -m gui.translator_files jointpatrol_de.ts` writes or renews one, for Qt Linguist or an editor; with `--pack` the `.qm` beside it
is written, as Qt's own lrelease would.
"""

from __future__ import annotations

import argparse
import ast
import struct
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gui.language import CONTEXT

_ROOT = Path(__file__).parent
#: Of a translation only what is complete counts.
_OPEN = ("unfinished", "vanished", "obsolete")
_MAGIC = bytes.fromhex("3cb86418caef9c95cd211cbf60a1bddd")
_HASHES, _MESSAGES, _RULES = 0x42, 0x69, 0x88
_END, _TRANSLATION, _SOURCE, _NAME = 1, 3, 6, 7
#: As lrelease writes them: one form for 1, another for all else; French has 0 with 1.
_GERMANIC, _FRENCH = bytes([0x01, 0x01]), bytes([0x03, 0x01])


@dataclass(frozen=True, slots=True)
class Marked:
    """A text of the program; `plural` when it has a form for each number."""

    text: str
    plural: bool
    place: str


def marked(folder: Path = _ROOT) -> list[Marked]:
    """Each text once, where it comes first."""
    found: dict[tuple[str, bool], Marked] = {}
    for file in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            for text, plural in _texts(node):
                place = f"{file.relative_to(folder.parent)}:{getattr(node, 'lineno', 0)}"
                found.setdefault((text, plural), Marked(text, plural, place))
    return list(found.values())


def _texts(node: ast.AST) -> Iterator[tuple[str, bool]]:
    match node:
        case ast.Call(func=ast.Name(id="tr" | "mark"), args=[ast.Constant(value=str() as text), *_]):
            yield text, False
        case ast.Call(func=ast.Name(id="counted"), args=[_, _, ast.Constant(value=str() as text), *_]):
            yield text, True
        case _:
            pass


def renewed(texts: Iterable[Marked], before: ET.Element | None, code: str) -> ET.Element:
    """A translator's file with these texts; what `before` says of them is kept, of others dropped."""
    known = {_source(message): message.find("translation") for message in (() if before is None else before.iter("message"))}
    root = ET.Element("TS", version="2.1", language=code, sourcelanguage="en")
    context = ET.SubElement(root, "context")
    ET.SubElement(context, "name").text = CONTEXT
    for each in texts:
        message = ET.SubElement(context, "message", {"numerus": "yes"} if each.plural else {})
        file, _, line = each.place.rpartition(":")
        ET.SubElement(message, "location", filename=file, line=line)
        ET.SubElement(message, "source").text = each.text
        kept = known.get((each.text, each.plural))
        if kept is not None:
            message.append(kept)
            continue
        translation = ET.SubElement(message, "translation", type="unfinished")
        for _ in range(2 if each.plural else 0):
            ET.SubElement(translation, "numerusform")
    return root


def _source(message: ET.Element) -> tuple[str, bool]:
    return message.findtext("source", ""), message.get("numerus") == "yes"


def packed(root: ET.Element) -> bytes:
    """What is translated, as Qt reads it (`.qm`)."""
    messages, hashes = b"", []
    for message in root.iter("message"):
        translation = message.find("translation")
        forms = [] if translation is None or translation.get("type") in _OPEN else _forms(translation)
        if not forms or not all(forms):
            continue
        source = message.findtext("source", "").encode()
        hashes.append((_elf_hash(source), len(messages)))
        for form in forms:
            text = form.encode("utf-16-be")
            messages += struct.pack(">BI", _TRANSLATION, len(text)) + text
        messages += struct.pack(">BI", _SOURCE, len(source)) + source
        messages += struct.pack(">BI", _NAME, len(CONTEXT)) + CONTEXT.encode() + bytes([_END])
    table = b"".join(struct.pack(">II", *each) for each in sorted(hashes))
    rules = _FRENCH if root.get("language", "").startswith("fr") else _GERMANIC
    sections = ((_HASHES, table), (_MESSAGES, messages), (_RULES, rules))
    return _MAGIC + b"".join(struct.pack(">BI", tag, len(data)) + data for tag, data in sections)


def _forms(translation: ET.Element) -> list[str]:
    numbered = translation.findall("numerusform")
    return [form.text or "" for form in numbered] if numbered else [translation.text or ""]


def _elf_hash(text: bytes) -> int:
    """By which Qt looks a text up (the hash of ELF symbol tables)."""
    value = 0
    for byte in text:
        value = (value << 4) + byte
        high = value & 0xF0000000
        value = (value ^ (high >> 24)) & ~high & 0xFFFFFFFF
    return value or 1


def main() -> None:
    parser = argparse.ArgumentParser(description="Gather the desktop's texts for a translator, or pack a translation.")
    parser.add_argument("file", type=Path, help="jointpatrol_CODE.ts")
    parser.add_argument("--pack", action="store_true", help="write the .qm beside it")
    arguments = parser.parse_args()
    file: Path = arguments.file
    before = ET.parse(file).getroot() if file.exists() else None
    root = renewed(marked(), before, file.stem.partition("_")[2])
    ET.indent(root)
    file.write_bytes(b'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n' + ET.tostring(root, encoding="utf-8") + b"\n")
    if arguments.pack:
        file.with_suffix(".qm").write_bytes(packed(root))


if __name__ == "__main__":
    main()
