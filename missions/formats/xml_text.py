"""Text for XML files: what cannot stand there is replaced, what has a meaning there is escaped."""

from __future__ import annotations

import re
from functools import lru_cache
from xml.sax.saxutils import escape as _escape
from xml.sax.saxutils import quoteattr

#: What XML 1.0 cannot hold at all, escaped or not (its section 2.2, production 2).
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def xml_text(value: object) -> str:
    """A value between tags."""
    return _escaped(str(value))


@lru_cache(maxsize=65_536)
def _escaped(text: str) -> str:
    # a plan says the same few names a hundred thousand times
    return _escape(_NOT_XML.sub("\ufffd", text))


def xml_attribute(value: object) -> str:
    """A value with its quotes."""
    return quoteattr(_NOT_XML.sub("\ufffd", str(value)))


def tag(name: str, value: object) -> str:
    """An element that holds a text."""
    return f"<{name}>{xml_text(value)}</{name}>"
