"""One's own data: it is shown, taken away, corrected, and erased; each choice by a form of its own."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.parts import both
from tests.web.public.conftest import Hand
from tests.web.public.test_joining import ask
from tests.world import ALICE, CAROL, TEAM, World
from waitlist import db, jobs
from waitlist.models.entry import Attempt, Consent, Entry, StoredFact
from waitlist.models.invite import InviteSource
from waitlist.models.launch import ConsentText, Launch, Question
from waitlist.models.message import MessageState
from waitlist.models.referral import Credit
from waitlist.models.upkeep import DataExport
from waitlist.queries.own_data import ABOUT, everything
from waitlist.services import answering, consenting, tagging
from waitlist.services.consenting import Terms
from waitlist.tokens import Purpose

BEN = "ben@college.edu"


def worker(hand: Hand) -> None:
    """One pass of the worker at the world's time."""
    with hand.app.app_context(), hand.world.clock():
        jobs.tick()


def file_link(hand: Hand, campus: Launch) -> str:
    (export,) = hand.world.rows(DataExport)
    return hand.link(Purpose.DATA, campus, export.public_id)


@both
def test_a_person_reads_takes_and_corrects_what_is_held(hand: Hand, world: World) -> None:
    campus = world.launch(points=5)
    alice = world.waiting(campus, ALICE, name="=Alice(1)")
    ben = world.waiting(campus, BEN, by=alice)
    page = hand.open(hand.status(campus, alice)).follow("Your data")
    assert (page.status, page.state, page.h1) == (200, "own-data", "Your data")
    assert "=Alice(1)" in page.text
    asked = hand.send(page, "Download my data")
    assert "We are making your file." in asked.text
    hand.send(asked, "Download my data")  # a second press while it is built is the same file
    worker(hand)
    assert len(world.messages("data_ready", ALICE)) == 1
    link = file_link(hand, campus)
    assert hand.open(f"{link}/my-data.zip").state == "ask"  # closed until somebody presses
    assert world.events("forgetting.fetched") == []
    opened = hand.send(hand.open(link), "Download my data")
    assert opened.state == "open"
    with world.clock():
        got = hand.client.get(f"{link}/my-data.zip")
    assert got.headers["Content-Disposition"] == 'attachment; filename="campus-my-data.zip"'
    assert len(world.events("forgetting.fetched")) == 1
    check_file(got.data, ben)
    world.later(days=8)
    assert (hand.open(link).status, hand.open(link).state) == (410, "gone")
    worker(hand)
    assert world.rows(DataExport) == []


def check_file(packed: bytes, friend: Entry) -> None:
    file = zipfile.ZipFile(io.BytesIO(packed))
    everything: dict[str, list[dict[str, Any]]] = json.loads(file.read("data.json"))
    assert set(everything) == {table.name for table in db.Base.metadata.sorted_tables}
    (me,) = everything["entry"]
    assert (me["email"], me["name"]) == (ALICE, "=Alice(1)")
    assert len(everything["credit"]) == 1
    whole = "".join(file.read(name).decode() for name in file.namelist())
    assert friend.email not in whole
    assert friend.public_id not in whole
    (row,) = csv.DictReader(io.StringIO(file.read("entry.csv").decode("utf-8-sig")))
    assert row["name"] == "'=Alice(1)"
    assert "rank_cell" in file.read("README.txt").decode()


@both
def test_the_page_says_what_was_declined_what_was_agreed_to_and_who_counts(hand: Hand, world: World) -> None:
    campus = world.launch(points=5)
    ask(world, campus.id, {"key": "team", "may_decline": True})
    carol = world.waiting(campus)
    world.waiting(campus, ALICE, by=carol)
    with world.writing() as tx:
        question = tx.scalars(sa.select(Question.id)).one()
        answering.answer(tx, campus, carol.id, {str(question): {"not_said": True}}, actor=TEAM, now=world.now)
        consenting.put(tx, campus, [Terms(None, "News by *mail*")], actor=TEAM, now=world.now)
        key = tx.scalars(sa.select(ConsentText.key)).one()
        for agreed in (key, "elsewhere"):  # the second came with a file, and its words are not ours
            given = {"entry_id": carol.id, "key": agreed, "text_version": "1", "given_at": world.now}
            tx.execute(sa.insert(Consent).values(given))
        tx.execute(sa.update(Credit).values(state="reversed"))
    page = hand.open(hand.status(campus, carol)).follow("Your data")
    assert "would rather not say" in page.text
    assert "not_said" not in page.text
    assert "<li>News by <em>mail</em> (version 1)," in page.text
    assert "elsewhere (version 1)" in page.text
    assert re.search(r"Friends who count for you</dt>\s*<dd>0</dd>", page.text)
    with world.reading() as rx:
        held = everything(rx, carol.id)
    assert [given["text"] for given in held["consent"]] == ["News by *mail*", None]


@both
def test_a_file_names_nobody_else_and_keeps_the_team_s_words_to_the_team(hand: Hand, world: World) -> None:
    campus = world.launch()
    alice = world.member(campus, allowance=2)
    address = world.newcomer(campus, "friend@college.edu")
    to = (address.email, address.email_key, address.abuse_key)
    world.issue(campus, source=InviteSource.MEMBER, inviter_id=alice.id, to=to)
    with world.writing() as tx:
        tagging.put(tx, campus, alice.id, "difficult", actor=TEAM, now=world.now)
    with world.reading() as rx:
        held = everything(rx, alice.id)
    assert [(invite["email"], invite["email_key"]) for invite in held["invite"]] == [(ALICE, ALICE), (None, None)]
    assert [set(tag) for tag in held["entry_tag"]] == [{"tagged_at"}]
    assert "difficult" not in json.dumps(held, default=str)


