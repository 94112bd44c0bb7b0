"""Agreeing: boxes that nobody has ticked, and the words that stand beside them kept as they were."""

from __future__ import annotations

from tests.parts import both
from tests.web.public.conftest import Hand
from tests.web.public.test_joining import ask
from tests.world import CAROL, DAVE, TEAM, World
from waitlist.models.entry import Answer, Consent
from waitlist.models.launch import ConsentText, Launch
from waitlist.services import consenting
from waitlist.services.consenting import Terms

TERMS = Terms(None, "I agree to the [terms](https://campus.example/terms)", required=True)
NEWS = Terms(None, "Send me news about the product")


def agreements(world: World, campus: Launch, *terms: Terms) -> list[str]:
    """The boxes' names on the form."""
    with world.writing() as tx:
        consenting.put(tx, campus, terms, actor=TEAM, now=world.now)
    return [f"agree_{text.key}_{text.version}" for text in world.rows(ConsentText) if text.retired_at is None]


@both
def test_nobody_joins_without_what_is_needed_and_nothing_is_ticked_for_them(hand: Hand, world: World) -> None:
    campus = world.launch()
    terms, news = agreements(world, campus, TERMS, NEWS)
    form = hand.open("/w/campus")
    assert 'I agree to the <a href="https://campus.example/terms">terms</a>' in form.text
    assert "checked" not in form.text
    page = hand.send(form, "join", email=CAROL, **{news: "yes"})
    assert page.status == 422
    assert ("Select that you agree to the terms", f"#{terms}") in page.links
    assert (news, "yes") in page.form("join").values, "what was ticked stays ticked"
    hand.send(page, "join", email=CAROL, **{terms: "yes", news: "yes"})
    hand.send(hand.open(hand.confirm_link(campus)), "Confirm my place")
    assert [agreed.text_version for agreed in world.rows(Consent)] == ["1", "1"]
    assert {agreed.key for agreed in world.rows(Consent)} == {text.key for text in world.rows(ConsentText)}


def test_what_needs_no_agreement_is_kept_only_where_it_was_given(hand: Hand, world: World) -> None:
    campus = world.launch()
    agreements(world, campus, NEWS)
    hand.send(hand.open("/w/campus"), "join", email=CAROL)
    hand.send(hand.open(hand.confirm_link(campus)), "Confirm my place")
    assert world.entry(CAROL).state == "waiting"
    assert list(world.rows(Consent)) == []


def test_a_page_that_shows_old_words_asks_again(hand: Hand, world: World) -> None:
    campus = world.launch()
    (old,) = agreements(world, campus, TERMS)
    form = hand.open("/w/campus")
    key = world.rows(ConsentText)[0].key
    (new,) = agreements(world, campus, Terms(key, "I agree to the new terms", required=True))
    page = hand.send(form, "join", email=CAROL, **{old: "yes"})
    assert (page.status, old == new) == (422, False)
    assert "I agree to the new terms" in page.text


def test_a_wrong_address_keeps_the_ticks(hand: Hand, world: World) -> None:
    campus = world.launch()
    (terms,) = agreements(world, campus, TERMS)
    page = hand.send(hand.open("/w/campus"), "join", email=DAVE, **{terms: "yes"})
    assert page.status == 403
    assert (terms, "yes") in page.form("Join the waitlist").values


def test_agreeing_counts_at_once_where_nobody_confirms(hand: Hand, world: World) -> None:
    campus = world.launch(domain=None, double_opt_in=False)
    (terms,) = agreements(world, campus, TERMS)
    hand.send(hand.open("/w/campus"), "join", email=CAROL, **{terms: "yes"})
    assert [agreed.text_version for agreed in world.rows(Consent)] == ["1"]


@both
def test_carol_would_rather_not_say(hand: Hand, world: World) -> None:
    campus = world.launch()
    ask(world, campus.id, {"label": "Your team", "required": True, "may_decline": True})
    page = hand.send(hand.open("/w/campus"), "join", email=CAROL)
    assert page.status == 422
    (tick,) = (name for name in page.form("join").controls if name.endswith("_not_said"))
    hand.send(page, "join", email=CAROL, **{tick: "yes"})
    hand.send(hand.open(hand.confirm_link(campus)), "Confirm my place")
    assert [answer.value for answer in world.rows(Answer)] == [{"not_said": True}]
    answers = hand.open(f"{hand.status(campus, world.entry(CAROL))}/answers")
    assert (tick, "yes") in answers.form("/answers").values


def test_the_domains_stay_inside_where_the_team_wants_it_so(hand: Hand, world: World) -> None:
    campus = world.launch(domains_shown=False)
    page = hand.send(hand.open("/w/campus"), "join", email=DAVE)
    assert (page.status, page.state) == (403, "wrong-domain")
    assert "Ask your contact which address to use." in page.text
    near = hand.send(hand.open("/w/campus"), "join", email="carol@collage.edu")
    for shown in (page, near, hand.open("/w/campus"), hand.open("/w/campus/how-it-works")):
        assert "college.edu" not in shown.text
    carol = world.waiting(campus, CAROL)
    mine = hand.open(hand.status(campus, carol)).follow("Your data")
    told = hand.send(mine, "new-address", email=DAVE)
    assert (told.status, "Ask your contact which address to use." in told.text) == (422, True)
    assert "college.edu" not in told.text.replace(CAROL, "")
