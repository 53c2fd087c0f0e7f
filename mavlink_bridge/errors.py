"""What can be wrong with what the bridge is told."""

from __future__ import annotations


class LinkAddressError(ValueError):
    """A link address that cannot be understood; the text says which forms there are."""
