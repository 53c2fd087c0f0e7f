"""Random uploads over bad radios: what is said of them is so. More of them: `python -m benchmarks.bridge uploads`."""

from __future__ import annotations

import pytest

from benchmarks.random_uploads import Upload, by_file, classic, judge

#: Seeds that once told an untruth, left a mixture, or failed without need.
ONCE_WRONG = (54, 60, 62, 63, 78, 82, 115, 118, 121, 131, 132, 175, 193, 219, 292, 408, 953, 1904, 1971, 2823, 2952, 3470)


#: And by file.
ONCE_WRONG_BY_FILE = (12, 68, 251, 270, 375, 462, 530, 816, 899)


@pytest.mark.parametrize(
    ("upload", "seed"),
    [(classic, seed) for seed in (*ONCE_WRONG, *range(10_000, 10_030))] + [(by_file, seed) for seed in (*ONCE_WRONG_BY_FILE, *range(30))],
)
def test_what_is_said_of_an_upload_is_so_and_no_mixture_is_left(upload: Upload, seed: int) -> None:
    verdict = judge(seed, upload)
    assert not verdict.lied, verdict
    assert not verdict.mixture, verdict


@pytest.mark.parametrize("upload", [classic, by_file])
def test_nearly_all_uploads_over_bad_radios_end_verified(upload: Upload) -> None:
    ends = [judge(seed, upload).end for seed in range(20_000, 20_050)]
    assert ends.count("Verified") >= 49, ends