def test_every_table_that_names_people_is_in_the_file(app: Flask) -> None:
    named = {noun.__tablename__ for noun in ABOUT} | {"appointment"}  # the team's own people
    with app.app_context():
        for table in db.Base.metadata.sorted_tables:
            to_entry = any(key.column.table.name == "entry" for key in table.foreign_keys)
            addressed = {"email_key", "to_key", "email_abuse_key"} & set(table.columns.keys())
            assert not (to_entry or addressed) or table.name in named, table.name


def test_the_new_address_proves_itself_before_anything_changes(hand: Hand, world: World) -> None:
    campus = world.launch()
    page = hand.open(hand.status(campus, world.waiting(campus))).follow("Your data")
    for typed, words in ((CAROL, "This is your address already"), ("nobody", "Enter"), ("c@gmail.com", "college.edu")):
        refused = hand.send(page, "new-address", email=typed)
        assert refused.status == 422, typed
        assert words in refused.text
    sent = hand.send(page, "new-address", email="carol.new@college.edu")
    assert "We sent a link to the new address." in sent.text
    assert world.entry(CAROL).email == CAROL
    assert len(world.messages("change_confirm")) == len(world.messages("change_notice")) == 1


def to_code(hand: Hand, world: World, campus: Launch, *, never: bool = False) -> Any:
    page = hand.open(hand.status(campus, world.entry(CAROL))).follow("Your data").follow("Erase me…")
    assert page.state == "erase"
    page = hand.send(page, "erase-form", **({"never": "yes"} if never else {}))
    assert page.state == "erase-code"
    return page


@both
def test_a_person_erases_themselves_by_a_mailed_code_and_the_tree_stays(hand: Hand, world: World) -> None:
    campus = world.launch(points=5)
    carol = world.waiting(campus)
    ben = world.waiting(campus, BEN, by=carol)
    private = hand.status(campus, carol)
    page = to_code(hand, world, campus)
    assert hand.send(page, "erase-code", code="12").status == 422
    wrong = hand.send(page, "erase-code", code="000000" if hand.code() != "000 000" else "000001")
    assert (wrong.status, "4 tries left" in wrong.text) == (422, True)
    assert world.entry(CAROL).erased_at is None
    done = hand.send(page, "erase-code", code=hand.code())
    assert (done.status, done.state) == (200, "erased")
    assert hand.send(page, "erase-code", code="1").state == "erased"  # pressed twice
    assert hand.open(private).status == 404
    assert world.entry(BEN).referrer_id == carol.id
    assert world.entry(BEN).id == ben.id
    worker(hand)
    assert all(message.to_address != CAROL for message in world.messages() if message.state != MessageState.QUEUED)


def test_never_again_is_carried_from_the_first_page_to_the_last(hand: Hand, world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    page = to_code(hand, world, campus, never=True)
    assert "Nobody will write to this address from here again." in page.text
    hand.send(page, "erase-code", code=hand.code())
    assert world.events("forgetting.erased")[0].data == {"quiet": True}


def test_a_code_that_is_over_or_of_another_page_erases_nobody(hand: Hand, world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    page = to_code(hand, world, campus)
    with world.writing() as tx:
        tx.execute(sa.update(Attempt).where(Attempt.kind == "member_action").values(kind="find"))
    other = hand.send(page, "erase-code", code=hand.code())
    assert (other.status, "does not work any more" in other.text) == (410, True)
    again = hand.send(other, "another-code")
    assert again.state == "erase-code"
    world.later(minutes=16)
    assert hand.send(again, "erase-code", code=hand.code()).status == 410
    assert world.entry(CAROL).erased_at is None


def test_too_many_codes_are_answered_by_a_page_and_a_lost_carrier_by_the_first_one(hand: Hand, world: World) -> None:
    campus = world.launch()
    page = to_code(hand, world, campus) if world.waiting(campus) else None
    for _ in range(4):
        hand.send(page, "another-code")
    assert hand.send(page, "another-code").status == 429
    private = hand.status(campus, world.entry(CAROL))
    assert hand.open(f"{private}/erase/code").state == "erase"
    assert hand.press(f"{private}/erase/code", code="123456").state == "erase"


@pytest.mark.parametrize("path", ["/data/nonsense", "/data/nonsense/my-data.zip"])
def test_an_altered_link_to_a_file_is_told_so(hand: Hand, path: str) -> None:
    assert hand.open(path).status == 404


def test_a_fourth_file_in_a_day_waits_until_tomorrow(hand: Hand, world: World) -> None:
    campus = world.launch()
    page = hand.open(hand.status(campus, world.waiting(campus))).follow("Your data")
    for _ in range(3):
        hand.send(page, "Download my data")
        worker(hand)
    assert "You asked for 3 files today." in hand.send(page, "Download my data").text


def test_a_person_corrects_their_country_and_takes_it_back(hand: Hand, world: World) -> None:
    campus = world.launch()
    alice = world.waiting(campus, ALICE)
    page = hand.open(hand.status(campus, alice)).follow("Your data")
    saved = hand.send(page, "Save the country", country="CA")
    assert "Your country is saved." in saved.text
    (fact,) = world.rows(StoredFact)
    assert (fact.name, fact.value, fact.trust, fact.source) == ("country", "CA", 1, "declared")
    assert hand.send(page, "Save the country", country="ZZ").status == 422
    hand.send(page, "Save the country", country="")
    assert world.rows(StoredFact) == []
