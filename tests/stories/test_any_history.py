"""Whatever people, the team and time do in whatever order, the books add up after every single step."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.parts import both
from tests.world import TEAM, World
from waitlist import db
from waitlist.models.condition import main_line
from waitlist.models.entry import Entry, State
from waitlist.models.hold import Hold
from waitlist.models.invite import Admission, AdmissionState, Invite, InviteSource, Redemption
from waitlist.models.launch import Launch, SeatCount
from waitlist.models.message import Message
from waitlist.models.rank import by_window, place_of, total_of
from waitlist.models.referral import Credit
from waitlist.models.wave import Wave, WaveMember, WaveState
from waitlist.services import (
    confirming,
    declining,
    holding,
    inviting,
    joining,
    lapsing,
    leaving,
    moving,
    ranking,
    redeeming,
    releasing,
    removing,
    seating,
    spacing,
    steering,
)
from waitlist.services.gathering import Audience

pytestmark = both

# What a door answers with a page of its own. Anything else is a fault of the house, and fails the test.
REFUSALS = (
    joining.NotOpen,
    joining.NotEligible,
    confirming.LinkExpired,
    releasing.NobodyFits,
    seating.LaunchFull,
    inviting.NoInvitesLeft,
    inviting.NotOpenAnyMore,
    inviting.AlreadyIn,
    inviting.AlreadyInvited,
    inviting.CannotBeInvited,
    inviting.TooManyToday,
    redeeming.AlreadyMember,
    redeeming.InviteExpired,
    redeeming.InviteSpent,
    redeeming.InviteRevoked,
    redeeming.Paused,
    redeeming.WrongPerson,
    declining.NotBound,
    leaving.NotInLine,
    leaving.NotLeft,
    leaving.TooLate,
    holding.NobodyToHold,
    holding.NotHeld,
    removing.AlreadyRemoved,
    removing.NotRemoved,
    moving.NotInLine,
    spacing.NoRoom,
    steering.WrongState,
)
PEOPLE = [f"{name}@college.edu" for name in ("ada", "bo", "cy", "di", "ed", "fi", "fi+two")]
numbers = st.integers(0, 11)
people = st.sampled_from(PEOPLE)


class History(RuleBasedStateMachine):
    """One launch; every rule is one door's work, refused or done."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.attempts: list[joining.Asked] = []

    @initialize(
        seats=st.sampled_from([None, 1, 3]),
        cap=st.sampled_from([None, 1, 10]),
        policy=st.sampled_from(["keep", "end", "leave"]),
    )
    def open(self, seats: int | None, cap: int | None, policy: str) -> None:
        slug = f"campus-{len(self.world.rows(Launch))}"
        self.launch = self.world.launch(slug, seats=seats, points_cap=cap, lapse_policy=policy, allowance=2)

    @rule(email=people, by=numbers, linked=st.booleans())
    def join(self, email: str, by: int, linked: bool) -> None:
        friend = self._one(Entry, by) if linked else None
        self._door(lambda: self.attempts.append(self.world.join(self.launch, email, by=friend)))

    @rule(n=numbers)
    def confirm(self, n: int) -> None:
        if self.attempts:
            self._door(lambda: self.world.confirm(self.launch, self.attempts[-1 - n % len(self.attempts)]))

    @rule(n=st.integers(1, 3), lapsed=st.booleans())
    def release(self, n: int, lapsed: bool) -> None:
        audience = Audience("first", n=n, include_lapsed=lapsed)
        policy = self.launch.lapse_policy
        plan = self.world.plan_wave
        self._door(lambda: self.world.deliver(self.launch, plan(self.launch, audience=audience, lapse_policy=policy)))

    @rule(n=st.integers(1, 3))
    def plan(self, n: int) -> None:
        self._door(lambda: self.world.plan_wave(self.launch, n))

    @rule(n=numbers)
    def undo_wave(self, n: int) -> None:
        self._verb(Wave, n, lambda tx, wave: steering.undo(tx, self.launch, wave.id, actor=TEAM, now=self.world.now))

    @rule(n=numbers)
    def deliver_wave(self, n: int) -> None:
        wave = self._one(Wave, n)
        if wave is not None:
            self._door(lambda: self.world.deliver(self.launch, wave))

    @rule(uses=st.integers(1, 2))
    def make_link(self, uses: int) -> None:
        self._door(lambda: self.world.issue(self.launch, uses=uses))

    @rule(email=people)
    def invite(self, email: str) -> None:
        self._door(lambda: self.world.invited(self.launch, email))

    @rule(n=numbers, email=people, bound=st.booleans(), uses=st.integers(1, 2))
    def give(self, n: int, email: str, bound: bool, uses: int) -> None:
        """A member gives an invite, to one friend or as a link."""
        giver = self._one(Entry, n, Entry.state == State.JOINED)
        if giver is None:
            return
        order: dict[str, Any] = {"source": InviteSource.MEMBER, "inviter_id": giver.id}
        if bound:
            self._door(lambda: self.world.invited(self.launch, email, **order))
        else:
            self._door(lambda: self.world.issue(self.launch, uses=uses, **order))

    @rule(n=numbers, email=people)
    def redeem(self, n: int, email: str) -> None:
        invite = self._one(Invite, n)
        if invite is not None:
            self._door(lambda: self.world.redeem(self.launch, invite, email))

    @rule(n=numbers)
    def accept(self, n: int) -> None:
        invite = self._one(Invite, n, Invite.email.is_not(None))
        if invite is not None:
            self._door(lambda: self.world.redeem(self.launch, invite, str(invite.email)))

    @rule(n=numbers)
    def revoke(self, n: int) -> None:
        self._verb(Invite, n, lambda tx, it: inviting.revoke(tx, self.launch, it, actor=TEAM, now=self.world.now))

    @rule(n=numbers)
    def resend(self, n: int) -> None:
        keys = self.world.keys
        self._verb(
            Invite, n, lambda tx, it: inviting.resend(tx, self.launch, it, keys=keys, actor=TEAM, now=self.world.now)
        )

    @rule(n=numbers)
    def decline(self, n: int) -> None:
        self._verb(Invite, n, lambda tx, it: declining.decline(tx, self.launch, it, actor=TEAM, now=self.world.now))

    @rule(n=numbers)
    def leave(self, n: int) -> None:
        self._verb(Entry, n, lambda tx, it: leaving.leave(tx, self.launch, it.id, actor=TEAM, now=self.world.now))

    @rule(n=numbers)
    def undo_leaving(self, n: int) -> None:
        self._verb(Entry, n, lambda tx, it: leaving.undo(tx, self.launch, it.id, actor=TEAM, now=self.world.now))

    @rule(n=numbers, subtree=st.booleans())
    def hold(self, n: int, subtree: bool) -> None:
        words: dict[str, Any] = {"reason": "look", "subtree": subtree, "actor": TEAM, "now": self.world.now}
        self._verb(Entry, n, lambda tx, it: holding.hold(tx, self.launch, it.id, **words))

    @rule(n=numbers)
    def let_go(self, n: int) -> None:
        self._verb(
            Hold, n, lambda tx, it: holding.release(tx, self.launch, it.public_id, actor=TEAM, now=self.world.now)
        )

    @rule(n=numbers, abuse=st.booleans())
    def remove(self, n: int, abuse: bool) -> None:
        words: dict[str, Any] = {"reason": "look", "abuse": abuse, "actor": TEAM, "now": self.world.now}
        self._verb(Entry, n, lambda tx, it: removing.remove(tx, self.launch, it.id, **words))

    @rule(n=numbers)
    def restore(self, n: int) -> None:
        words: dict[str, Any] = {"reason": "a mistake", "actor": TEAM, "now": self.world.now}
        self._verb(Entry, n, lambda tx, it: removing.restore(tx, self.launch, it.id, **words))

    @rule(n=numbers, to=st.integers(1, 4))
    def move(self, n: int, to: int) -> None:
        words: dict[str, Any] = {"to": to, "reason": "a guest", "actor": TEAM, "now": self.world.now}
        self._verb(Entry, n, lambda tx, it: moving.move(tx, self.launch, it.id, **words))

    @rule(days=st.integers(1, 8))
    def time_passes(self, days: int) -> None:
        self.world.later(days=days)
        while self._lapse():
            pass

    @rule()
    def fold(self) -> None:
        with self.world.writing() as tx:
            ranking.fold(tx, main_line(tx, self.launch.id))

    # --- what is so after every step

    @invariant()
    def the_books_add_up(self) -> None:
        if not hasattr(self, "launch"):
            return
        with self.world.reading() as rx:
            seats_are_held_by_somebody(rx, self.launch)
            uses_are_redemptions(rx, self.launch)
            offers_and_states_agree(rx, self.launch)
            points_are_credits(rx, self.launch)
            places_are_exact(rx, self.launch)
            allowances_are_whole(rx, self.launch)
            nobody_is_invited_or_mailed_twice(rx, self.launch)

    def teardown(self) -> None:
        if hasattr(self, "launch"):
            with self.world.writing() as tx:
                assert ranking.recount(tx, main_line(tx, self.launch.id)) == 0

    def _door(self, work: Callable[[], object]) -> None:
        with contextlib.suppress(*REFUSALS):
            work()

    def _verb(self, noun: Any, n: int, verb: Callable[[db.Tx, Any], object]) -> None:
        found = self._one(noun, n)
        if found is None:
            return

        def work() -> None:
            with self.world.writing() as tx:
                verb(tx, found)

        self._door(work)

    def _one(self, noun: Any, n: int, *where: Any) -> Any:
        found = self.world.rows(noun, noun.launch_id == self.launch.id, *where)
        return found[n % len(found)] if found else None

    def _lapse(self) -> int:
        with self.world.writing() as tx:
            return lapsing.lapse_due(tx, self.world.now, 10)


