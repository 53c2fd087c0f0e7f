"""Files in a zip archive, the same bytes for the same files: no dates, no owners."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

#: The earliest date that the format knows.
_DATE = (1980, 1, 1, 0, 0, 0)
#: A fifth larger than at the usual 6, in a third of the time.
_LEVEL = 1


def zipped(files: Mapping[str, bytes]) -> bytes:
    """An archive of named files, in this order."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, date_time=_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            # the archive's own level is not for files that come with a ZipInfo
            archive.writestr(info, content, compresslevel=_LEVEL)
    return target.getvalue()
