from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QCoreApplication, QLocale, QSettings, QTranslator
from PyQt6.QtWidgets import QApplication

from gui import language
from gui.language import chosen, languages, take_up
from gui.models import words
from gui.models.text import length_text
from gui.models.words import counted, speak, tr
from gui.translator_files import marked, packed, renewed

GERMAN = {"Saved {path}": "{path} ist gespeichert", "Draw the &area": "&Gebiet zeichnen", "{length} km": "{length} km"}


@pytest.fixture
def english_again() -> Iterator[None]:
    before = words._translate, words._number, QLocale()
    yield
    speak(*before[:2])
    QLocale.setDefault(before[2])
    for translator in QCoreApplication.instance().findChildren(QTranslator):  # type: ignore[union-attr]
        QCoreApplication.removeTranslator(translator)
        translator.deleteLater()


def test_no_text_of_the_window_is_left_untranslated_or_cut_off_when_a_third_longer() -> None:
    here = Path(__file__).parents[2]
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "tests.gui.pseudo_window"]
    looked = subprocess.run(command, capture_output=True, text=True, check=False, cwd=here, env=environment)
    assert looked.returncode == 0, looked.stderr
    assert json.loads(looked.stdout) == {"untranslated": [], "cut": []}


def translated_file(folder: Path, code: str) -> None:
    """The program's texts as a translator gets them, some of them translated."""
    root = renewed(marked(), None, code)
    for message in root.iter("message"):
        translation, source = message.find("translation"), message.findtext("source", "")
        assert translation is not None
        if source in GERMAN:
            translation.text = GERMAN[source]
            del translation.attrib["type"]
        elif source == "{n} drones":
            one, many = translation.findall("numerusform")
            one.text, many.text = "{n} Drohne", "{n} Drohnen"
            del translation.attrib["type"]
    again = renewed(marked(), ET.fromstring(ET.tostring(root)), code)
    (folder / f"jointpatrol_{code}.qm").write_bytes(packed(again))


@pytest.mark.usefixtures("english_again")
def test_what_a_translator_wrote_is_said_with_its_plurals_and_numbers_and_the_rest_in_english(qapp: QApplication, tmp_path: Path) -> None:
    translated_file(tmp_path, "de")
    assert languages(tmp_path) == {"en": "English", "de": "Deutsch"}
    take_up(qapp, "de", tmp_path)
    assert tr("Saved {path}", path="m.toml") == "m.toml ist gespeichert"
    assert tr("Draw the &area") == "&Gebiet zeichnen"
    assert [counted(n, "{n} drone", "{n} drones") for n in (1, 2, 1500)] == ["1 Drohne", "2 Drohnen", "1.500 Drohnen"]
    assert length_text(1234567) == "1.234,6 km"
    assert [counted(n, "{n} lane", "{n} lanes") for n in (1, 2)] == ["1 lane", "2 lanes"]


def test_only_languages_that_are_there_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    assert chosen(store) == "en"
    store.setValue("language", "xx")
    assert chosen(store) == "en"
    monkeypatch.setattr(language, "languages", lambda: {"en": "English", "xx": "Xx"})
    assert chosen(store) == "xx"


def test_every_marked_text_can_have_its_values_put_in() -> None:
    assert len(marked()) > 500
    for each in marked():
        assert each.text.format_map(Anything()) or not each.text


class Anything(dict[str, float]):
    def __missing__(self, _key: str) -> float:
        return 1.0
