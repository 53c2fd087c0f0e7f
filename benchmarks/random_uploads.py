"""Random uploads over bad radios, each from a seed: what was said of each, and what was really on board."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from itertools import count

from benchmarks.bad_radio import SYSTEM, BadRadio, Conversation, RadioParams, as_stored
from mavlink_bridge import messages as m
from mavlink_bridge.conversation import Endpoints, Failed, TransferOutput, Unknown, Verified
from mavlink_bridge.enums import MavCmd, MavFrame, MissionType
from mavlink_bridge.ftp_upload import FtpUpload
from mavlink_bridge.lossy import LossParams
from mavlink_bridge.mission_upload import MissionUpload
from sitl.item_rules import StoredItem

ENDPOINTS = Endpoints(system=SYSTEM)
_LIMIT_S = 3600.0
_AFTERMATH_S = 45.0


class Other(StrEnum):
    """What the second station does, once, at some moment."""

    NOTHING = "nothing"
    UPLOADS = "uploads"
    STRAY_ITEM = "stray item"
    CLEARS = "clears"
    READS = "reads"


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """One upload's circumstances."""

    seed: int
    kind: MissionType
    items: tuple[m.MissionItemInt, ...]
    before: tuple[m.MissionItemInt, ...]
    radio: RadioParams
    other: Other
    other_s: float
    other_items: tuple[m.MissionItemInt, ...]
    reboot_s: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What came of it. `lied`: Verified and yet different. `mixture`: on board is something that nobody sent whole.

    `overtaken`: ours was on board, and while it was read back another station put its own whole list there, in a pause of the
    radio so that nothing showed it. ArduPilot's lists have no number of their edition, so nobody can tell in that moment.
    """

    seed: int
    end: str
    reason: str
    took_s: float
    lied: bool
    overtaken: bool
    mixture: bool
    other: Other
    rebooted: bool


def scenario(seed: int) -> Scenario:
    """The same on every machine: 0-30 % loss each way, ACKs like everything else."""
    dice = random.Random(seed)
    kind = dice.choices((MissionType.MISSION, MissionType.FENCE, MissionType.RALLY), (8, 1, 1))[0]
    items = random_items(dice, kind, dice.randint(3, 30))
    return Scenario(
        seed=seed,
        kind=kind,
        items=items,
        before=_before(dice, kind, items),
        radio=RadioParams(up=_loss(dice), down=_loss(dice), delay_s=dice.choice([0.005, 0.02, 0.04, 0.15])),
        other=(other := dice.choice(list(Other))),
        other_s=dice.uniform(0, 6),
        other_items=_before(dice, kind, items) or items[:2],
        # The other station's upload is as simple as they come: a reboot would leave a mixture that is its own.
        reboot_s=dice.uniform(0, 8) if other is not Other.UPLOADS and dice.random() < 0.3 else None,
    )


def _loss(dice: random.Random) -> LossParams:
    return LossParams(
        loss=dice.uniform(0, 0.3),
        duplication=dice.choice([0.0, 0.1, 0.3]),
        reordering=dice.choice([0.0, 0.1, 0.3]),
        corruption=dice.choice([0.0, 0.02, 0.1]),
    )


def _before(dice: random.Random, kind: MissionType, items: tuple[m.MissionItemInt, ...]) -> tuple[m.MissionItemInt, ...]:
    """What was there before: nothing, something else, or (the hardest to tell) nearly the same."""
    match dice.randrange(3):
        case 0:
            return ()
        case 1:
            return random_items(dice, kind, dice.randint(3, 40))
    other = random_items(dice, kind, len(items))
    changed = dice.randrange(len(items))
    return tuple(theirs if item.seq == changed else item for item, theirs in zip(items, other, strict=True))


def random_items(dice: random.Random, kind: MissionType, number: int) -> tuple[m.MissionItemInt, ...]:
    """A valid list; fences are circles, rally points are high enough to keep."""
    return tuple(_item(dice, kind, seq, number) for seq in range(number))


def _item(dice: random.Random, kind: MissionType, seq: int, number: int) -> m.MissionItemInt:
    def item(command: int, *, frame: int = MavFrame.GLOBAL_RELATIVE_ALT_INT, param1: float = 0.0, param2: float = 0.0) -> m.MissionItemInt:
        x, y = dice.randint(474000000, 476000000), dice.randint(189000000, 191000000)
        z = round(dice.uniform(20, 120), 2)
        return m.MissionItemInt(
            target_system=0,
            target_component=0,
            seq=seq,
            frame=frame,
            command=command,
            param1=param1,
            param2=param2,
            x=x,
            y=y,
            z=z,
            mission_type=kind,
        )

    if kind is MissionType.FENCE:
        return item(MavCmd.NAV_FENCE_CIRCLE_EXCLUSION, param1=round(dice.uniform(10, 200), 1))
    if kind is MissionType.RALLY:
        return item(MavCmd.NAV_RALLY_POINT)
    if seq == 0:
        return item(MavCmd.NAV_WAYPOINT, frame=MavFrame.GLOBAL)
    if seq == 1:
        return item(MavCmd.NAV_TAKEOFF)
    if seq == number - 1:
        return item(MavCmd.NAV_LAND)
    if dice.random() < 0.15:
        return item(MavCmd.DO_CHANGE_SPEED, frame=MavFrame.MISSION, param1=1.0, param2=round(dice.uniform(3, 15), 1))
    return item(MavCmd.NAV_WAYPOINT, param1=float(dice.choice([0, 0, 0, 7])))


Upload = Callable[[Scenario], Conversation]


def classic(case: Scenario) -> Conversation:
    return MissionUpload(case.items, ENDPOINTS, mission_type=case.kind)


def by_file(case: Scenario) -> Conversation:
    upload = FtpUpload(case.items, ENDPOINTS, mission_type=case.kind, sessions=count(100))
    # Stations hear each other's heartbeats through the vehicle.
    upload.is_alone = case.other is Other.NOTHING
    return upload


def judge(seed: int, upload: Upload = classic) -> Verdict:
    """Do it and look."""
    case = scenario(seed)
    radio = BadRadio(case.radio, seed=seed)
    if case.before:
        radio.vehicle.put(case.kind, case.before)
    _arrange_other(radio, case)
    if case.reboot_s is not None:
        radio.at(case.reboot_s, radio.reboot)
    end, took_s = radio.run(upload(case), limit_s=_LIMIT_S)
    wanted = as_stored(case.items, case.kind)
    # Judged by what was on board when the vehicle gave its last answer: what happens while that is on its way nobody can know.
    at_last = radio.vehicle.board_at(case.kind, radio.heard_s)
    lied = isinstance(end, Verified) and at_last != wanted
    theirs = as_stored(case.other_items, case.kind) if case.other is Other.UPLOADS else None
    overtaken = lied and at_last == theirs and radio.vehicle.has_held(case.kind, wanted)
    radio.linger(_AFTERMATH_S)
    whole = (wanted, (), as_stored(case.before, case.kind), as_stored(case.other_items, case.kind))
    left = radio.vehicle.board(case.kind)
    # After our word is given only the other station can change what is there.
    lied = (lied and not overtaken) or (isinstance(end, Verified) and left not in (wanted, (), as_stored(case.other_items, case.kind)))
    return Verdict(
        seed=seed,
        end=type(end).__name__,
        reason=_reason(end),
        took_s=took_s,
        lied=lied or _denies_what_it_did(end, left, case),
        overtaken=overtaken,
        mixture=left not in whole,
        other=case.other,
        rebooted=case.reboot_s is not None,
    )


def _reason(end: TransferOutput | None) -> str:
    return end.reason if isinstance(end, Failed | Unknown) else ""


def _denies_what_it_did(end: TransferOutput | None, left: tuple[StoredItem, ...], case: Scenario) -> bool:
    """Whether it failed and says that nothing was changed, or that all was cleared, and neither is so."""
    theirs = as_stored(case.other_items, case.kind) if case.other is Other.UPLOADS else None
    reason = _reason(end)
    if not isinstance(end, Failed):
        return False
    if "keeps what it had" in reason:
        return left not in (as_stored(case.before, case.kind), theirs, () if case.other is Other.CLEARS else None)
    return "has been cleared" in reason and left not in ((), theirs)


def _arrange_other(radio: BadRadio, case: Scenario) -> None:
    system, component, kind = SYSTEM, 1, case.kind

    def heard(message: m.Message) -> None:
        match message:
            case m.MissionRequest(seq=seq, mission_type=case.kind) if seq < len(case.other_items):
                radio.at(radio.now_s + 0.01, partial(radio.they_say, _addressed(case.other_items[seq])))

    says: m.Message
    match case.other:
        case Other.NOTHING:
            return
        case Other.UPLOADS:
            radio.on_theirs = heard
            says = m.MissionCount(target_system=system, target_component=component, count=len(case.other_items), mission_type=kind)
        case Other.STRAY_ITEM:
            says = _addressed(case.items[min(3, len(case.items) - 1)])
        case Other.CLEARS:
            says = m.MissionClearAll(target_system=system, target_component=component, mission_type=kind)
        case Other.READS:
            says = m.MissionRequestList(target_system=system, target_component=component, mission_type=kind)
    radio.at(case.other_s, partial(radio.they_say, says))


def _addressed(item: m.MissionItemInt) -> m.MissionItemInt:
    return replace(item, target_system=SYSTEM, target_component=1)
