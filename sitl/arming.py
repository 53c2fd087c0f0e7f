"""Whether a vehicle may be armed, in ArduPilot's words and order, and what arming and disarming do."""

from __future__ import annotations

import math

from mavlink_bridge.enums import MavResult, Severity
from sitl.core import Core
from sitl.fence import Fence, fence_names
from sitl.pilot import Pilot

#: MAV_CMD_COMPONENT_ARM_DISARM's second parameter that overrules every check.
FORCE = 21196


class Arming:
    """Checks once a second while disarmed, and tells what is wrong every half minute (c01, k10b)."""

    #: Phase of the check; how often a lasting problem is told, and the least pause before a new one is told, seconds.
    _PHASE_S, _AGAIN_S, _PAUSE_S = 0.4, 30.0, 4.0
    #: A landing spot so near home counts as home.
    _STRAYED_M = 0.5

    def __init__(self, core: Core, pilot: Pilot, fence: Fence) -> None:
        self._core = core
        self._pilot = pilot
        self._fence = fence
        self._next_s = self._PHASE_S
        self._told_s = 0.0
        self._news = False
        self._armed_s = 0.0
        self.checks_pass = False
        #: A fault: arming is refused with this text.
        self.refusal: str | None = None

    def problems(self) -> list[str]:
        """Check now. What is said after "PreArm: "; empty when it may be armed as far as the vehicle can tell."""
        core, pilot = self._core, self._pilot
        problems = core.readiness.arming_problems(core.now_s, needs_position=pilot.needs_position)
        problems += [*pilot.mission_problems(), *self._fence_problems()]
        if (battery := core.battery.arming_problem()) is not None:
            problems += [battery, "Battery failsafe"] if core.alarms.battery else [battery]
        if self.refusal is not None:
            problems.append(self.refusal)
        if problems and self.checks_pass:
            self._news = True
        self.checks_pass = not problems
        return problems

    def _fence_problems(self) -> list[str]:
        if not self._fence.is_on:
            return []
        if not self._fence.types:
            return ["Fences enabled, but none selected"]
        motion = self._pilot.motion()
        broken = self._fence.breached(motion.north_m, motion.east_m, motion.up_m)
        return [f"Vehicle breaching {fence_names(broken)}"] if broken else []

    def arm(self, *, force: bool = False) -> MavResult:
        core, pilot = self._core, self._pilot
        if core.armed:
            return MavResult.ACCEPTED
        if not force:
            problems = self.problems()
            if not problems and (mode := pilot.mode_problem()) is not None:
                problems = [mode]
            if problems:
                for problem in problems:
                    core.say(Severity.CRITICAL, f"Arm: {problem}")
                return MavResult.FAILED
        self._take_home()
        core.armed = True
        self._armed_s = core.now_s
        core.announce_home()
        core.say(Severity.INFO, "Throttle armed" if core.is_plane else "Arming motors")
        pilot.armed()
        return MavResult.ACCEPTED

    def _take_home(self) -> None:
        """Where the vehicle stands when it is armed is its home, unless a station has put that elsewhere."""
        motion = self._pilot.motion()
        if math.hypot(motion.north_m, motion.east_m) > self._STRAYED_M:
            self._core.move_home(motion.north_m, motion.east_m)
            self._pilot.stand_at_home()

    def disarm(self, *, force: bool = False) -> MavResult:
        core, pilot = self._core, self._pilot
        if not core.armed:
            return MavResult.ACCEPTED
        if not pilot.is_landed and not force:
            return MavResult.FAILED
        core.armed = False
        core.say(Severity.INFO, "Throttle disarmed" if core.is_plane else "Disarming motors")
        if not pilot.is_landed:
            pilot.fall()
        pilot.disarmed()
        self.checks_pass = True
        return MavResult.ACCEPTED

    def run_checks(self) -> None:
        """RUN_PREARM_CHECKS: say all that is wrong now."""
        for problem in self.problems():
            self._core.say(Severity.CRITICAL, f"PreArm: {problem}")

    def tick(self) -> None:
        core = self._core
        if core.armed:
            self._disarm_by_itself()
            return
        if core.now_s < self._next_s - 1e-6 or not core.readiness.is_up(core.now_s):
            return
        self._next_s = core.now_s // 1.0 + 1.0 + self._PHASE_S
        silent_s = core.now_s - self._told_s
        tells = silent_s > self._AGAIN_S or (self._news and silent_s > self._PAUSE_S)
        if tells:
            self._news = False
            self._told_s = core.now_s
        for problem in self.problems():
            if tells:
                core.say(Severity.CRITICAL, f"PreArm: {problem}")

    def _disarm_by_itself(self) -> None:
        core, pilot = self._core, self._pilot
        if pilot.wants_disarm:
            self.disarm()
            return
        delay_s = core.parameters.get("DISARM_DELAY", 0.0)
        if not pilot.is_idle:
            self._armed_s = core.now_s
        elif delay_s > 0 and core.now_s - self._armed_s >= delay_s:
            self.disarm()
