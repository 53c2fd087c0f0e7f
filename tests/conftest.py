"""Settings of the whole suite."""

from __future__ import annotations

import os

from hypothesis import settings

# The same examples on every run, so that a red suite means a change. To look for new ones: JOINTPATROL_EXAMPLES=random.
settings.register_profile("repeatable", derandomize=True)
settings.register_profile("random")
settings.load_profile("random" if os.environ.get("JOINTPATROL_EXAMPLES") == "random" else "repeatable")
