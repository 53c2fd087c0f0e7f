"""Read back what is on a vehicle and see whether it is the mission that it should have; nothing is changed."""

from __future__ import annotations

from mavlink_bridge import events as e
from mavlink_bridge import messages as m
from mavlink_bridge.conversation import Downloaded, Endpoints, Failed, Send, TransferOutput
from mavlink_bridge.mission_download import MissionDownload
from mavlink_bridge.mission_items import SortieMission, items_match
from mavlink_bridge.transfer_params import DEFAULT_TRANSFER, TransferParams

Output = Send | e.Recognised


class Recognition:
    """One look. Ends with one `Recognised`."""

    def __init__(self, drone: str, mission: SortieMission, endpoints: Endpoints, *, params: TransferParams = DEFAULT_TRANSFER) -> None:
        self._drone = drone
        self._mission = mission
        self._download = MissionDownload(endpoints, params=params)

    @property
    def deadline_s(self) -> float | None:
        return self._download.deadline_s

    def start(self, now_s: float) -> list[Output]:
        return self._judged(self._download.start(now_s), now_s)

    def receive(self, frame: m.Frame, now_s: float) -> list[Output]:
        return self._judged(self._download.receive(frame, now_s), now_s)

    def tick(self, now_s: float) -> list[Output]:
        return self._judged(self._download.tick(now_s), now_s)

    def _judged(self, outputs: list[TransferOutput], now_s: float) -> list[Output]:
        judged: list[Output] = []
        for output in outputs:
            match output:
                case Send():
                    judged.append(output)
                case Downloaded(items=items):
                    mismatches = items_match(self._mission.items, items)
                    judged.append(self._ended(not mismatches, str(mismatches[0]) if mismatches else "", now_s))
                case Failed(reason=reason):
                    judged.append(self._ended(None, reason, now_s))
        return judged

    def _ended(self, on_board: bool | None, reason: str, now_s: float) -> e.Recognised:
        return e.Recognised(drone=self._drone, at_s=now_s, sortie=self._mission.sortie, on_board=on_board, reason=reason)
