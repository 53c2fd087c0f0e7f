"""Words for what mission control and the bridge say in enums."""

from __future__ import annotations

from gui.models.words import tr
from mavlink_bridge.events import AlertLevel
from missions.control.messages import PatrolState

LEVELS = {AlertLevel.INFO: tr("info"), AlertLevel.WARNING: tr("warning"), AlertLevel.CRITICAL: tr("critical")}
PATROLS = {
    PatrolState.IDLE: tr("idle"),
    PatrolState.CONNECTING: tr("connecting"),
    PatrolState.UPLOADING: tr("uploading"),
    PatrolState.FLYING: tr("flying"),
    PatrolState.RECALLING: tr("recalling"),
    PatrolState.FINISHED: tr("finished"),
}
