"""Text for XML files: what cannot stand there is replaced, what has a meaning there is escaped."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape as _escape
from xml.sax.saxutils import quoteattr

#: What XML 1.0 cannot hold at all, escaped or not (its section 2.2, production 2).
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TO_MEND = re.compile(f"[&<>]|{_NOT_XML.pattern}")

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def xml_text(value: object) -> str:
    """A value between tags."""
    text = str(value)
    # a plan says a million names, and hardly one needs anything
    return _escape(_NOT_XML.sub("\ufffd", text)) if needs_mending(text) else text


def needs_mending(text: str) -> bool:
    """Whether there is anything in it that cannot stand between tags as it is."""
    return _TO_MEND.search(text) is not None


def xml_attribute(value: object) -> str:
    """A value with its quotes."""
    return quoteattr(_NOT_XML.sub("\ufffd", str(value)))


def tag(name: str, value: object) -> str:
    """An element that holds a text."""
    return f"<{name}>{xml_text(value)}</{name}>"
