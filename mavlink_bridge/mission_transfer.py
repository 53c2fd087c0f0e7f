"""The conversations about mission items, one class each: upload, download, clear, set current."""

from __future__ import annotations

from mavlink_bridge.conversation import Downloaded, Endpoints, Failed, Progress, Send, TransferOutput, Unknown, Verified
from mavlink_bridge.mission_clear import MissionClear
from mavlink_bridge.mission_download import MissionDownload
from mavlink_bridge.mission_set_current import SetCurrent
from mavlink_bridge.mission_upload import MissionUpload, UploadState
from mavlink_bridge.transfer_params import TransferParams

__all__ = [
    "Downloaded",
    "Endpoints",
    "Failed",
    "MissionClear",
    "MissionDownload",
    "MissionUpload",
    "Progress",
    "Send",
    "SetCurrent",
    "TransferOutput",
    "TransferParams",
    "Unknown",
    "UploadState",
    "Verified",
]
