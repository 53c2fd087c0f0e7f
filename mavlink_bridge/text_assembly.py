"""STATUSTEXTs that come in chunks, put together (mavlink.io/en/messages/common.html#STATUSTEXT)."""

from __future__ import annotations

from dataclasses import dataclass, field

from mavlink_bridge.messages import StatusText

_CHUNK_BYTES = 50
_GAP = "..."


@dataclass(slots=True)
class _Open:
    severity: int
    deadline_s: float
    chunks: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WholeText:
    severity: int
    text: str


class TextAssembly:
    """Chunks with one `id` belong together; a chunk that is not full is the last. Missing chunks become "..."."""

    #: How long a text may stay incomplete; ArduPilot sends all chunks at once.
    PATIENCE_S = 2.0
    #: More texts than this at once are nobody's honest words: the oldest is told as it is.
    MOST_OPEN = 32

    def __init__(self) -> None:
        self._open: dict[int, _Open] = {}

    @property
    def deadline_s(self) -> float | None:
        return min((text.deadline_s for text in self._open.values()), default=None)

    def add(self, message: StatusText, now_s: float) -> list[WholeText]:
        """The texts that are whole now."""
        if message.id == 0:
            return [WholeText(message.severity, message.text)]
        told = [self._close(next(iter(self._open)))] if message.id not in self._open and len(self._open) >= self.MOST_OPEN else []
        text = self._open.setdefault(message.id, _Open(message.severity, now_s + self.PATIENCE_S))
        text.chunks[message.chunk_seq] = message.text
        return [*told, self._close(message.id)] if self._is_whole(text) else told

    def tick(self, now_s: float) -> list[WholeText]:
        """The texts whose other chunks will not come any more."""
        return [self._close(text_id) for text_id, text in list(self._open.items()) if now_s >= text.deadline_s]

    @staticmethod
    def _is_whole(text: _Open) -> bool:
        last = max(text.chunks)
        return len(text.chunks[last].encode()) < _CHUNK_BYTES and len(text.chunks) == last + 1

    def _close(self, text_id: int) -> WholeText:
        text = self._open.pop(text_id)
        last = max(text.chunks)
        whole = "".join(text.chunks.get(number, _GAP) for number in range(last + 1))
        return WholeText(text.severity, whole if self._is_whole(text) else whole + _GAP)
