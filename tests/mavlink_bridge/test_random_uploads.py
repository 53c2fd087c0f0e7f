"""Random uploads over bad radios: what is said of them is so. More of them: `python -m benchmarks.bridge uploads`."""

from __future__ import annotations

import pytest

from benchmarks.random_uploads import judge

#: Seeds that once told an untruth, left a mixture, or failed without need.
ONCE_WRONG = (54, 60, 62, 63, 78, 82, 115, 118, 121, 131, 132, 175, 193, 219, 292, 408, 953, 1904, 1971, 2823, 2952, 3470)


@pytest.mark.parametrize("seed", [*ONCE_WRONG, *range(10_000, 10_040)])
def test_what_is_said_of_an_upload_is_so_and_no_mixture_is_left(seed: int) -> None:
    verdict = judge(seed)
    assert not verdict.lied, verdict
    assert not verdict.mixture, verdict


def test_nearly_all_uploads_over_bad_radios_end_verified() -> None:
    ends = [judge(seed).end for seed in range(20_000, 20_100)]
    assert ends.count("Verified") >= 98, ends
