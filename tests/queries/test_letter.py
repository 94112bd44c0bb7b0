"""What each mail says, from the rows it speaks of."""

from __future__ import annotations

import email
import itertools
import re
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from html import unescape

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.parts.letters import NEWCOMER, every_kind, stage, stationery, write
from tests.world import ALICE, BOB, CAROL, TEAM, World
from waitlist.letters import LETTERS, Class
from waitlist.models.entry import Attempt, Entry
from waitlist.models.hold import Hold
from waitlist.models.invite import Invite
from waitlist.models.launch import Launch, Line
from waitlist.models.message import MailboxChoice, Message
from waitlist.queries.letter import Gathered, gather
from waitlist.rendering import render
from waitlist.services import inviting, posting
from waitlist.tokens import Purpose

pytestmark = both


def gathered(world: World, message: Message) -> Gathered:
    with world.reading() as rx:
        return gather(rx, [message], stationery(world), world.now)[message.id]


def mail(world: World, message: Message) -> EmailMessage:
    """The mail as its reader's program opens it."""
    letter = gathered(world, message).letter
    assert letter is not None
    opened = email.message_from_bytes(render(letter, stationery(world)), policy=SMTP)
    assert isinstance(opened, EmailMessage)
    return opened


def parts(opened: EmailMessage) -> tuple[str, str]:
    text, html = opened.iter_parts()
    assert text.get_content_type() == "text/plain"
    assert html.get_content_type() == "text/html"
    return text.get_content().replace("\r\n", "\n"), html.get_content()


def obsolete(world: World, message: Message) -> str:
    return gathered(world, message).obsolete


def test_every_kind_of_mail_says_the_same_in_text_and_html_and_in_both_languages(world: World) -> None:
    launch = stage(world)
    posting_choice(world, launch, CAROL)
    for kind, language in itertools.product(every_kind(), ("en", "fr")):
        opened = mail(world, write(world, launch, kind, language=language))
        text, html = parts(opened)
        assert opened["Content-Language"] == language
        assert opened["X-Waitlist-Template"] == f"{kind}/1"
        assert text.startswith(opened["Subject"]), kind
        assert ("Bonjour" if language == "fr" else "Hello") in text, kind
        assert max(len(line) for line in text.splitlines() if "://" not in line) <= 78, kind
        assert len(html) < 60_000, kind
        words = unescape(re.sub(r"<[^>]+>", " ", html))
        for link in re.findall(r"https?://\S+", text):
            assert link in unescape(html), (kind, link)
        for number in re.findall(r"\b\d{3} \d{3}\b|\d{2}:\d{2} \w+", text):
            assert number in words, (kind, number)
        assert "None" not in text
        assert "%(" not in text


def posting_choice(world: World, launch: Launch, address: str) -> str:
    with world.writing() as tx:
        return posting.choice_for(tx, launch.id, address, address, world.now)


