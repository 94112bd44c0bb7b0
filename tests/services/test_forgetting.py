"""Erasing people: nothing personal is left in any table, and nobody else notices."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import ALICE, CAROL, TEAM, World
from waitlist import addresses, db
from waitlist.actors import person
from waitlist.models.access import WebSession
from waitlist.models.entry import Entry, State
from waitlist.models.hold import Hold
from waitlist.models.invite import Admission, AdmissionState, Invite, InviteSource
from waitlist.models.launch import Launch, SeatCount
from waitlist.models.message import MailboxChoice, Message, MessageState
from waitlist.models.rank import standing_of
from waitlist.models.referral import Credit, ancestors
from waitlist.models.sweep import Deed
from waitlist.models.tag import EntryTag
from waitlist.models.upkeep import DataExport
from waitlist.models.wave import Wave
from waitlist.services import (
    appealing,
    asking,
    changing,
    choosing,
    denying,
    forgetting,
    holding,
    introducing,
    inviting,
    listing,
    moving,
    posting,
    ranking,
    releasing,
    removing,
    reviewing,
    sealing,
    seating,
    sweeping,
)
from waitlist.services.forgetting import afterwards
from waitlist.services.gathering import Audience
from waitlist.services.listing import Listed

pytestmark = both

BEN, DAN, EVE = "ben.quill@college.edu", "dan@college.edu", "eve@college.edu"
NAME = "Benedict Quill"
OLD = "benny.q@college.edu"


def erase(world: World, launch: Launch, entry: Entry, *, never_again: bool = False) -> bool:
    with world.writing() as tx:
        actor = person(entry.public_id)
        return forgetting.erase(tx, launch, entry.id, never_again=never_again, actor=actor, now=world.now)


def listed(email: str, abuse_key: str) -> dict[str, Any]:
    """One line of a pasted list, as a wave keeps it."""
    drawn = {"ticket": 1, "arm_ticket": 1}
    return {"email": email, "email_key": email, "abuse_key": abuse_key, "domain": "college.edu", **drawn}


def texts(world: World) -> Iterator[tuple[str, str]]:
    """Every text that any column of any table holds, with where it stands."""
    with world.reading() as rx:
        for table in db.Base.metadata.sorted_tables:
            for row in rx.execute(sa.select(table)).mappings():
                for column, value in row.items():
                    yield f"{table.name}.{column}", str(value)


def found(world: World, *words: str) -> set[str]:
    return {place for place, text in texts(world) if any(word.lower() in text.lower() for word in words)}


def differences(world: World, launch: Launch) -> int:
    with world.writing() as tx:
        line_id = world.entry(CAROL, launch).line_id
        return ranking.recount(tx, line_id) + seating.difference(tx, launch.id)


def a_full_life(world: World, campus: Launch) -> Entry:
    """Ben leaves a trace wherever a person can: brought by Carol, bringing Dan, renamed, re-addressed, listed, told."""
    carol = world.waiting(campus, CAROL)
    touch = {"utm_source": BEN, "referrer": "https://example.org"}
    ben = world.waiting(campus, OLD, by=carol, name=NAME, first_touch=touch)
    world.waiting(campus, DAN, by=ben)
    tagged = {"tagged_at": world.now, "tagged_by": "admin:1"}
    with world.writing() as tx:
        application = world.application(campus, BEN)
        asked = changing.ask(tx, campus, ben.id, application, actor=TEAM, now=world.now)
        changing.confirm(tx, campus, asked.attempt_id, application, keys=world.keys, actor=TEAM, now=world.now)
        introducing.introduce(tx, campus, ben.id, name=NAME, shown=True, actor=TEAM, now=world.now)
        hashed = world.runtime.abuse_key(addresses.canon(BEN))
        listing.add(tx, campus, "vips", [Listed(hashed, BEN, BEN, {"name": NAME})], actor=TEAM, now=world.now)
        reason = f"{BEN} is {NAME}"
        denied = {"kind": "address", "value": hashed, "shown": BEN, "reason": reason, "until": None}
        row = denying.deny(tx, campus, **denied, actor=TEAM, now=world.now)  # type: ignore[arg-type]
        denying.allow(tx, campus, row or 0, reason=reason, actor=TEAM, now=world.now)
        tx.execute(sa.insert(EntryTag).values(entry_id=ben.id, tag=f"like {NAME}", launch_id=campus.id, **tagged))
        words, params = f"Search “{BEN}”", {"tag": f"is {NAME}"}
        swept = sweeping.draft(tx, campus, [ben.id], Deed.TAG, words=words, actor=TEAM, now=world.now)
        sweeping.confirm(tx, campus, swept, reason=f"{NAME.upper()} asked", params=params, actor=TEAM, now=world.now)
        moving.move(tx, campus, ben.id, to=1, reason=reason, actor=TEAM, now=world.now)
        holding.hold(tx, campus, ben.id, reason=reason, actor=TEAM, now=world.now)
        freed = sweeping.draft(tx, campus, [ben.id], Deed.RELEASE, actor=TEAM, now=world.now)
        sweeping.confirm(tx, campus, freed, reason=reason, params={}, actor=TEAM, now=world.now)
        appealing.to_team(tx, campus, application, f"{NAME} teaches here", keys=world.keys, now=world.now)
        posting.choice_for(tx, campus.id, BEN, BEN, world.now)
        choosing.bounce(tx, None, BEN, BEN, now=world.now)
        tx.execute(sa.update(Entry).where(Entry.id == ben.id).values(note=reason, external_id=BEN, vip=True))
        tx.execute(sa.update(Message).where(Message.to_key == BEN).values(last_error=f"550 <{BEN}> unknown"))
        session = {"id_hash": "h", "data": {}, "entry_id": ben.id, "user_agent": NAME, "expires_at": world.now}
        tx.execute(sa.insert(WebSession).values(created_at=world.now, seen_at=world.now, **session))
        export = {"public_id": "exp_1", "launch_id": campus.id, "entry_id": ben.id, "sealed": NAME.encode()}
        tx.execute(sa.insert(DataExport).values(asked_at=world.now, expires_at=world.now, **export))
    wave = world.release(campus, audience=Audience("listed", listed=(listed(BEN, "x"), listed(EVE, "y"))))
    with world.writing() as tx:
        tx.execute(sa.update(Wave).where(Wave.id == wave.id).values(name=f"For {NAME}"))
    return world.entry(BEN, campus)


def test_after_an_erasure_no_column_of_any_table_holds_the_person(world: World) -> None:
    campus = world.launch(points=5)
    ben = a_full_life(world, campus)
    hashes = [world.runtime.abuse_key(addresses.canon(email)) for email in (BEN, OLD)]
    words = (BEN, OLD, "quill", "benedict", *hashes)
    before = found(world, *words)
    assert len(before) > 20, "the story leaves traces to remove"
    assert {"sweep.reason", "sweep.params", "sweep.words", "sweep_member.kept", "wave.name", "invite.appeal"} <= before
    assert erase(world, campus, ben)
    # the last mail waits with its address, and Carol's credit remembers the hash for 90 days: nothing else does
    assert found(world, *words) == {"message.to_address", "message.to_key", "credit.abuse_key"}
    with world.writing() as tx:
        tx.execute(
            sa.update(Message).where(Message.kind == "erased").values(state=MessageState.SENT, state_at=world.now)
        )
        assert afterwards.last_mails(tx, world.now, 10) == 1
        assert afterwards.last_mails(tx, world.now, 10) == 0
        assert afterwards.hashes(tx, world.now + timedelta(days=89), 10) == 0
        assert afterwards.hashes(tx, world.now + timedelta(days=90), 10) == 1
        assert afterwards.hashes(tx, world.now + timedelta(days=90), 10) == 0
    assert found(world, *words) == set()


def test_a_short_name_is_taken_out_of_the_teams_words_and_out_of_no_other_word(world: World) -> None:
    campus = world.launch()
    al = world.waiting(campus, BEN, name="Al")
    with world.writing() as tx:
        held = holding.hold(tx, campus, al.id, reason="al. is also Alan's, says AL", actor=TEAM, now=world.now)
    erase(world, campus, al)
    (hold,) = world.rows(Hold, Hold.public_id == held)
    assert hold.reason == "(erased). is also Alan's, says (erased)"


def test_everybody_else_keeps_points_place_and_chain_and_the_log_still_verifies(world: World) -> None:
    campus = world.launch(points=5)
    ben = a_full_life(world, campus)
    carol, dan = world.entry(CAROL), world.entry(DAN)
    with world.writing() as tx:
        sealing.seal(tx, world.now, 1_000)
        before = sealing.verify(tx)
    erase(world, campus, ben)
    with world.writing() as tx:
        after = sealing.verify(tx)
        assert (after.position, after.digest, after.broken_at) == (before.position, before.digest, None)
        assert [row[0] for row in tx.execute(ancestors(dan.id, 9))] == [ben.id, carol.id]
        assert standing_of(tx, carol.id) is not None
    for was in (carol, dan):
        now = world.entry(was.email)
        assert (now.score, now.friends, now.rank_key, now.referrer_id) == (
            was.score, was.friends, was.rank_key, was.referrer_id,
        )  # fmt: skip
    assert [credit.state for credit in world.rows(Credit)] == ["counted", "counted"]
    assert differences(world, campus) == 0


def test_a_second_press_changes_nothing_and_a_stranger_cannot_be_erased(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus)
    assert erase(world, campus, carol)
    assert not erase(world, campus, carol)
    assert [message.kind for message in world.messages() if message.kind == "erased"] == ["erased"]
    assert len(world.events("forgetting.erased")) == 1
    elsewhere = world.launch("other")
    with pytest.raises(forgetting.NobodyToErase), world.writing() as tx:
        forgetting.erase(tx, elsewhere, carol.id, never_again=False, actor=TEAM, now=world.now)


def test_a_member_gives_the_seat_back_and_the_invites_they_gave_end(world: World) -> None:
    campus = world.launch(seats=1)
    alice = world.member(campus, ALICE)
    given = world.issue(campus, source=InviteSource.MEMBER, uses=2, inviter_id=alice.id)
    erase(world, campus, alice)
    assert [row.counted for row in world.rows(SeatCount)] == [0]
    assert [row.state for row in world.rows(Admission)] == [AdmissionState.REVOKED]
    (ended,) = world.rows(Invite, Invite.id == given.id)
    assert ended.revoked_at is not None
    assert world.rows(WebSession) == []


def test_who_was_erased_gets_the_last_mail_and_none_after_it(world: World) -> None:
    campus = world.launch(points=5)
    carol = world.waiting(campus)
    erase(world, campus, carol)
    waiting = world.join(campus, BEN, by=carol)  # the old link is dead: nobody brought Ben
    world.confirm(campus, waiting)
    with world.writing() as tx:
        erased = db.one(tx, sa.select(Entry).where(Entry.id == carol.id))
        assert erased is not None
        about = {"launch_id": campus.id, "entry_id": carol.id}
        assert posting.enqueue(tx, "friend_joined", "late", posting.to(erased), world.now, about=about) is None
        posting.enqueue_all(tx, "friend_joined", [posting.Mail("late", posting.to(erased), about)], world.now)
    kinds = [message.kind for message in world.messages() if message.state == MessageState.QUEUED]
    assert kinds.count("erased") == 1
    assert "friend_joined" not in kinds
    assert world.entry(BEN).referrer_id is None


def test_somebody_who_never_confirmed_is_not_written_to(world: World) -> None:
    campus = world.launch()
    world.join(campus, CAROL)
    erase(world, campus, world.entry(CAROL))
    assert [message.state for message in world.messages()] == [MessageState.CANCELLED]


def test_never_again_holds_for_invites_until_the_person_joins_again(world: World) -> None:
    campus = world.launch()
    alice = world.member(campus, ALICE)
    ben = world.waiting(campus, BEN)
    erase(world, campus, ben, never_again=True)
    hashed = world.runtime.abuse_key(addresses.canon(BEN))
    candidate = reviewing.Candidate(BEN, BEN, hashed, "college.edu")
    with world.writing() as tx:
        (screened,) = reviewing.screen(tx, campus, alice, [candidate], now=world.now)
        assert screened.verdict == reviewing.Verdict.CANNOT
    with pytest.raises(releasing.NobodyFits):
        world.release(campus, audience=Audience("listed", listed=(listed(BEN, hashed),)))
    world.waiting(campus, BEN)
    assert [choice for choice in world.rows(MailboxChoice) if choice.email_key.startswith("~")] == []
    with world.writing() as tx:
        (screened,) = reviewing.screen(tx, campus, alice, [candidate], now=world.now)
        assert screened.verdict == reviewing.Verdict.IN_LINE


def test_who_unsubscribed_from_everything_need_not_say_it_again(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus)
    with world.writing() as tx:
        box = posting.choice_for(tx, campus.id, CAROL, CAROL, world.now)
        choosing.choose(tx, campus, box, choosing.Wants.NOTHING, actor=TEAM, now=world.now)
    erase(world, campus, carol)
    (kept,) = world.rows(MailboxChoice)
    assert (kept.email, kept.wants, kept.email_key) == ("", "nothing", f"~{carol.email_abuse_key}")


def test_a_friend_who_comes_back_is_not_credited_twice(world: World) -> None:
    campus = world.launch(points=5)
    carol = world.waiting(campus)
    ben = world.waiting(campus, BEN, by=carol)
    erase(world, campus, ben)
    world.waiting(campus, BEN, by=carol)
    assert (world.entry(CAROL).score, world.entry(CAROL).friends) == (5, 1)


def test_erased_people_cannot_be_restored_or_invited_again(world: World) -> None:
    campus = world.launch()
    alice, carol = world.member(campus, ALICE), world.waiting(campus)
    given = world.issue(
        campus, source=InviteSource.MEMBER, to=(CAROL, CAROL, carol.email_abuse_key), inviter_id=alice.id
    )
    erase(world, campus, carol)
    with pytest.raises(removing.NotRemoved), world.writing() as tx:
        removing.restore(tx, campus, carol.id, reason="no", actor=TEAM, now=world.now)
    with pytest.raises(inviting.NotOpenAnyMore), world.writing() as tx:
        inviting.resend(tx, campus, given, keys=world.keys, actor=TEAM, now=world.now)
    with world.reading() as rx:
        erased = db.one(rx, sa.select(Entry).where(Entry.id == carol.id))
    assert erased is not None
    assert (erased.state, erased.email, addresses.mask(erased.email, keep_domain=True)) == (
        State.REMOVED,
        "erased",
        "•••",
    )


def test_a_last_mail_that_cannot_leave_is_given_up(world: World) -> None:
    campus = world.launch()
    erase(world, campus, world.waiting(campus))
    with world.writing() as tx:
        assert afterwards.last_mails(tx, world.now + timedelta(days=2), 10) == 0
        assert afterwards.last_mails(tx, world.now + timedelta(days=3), 10) == 1
    (last,) = (message for message in world.messages() if message.kind == "erased")
    assert (last.state, last.to_address, last.to_key) == (MessageState.CANCELLED, "erased", "")


def test_what_an_erased_person_asked_the_team_is_answered_by_nobody_and_not_kept(world: World) -> None:
    campus = world.launch()
    dan = world.waiting(campus, DAN)
    with world.writing() as tx:
        who = world.application(campus, DAN)
        assert appealing.to_team(tx, campus, who, "Ask for Quill in room 5", keys=world.keys, now=world.now)
    erase(world, campus, dan)
    assert found(world, "Quill in room 5") == set()
    (question,) = world.rows(Invite)
    with world.writing() as tx, pytest.raises(asking.AlreadyAnswered):
        asking.grant(tx, campus, question, keys=world.keys, actor=TEAM, now=world.now)
    with world.writing() as tx, pytest.raises(inviting.NotOpenAnyMore):
        inviting.resend(tx, campus, question, keys=world.keys, actor=TEAM, now=world.now)
