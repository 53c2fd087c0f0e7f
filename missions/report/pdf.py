"""report.pdf: the account on paper, A4, with the fonts it needs in it; the same bytes for the same flight."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from typing import Final

import fpdf
from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace

from missions.palette import nation_colours
from missions.report import words
from missions.report.account import Effort, FlightAccount
from missions.report.cost import NO_TARIFF, Tariff, costs
from missions.report.map_scene import flight_scene, revisit_scene
from missions.report.params import ReportParams
from missions.report.pdf_map import draw_map
from missions.report.svg_timeline import clock
from missions.report.terms import agreed, asked
from missions.report.totals import energy_sources, planned_wh, total, versions
from missions.utc import at_utc

_FONT: Final = "DejaVu"
_VERDICTS: Final = {"pass": (27, 127, 75), "fail": (179, 38, 30), "interrupted": (138, 90, 0)}
_INK, _FAINT, _LINE = (29, 33, 38), (93, 102, 112), (190, 196, 202)
_MARGIN_MM, _LINE_MM = 14.0, 4.4
_PLAIN, _RIGHT = "LEFT", "RIGHT"

_Rows = Sequence[Sequence[str]]


class _Paper(fpdf.FPDF):
    """A4 with our fonts, and at the foot of each page which plan it is about."""

    def __init__(self, about: str) -> None:
        super().__init__(format="A4")
        self._about = about
        self.set_margin(_MARGIN_MM)
        self.set_auto_page_break(auto=True, margin=_MARGIN_MM + 4)
        fonts = resources.files("missions") / "fonts"
        for style, name in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
            with resources.as_file(fonts / name) as path:
                self.add_font(_FONT, style=style, fname=path)
        self.set_font(_FONT, size=9)
        self.set_text_color(*_INK)

    def footer(self) -> None:
        self.set_y(-_MARGIN_MM)
        self.set_font(_FONT, size=7)
        self.set_text_color(*_FAINT)
        self.cell(0, 4, self._about)
        self.set_x(self.l_margin)
        self.cell(0, 4, f"{self.page_no()} of {{nb}}", align="R")
        self.set_text_color(*_INK)

    def heading(self, text: str) -> None:
        if self.will_page_break(30):
            self.add_page()
        self.ln(4)
        self.set_font(_FONT, style="B", size=11)
        self.cell(0, 6, text, new_x="LMARGIN", new_y="NEXT")
        self.set_font(_FONT, size=9)

    def paragraph(self, text: str, *, faint: bool = False) -> None:
        self.set_font(_FONT, size=8 if faint else 9)
        self.set_text_color(*(_FAINT if faint else _INK))
        self.multi_cell(0, _LINE_MM, text, align="L", new_x="LMARGIN", new_y="NEXT")
        self.set_text_color(*_INK)

    def rows(self, headings: Sequence[str], rows: _Rows, *, widths: Sequence[float], right: Sequence[int] = ()) -> None:
        """A table whose headings come again on each page; `right` are the columns of figures."""
        self.set_font(_FONT, size=7.5)
        self.set_draw_color(*_LINE)
        self.set_line_width(0.1)
        align = tuple(_RIGHT if column in right else _PLAIN for column in range(len(widths)))
        style = FontFace(emphasis="BOLD", color=_FAINT)
        with self.table(
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            col_widths=tuple(widths),
            headings_style=style,
            line_height=_LINE_MM,
            padding=(0.4, 1.2),
            text_align=align,
            first_row_as_headings=bool(headings),
        ) as table:
            for row in ([headings] if headings else []) + list(rows):
                table.row(tuple(row))


def report_pdf(account: FlightAccount, params: ReportParams, *, command: str, tariff: Tariff = NO_TARIFF) -> bytes:
    """The paper. `command` is how to compute it again."""
    paper = _Paper(f"{account.plan.name}, plan {account.plan_sha256[:16]}")
    paper.set_title(f"{account.plan.name}: report of the flight")
    paper.set_creator("jointpatrol")
    # the flight's own time, so that one flight gives one file
    paper.set_creation_date(at_utc(account.plan.start_utc, account.duration_s))
    paper.add_page()
    colours = nation_colours(account.plan.nations)
    _head(paper, account)
    paper.heading("Asked and agreed")
    paper.rows((), [*asked(account.plan), *agreed(account.plan)], widths=(1, 4))
    paper.heading("Map")
    draw_map(paper, flight_scene(account, params), colours)
    paper.paragraph(
        "Dotted: planned; lines: flown, thick where swept; red: keep-outs; pink: missed; grey: left out by the plan. Not for navigation.",
        faint=True,
    )
    _efforts(paper, account)
    _cost(paper, account, tariff)
    if account.segments:
        paper.heading("Segments")
        draw_map(paper, revisit_scene(account), colours, highest_mm=110.0)
        paper.paragraph("The darker, the more often seen; pink was not. Numbers are the table's.", faint=True)
        _segments(paper, account)
    _missed(paper, account)
    _times(paper, account)
    _events(paper, account)
    _sources(paper, account, params, command)
    return bytes(paper.output())


def _head(paper: _Paper, account: FlightAccount) -> None:
    plan, together = account.plan, total(account)
    paper.set_font(_FONT, style="B", size=17)
    paper.multi_cell(paper.epw - 42, 8, plan.name, align="L", new_x="RIGHT", new_y="TOP")
    paper.set_text_color(*_VERDICTS[account.verdict.value])
    paper.set_font(_FONT, style="B", size=12)
    paper.cell(0, 8, account.verdict.value.upper(), align="R", new_x="LMARGIN", new_y="NEXT")
    paper.set_text_color(*_INK)
    start = f"{at_utc(plan.start_utc, 0.0):%d %B %Y %H:%M} UTC".lstrip("0")
    took, planned = words.duration(account.duration_s), words.duration(plan.result.makespan_s)
    paper.paragraph(f"Patrol from {start}, {took}; planned {planned}", faint=True)
    for reason in account.reasons:
        paper.paragraph(f"• {reason}")
    nearest = account.min_separation_m
    paper.ln(2)
    asked_for = f"{100 * plan.min_coverage:g} %"
    figures = [
        (
            "Covered, flown",
            words.percent(account.flown.coverage),
            f"planned {words.percent(account.planned.coverage)}, asked for {asked_for}",
        ),
        ("Planned, not seen", words.area(account.missed.promised_m2), f"{words.area(account.missed.left_out_m2)} left out by the plan"),
        ("In the air", words.hours(together.time_s), f"{words.km(together.length_m)} flown"),
        ("Energy drawn", words.wh(together.energy.wh), f"planned {words.wh(planned_wh(account))}"),
        (
            "Closest two drones came",
            "–" if nearest is None else words.metres(nearest),
            f"minimum {words.metres(plan.limits.min_separation_m)}",
        ),
    ]
    paper.rows((), figures, widths=(2, 1.2, 3), right=(1,))


def _efforts(paper: _Paper, account: FlightAccount) -> None:
    headings = ("", "covered", "planned", "in the air", "planned", "flown", "planned", "drawn", "planned")
    paper.heading("Nations")
    rows = [
        (each.name, words.percent(each.flown_coverage), words.percent(each.planned_coverage), *_effort(each.flown, each.planned))
        for each in account.nations
    ]
    paper.rows(headings, rows, widths=(2.2, *[1.2] * 8), right=range(1, 9))
    paper.heading("Drones")
    drones = [
        (
            each.drone,
            each.upload.value,
            words.final(each.final),
            f"{each.sorties_flown} of {each.sorties_planned}",
            *_effort(each.flown, each.planned),
        )
        for each in account.drones
    ]
    paper.rows(("", "upload", "at the end", "sorties", *headings[3:]), drones, widths=(1.7, 1.3, 2, 1.1, *[1.2] * 6), right=range(3, 10))
    for source, names in energy_sources(account).items():
        paper.paragraph(f"Energy {source}: {', '.join(names)}.", faint=True)


def _effort(flown: Effort, planned: Effort) -> tuple[str, ...]:
    pairs = ((words.hours, "time_s"), (words.km, "length_m"))
    figures = [told(getattr(each, name)) for told, name in pairs for each in (flown, planned)]
    return (*figures, words.wh(flown.energy.wh), words.wh(planned.energy.wh))


def _cost(paper: _Paper, account: FlightAccount, tariff: Tariff) -> None:
    found = costs(account, tariff)
    if not found:
        return
    paper.heading("Cost")
    names = {nation.id: nation.name for nation in account.plan.nations}
    rows = [(names.get(each.nation or "", "together"), words.money(each.flown), words.money(each.planned)) for each in found]
    paper.rows(("", f"flown {tariff.currency}", f"planned {tariff.currency}"), rows, widths=(2, 1, 1), right=(1, 2))
    paper.paragraph(tariff.text, faint=True)


def _segments(paper: _Paper, account: FlightAccount) -> None:
    def moment(at_s: float | None) -> str:
        return "–" if at_s is None else clock(at_s)

    rows = [
        (
            str(each.number),
            f"{words.km(each.from_m)} to {words.km(each.to_m)}",
            words.place(each.middle),
            words.percent(each.flown_coverage),
            words.percent(each.planned_coverage),
            f"{each.visits:.1f}",
            moment(each.first_s),
            moment(each.last_s),
            "–" if each.longest_gap_s is None else words.duration(each.longest_gap_s),
        )
        for each in account.segments
    ]
    headings = ("No.", "along", "middle", "covered", "planned", "times seen", "first", "last", "longest between")
    paper.rows(headings, rows, widths=(0.6, 2, 2.6, 1.2, 1.2, 1, 1, 1, 1.4), right=(0, 3, 4, 5, 6, 7, 8))


def _missed(paper: _Paper, account: FlightAccount) -> None:
    paper.heading("What was missed")
    rows = [
        (
            str(piece.number),
            words.place(piece.place),
            ", ".join(piece.nations) or "–",
            words.area(piece.area_m2),
            words.metres(piece.length_m),
            "planned, and not seen" if piece.promised else "left out by the plan",
        )
        for piece in account.missed.pieces
    ]
    if rows:
        paper.rows(("No.", "where", "sector", "size", "length", "why"), rows, widths=(0.6, 2.6, 1.4, 1.2, 1, 2), right=(0, 3, 4))
    others = account.missed.others
    paper.paragraph(
        f"And {others} smaller pieces, {words.area(account.missed.others_m2)} together."
        if others
        else "Nothing else."
        if rows
        else "Nothing."
    )


def _times(paper: _Paper, account: FlightAccount) -> None:
    paper.heading("Sorties")
    rows = [(times.sortie, times.drone, *map(clock, times.planned), *_flown_times(times.flown)) for times in account.sorties]
    paper.rows(("sortie", "drone", "to launch", "to land", "launched", "landed"), rows, widths=(2, 2, 1, 1, 1, 1), right=(2, 3, 4, 5))


def _flown_times(flown: Sequence[tuple[float, float]]) -> tuple[str, str]:
    return (clock(flown[0][0]), clock(flown[-1][1])) if flown else ("–", "–")


def _events(paper: _Paper, account: FlightAccount) -> None:
    paper.heading("Violations")
    if account.violations:
        found = [
            (
                each.rule.value,
                each.subject,
                "" if each.at_s is None else clock(each.at_s),
                "" if each.lat_deg is None else words.place(each),
                each.text,
            )
            for each in account.violations
        ]
        paper.rows(("rule", "subject", "at", "where", "what"), found, widths=(1, 1.4, 0.8, 2.2, 4), right=(2,))
    else:
        paper.paragraph("None, neither in the plan nor in flight.")
    paper.heading("Alerts")
    if account.alerts:
        told = [(clock(each.at_s), each.drone or "–", each.level.value, each.rule, each.text) for each in account.alerts]
        paper.rows(("at", "drone", "level", "rule", "what"), told, widths=(0.8, 1.3, 0.9, 1.1, 5), right=(0,))
    else:
        paper.paragraph("None.")
    paper.heading("What was answered")
    if account.responses:
        paper.rows(("at", "what"), [(clock(each.at_s), each.text) for each in account.responses], widths=(0.8, 8), right=(0,))
    else:
        paper.paragraph("Nothing was asked of the patrol while it flew.")


def _sources(paper: _Paper, account: FlightAccount, params: ReportParams, command: str) -> None:
    paper.heading("Where these figures come from")
    rows = [
        ("Plan", f"plan.json, SHA-256 {account.plan_sha256}"),
        ("Mission", f"specification SHA-256 {account.plan.spec_sha256}"),
        (
            "Flown coverage",
            f"swaths along telemetry between a lane's start and its end; silence beyond {params.max_gap_s:.0f} s counts as not seen",
        ),
        ("This paper, from the log", f"{command} --pdf"),
        ("Every table, and maps", f"{command} --numbers numbers"),
        ("Violations of the plan", "jointpatrol check plan.json"),
        ("Versions", ", ".join(f"{name} {version}" for name, version in versions().items())),
        *(("Note of the plan", note) for note in account.plan.notes),
    ]
    paper.rows((), rows, widths=(1, 4))
