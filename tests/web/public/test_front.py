"""The launch page in each condition of a launch, and the links that friends send."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.parts.forms import Page
from tests.web.public.conftest import Hand
from tests.world import CAROL, World
from waitlist.models.entry import Entry, State
from waitlist.models.launch import GateRevision, Launch


def banner(page: Page, testid: str) -> bool:
    return f'data-testid="{testid}"' in page.text


def test_the_only_launch_is_the_first_page(hand: Hand, world: World) -> None:
    assert hand.open("/").state == "home"
    world.launch(headline="Study rooms")
    page = hand.open("/")
    assert (page.state, page.h1) == ("open", "Study rooms")


def test_several_launches_share_a_neutral_first_page_that_names_only_the_listed(hand: Hand, world: World) -> None:
    world.launch(listed=True, name="Campus")
    world.launch("hidden", name="Secret plan")
    page = hand.open("/")
    assert (page.state, page.h1) == ("home", "Find my place")
    assert ("Campus", "/w/campus") in page.links
    assert "Secret plan" not in page.text


def test_an_unknown_launch_is_not_found(hand: Hand, world: World) -> None:
    world.launch()
    assert hand.open("/w/nowhere").status == 404


def test_an_archived_launch_is_not_found(hand: Hand, world: World) -> None:
    campus = world.launch()
    with world.writing() as tx:
        tx.execute(sa.update(Launch).where(Launch.id == campus.id).values(archived_at=world.now))
    assert hand.open("/w/campus").status == 404


def test_the_page_says_what_it_is_and_who_it_is_for(hand: Hand, world: World) -> None:
    world.launch(
        headline="Study rooms", pitch="**Free** rooms <script>alert(1)</script>\n\n![x](http://x.example/y.png)"
    )
    page = hand.open("/w/campus")
    assert "<strong>Free</strong> rooms &lt;script&gt;" in page.text
    assert "<img" not in page.text
    assert "For people with a @college.edu address" in page.text
    assert 'rel="canonical" href="http://127.0.0.1:8000/w/campus"' in page.text
    assert "We will e-mail you once to confirm. No other mail without your say." in page.text
    assert page.follow("How this line works").state == "how-it-works"
    assert page.follow("Privacy").state == "privacy"


def test_a_small_number_of_people_is_not_shown_off(hand: Hand, world: World) -> None:
    campus = world.launch(show_count=True)
    world.crowd(campus, 49)
    assert not banner(hand.open("/w/campus"), "waiting")
    world.waiting(campus, CAROL)
    assert "<strong>50 people</strong> are waiting" in hand.open("/w/campus").text
    assert "<strong>50 personnes</strong> attendent" in hand.open("/w/campus?lang=fr").text


def test_not_open_yet_says_when_and_offers_a_mail(hand: Hand, world: World) -> None:
    soon = world.launch(opens_at=world.now + timedelta(days=3), tz="Europe/Berlin")
    page = hand.open("/w/campus")
    assert (page.status, page.state) == (200, "not_open")
    assert "(in 3 days)" in page.text
    assert "CET" in page.text
    hand.send(page, "E-mail me when it opens", email="early@college.edu")
    assert hand.send(hand.open(hand.confirm_link(soon)), "Confirm my place").state == "interest"


def test_a_launch_without_a_date_says_so_and_may_offer_nothing(hand: Hand, world: World) -> None:
    campus = world.launch(interest_open=False)
    with world.writing() as tx:
        tx.execute(sa.update(Launch).where(Launch.id == campus.id).values(opens_at=None))
    page = hand.open("/w/campus")
    assert "There is no date yet." in page.text
    assert page.forms == []


def test_full_offers_to_tell(hand: Hand, world: World) -> None:
    campus = world.launch(line_limit=1)
    world.waiting(campus, CAROL)
    page = hand.open("/w/campus")
    assert (page.status, page.state) == (200, "full")
    assert "This waitlist is full (1 of 1)." in page.text
    assert hand.send(page, "Tell me if space opens", email="late@college.edu").state == "check-inbox"


def test_closed_says_when_and_leads_to_the_place(hand: Hand, world: World) -> None:
    world.launch(closes_at=world.now - timedelta(hours=1))
    page = hand.open("/w/campus")
    assert (page.status, page.state, page.forms) == (200, "closed", [])
    assert "Joining closed on" in page.text
    assert page.follow("Find my place").state == "find"


def test_launched_leads_to_the_product(hand: Hand, world: World) -> None:
    world.launch(launched_at=world.now - timedelta(hours=1), product_url="https://campus.example/app")
    page = hand.open("/w/campus")
    assert (page.status, page.state) == (200, "launched")
    assert ("Go to Campus", "https://campus.example/app") in page.links


def test_an_embedded_page_is_the_form_alone_and_may_stand_in_a_frame(hand: Hand, world: World) -> None:
    world.launch()
    page = hand.open("/w/campus?embed=1")
    assert "<header" not in page.text
    assert "frame-ancestors" not in page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in hand.open("/w/campus").headers["Content-Security-Policy"]
    there = hand.send(page, "join", email=CAROL)
    assert there.state == "check-inbox"
    assert "embed=1" in there.url
    assert "frame-ancestors" not in there.headers["Content-Security-Policy"]


class TestFriends:
    """P-08: whoever comes first keeps the credit."""

    def test_a_friends_link_names_nobody_who_does_not_want_it(self, hand: Hand, world: World) -> None:
        carol = world.waiting(world.launch(), CAROL, name="Carol Lee")
        page = hand.open(f"/r/{carol.slug}")
        assert page.status == 200
        assert "A friend invited you. Your friend gets credit when you confirm." in page.text
        assert "Carol" not in page.text

    def test_a_friends_link_names_whoever_allows_it(self, hand: Hand, world: World) -> None:
        carol = world.waiting(world.launch(), CAROL, name="Carol Lee")
        self.share_name(world, carol)
        assert "Carol L. invited you. Carol L. gets credit when you confirm." in hand.open(f"/r/{carol.slug}").text

    @pytest.mark.parametrize("alias", ["r", "ref", "referral"])
    def test_every_spelling_of_a_link_carries_the_code(self, hand: Hand, world: World, alias: str) -> None:
        campus = world.launch()
        carol = world.waiting(campus, CAROL)
        page = hand.open(f"/w/campus?{alias}={carol.slug.lower()}")
        hand.send(page, "join", email="erin@college.edu")
        hand.send(hand.open(hand.confirm_link(campus)), "Confirm my place")
        assert world.entry("erin@college.edu").referrer_id == carol.id
        assert world.entry(CAROL).score == 1

    def test_the_first_friend_keeps_the_credit(self, hand: Hand, world: World) -> None:
        campus = world.launch()
        carol, dan = world.waiting(campus, CAROL), world.waiting(campus, "dan@college.edu")
        hand.open(f"/r/{carol.slug}?utm_source=poster&utm_medium=print")
        page = hand.open(f"/r/{dan.slug}?utm_source=mail")
        assert dict(page.form("join").values)["ref"] == carol.slug
        hand.send(hand.open("/w/campus"), "join", email="erin@college.edu")
        attempt = hand.attempts()[-1]
        assert attempt.referrer_id == carol.id
        assert attempt.first_touch["source"] == {"source": "poster", "medium": "print"}

    def test_after_thirty_days_another_friend_may_have_it(self, hand: Hand, world: World) -> None:
        campus = world.launch()
        carol, dan = world.waiting(campus, CAROL), world.waiting(campus, "dan@college.edu")
        hand.open(f"/r/{carol.slug}")
        world.later(days=31)
        assert dict(hand.open(f"/r/{dan.slug}").form("join").values)["ref"] == dan.slug

    def test_a_made_up_cookie_is_nobodys(self, hand: Hand, world: World) -> None:
        world.launch()
        hand.client.set_cookie("wl_ref", "made.up")
        assert "ref" not in dict(hand.open("/w/campus").form("join").values)

    def test_each_launch_is_remembered_apart(self, hand: Hand, world: World) -> None:
        first = world.waiting(world.launch(), CAROL)
        second = world.waiting(world.launch("other"), CAROL)
        hand.open(f"/r/{first.slug}")
        hand.open(f"/r/{second.slug}")
        assert dict(hand.open("/w/campus").form("join").values)["ref"] == first.slug
        assert dict(hand.open("/w/other").form("join").values)["ref"] == second.slug

    def test_a_link_that_is_not_known_still_lets_people_join(self, hand: Hand, world: World) -> None:
        world.launch()
        for code in ("7K2PM9QX4", "garbage", "%2e%2e%2fadmin"):
            page = hand.open(f"/r/{code}")
            assert page.status == 200
            assert "That link is not known. You can still join." in page.text
        assert hand.send(page, "join", email=CAROL).state == "check-inbox"

    def test_among_several_launches_an_unknown_link_names_none(self, hand: Hand, world: World) -> None:
        world.launch()
        world.launch("other")
        page = hand.open("/r/7K2PM9QX4")
        assert (page.status, page.state) == (200, "home")
        assert "That link is not known." in page.text

    def test_of_somebody_who_was_removed_nothing_is_said(self, hand: Hand, world: World) -> None:
        carol = world.waiting(world.launch(), CAROL)
        self.set(world, carol, state=State.REMOVED)
        page = hand.open(f"/r/{carol.slug}")
        assert page.status == 200
        assert not banner(page, "unknown-link")
        assert not banner(page, "invited-by")

    def test_ones_own_link_is_for_friends(self, hand: Hand, world: World) -> None:
        campus = world.launch()
        hand.send(hand.open("/w/campus"), "join", email=CAROL)
        hand.send(hand.open(hand.confirm_link(campus)), "Confirm my place")
        page = hand.open(f"/r/{world.entry(CAROL).slug}")
        assert "This is your own link - share it with friends" in page.text
        assert page.follow("See my place").state == "waiting"

    def test_who_proved_a_mailbox_here_is_told_instead_of_asked(self, hand: Hand, world: World) -> None:
        campus = world.launch()
        hand.send(hand.open("/w/campus"), "join", email=CAROL)
        hand.send(hand.open(hand.confirm_link(campus)), "Confirm my place")
        page = hand.open("/w/campus")
        assert "You are in line." in page.text
        assert "Join with another e-mail" in page.text
        assert page.follow("See my place").h1 == "You are in line"

    def share_name(self, world: World, entry: Entry) -> None:
        self.set(world, entry, share_name=True)

    def set(self, world: World, entry: Entry, **values: object) -> None:
        with world.writing() as tx:
            tx.execute(sa.update(Entry).where(Entry.id == entry.id).values(**values))


class TestCircles:
    """P-13: members bring members."""

    def test_without_a_link_the_page_says_how_to_get_one(self, hand: Hand, world: World) -> None:
        world.launch(tree={"kind": "referred"})
        page = hand.open("/w/campus")
        assert (page.status, page.state, page.h1) == (403, "referral-only", "You need a link from a member")
        assert "Ask a friend who is a member for their link" in page.text
        post = hand.press("/w/campus/join", email=CAROL)
        assert (post.status, post.state) == (403, "referral-only")

    def test_a_code_typed_by_hand_opens_the_form(self, hand: Hand, world: World) -> None:
        campus = world.launch(domain=None)
        carol = world.waiting(campus, CAROL)
        self.members_only(world)
        page = hand.send(hand.open("/w/campus"), "Continue", code=f" {carol.slug[:4].lower()}-{carol.slug[4:]} ")
        assert (page.status, page.state) == (200, "open")
        hand.send(page, "join", email="erin@college.edu")
        assert hand.send(hand.open(hand.confirm_link(campus)), "Confirm my place").state == "waiting"

    def test_a_whole_link_may_be_pasted(self, hand: Hand, world: World) -> None:
        campus = world.launch(domain=None)
        carol = world.waiting(campus, CAROL)
        self.members_only(world)
        page = hand.send(hand.open("/w/campus"), "Continue", code=f"http://127.0.0.1:8000/r/{carol.slug}")
        assert (page.status, page.state) == (200, "open")

    def test_a_slip_in_a_typed_code_is_told_before_any_look_up(self, hand: Hand, world: World) -> None:
        campus = world.launch(domain=None)
        carol = world.waiting(campus, CAROL)
        self.members_only(world)
        wrong = ("7" if carol.slug[0] != "7" else "8") + carol.slug[1:]
        page = hand.send(hand.open("/w/campus"), "Continue", code=wrong)
        assert page.status == 403
        assert "Check the code: one character looks wrong" in page.text
        post = hand.press("/w/campus/join", email="erin@college.edu", referral_code=wrong)
        assert (post.status, post.text.count("Check the code: one character looks wrong")) == (422, 2)

    def test_by_invite_only_leads_to_the_code(self, hand: Hand, world: World) -> None:
        world.launch(tree={"kind": "invited"})
        page = hand.open("/w/campus")
        assert (page.status, page.state) == (403, "invite-only")
        assert ("Type the code of my invite", "/redeem") in page.links
        assert hand.press("/w/campus/join", email=CAROL).state == "invite-only"

    def test_where_either_would_do_both_ways_are_named(self, hand: Hand, world: World) -> None:
        world.launch(
            tree={"kind": "any_of", "gates": [{"kind": "domain", "domains": ["college.edu"]}, {"kind": "invited"}]}
        )
        assert "Any one of these:" in hand.open("/w/campus").text
        page = hand.press("/w/campus/join", email="dave@elsewhere.edu")
        assert page.status == 403
        assert ("Type the code of my invite", "/redeem") in page.links

    def members_only(self, world: World) -> None:
        with world.writing() as tx:
            tx.execute(sa.update(GateRevision).values(tree={"kind": "referred"}))
