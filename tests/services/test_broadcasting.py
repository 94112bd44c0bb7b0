"""The team writes to many people: counted first, undone for a while, paused, stopped, and one mail for each person."""

from __future__ import annotations

import email
import threading
from datetime import timedelta
from email.policy import SMTP

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.parts.letters import stationery
from tests.world import TEAM, World
from waitlist.models.broadcast import Broadcast, BroadcastMember
from waitlist.models.entry import Consent, Entry, State
from waitlist.models.launch import Launch
from waitlist.models.looking import Filter
from waitlist.models.message import MailboxChoice, Message, MessageState
from waitlist.queries import broadcasts
from waitlist.queries.letter import gather
from waitlist.rendering import render
from waitlist.services import broadcasting, posting, sending
from waitlist.services.broadcasting import NobodyChosen, WrongState
from waitlist.words import Words

pytestmark = both
NEWS = {
    "en": Words("We moved to **room 7**.\n\n[Your page]({{ status_url }})", "News of {{ waitlist }}"),
    "fr": Words("Nous voici en salle 7.", "Des nouvelles"),
}
HOLD = timedelta(minutes=5)


def drafted(world: World, launch: Launch, who: Filter | None = None) -> Broadcast:
    with world.writing() as tx:
        made = broadcasting.draft(tx, launch, who or Filter(), actor=TEAM, now=world.now)
        return broadcasting.write(tx, made, NEWS, None, actor=TEAM, now=world.now)


def confirmed(world: World, launch: Launch) -> Broadcast:
    made = drafted(world, launch)
    with world.writing() as tx:
        return broadcasting.confirm(tx, made, hold=HOLD, actor=TEAM, now=world.now)


def go_on(world: World, launch: Launch, broadcast: Broadcast) -> bool:
    with world.writing() as tx:
        return broadcasting.go_on(tx, launch, broadcast.id, now=world.now)


def now_of(world: World) -> Broadcast:
    (found,) = world.rows(Broadcast)
    return found


def crowd(world: World, n: int = 5) -> tuple[Launch, list[str]]:
    launch = world.launch()
    world.crowd(launch, n)
    with world.writing() as tx:
        tx.execute(sa.delete(Message))
    return launch, [person.email for person in world.rows(Entry)]


def test_whoever_wants_none_is_left_out_and_counted_and_the_numbers_add_up(world: World) -> None:
    launch, people = crowd(world, 8)
    world.join(launch, "unproven@college.edu")
    with world.writing() as tx:
        for n, values in enumerate(({"wants": "nothing"}, {"wants": "place"}, {"bounced_at": world.now})):
            posting.choice_for(tx, launch.id, people[n], people[n], world.now)
            tx.execute(sa.update(MailboxChoice).where(MailboxChoice.email_key == people[n]).values(**values))
        tx.execute(sa.update(Entry).where(Entry.email == people[3]).values(state=State.REMOVED))
        agreed = tx.scalars(sa.select(Entry.id).where(Entry.email.in_(people[4:6]))).all()
        for n, entry_id in enumerate(agreed):
            given = {"given_at": world.now, "withdrawn_at": world.now if n else None}
            tx.execute(sa.insert(Consent).values(entry_id=entry_id, key="news", text_version="1", **given))
    made = drafted(world, launch)
    left_out = {"unsubscribed": 1, "place_only": 1, "bounced": 1, "gone": 1, "unconfirmed": 1}
    with world.reading() as rx:
        count = broadcasts.counted(rx, made)
    assert (count.gets, count.reasons, count.total) == (4, left_out, made.total)
    with world.writing() as tx:
        asking = broadcasting.write(tx, made, NEWS, "news", actor=TEAM, now=world.now)
    with world.reading() as rx:
        count = broadcasts.counted(rx, asking)
    assert (count.gets, count.reasons, count.total) == (1, left_out | {"not_agreed": 3}, 9)
    with world.writing() as tx:
        broadcasting.confirm(tx, asking, hold=timedelta(0), actor=TEAM, now=world.now)
    assert go_on(world, launch, asking) is False
    assert [mail.to_address for mail in world.messages("broadcast")] == [people[4]]
    with world.reading() as rx:
        done = broadcasts.progress(rx, now_of(world))
    assert done.outcomes == {"written": 1, "skipped": 8}
    assert sum(done.reasons.values()) == 8
    with pytest.raises(NobodyChosen):
        drafted(world, launch, Filter(words="nobody at all"))


