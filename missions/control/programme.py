"""One drone's way through its sorties: when to upload, retry, give up, swap the battery, and where it has ended up.

When to launch is mission control's to decide, because it concerns the others; everything else that one drone needs is
here. A drone that somebody else has taken is left alone until it is handed back.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from mavlink_bridge import events as e
from mavlink_bridge.enums import MavCmd
from missions.control import actions as do
from missions.control.drive import Attempts, Drive
from missions.control.messages import DronePhase, FinalState
from missions.control.places import place_text, stands_at
from missions.control.silence import silence
from missions.control.standing import Standing
from planner.geo import LatLon
from planner.model import Plan, Sortie
from planner.timetable.sortie_names import version_in

Outputs = list[do.Action | e.Alert]

BEFORE_READY = (DronePhase.OFFLINE, DronePhase.CONNECTED)
_BY_HAND = (MavCmd.DO_REPOSITION, MavCmd.DO_CHANGE_SPEED)
_HOMING_COMMANDS = (MavCmd.NAV_RETURN_TO_LAUNCH, MavCmd.NAV_LAND)


@dataclass(slots=True)
class Programme(Standing):
    """Feed it the drone's events (all but telemetry) and `tick`; it answers with actions and alerts."""

    _uploads: Attempts = field(default_factory=Attempts)
    _homing: Attempts = field(default_factory=Attempts)
    _lands_where_it_is: bool = False
    _retraces: bool = False
    ready_by_s: float | None = None
    _swapped_s: float | None = None
    _departed_s: float | None = None
    _airborne_s: float | None = None
    silent_s: float | None = None
    _dark: bool = False

    # --- intents; `why_not` tells whether they make sense now --------------------------------------------------------

    def start(self, now_s: float) -> Outputs:
        self.drive = Drive.PROGRAMME
        self.ready_by_s = now_s + self.params.ready_timeout_s
        return self._begin_upload() if self.phase is DronePhase.READY else []

    def begin_upload(self) -> Outputs:
        self.launches = Attempts()
        return self._begin_upload()

    def want_launch(self) -> Outputs:
        self.launch_wanted, self.grounded = True, False
        return []

    def launch(self, now_s: float) -> Outputs:
        """The launch itself, when mission control finds the way free."""
        self.phase, self.note = DronePhase.LAUNCHING, ""
        self.launches = Attempts(self.launches.made + 1, now_s + self.params.launch_timeout_s)
        return [do.LaunchDrone(self.drone)]

    def call_back(self, now_s: float) -> Outputs:
        """Home, and on with the next sortie from there."""
        drive = self.drive
        called = self.recall(now_s)
        self.drive = drive
        return called

    def change_plan(self, plan: Plan, now_s: float) -> Outputs:
        """Further sorties as this plan says; what has begun is flown to its end."""
        before = self.progress.sortie
        self.plan = plan
        begun = self.progress.index + self.under_way
        version = version_in(plan, self.drone, self.progress.sortie) if self.airborne else None
        known = {sortie.id for sortie in (*self.progress.sorties[:begun], *([version] if version else []))}
        coming = [sortie for sortie in plan.sorties_of(self.drone) if sortie.id not in known]
        kept_lanes = self.progress.kept_lanes(version) if version is not None else 0
        self.progress.change(begun, coming if self.drive is not Drive.OVER else [], version)
        if version is not None:
            return self.change_mission(version, kept_lanes)
        if self.phase is DronePhase.DONE and self.final is None and self.progress.sortie is not None:
            self.phase, self._swapped_s = DronePhase.BATTERY_SWAP, now_s + self.progress.swap_s
        elif self.phase in (DronePhase.UPLOADED, DronePhase.UPLOADING) and self.progress.sortie is not before:
            return self._begin_upload()
        return []

    def change_mission(self, version: Sortie, kept_lanes: int) -> Outputs:
        self.changing, self.kept_lanes, self.note = version.id, kept_lanes, "its mission is being changed in the air"
        return [do.ChangeMission(self.drone, version, kept_lanes)]

    def recall(self, now_s: float, *, where_it_is: bool = False, retrace: bool = False) -> Outputs:
        """Home when mission control gives it its turn, or down where it is; what it has not flown by then stays unflown."""
        self.drive, self._lands_where_it_is, self._retraces = Drive.OVER, where_it_is, retrace
        if self.comes_as_called and not where_it_is:
            return []
        if not self.airborne and self.phase is not DronePhase.LAUNCHING:
            self._done()
            return []
        self.awaits_turn, self.note = self.airborne and not where_it_is, ""
        self.progress.break_off(self.state.position)
        self.phase = DronePhase.RETURNING
        return [] if self.awaits_turn else self.ask_home(now_s)

    @property
    def comes_as_called(self) -> bool:
        """It was called home before, and has said that it is on its way."""
        return self.phase is DronePhase.RETURNING and self._homing.made > 0 and self._homing.next_s is None

    def wait_for(self, other: str) -> Outputs:
        """Hold in the air until `other` has landed."""
        first, self.note = not self.note, f"waits until {other} has landed"
        return [do.PauseDrone(self.drone)] if first else []

    def call_off(self) -> None:
        """Nothing new: a drone in the air finishes as it is, one on the ground stays there."""
        self.drive = Drive.OVER
        if not self.airborne and self.phase not in (DronePhase.LAUNCHING, DronePhase.HELD):
            self._done()

    def pause(self) -> Outputs:
        if not self.airborne:
            self.grounded = True
            return []
        self.phase = DronePhase.PAUSED
        return [do.PauseDrone(self.drone)]

    def go_to(self, place: LatLon | None, height_m: float | None) -> Outputs:
        self.phase, self.note = DronePhase.PAUSED, "sent elsewhere: continue takes its sortie up again"
        return [do.SendTo(self.drone, place, height_m)]

    def resume(self) -> Outputs:
        self.grounded = False
        if self.phase is not DronePhase.PAUSED:
            return []
        self.phase, self.note = DronePhase.FLYING, ""
        return [do.ResumeDrone(self.drone)]

    def hand_back(self, now_s: float) -> Outputs:
        """Ours again: in the air it waits for Continue or Recall, on the ground its programme goes on."""
        self.automatic, self.note = True, "handed back"
        taken: Outputs = [do.HandBackDrone(self.drone)]
        if self.airborne:
            self.phase = DronePhase.PAUSED
            return taken
        return taken + self._next_sortie(now_s)

    # --- events ------------------------------------------------------------------------------------------------------

    def handle(self, event: e.FleetEvent, now_s: float) -> Outputs:
        match event:
            case e.Connected() if self.phase is DronePhase.OFFLINE:
                self.phase = DronePhase.CONNECTED
            case e.Ready() if self.phase in BEFORE_READY:
                return self._ready()
            case e.Uploaded():
                return self._uploaded(event, now_s)
            case e.CommandEnded():
                return self._command_ended(event, now_s)
            case e.Airborne():
                return self._took_off(event.at_s)
            case e.LaneStarted(lane=lane):
                self.progress.lane_started(lane, self._patrol_s(event.at_s))
            case e.LaneFinished(lane=lane):
                self.progress.lane_finished(lane, self._patrol_s(event.at_s))
            case e.Returning():
                # Whoever recollects a flight has not asked: what was called is known by the drone's own word.
                asked = max(self._homing.made, int(self.drive is Drive.OVER))
                self._homing, self.awaits_turn = Attempts(asked), False
                self.progress.break_off(self.state.position)
                if self.phase is DronePhase.FLYING:
                    self.phase = DronePhase.RETURNING
            case e.Landed():
                self._flying = False
            case e.Disarmed():
                return self._disarmed(now_s)
            case e.ModeChanged(ours=False, name=name):
                return self._taken_by_somebody_else("foreign_mode", f"mode {name} was not ours", now_s)
            case e.SticksMoved(sticks=sticks):
                return self._taken_by_somebody_else("foreign_sticks", f"somebody moves {sticks}", now_s)
            case e.LinkLost() | e.LinkRestored():
                return self._link_changed(event, now_s)
            case e.SessionCrashed(text=text):
                return self.hold(now_s, "crash", f"our own session failed: {text}")
        return []

    def _ready(self) -> Outputs:
        self.phase = DronePhase.READY
        return self._begin_upload() if self.drive is Drive.PROGRAMME else []

    def _begin_upload(self) -> Outputs:
        self._uploads = Attempts()
        return self._ask_upload()

    def _ask_upload(self) -> Outputs:
        if self.progress.sortie is None:
            self._done()
            return []
        self.phase, self.upload, self.note = DronePhase.UPLOADING, None, ""
        self._uploads = Attempts(self._uploads.made + 1)
        return [do.UploadSortie(self.drone, self.progress.sortie)]

    def _uploaded(self, event: e.Uploaded, now_s: float) -> Outputs:
        if self.phase is not DronePhase.UPLOADING or self.progress.sortie is None or event.sortie != self.progress.sortie.id:
            return []
        self.upload = event.outcome
        if event.outcome is e.UploadOutcome.VERIFIED:
            self.phase = DronePhase.UPLOADED
            return []
        if self._uploads.made < self.params.upload_attempts:
            self._uploads.try_again_at(now_s + self.params.upload_retry_s)
            self.note = f"upload {event.outcome}, trying again: {event.reason}"
            return []
        return self.hold(
            now_s, "upload", f"stays on the ground: its mission could not be verified on board ({event.reason or event.outcome})"
        )

    def _command_ended(self, event: e.CommandEnded, now_s: float) -> Outputs:
        if event.command == MavCmd.MISSION_START and self.phase is DronePhase.LAUNCHING:
            if event.accepted is False:
                return self._launch_failed(event.reason or "refused", now_s)
            self.launches.try_again_at(now_s + self.progress.planned_climb_s * self.params.overdue_factor + self.params.airborne_slack_s)
            if event.accepted:
                self._departs(event.at_s)
            return []
        if event.command in _BY_HAND and not event.accepted:
            return self._not_obeyed(event, now_s)
        if event.command in _HOMING_COMMANDS and not event.accepted and self.airborne and self.phase is DronePhase.RETURNING:
            self._homing.try_again_at(now_s + self.params.upload_retry_s)
            return [
                self.alert(now_s, e.AlertLevel.CRITICAL, "recall", f"did not take the order to come down: {event.reason or 'no answer'}")
            ]
        return []

    def _not_obeyed(self, event: e.CommandEnded, now_s: float) -> Outputs:
        """It goes on as it was."""
        if event.command == MavCmd.DO_REPOSITION and self.phase is DronePhase.PAUSED and event.accepted is False:
            self.phase, self.note = DronePhase.FLYING, ""
        name = MavCmd(event.command).name
        return [self.alert(now_s, e.AlertLevel.WARNING, "order", f"did not take the order {name}: {event.reason or 'no answer'}")]

    def _launch_failed(self, reason: str, now_s: float) -> Outputs:
        if self.drive is Drive.OVER:
            self._done()
            return []
        if self.launches.made < self.params.launch_attempts:
            self.phase, self.note = DronePhase.UPLOADED, f"launch failed, trying again: {reason}"
            self.launches.try_again_at(now_s + self.params.upload_retry_s)
            return []
        return self.hold(now_s, "launch", f"stays on the ground: it would not take off ({reason})")

    def _launch_hangs(self, now_s: float) -> Outputs:
        """Nobody knows what it is up to, so it is not launched again but disarmed (or called home, should it be up by then)."""
        held = self.hold(now_s, "launch", "did not get into the air after it was launched: stopped")
        return [*held, do.RecallDrone(self.drone)]

    def _took_off(self, at_s: float) -> Outputs:
        self._flying, self._airborne_s, self.launch_wanted = True, at_s, False
        self._departs(at_s)
        if self.phase is DronePhase.LAUNCHING:
            self.phase = DronePhase.FLYING
            return []
        if self.phase is DronePhase.RETURNING:
            return self.ask_home(at_s)
        return self.hold(at_s, "foreign_launch", "took off without having been launched by us")

    def _departs(self, at_s: float) -> None:
        """The take-off begins, as in the plan; the earliest word of it counts."""
        if self._departed_s is None:
            self._departed_s = at_s
            self.progress.took_off(self._patrol_s(at_s))

    def _disarmed(self, now_s: float) -> Outputs:
        flew = self._airborne_s is not None
        self._flying, self._departed_s, self._airborne_s = False, None, None
        self.state = replace(self.state, armed=False)
        if not flew:
            return self._disarmed_on_the_ground(now_s)
        sortie = self.progress.sortie
        self.changing, self._homing = "", Attempts()
        self.progress.landed()
        bases = {sortie.start_base, sortie.end_base} if sortie else {self.plan.drone(self.drone).base}
        if not any(self._is_at(base) for base in bases):
            self.final, self.phase = FinalState.LANDED_AWAY, DronePhase.DONE
            return [self.alert(now_s, e.AlertLevel.CRITICAL, "landed_away", f"landed away from its base ({place_text(self.state)})")]
        if not self.automatic:
            return []
        return self._next_sortie(now_s)

    def _disarmed_on_the_ground(self, now_s: float) -> Outputs:
        if self.phase is DronePhase.LAUNCHING:
            return self._launch_failed("it disarmed before taking off", now_s)
        if self.phase is DronePhase.RETURNING:
            self._done()
        return []

    def _next_sortie(self, now_s: float) -> Outputs:
        sortie = self.progress.sortie
        if self.drive is Drive.OVER or sortie is None:
            self._done()
            return []
        if not self._is_at(sortie.start_base):
            self._done()
            return [self.alert(now_s, e.AlertLevel.WARNING, "base", f"its next sortie starts at {sortie.start_base}, where it is not")]
        self.phase, self.upload, self.launches = DronePhase.BATTERY_SWAP, None, Attempts()
        self._swapped_s = now_s + self.progress.swap_s
        return []

    def _taken_by_somebody_else(self, rule: str, what: str, now_s: float) -> Outputs:
        if self.phase in (*BEFORE_READY, DronePhase.DONE):
            return []
        self.automatic = False
        return self.hold(now_s, rule, f"{what}: it is left alone until handed back")

    def _link_changed(self, event: e.LinkLost | e.LinkRestored, now_s: float) -> Outputs:
        if isinstance(event, e.LinkLost):
            self.silent_s = now_s - event.silent_s
            return [self._silence_alert(event.silent_s, now_s)]
        self.silent_s = None
        if self.final is FinalState.LOST:
            self.final, self.phase, self.note = None, DronePhase.FLYING, "heard again"
        if self._dark:
            self._dark = False
            return self._next_sortie(now_s)
        return self.ask_home(now_s) if self.airborne and self.drive is Drive.OVER and self.automatic else []

    # --- time --------------------------------------------------------------------------------------------------------

    def tick(self, now_s: float) -> Outputs:
        may_be_silent = self.settled or self.phase is DronePhase.BATTERY_SWAP
        if self.silent_s is not None and now_s - self.silent_s > self.params.lost_after_s and not may_be_silent:
            return self._long_silent(now_s)
        match self.phase:
            case DronePhase.OFFLINE | DronePhase.CONNECTED if self.ready_by_s is not None and now_s > self.ready_by_s:
                return self.hold(now_s, "not_ready", f"stays on the ground: not ready within {self.params.ready_timeout_s:.0f} s")
            case DronePhase.UPLOADING if self._uploads.due(now_s):
                return self._ask_upload()
            case DronePhase.LAUNCHING if self.launches.due(now_s):
                return self._launch_hangs(now_s)
            case DronePhase.BATTERY_SWAP if self._swapped_s is not None and now_s >= self._swapped_s:
                return [do.BatterySwapped(self.drone), *self._ready()]
            case DronePhase.FLYING if self._overdue(now_s):
                alert = self.alert(now_s, e.AlertLevel.WARNING, "overdue", "is in the air for far longer than planned: called home")
                return [alert, *self.recall(now_s)]
            case DronePhase.RETURNING if self._homing.due(now_s) and not self.awaits_turn:
                return self.ask_home(now_s) if self.airborne or self.state.armed else self._disarmed(now_s)
        return []

    def _silence_alert(self, silent_s: float, now_s: float) -> e.Alert:
        level, text = silence(self.phase, silent_s, airborne=self.airborne)
        return self.alert(now_s, level, "link", text)

    def _long_silent(self, now_s: float) -> Outputs:
        if not self.airborne:
            self._dark = True
            return self.hold(now_s, "link", "cannot be reached on the ground")
        sortie = self.progress.sortie
        down_s = sortie.end_s + self.progress.delay_s + self.params.lost_after_s if sortie else 0.0
        if self._patrol_s(now_s) < down_s:
            return []
        self.final, self.phase = FinalState.LOST, DronePhase.DONE
        self.progress.break_off(None)
        text = f"should be down by now and was not heard of again; last seen {place_text(self.state)}"
        return [self.alert(now_s, e.AlertLevel.CRITICAL, "lost", text)]

    def _overdue(self, now_s: float) -> bool:
        if self._airborne_s is None or self.clock.paused:
            return False
        return now_s - self._airborne_s > self.progress.planned_s * self.params.overdue_factor + self.params.overdue_slack_s

    # --- parts -------------------------------------------------------------------------------------------------------

    def ask_home(self, now_s: float) -> Outputs:
        """Send it home, or down, now."""
        if self.awaits_turn:
            self.awaits_turn, self.note = False, ""
        self._homing.made += 1
        self._homing.try_again_at(now_s + self.params.recall_repeat_s)
        return [do.LandDrone(self.drone) if self._lands_where_it_is else do.RecallDrone(self.drone, retrace=self._retraces)]

    def hold(self, now_s: float, rule: str, text: str) -> Outputs:
        """Automation stops for it."""
        self.phase, self.note, self.launch_wanted = DronePhase.HELD, text, False
        return [self.alert(now_s, e.AlertLevel.CRITICAL if self.airborne else e.AlertLevel.WARNING, rule, text)]

    def _done(self) -> None:
        self.phase, self.launch_wanted = DronePhase.DONE, False

    def alert(self, now_s: float, level: e.AlertLevel, rule: str, text: str) -> e.Alert:
        return e.Alert(drone=self.drone, at_s=now_s, level=level, rule=rule, text=text)

    def _is_at(self, base: str) -> bool:
        return stands_at(self.state, self.plan.base(base).location, within_m=self.params.home_radius_m)

    def _patrol_s(self, at_s: float) -> float:
        return self.clock.patrol_s(at_s) or 0.0