def seats_are_held_by_somebody(rx: db.Tx, launch: Launch) -> None:
    """Counted seats = people inside + open invites that hold one + people of waves that have not gone out yet."""
    row = rx.execute(sa.select(SeatCount.seats, SeatCount.counted).where(SeatCount.launch_id == launch.id)).one()
    inside = _count(rx, Admission, Admission.launch_id == launch.id, Admission.state == AdmissionState.ACTIVE)
    open_ = (Invite.holds_seat, Invite.ended_at.is_(None), Invite.uses < Invite.max_uses)
    invited = _count(rx, Invite, Invite.launch_id == launch.id, *open_)
    of_launch = WaveMember.wave_id.in_(sa.select(Wave.id).where(Wave.launch_id == launch.id))
    planned = _count(rx, WaveMember, of_launch, WaveMember.outcome == "planned")
    assert row.counted == inside + invited + planned
    assert row.seats is None or row.counted <= row.seats


def uses_are_redemptions(rx: db.Tx, launch: Launch) -> None:
    redeemed = Counter(rx.scalars(sa.select(Redemption.invite_id).where(Redemption.launch_id == launch.id)))
    for invite in db.some(rx, sa.select(Invite).where(Invite.launch_id == launch.id)):
        assert redeemed[invite.id] == invite.uses <= invite.max_uses


