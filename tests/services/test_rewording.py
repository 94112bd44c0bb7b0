"""The team writes the words of a mail: saved as versions, put back, tried out, and never in the way of a mail."""

from __future__ import annotations

import email
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.parts.letters import stage, stationery, write
from tests.world import TEAM, World
from waitlist import envelopes
from waitlist.actors import admin
from waitlist.models.launch import Launch
from waitlist.models.mail_words import MailWords
from waitlist.models.message import Message
from waitlist.queries import outbox
from waitlist.queries.letter import gather
from waitlist.rendering import render
from waitlist.services import rewording, sending
from waitlist.services.posting import To
from waitlist.services.rewording import TESTS, Faulty, NoSuchVersion, Overtaken, TooManyTests
from waitlist.words import Words

pytestmark = both
HELLO = Words(
    "Your seat, {{ email }}!\n\n[Sit down]({{ accept_url }})\n\nIt is yours until {{ until }}.", "Sit, {{ waitlist }}"
)
OTHER = Words("Come to {{ accept_url }} before {{ until }}.")


def save(world: World, launch: Launch, words: Words = HELLO, *, over: int = 0, language: str = "en") -> MailWords:
    with world.writing() as tx:
        return rewording.save(tx, launch, "invite", language, words, over=over, actor=TEAM, now=world.now)


def put_back(world: World, launch: Launch, version: int, *, over: int) -> MailWords:
    with world.writing() as tx:
        return rewording.put_back(tx, launch, "invite", "en", version, over=over, actor=TEAM, now=world.now)


def written(world: World, message: Message) -> bytes:
    with world.reading() as rx:
        letter = gather(rx, [message], stationery(world), world.now)[message.id].letter
    assert letter is not None
    return render(letter, stationery(world))


def opened(content: bytes) -> tuple[EmailMessage, str, str]:
    mail = email.message_from_bytes(content, policy=SMTP)
    assert isinstance(mail, EmailMessage)
    text, html = (part.get_content().replace("\r\n", "\n") for part in mail.iter_parts())
    return mail, text, html


def test_the_next_invite_says_what_was_saved_in_both_parts_and_keeps_its_frame(world: World) -> None:
    launch = stage(world)
    message, french = write(world, launch, "invite"), write(world, launch, "invite", language="fr")
    before = written(world, french)
    save(world, launch)
    mail, text, html = opened(written(world, message))
    assert mail["Subject"] == "Sit, Campus"
    assert mail["X-Waitlist-Template"] == "invite/1+1"
    assert mail["List-Unsubscribe-Post"] is None or mail["List-Unsubscribe"]
    link = next(line for line in text.splitlines() if "/i/" in line)
    assert text.startswith("Sit, Campus\n\nHello Bob,\n\nYour seat, bob@college.edu!\n\nSit down:\n")
    assert "You get this because you joined" in text
    assert html.count(link) == 3  # the button, and the address below it
    assert "Sit down</a>" in html
    assert "you can use Campus now" not in text + html
    assert written(world, french) == before


def test_every_save_is_a_version_and_an_earlier_one_comes_back_as_a_new_one(world: World) -> None:
    launch = stage(world)
    message = write(world, launch, "invite")
    own = written(world, message)
    save(world, launch)
    save(world, launch, OTHER, over=1)
    again = put_back(world, launch, 1, over=2)
    assert (again.version, again.put_back, again.body, again.created_by) == (3, 1, HELLO.body, str(TEAM))
    assert opened(written(world, message))[0]["Subject"] == "Sit, Campus"
    with world.writing() as tx:
        rewording.restore(tx, launch, "invite", "en", over=3, actor=TEAM, now=world.now)
    assert written(world, message) == own
    assert [event.data["version"] for event in world.events("rewording.saved")] == [1, 2, 3, 4]
    for version in (4, 9):  # one without words, and none
        with pytest.raises(NoSuchVersion):
            put_back(world, launch, version, over=4)


def test_whoever_saves_second_is_told_who_was_first(world: World) -> None:
    launch = stage(world)
    save(world, launch)
    with pytest.raises(Overtaken) as told:
        save(world, launch, OTHER)
    assert told.value.newest is not None
    assert told.value.newest.version == 1
    with pytest.raises(Overtaken):
        save(world, launch, OTHER, over=7)
    assert len(world.rows(MailWords)) == 1


def test_words_that_leave_out_the_action_are_not_saved(world: World) -> None:
    launch = stage(world)
    with pytest.raises(Faulty, match="words_needed"):
        save(world, launch, Words("Come in until {{ until }}"))
    assert world.rows(MailWords) == []


def test_a_mail_that_was_rendered_keeps_its_bytes(world: World) -> None:
    launch = stage(world)
    message = write(world, launch, "invite")
    with world.writing() as tx:
        claimed = sending.claim(tx, 5, 60, 1_000, now=world.now)
    content = written(world, message)
    sealed = envelopes.close(stationery(world).sealing_key, message.public_id, content)
    with world.writing() as tx:
        sending.begin(tx, claimed.lease, {message.id: sealed}, now=world.now)
    save(world, launch)
    with world.reading() as rx:
        kept = outbox.opened(rx, message.public_id, stationery(world), now=world.now)
    assert kept is not None
    assert kept.kept
    assert kept.item.subject == "Your invite to Campus is ready"


def test_words_that_do_not_fit_any_more_never_stop_a_mail(world: World) -> None:
    launch = stage(world)
    message = write(world, launch, "invite")
    own = opened(written(world, message))[1]
    save(world, launch)
    with world.writing() as tx:  # as if an earlier release had known another name
        tx.execute(sa.update(MailWords).values(body=HELLO.body + " {{ gone }}"))
    assert opened(written(world, message))[1] == own


def test_a_test_goes_to_whoever_asks_is_marked_and_lets_nobody_in(world: World) -> None:
    launch = stage(world)
    to = To("grace@team.example", "grace@team.example", "fr")

    def test(words: Words | None) -> None:
        with world.writing() as tx:
            rewording.send_test(tx, launch, "invite", words, to, name="Grace", note="", actor=admin(7), now=world.now)

    test(HELLO)
    test(None)
    mine, own = world.messages("words_test")
    mail, text, _ = opened(written(world, mine))
    assert mail["Subject"] == "[TEST] Sit, Campus"
    assert (mail["To"], mail["X-Waitlist-Template"]) == ("grace@team.example", "words_test/1")
    assert "Ses liens ne mènent nulle part" in text.replace("\n", " ")
    assert "/i/example" in text
    assert opened(written(world, own))[0]["Subject"] == "[TEST] Votre invitation à Campus est prête"
    with pytest.raises(Faulty):
        test(Words("nothing"))
    for _ in range(TESTS - 2):
        test(HELLO)
    with pytest.raises(TooManyTests):
        test(HELLO)
    world.now += timedelta(hours=1)
    test(HELLO)
