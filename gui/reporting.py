"""Reports of flights, built in the background: opened in the browser, or put into a folder with their numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from gui.background import Background
from gui.models.notices import Notices
from gui.models.words import tr
from missions.errors import InputError

TOPIC = "report"


class Reports:
    """`open_place` shows a file or a folder with the system's program."""

    def __init__(self, background: Background, notices: Notices, *, open_place: Callable[[str], None]) -> None:
        self._background = background
        self._notices = notices
        self._open_place = open_place

    def show(self, flight: Path) -> None:
        """Build the report of the flight in this folder again, and open its page."""
        self._notices.info(TOPIC, tr("Building the report…"))
        self._background.run(partial(_built, flight), then=self._shown, failed=self._not_built)

    def export(self, flight: Path, target: Path) -> None:
        """The page, its data and the numbers as tables, into this folder."""
        self._notices.info(TOPIC, tr("Building the report…"))
        then = partial(self._notices.info, TOPIC, tr("The report is in {target}", target=target))
        self._background.run(partial(_exported, flight, target), then=lambda _: then(), failed=self._not_built)

    def compare(self, first: Path, second: Path) -> None:
        """A page that puts two flights side by side, into the second one's folder, and open it."""
        self._notices.info(TOPIC, tr("Comparing the flights…"))
        self._background.run(partial(_compared, first, second), then=self._shown, failed=self._not_built)

    def _shown(self, page: Path) -> None:
        self._notices.info(TOPIC, tr("The report is {page}", page=page))
        self._open_place(str(page))

    def _not_built(self, text: str) -> None:
        self._notices.error(TOPIC, tr("No report: {text}", text=text))


def _built(flight: Path) -> Path:
    # takes a while to import, which is no matter in this thread
    from missions.report.build import REPORT_HTML, build_report

    build_report(flight)
    return flight / REPORT_HTML


def _compared(first: Path, second: Path) -> Path:
    from missions.folders import write_whole
    from missions.report.build import account_of
    from missions.report.comparison import compare
    from missions.report.comparison_page import comparison_page

    names = (first.resolve().name, second.resolve().name)
    page = second / f"compared-with-{names[0]}.html"
    command = f"jointpatrol compare {names[0]} {names[1]} -o {page.name}"
    write_whole(page, comparison_page(compare(account_of(first), account_of(second)), names=names, command=command).encode())
    return page


def _exported(flight: Path, target: Path) -> None:
    from missions.folders import write_all
    from missions.report.build import REPORT_HTML, REPORT_JSON, build_report
    from missions.report.numbers import number_files

    account = build_report(flight)
    files = {target / name: (flight / name).read_bytes() for name in (REPORT_HTML, REPORT_JSON)}
    try:
        target.mkdir(parents=True, exist_ok=True)
        write_all(files | {target / name: content for name, content in number_files(account).items()})
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", file=str(target), mend="choose another folder") from error
