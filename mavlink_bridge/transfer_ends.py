"""How a conversation about a vehicle's lists or keys ended, in the words of events."""

from __future__ import annotations

from mavlink_bridge.conversation import Downloaded, Failed, Unknown, Verified
from mavlink_bridge.events import UploadOutcome

TransferEnd = Verified | Downloaded | Failed | Unknown


def outcome_of(end: TransferEnd) -> tuple[UploadOutcome, str]:
    """The outcome, and the reason where it is not good."""
    match end:
        case Verified() | Downloaded():
            return UploadOutcome.VERIFIED, ""
        case Failed(reason=reason):
            return UploadOutcome.FAILED, reason
        case Unknown(reason=reason):
            return UploadOutcome.UNKNOWN, reason
