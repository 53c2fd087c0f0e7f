"""The desktop's language: which there are, and how one is taken up before anything is put into words.

Words are made when their modules are loaded: this one loads none of them, and is the first that a desktop's process loads.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PyQt6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QSettings, QTranslator

from gui.models.words import speak

ORGANISATION, APPLICATION = "jointpatrol", "jointpatrol-desktop"
ENGLISH = "en"
#: Where all texts stand in a translator's file.
CONTEXT = "jointpatrol"
_FOLDER = Path(__file__).parent / "languages"


def user_settings() -> QSettings:
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, ORGANISATION, APPLICATION)


def chosen(store: QSettings) -> str:
    """The language's code as in the settings; English when it is none that is there."""
    code = store.value("language")
    return code if isinstance(code, str) and code in languages() else ENGLISH


def languages(folder: Path = _FOLDER) -> dict[str, str]:
    """The names that languages have in themselves, by code: English, and whatever lies there translated as `jointpatrol_CODE.qm`."""
    codes = sorted(file.stem.partition("_")[2] for file in folder.glob("jointpatrol_*.qm"))
    return {ENGLISH: "English", **{code: QLocale(code).nativeLanguageName().capitalize() or code for code in codes}}


def take_up(application: QCoreApplication, code: str, folder: Path = _FOLDER) -> None:
    """From now on texts and numbers are those of this language, Qt's own included. Before the desktop's modules are loaded."""
    locale = QLocale(code)
    QLocale.setDefault(locale)
    for name, place in (("qtbase", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)), ("jointpatrol", str(folder))):
        translator = QTranslator(application)
        if translator.load(f"{name}_{code}", place):
            application.installTranslator(translator)
    speak(_translated, partial(_written, locale))


def _translated(text: str, number: int | None = None) -> str:
    told = QCoreApplication.translate(CONTEXT, text, "", -1 if number is None else number)
    return "" if told == text else told


def _written(locale: QLocale, value: float, decimals: int) -> str:
    return locale.toString(float(value), "f", decimals)
