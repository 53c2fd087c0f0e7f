"""A drone's programme as those who watch see it."""

from __future__ import annotations

from missions.control.drive import Drive
from missions.control.messages import DroneProgress
from missions.control.programme import Programme


def drone_view(programme: Programme, at_s: float) -> DroneProgress:
    progress, leg = programme.progress, programme.progress.leg
    return DroneProgress(
        at_s=at_s,
        drone=programme.drone,
        phase=programme.phase,
        sortie=progress.sortie.id if progress.sortie else None,
        sorties_done=progress.index,
        sorties_total=len(progress.sorties),
        leg=leg.kind if leg else None,
        lane=leg.lane if leg else None,
        lanes_done=progress.lanes_done,
        lanes_total=progress.lanes_total,
        upload=programme.upload,
        eta_s=progress.eta_s() if programme.clock.running and not programme.settled else None,
        automatic=programme.automatic,
        recalled=programme.drive is Drive.OVER,
        final=programme.outcome() if programme.settled else None,
        note=programme.note,
    )