def test_each_reads_it_in_a_language_that_was_written_and_can_leave_by_one_press(world: World) -> None:
    launch, people = crowd(world, 3)
    with world.writing() as tx:
        tx.execute(sa.update(Entry).where(Entry.email == people[0]).values(language="fr"))
        tx.execute(sa.update(Entry).where(Entry.email == people[1]).values(language="tlh"))
    confirmed(world, launch)
    world.now += HOLD
    go_on(world, launch, now_of(world))
    with world.writing() as tx:
        sending.make_choices(tx, world.messages("broadcast"), world.now)
    mails = world.messages("broadcast")
    with world.reading() as rx:
        found = gather(rx, mails, stationery(world), world.now)
    read = {}
    for mail in mails:
        letter = found[mail.id].letter
        assert letter is not None
        read[mail.to_address] = email.message_from_bytes(render(letter, stationery(world)), policy=SMTP)
    assert [str(read[address]["Subject"]) for address in people] == [
        "Des nouvelles",
        "News of Campus",
        "News of Campus",
    ]
    for opened in read.values():
        assert opened["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert str(opened["List-Unsubscribe"]).startswith("<http")
        assert str(opened["List-Id"]).startswith("Campus <campus.")
        assert opened["X-Waitlist-Template"] == "broadcast/1"
    text = next(iter(read[people[2]].iter_parts())).get_content()  # type: ignore[union-attr]
    assert "We moved to room 7." in text
    assert "/s/" in text


def test_two_presses_send_it_once_and_what_was_changed_after_looking_is_not_sent(world: World) -> None:
    launch, _ = crowd(world)
    looked_at = drafted(world, launch)
    with world.writing() as tx:
        fresh = broadcasting.write(tx, looked_at, NEWS, None, actor=TEAM, now=world.now)
    with world.writing() as tx, pytest.raises(WrongState):
        broadcasting.confirm(tx, looked_at, hold=HOLD, actor=TEAM, now=world.now)
    with world.writing() as tx:
        broadcasting.confirm(tx, fresh, hold=HOLD, actor=TEAM, now=world.now)
    with world.writing() as tx, pytest.raises(WrongState):
        broadcasting.confirm(tx, fresh, hold=HOLD, actor=TEAM, now=world.now)
    with world.writing() as tx, pytest.raises(WrongState):
        broadcasting.write(tx, fresh, NEWS, None, actor=TEAM, now=world.now)
    with world.writing() as tx, pytest.raises(ValueError, match="could stop a mail"):
        broadcasting.write(tx, fresh, {"en": Words("{{ config }}")}, None, actor=TEAM, now=world.now)
    assert len(world.events("broadcasting.confirmed")) == 1


def test_nothing_leaves_while_it_can_be_undone(world: World) -> None:
    launch, _ = crowd(world)
    made = confirmed(world, launch)
    assert go_on(world, launch, made) is False
    with world.reading() as rx:
        assert broadcasting.going(rx, world.now) == []
    with world.writing() as tx:
        broadcasting.undo(tx, made, actor=TEAM, now=world.now)
    world.now += HOLD
    assert go_on(world, launch, made) is False
    assert world.messages("broadcast") == []
    assert now_of(world).state == "draft"


def test_a_paused_one_keeps_even_what_is_queued_and_a_stopped_one_takes_it_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcasting, "CHUNK", 2)
    launch, _ = crowd(world)
    made = confirmed(world, launch)
    world.now += HOLD
    assert go_on(world, launch, made) is True
    with world.writing() as tx:
        broadcasting.pause(tx, made, actor=TEAM, now=world.now)
    assert go_on(world, launch, made) is False
    with world.writing() as tx:
        assert sending.claim(tx, 50, 60, 36_000, now=world.now).messages == []
        broadcasting.resume(tx, made, actor=TEAM, now=world.now)
    with world.writing() as tx:
        claimed = sending.claim(tx, 1, 60, 36_000, now=world.now)
        (first,) = claimed.messages
        sending.begin(tx, claimed.lease, {first.id: b"x"}, now=world.now)
        broadcasting.stop(tx, made, actor=TEAM, now=world.now)
    assert go_on(world, launch, made) is False
    assert sorted(mail.state for mail in world.messages("broadcast")) == [
        MessageState.CANCELLED,
        MessageState.TRANSMITTING,
    ]
    with world.reading() as rx:
        outcomes = sorted(rx.scalars(sa.select(BroadcastMember.outcome)))
    assert outcomes == ["stopped"] * 3 + ["written"] * 2
    for step in (broadcasting.pause, broadcasting.resume, broadcasting.stop, broadcasting.undo):
        with world.writing() as tx, pytest.raises(WrongState):
            step(tx, made, actor=TEAM, now=world.now)


def test_a_crash_between_chunks_and_two_workers_at_once_write_to_each_person_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcasting, "CHUNK", 2)
    launch, people = crowd(world, 11)
    made = confirmed(world, launch)
    world.now += HOLD
    assert go_on(world, launch, made) is True
    with world.writing() as tx:
        broadcasting.go_on(tx, launch, made.id, now=world.now)
        tx.rollback()  # the power goes before the chunk is kept
    start, errors = threading.Barrier(3), []

    def work() -> None:
        start.wait()
        try:
            while go_on(world, launch, made):
                pass
        except Exception as error:
            errors.append(error)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert errors == []
    assert sorted(mail.to_address for mail in world.messages("broadcast")) == sorted(people)
    assert now_of(world).state == "sending", "nothing has left: it can still be stopped"
    with world.writing() as tx:
        tx.execute(sa.update(Message).values(state=MessageState.SENT))
    assert go_on(world, launch, made) is False
    assert now_of(world).state == "done"
    assert go_on(world, launch, made) is False
    assert len(world.events("broadcasting.done")) == 1


def test_what_is_written_to_everybody_can_be_stopped_while_it_leaves_also_for_who_was_held(world: World) -> None:
    launch, _ = crowd(world)
    made = confirmed(world, launch)
    world.now += HOLD
    go_on(world, launch, made)
    first, second = world.messages("broadcast")[:2]
    with world.writing() as tx:
        for mail, state in ((first, MessageState.HELD), (second, MessageState.TRANSMITTING)):
            tx.execute(sa.update(Message).where(Message.id == mail.id).values(state=state))
        broadcasting.stop(tx, made, actor=TEAM, now=world.now)
        tx.execute(sa.update(Message).where(Message.id.in_((first.id, second.id))).values(state=MessageState.QUEUED))
    left = [mail for mail in world.messages("broadcast") if mail.state == MessageState.QUEUED]
    with world.reading() as rx:
        found = gather(rx, left, stationery(world), world.now)
    assert [found[mail.id].obsolete for mail in left] == ["The broadcast was stopped."] * 2
