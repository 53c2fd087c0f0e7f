"""iCalendar (RFC 5545): an event for each sortie, from its launch to its landing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from missions.errors import one_line
from missions.utc import at_utc
from planner.geo import path_length_m
from planner.model import Plan, Sortie

_FOLD_BYTES = 75
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


def plan_ical(plan: Plan) -> bytes:
    return _calendar(plan, plan.name, plan.sorties)


def sortie_ical(plan: Plan, sortie: Sortie) -> bytes:
    return _calendar(plan, sortie.id, [sortie])


def _calendar(plan: Plan, name: str, sorties: Iterable[Sortie]) -> bytes:
    start = at_utc(plan.start_utc, 0.0)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//jointpatrol//plan//EN", "CALSCALE:GREGORIAN", f"X-WR-CALNAME:{_text(name)}"]
    lines.extend(line for sortie in sorties for line in _event(plan, sortie, start))
    lines.extend(["END:VCALENDAR", ""])
    return "\r\n".join(folded for line in lines for folded in _folded(line)).encode()


def _event(plan: Plan, sortie: Sortie, start: datetime) -> Iterator[str]:
    base = plan.base(sortie.start_base)
    km = sum(path_length_m(leg.points) for leg in sortie.legs) / 1000
    yield "BEGIN:VEVENT"
    # the plan's hash tells two patrols apart that call their sorties alike
    yield f"UID:{_text(sortie.id)}-{plan.spec_sha256[:16]}@jointpatrol.invalid"
    # when it was made is not known to a plan; its start keeps the file the same whenever it is written
    yield f"DTSTAMP:{_moment(start)}"
    yield f"DTSTART:{_moment(at_utc(plan.start_utc, sortie.start_s))}"
    yield f"DTEND:{_moment(at_utc(plan.start_utc, sortie.end_s))}"
    yield f"SUMMARY:{_text(f'{sortie.drone} launches from {sortie.start_base} ({sortie.id})')}"
    yield f"LOCATION:{_text(sortie.start_base)}"
    yield f"GEO:{base.location.lat_deg:.6f};{_within_world(base.location.lon_deg):.6f}"
    about = f"{plan.name}: sortie {sortie.id} of {sortie.nation}, {km:.1f} km, {sortie.energy_wh:.0f} Wh, lands at {sortie.end_base}"
    yield f"DESCRIPTION:{_text(about)}"
    yield f"CATEGORIES:{_text(sortie.nation)}"
    yield "TRANSP:OPAQUE"
    yield "END:VEVENT"


def _within_world(lon_deg: float) -> float:
    return lon_deg - 360 if lon_deg > 180 else lon_deg


def _moment(moment: datetime) -> str:
    """To the second: calendars know no less."""
    return f"{moment:%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    return one_line(value).translate(_ESCAPES)


def _folded(line: str) -> Iterator[str]:
    """Lines of at most 75 octets, continued by a space (its section 3.1), never within a letter."""
    content, room, lead = "", _FOLD_BYTES, ""
    for letter in line:
        size = len(letter.encode())
        if size > room:
            yield lead + content
            content, room, lead = "", _FOLD_BYTES - 1, " "
        content, room = content + letter, room - size
    yield lead + content
