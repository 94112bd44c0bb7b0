"""Passing: which stage lets somebody in by an invite, and whether a hold means them.

Once a redeem stage with a rule of its own has started, an invite without a seat lets in only whom such a stage admits.
Whoever holds a seat already, from a wave or from the team, is asked the launch's rules alone.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

import sqlalchemy as sa

from waitlist.db import Tx, some
from waitlist.gates import parse
from waitlist.gates.answers import Admits, Applicant, Refuses
from waitlist.models.facts import brakes_on
from waitlist.models.hold import Hold
from waitlist.models.invite import Invite
from waitlist.models.launch import Launch
from waitlist.models.stage import Stage, stages
from waitlist.models.wave import Wave
from waitlist.services.joining import NotEligible


class Stopped(Exception):
    """The stage stands still, or a hold means this person; the invite stays valid."""


Known = Callable[[], Applicant]  # what is known of the person, read only where a rule asks


def stage_of(tx: Tx, launch: Launch, invite: Invite, known: Known, holds: Sequence[Hold], now: datetime) -> int | None:
    """The stage whose seat this invite takes, None for the launch itself. Raises NotEligible or Stopped."""
    brakes = brakes_on(tx, launch.id, "redeem")
    if brakes and any(not isinstance(brake.answer(known(), now), Refuses) for brake in brakes):
        raise Stopped
    if invite.wave_id is not None:
        wave_stage: int = tx.execute(sa.select(Wave.stage_id).where(Wave.id == invite.wave_id)).scalar_one()
        if _is_held(holds, wave_stage, "redeem"):
            raise Stopped
        return wave_stage
    if invite.holds_seat or invite.overrides_rules:
        return None
    return _redeem_stage(some(tx, stages(launch.id)), known, holds, now)


def _redeem_stage(plan: Sequence[Stage], known: Known, holds: Sequence[Hold], now: datetime) -> int | None:
    begun = [s for s in plan if s.mode == "redeem" and s.started_at is not None and s.started_at <= now]
    own = [stage for stage in begun if stage.tree is not None and stage.ended_at is None]
    answers = [(stage, parse(stage.tree).answer(known(), now)) for stage in own]
    admitting = [stage for stage, answer in answers if isinstance(answer, Admits)]
    running = [s for s in admitting if not (_is_held(holds, s.id, "admit") or _is_held(holds, s.id, "redeem"))]
    if running:
        return running[0].id
    if admitting:
        raise Stopped
    if answers and len(own) == len(begun):  # no stage that asks the launch's rules alone
        raise NotEligible(answers[0][1])
    return None


def _is_held(holds: Sequence[Hold], stage_id: int, effect: str) -> bool:
    return any(hold.scope == "stage" and hold.target_id == stage_id and effect in hold.effect for hold in holds)