def offers_and_states_agree(rx: db.Tx, launch: Launch) -> None:
    """Who is invited has an open offer and who is inside an active admission; and nobody else has."""
    admissions = db.some(rx, sa.select(Admission).where(Admission.launch_id == launch.id))
    state = {admission.entry_id: admission.state for admission in admissions}
    expected = {State.INVITED: AdmissionState.OFFERED, State.JOINED: AdmissionState.ACTIVE}
    for entry in db.some(rx, sa.select(Entry).where(Entry.launch_id == launch.id)):
        holds = state.get(entry.id)
        open_ = holds if holds in (AdmissionState.OFFERED, AdmissionState.ACTIVE) else None
        assert open_ == expected.get(State(entry.state)), f"{entry.email} is {entry.state} with {holds}"


def points_are_credits(rx: db.Tx, launch: Launch) -> None:
    """The score is what counted friends gave, each mailbox once, as many as the cap allows."""
    counted = (Credit.launch_id == launch.id, Credit.state == "counted", Credit.folded)
    points: Counter[int] = Counter()
    for credit in db.some(rx, sa.select(Credit).where(*counted)):
        points[credit.referrer_id] += credit.points
    for entry in db.some(rx, sa.select(Entry).where(Entry.launch_id == launch.id)):
        assert entry.score == points[entry.id], f"{entry.email} has {entry.score} points of {points[entry.id]}"
        assert launch.points_cap is None or entry.friends <= launch.points_cap


def places_are_exact(rx: db.Tx, launch: Launch) -> None:
    line_id = main_line(rx, launch.id)
    true = {row[0]: row[1] for row in rx.execute(by_window(line_id))}
    assert sorted(true.values()) == list(range(1, len(true) + 1))
    assert total_of(rx, line_id) == len(true)
    for entry_id, place in true.items():
        assert place_of(rx, entry_id) == place


def allowances_are_whole(rx: db.Tx, launch: Launch) -> None:
    """What a member may still give, has out, and saw used is what they were given."""
    given = (Invite.launch_id == launch.id, Invite.source == InviteSource.MEMBER)
    out: Counter[int | None] = Counter()
    for invite in db.some(rx, sa.select(Invite).where(*given)):
        out[invite.inviter_id] += invite.uses if invite.ended_at is not None else invite.max_uses
    for entry in db.some(rx, sa.select(Entry).where(Entry.launch_id == launch.id)):
        assert entry.allowance_left + out[entry.id] == entry.allowance_given


def nobody_is_invited_or_mailed_twice(rx: db.Tx, launch: Launch) -> None:
    mailed = Counter(
        rx.scalars(sa.select(Message.invite_id).where(Message.launch_id == launch.id, Message.kind == "invite"))
    )
    for invite in db.some(rx, sa.select(Invite).where(Invite.launch_id == launch.id, Invite.wave_id.is_not(None))):
        assert mailed[invite.id] == invite.version
    open_ = (Invite.launch_id == launch.id, Invite.ended_at.is_(None), Invite.entry_id.is_not(None))
    bound = Counter(rx.scalars(sa.select(Invite.entry_id).where(*open_, Invite.wave_id.is_not(None))))
    assert all(n == 1 for n in bound.values()), "two open waves' invites for one person"
    done = sa.select(Wave).where(Wave.launch_id == launch.id, Wave.state == WaveState.DONE)
    for wave in db.some(rx, done):
        assert wave.invited + wave.skipped == wave.planned


def _count(rx: db.Tx, noun: Any, *where: Any) -> int:
    return int(rx.execute(sa.select(sa.func.count()).select_from(noun).where(*where)).scalar_one())


def tell(world: World, *, examples: int, steps: int) -> None:
    how = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    )
    run_state_machine_as_test(type("HistoryHere", (History,), {"world": world}), settings=how)


def test_the_books_add_up_after_every_step_of_any_history(world: World) -> None:
    tell(world, examples=12, steps=25)


@pytest.mark.slow
def test_the_books_add_up_after_every_step_of_many_long_histories(world: World) -> None:
    tell(world, examples=150, steps=60)