def test_who_may_unsubscribe_can_do_it_with_one_press_and_nobody_else_is_offered_it(world: World) -> None:
    launch = stage(world)
    for kind in every_kind():
        message = write(world, launch, kind)
        if kind != "test":
            posting_choice(world, launch, message.to_address)
        opened = mail(world, message)
        if LETTERS[kind].klass == "T":
            assert opened["List-Unsubscribe"] is None
            assert opened["List-Unsubscribe-Post"] is None
            continue
        assert opened["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        found = re.fullmatch(r"<(\S+)>, <(\S+)>", opened["List-Unsubscribe"])
        assert found, kind
        assert found[2] == "mailto:help@college.edu?subject=unsubscribe"
        assert found[1].endswith("?only=invites") == (kind == "member_invite")
        token = found[1].partition("/u/")[2].partition("?")[0]
        assert world.runtime.tokens.read(Purpose.CHOICES, token).launch == launch.public_id


def test_an_invite_names_its_end_in_the_launchs_zone_and_brings_link_and_code(world: World) -> None:
    launch = stage(world)
    with world.writing() as tx:
        end = world.now.replace(year=2036, month=3, day=4, hour=16, minute=0)
        tx.execute(sa.update(Invite).where(Invite.email == BOB).values(expires_at=end))
    invite = world.invite_of(BOB)
    text, _ = parts(mail(world, write(world, launch, "invite")))
    assert "Tuesday 4 March 2036, 17:00 CET" in text
    assert "Hello Bob," in text
    code = world.runtime.stationery.typed_code("campus", invite.public_id, 1)
    assert re.fullmatch(r"CAMPUS(-\w{4}){3}-\w{2}", code)
    assert code in text.splitlines()
    (link,) = re.findall(r"/i/(\S+)", text)
    assert world.runtime.tokens.read(Purpose.INVITE_MAILED, link).row == invite.public_id
    assert "If you do nothing you keep your place in line and can ask for a new invite." in text.replace("\n", " ")


def test_a_link_for_anybody_proves_no_mailbox_even_when_it_is_mailed(world: World) -> None:
    launch = stage(world)
    invite = world.issue(launch, uses=5)
    with world.writing() as tx:
        about = {"launch_id": launch.id, "invite_id": invite.id}
        posting.enqueue(tx, "seat_free", "x", posting.To(CAROL, CAROL, "en"), world.now, about=about)
    (message,) = world.messages("seat_free")
    text, _ = parts(mail(world, message))
    (link,) = re.findall(r"/i/(\S+)", text)
    assert world.runtime.tokens.read(Purpose.INVITE_SHOWN, link).row == invite.public_id
    assert "the Campus team invited this address" in text


def test_a_members_invite_comes_from_her_by_name_and_quotes_her_note_without_links(world: World) -> None:
    launch = stage(world, note="Come!\nhttps://evil.example/x or evil.com <b>now</b> {{ config }}\nBcc: all@x.org")
    opened = mail(world, write(world, launch, "member_invite"))
    assert opened["From"] == "Alice Archer via Campus <waitlist@localhost>"
    assert opened["Reply-To"] == "help@college.edu"
    text, html = parts(opened)
    assert "> Come!\n> … or … <b>now</b> {{ config }}\n> Bcc: …\n" in text
    assert "&lt;b&gt;now&lt;/b&gt; {{ config }}" in html
    assert "evil" not in html
    assert "You are not on any list. Alice Archer typed your address." in text
    assert opened["Bcc"] is None


def test_a_member_without_a_name_is_named_by_the_address_she_writes_from(world: World) -> None:
    launch = stage(world, name="")
    assert mail(world, write(world, launch, "member_invite"))["Subject"] == "alice invited you to Campus"


def test_a_name_that_looks_like_a_template_stays_the_text_it_is(world: World) -> None:
    launch = stage(world)
    message = write(world, launch, "member_invite")
    for name in ("{{ config }}", "{% raw %}", "{{ ''.__class__.__mro__ }}", "%(waitlist)s", "{0.x}"):
        with world.writing() as tx:
            tx.execute(sa.update(Entry).where(Entry.email == ALICE).values(name=name))
        text, html = parts(mail(world, message))
        assert f"{name} uses Campus and invites you." in text.replace("\n", " ")
        assert name in unescape(html)


def test_a_name_with_line_breaks_makes_no_header_and_one_with_a_link_no_link(world: World) -> None:
    launch = stage(world, name="Eve\r\nBcc: all@college.edu\x07\u202e http://evil.example")
    opened = mail(world, write(world, launch, "member_invite"))
    assert opened["Bcc"] is None
    assert opened["Subject"] == "Eve Bcc: … … invited you to Campus"
    assert opened["From"].addresses[0].display_name == "Eve Bcc: … … via Campus"


def test_whoever_has_not_proven_the_mailbox_cannot_greet_a_stranger(world: World) -> None:
    launch = stage(world)
    with world.writing() as tx:
        tx.execute(sa.update(Attempt).values(name="You won! Call us"))
    text, _ = parts(mail(world, write(world, launch, "confirm")))
    assert "Hello,\n" in text
    assert "somebody, probably you, entered this address" in text.replace("\n", " ")


def test_the_confirmation_brings_a_link_and_the_six_digits_of_its_attempt(world: World) -> None:
    launch = stage(world)
    (attempt,) = world.rows(Attempt, Attempt.email == NEWCOMER)
    opened = mail(world, write(world, launch, "confirm"))
    text, _ = parts(opened)
    assert world.runtime.stationery.six_digits(attempt.public_id, 1) in text.splitlines()
    assert opened["Subject"] == "Confirm your place on the Campus waitlist"
    link, not_me = re.findall(r"/c/(\S+)", text)
    assert not_me == f"{link}#not-me"
    assert world.runtime.tokens.read(Purpose.CONFIRM, link).row == attempt.public_id


def test_a_friend_who_allows_it_is_named_and_the_other_ones_are_counted(world: World) -> None:
    launch = world.launch()
    carol = world.waiting(launch, CAROL)
    world.waiting(launch, "ben@college.edu", by=carol, name="Ben Lee")
    world.join(launch, "pending@college.edu", by=carol)
    (first,) = world.messages("friend_joined")
    assert mail(world, first)["Subject"] == "A friend joined: you have 1 point, place 1"
    with world.writing() as tx:
        tx.execute(sa.update(Entry).where(Entry.email == "ben@college.edu").values(share_name=True))
    text, _ = parts(mail(world, first))
    assert text.startswith("Ben joined: you have 1 point, place 1\n")
    assert "1 friend of yours counts so far. 1 still has to confirm." in text
    world.waiting(launch, "zoe@college.edu", by=carol)
    assert mail(world, first)["Subject"] == "2 friends joined: you have 2 points, place 1"
    with world.writing() as tx:
        tx.execute(sa.update(Message).where(Message.id == first.id).values(state="sent", sent_at=world.now))
    world.later(days=1)
    for n in range(12):
        world.waiting(launch, f"friend{n}@college.edu", by=carol)
    second = world.messages("friend_joined")[-1]
    text, _ = parts(mail(world, second))
    assert text.count("- A friend") == 10
    assert "- and 2 more" in text


def test_in_a_fixed_order_a_friend_is_news_without_points(world: World) -> None:
    launch = world.launch(points=0)
    carol = world.waiting(launch, CAROL)
    world.waiting(launch, "ben@college.edu", by=carol)
    (message,) = world.messages("friend_joined")
    opened = mail(world, message)
    assert opened["Subject"] == "A friend joined by your link"
    text, html = parts(opened)
    assert "None" not in text + html
    world.waiting(launch, "zoe@college.edu", by=carol)
    assert mail(world, message)["Subject"] == "2 friends joined by your link"


def test_a_launch_that_hides_places_hides_them_in_mails_too(world: World) -> None:
    launch = world.launch(places_shown="hidden")
    carol = world.waiting(launch, CAROL)
    world.waiting(launch, "ben@college.edu", by=carol)
    assert mail(world, world.messages("in_line", CAROL)[0])["Subject"] == "You are in line for Campus"
    assert mail(world, world.messages("friend_joined")[0])["Subject"] == "A friend joined: you have 1 point"


def test_a_mail_that_would_say_something_untrue_by_now_does_not_leave(world: World) -> None:
    launch = stage(world)
    confirm, invite = write(world, launch, "confirm"), write(world, launch, "invite")
    world.later(days=8)
    assert obsolete(world, confirm) == "Its link ended before it could leave."
    assert obsolete(world, invite) == "The invite ended before this could leave."


def test_a_mail_whose_rows_were_forgotten_is_not_written(world: World) -> None:
    launch = stage(world)
    own_rows = ("test", "team_invite", "team_alert", "wave_news", "wave_test", "words_test")
    messages = [write(world, launch, kind) for kind in every_kind() if kind not in own_rows]
    with world.writing() as tx:
        tx.execute(sa.update(Message).values(entry_id=None, attempt_id=None, invite_id=None))
    for message in messages:
        (forgotten,) = world.rows(Message, Message.id == message.id)
        found = gathered(world, forgotten)
        if message.kind not in ("invite_accepted", "invite_unused", "erased"):
            assert (found.letter, found.stopped) == (None, "What it was about is not kept any more."), message.kind


def test_a_mail_is_overtaken_by_its_newer_self(world: World) -> None:
    launch = world.launch()
    world.join(launch, CAROL)
    world.later(minutes=2)
    world.join(launch, CAROL)
    first, second = world.messages("confirm")
    assert obsolete(world, first) == "A newer e-mail was asked for."
    assert mail(world, second)["To"] == CAROL
    with world.writing() as tx:
        tx.execute(sa.update(Attempt).values(version=2))
    assert obsolete(world, second) == "A newer e-mail was asked for."
    invite = world.invited(launch, BOB)
    with world.writing() as tx:
        inviting.resend(tx, launch, invite, keys=world.keys, actor=TEAM, now=world.now)
    first, second = world.messages("invite")
    assert obsolete(world, first) == "A newer invite was sent."
    assert obsolete(world, second) == ""


def test_nobody_is_told_of_an_invite_that_is_used_or_taken_back(world: World) -> None:
    launch = world.launch()
    invite = world.invited(launch, BOB)
    world.redeem(launch, invite, BOB)
    assert obsolete(world, world.messages("invite")[0]) == "The invite is used already."
    other = world.invited(launch, CAROL)
    with world.writing() as tx:
        inviting.revoke(tx, launch, other, actor=TEAM, now=world.now)
    assert obsolete(world, world.messages("invite")[1]) == (
        "The invite was taken back or declined before this could leave."
    )


def test_a_person_who_confirmed_meanwhile_is_not_asked_to_confirm(world: World) -> None:
    launch = world.launch()
    world.waiting(launch, CAROL)
    assert obsolete(world, world.messages("confirm")[0]) == "The person has answered already."


def test_who_left_gets_no_news_of_the_line_but_hears_how_an_invite_ended(world: World) -> None:
    launch = stage(world)
    news, ended = write(world, launch, "friend_joined"), write(world, launch, "invite_ended")
    with world.writing() as tx:
        tx.execute(sa.update(Entry).values(state="left", rank_key=None))
    assert obsolete(world, news) == "The person is no longer on this waitlist."
    assert mail(world, ended)["Subject"] == "Your Campus invite has ended"


@pytest.mark.parametrize(
    ("policy", "subject"),
    [
        ("keep", "Your Campus invite has ended - you kept your place"),
        ("end", "Your Campus invite has ended - you are at the end of the line"),
        ("leave", "Your Campus invite has ended"),
    ],
)
def test_how_an_invite_ended_is_said_by_its_lapse_policy(world: World, policy: str, subject: str) -> None:
    launch = stage(world)
    with world.writing() as tx:
        tx.execute(sa.update(Invite).values(lapse_policy=policy))
    assert mail(world, write(world, launch, "invite_ended"))["Subject"] == subject


def test_who_asks_again_reads_how_things_stand(world: World) -> None:
    launch = stage(world)
    message = write(world, launch, "already_in_line")
    words = {
        "waiting": "You are in line already.",
        "invited": "Your invite is ready.",
        "joined": "You are in already: you accepted your invite.",
        "lapsed": "Your invite expired.",
    }
    for state, sentence in words.items():
        with world.writing() as tx:
            tx.execute(sa.update(Entry).where(Entry.email == CAROL).values(state=state))
        assert sentence in parts(mail(world, message))[0].replace("\n", " ")


def test_who_is_held_or_only_interested_reads_no_number(world: World) -> None:
    launch = stage(world)
    message = write(world, launch, "already_in_line")
    hold = {"public_id": "hol_1", "launch_id": launch.id, "scope": "entry", "effect": ["admit"], "source": "admin"}
    hold |= {"reason": "looks odd", "created_at": world.now, "created_by": str(TEAM)}
    with world.writing() as tx:
        held_by = tx.execute(sa.insert(Hold).values(hold).returning(Hold.id)).scalar_one()
        tx.execute(sa.update(Entry).where(Entry.email == CAROL).values(held_by=held_by))
    assert "Your place is kept. We are checking some sign-ups." in parts(mail(world, message))[0]
    with world.writing() as tx:
        line = tx.scalar(sa.select(Line.id).where(Line.key == "interest"))
        tx.execute(sa.update(Entry).where(Entry.email == CAROL).values(line_id=line, held_by=None))
    assert "You are on the list of people we tell when it opens" in parts(mail(world, message))[0]


def test_a_mailbox_that_wants_nothing_gets_only_what_it_asks_for(world: World) -> None:
    launch = stage(world)
    posting_choice(world, launch, BOB)
    posting_choice(world, launch, NEWCOMER)
    with world.writing() as tx:
        tx.execute(sa.update(MailboxChoice).values(wants="nothing"))
    assert gathered(world, write(world, launch, "invite")).held == "Unsubscribed from everything."
    assert gathered(world, write(world, launch, "confirm")).held == ""


def test_a_mailbox_that_bounced_anywhere_is_held_everywhere(world: World) -> None:
    launch = stage(world)
    with world.writing() as tx:
        row = {"public_id": "box_1", "email": BOB, "email_key": BOB, "bounced_at": world.now, "changed_at": world.now}
        tx.execute(sa.insert(MailboxChoice).values(row))
    assert gathered(world, write(world, launch, "invite")).held == "The address bounced."


def test_whoever_asked_not_to_be_invited_is_spared_by_members_and_reached_by_the_team(world: World) -> None:
    launch = stage(world)
    for address in (BOB, NEWCOMER):
        posting_choice(world, launch, address)
    with world.writing() as tx:
        tx.execute(sa.update(MailboxChoice).values(do_not_invite_at=world.now))
    assert gathered(world, write(world, launch, "member_invite")).held == "Asked not to be invited."
    assert gathered(world, write(world, launch, "invite")).held == ""


def test_a_reminder_of_a_members_invite_is_as_personal_as_the_invite(world: World) -> None:
    launch = stage(world)
    box = posting_choice(world, launch, NEWCOMER)
    (given,) = world.rows(Invite, Invite.email == NEWCOMER)
    about = {"launch_id": launch.id, "invite_id": given.id}
    with world.writing() as tx:
        posting.enqueue(tx, "invite_reminder", "x", posting.To(NEWCOMER, NEWCOMER, "en"), world.now, about=about)
    (message,) = world.messages("invite_reminder")
    opened = mail(world, message)
    assert "?only=invites>" in opened["List-Unsubscribe"]
    assert "Alice Archer typed your address." in parts(opened)[0]
    with world.writing() as tx:
        tx.execute(sa.update(MailboxChoice).where(MailboxChoice.public_id == box).values(do_not_invite_at=world.now))
    assert gathered(world, message).held == "Asked not to be invited."


def test_a_mail_is_dated_by_its_row_and_the_same_row_gives_the_same_bytes(world: World) -> None:
    launch = stage(world)
    message = write(world, launch, "invite")
    first = gathered(world, message).letter
    world.later(hours=1)
    again = gathered(world, message).letter
    assert first is not None
    assert again is not None
    assert render(first, stationery(world)) == render(again, stationery(world))
    assert mail(world, message)["Date"].datetime == message.created_at
    assert mail(world, message)["Message-ID"] == f"<{message.message_id}@localhost>"


def test_the_team_is_asked_about_a_new_invite_at_its_contact_address(world: World) -> None:
    launch = stage(world)
    invite = world.invite_of(BOB)
    with world.writing() as tx:
        about = {"launch_id": launch.id, "invite_id": invite.id}
        to = posting.To("help@college.edu", "help@college.edu", "en")
        posting.enqueue(tx, "invite_asked", "x", to, world.now, about=about)
    text, _ = parts(mail(world, world.messages("invite_asked")[0]))
    assert text.startswith("b•••@college.edu asks for a new invite\n")
    assert "this is the contact address of Campus" in text
    (link,) = re.findall(r"/ask/(\S+)", text)
    assert world.runtime.tokens.read(Purpose.ASK, link).row == invite.public_id


def test_a_batch_is_gathered_in_a_handful_of_statements(world: World) -> None:
    launch = world.launch()
    world.crowd(launch, 12)
    world.release(launch, 12)
    seen: list[str] = []
    with world.reading() as rx:
        sa.event.listen(rx, "before_cursor_execute", lambda c, cur, statement, *rest: seen.append(statement))
        found = gather(rx, list(world.messages("invite")), stationery(world), world.now)
    assert len(found) == 12
    assert len(seen) <= 5


def test_a_wave_and_a_member_use_their_own_words(world: World) -> None:
    launch = stage(world)
    assert mail(world, write(world, launch, "invite"))["From"] == "Campus <waitlist@localhost>"
    assert mail(world, write(world, launch, "test"))["From"] == "Waitlist <waitlist@localhost>"


def test_the_old_address_is_told_where_the_place_goes_and_can_undo_it_for_seven_days(world: World) -> None:
    launch = stage(world)
    (attempt,) = world.rows(Attempt, Attempt.email == NEWCOMER)
    text, _ = parts(mail(world, write(world, launch, "change_notice")))
    assert "g•••@college.edu" in text
    assert NEWCOMER not in text
    (link,) = re.findall(r"/v/undo/(\S+)", text)
    assert world.runtime.tokens.read(Purpose.UNDO_CHANGE, link).row == attempt.public_id
    assert timedelta(days=7) + attempt.created_at > world.now


def test_only_what_people_subscribed_to_names_its_list(world: World) -> None:
    launch = stage(world)
    with world.writing() as tx:
        tx.execute(sa.update(Launch).values(name='Campus <"one">'))
    for kind in every_kind():
        named = mail(world, write(world, launch, kind))["List-Id"]
        host = "127.0.0.1" if "127.0.0.1" in stationery(world).base_url else stationery(world).base_url.split("//")[1]
        expected = f"Campus one <campus.{host}>" if LETTERS[kind].klass is Class.SUBSCRIBED else None
        assert named == expected, kind
