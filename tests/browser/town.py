"""A house with somebody in each state of the public pages, and the address of each page they have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from tests.web.public.conftest import Hand
from tests.web.public.test_joining import ask
from tests.world import ALICE, BOB, CAROL, TEAM, World
from waitlist.models.entry import Attempt, Entry, State
from waitlist.services import changing, holding, launching, leaving
from waitlist.services.gathering import Audience
from waitlist.tokens import Purpose


@dataclass
class Town:
    """A house with somebody in each state, and the address where it answers."""

    home: str
    hand: Hand
    world: World
    paths: dict[str, tuple[str, str]]  # name -> path, state


def launches(world: World) -> dict[str, tuple[str, str]]:
    """One launch in each condition."""
    soon = {"opens_at": world.now + timedelta(days=3)}
    world.launch("soon", headline="Something new", **soon)
    world.launch("closed", closes_at=world.now - timedelta(days=1))
    world.launch("launched", launched_at=world.now, product_url="https://campus.example/app")
    full = world.launch("full", line_limit=1)
    world.waiting(full)
    paused = world.launch("paused")
    with world.writing() as tx:
        launching.pause(tx, paused, reason="x", public_reason="Back at noon.", actor=TEAM, now=world.now)
    world.launch("league", tree={"kind": "referred"}, name="The League", listed=True)
    world.launch("party", tree={"kind": "invited"}, name="The Party")
    names = {"soon": "not_open", "closed": "closed", "launched": "launched", "full": "full", "paused": "paused"}
    names |= {"league": "referral-only", "party": "invite-only"}
    return {name: (f"/w/{name}", state) for name, state in names.items()}


def people(world: World, hand: Hand) -> dict[str, tuple[str, str]]:
    """Somebody in each state, at one campus that asks questions."""
    campus = world.launch(
        headline="Study rooms, without the queue",
        pitch="Campus shows which room is **free right now** and keeps it for you while you walk over.",
        tz="Europe/Berlin",
        contact_email="hello@campus.example",
        product_url="https://campus.example/app",
        points=5,
        seats=500,
        show_count=True,
    )
    ask(world, campus.id,
        {"key": "use", "label": "Use", "kind": "one", "choices": ["Studying", "Work"], "required": True},
        {"key": "days", "label": "Which days?", "kind": "many", "choices": ["Monday", "Tuesday"], "most": 1},
        {"key": "why", "label": "reason", "kind": "long", "hint": "Two sentences are enough."})  # fmt: skip
    world.crowd(campus, 60)
    carol = world.waiting(campus, CAROL, name="Carol Lee")
    ben = world.waiting(campus, "ben@college.edu", by=carol, name="Ben Okri")
    world.waiting(campus, "fay+1@college.edu")
    world.waiting(campus, "fay+2@college.edu", by=carol)
    world.join(campus, "chen@college.edu", by=carol)
    bob, lea, hal = (world.waiting(campus, email) for email in (BOB, "lea@college.edu", "hal@college.edu"))
    world.release(campus, audience=Audience("selected", entry_ids=(bob.id,)))
    lapsed = world.waiting(campus, "lou@college.edu")
    world.release(campus, audience=Audience("selected", entry_ids=(lapsed.id,)), days=1)
    alice = world.member(campus, ALICE)
    moving = world.waiting(campus, "moe@college.edu")
    removed, gone = world.waiting(campus, "rem@college.edu"), world.waiting(campus, "rot@college.edu")
    with world.writing() as tx:
        leaving.leave(tx, campus, lea.id, actor=TEAM, now=world.now)
        holding.hold(tx, campus, hal.id, reason="x", actor=TEAM, now=world.now)
        tx.execute(sa.update(Entry).where(Entry.id == ben.id).values(share_name=True))
        tx.execute(sa.update(Entry).where(Entry.id == removed.id).values(state=State.REMOVED))
        tx.execute(sa.update(Entry).where(Entry.id == gone.id).values(link_version=2))
        tx.execute(
            sa.text("UPDATE invite SET expires_at = :then, ended_at = :then WHERE email_key = 'lou@college.edu'"),
            {"then": (world.now - timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S.%f")},
        )
        new = world.application(campus, "moe.lee@college.edu")
        change = changing.ask(tx, campus, moving.id, new, actor=TEAM, now=world.now).attempt
    old = world.join(campus, "old@college.edu")
    twice = world.join(campus, "twice@college.edu")
    world.join(campus, "twice@college.edu")
    fresh = world.join(campus, "fresh@college.edu")
    with world.writing() as tx:
        tx.execute(sa.update(Attempt).where(Attempt.id == old.attempt_id).values(expires_at=world.now))

    def confirm(attempt: str) -> str:
        return hand.link(Purpose.CONFIRM, campus, attempt)

    def status(entry: Entry) -> str:
        return hand.status(campus, entry)

    return {
        "home": ("/", "home"),
        "open": ("/w/campus", "open"),
        "referral": (f"/r/{carol.slug}", "open"),
        "unknown referral": ("/r/7K2PM9QX4", "home"),
        "card": (f"/r/{carol.slug}/card", "card"),
        "find": ("/w/campus/find", "find"),
        "how it works": ("/w/campus/how-it-works", "how-it-works"),
        "privacy": ("/w/campus/privacy", "privacy"),
        "not found": ("/w/nowhere", "not_found"),
        "confirm": (confirm(fresh.attempt), "ask"),
        "not me": (confirm(fresh.attempt) + "/not-me", "not-me"),
        "expired": (confirm(old.attempt), "expired"),
        "replaced": (confirm(twice.attempt), "replaced"),
        "altered": ("/c/altered", "unknown-link"),
        "waiting": (status(carol) + "?done=confirmed", "waiting"),
        "held": (status(hal), "held"),
        "invited": (status(bob), "invited"),
        "lapsed": (status(lapsed), "lapsed"),
        "joined": (status(alice), "joined"),
        "left": (status(lea), "left"),
        "unconfirmed": (status(world.entry("chen@college.edu", campus)), "unconfirmed"),
        "removed": (status(removed), "no-place"),
        "rotated": (status(gone), "rotated"),
        "leave": (status(carol) + "/leave", "leave"),
        "name": (status(carol) + "/name", "name"),
        "new link": (status(carol) + "/link", "new-link"),
        "answers": (status(carol) + "/answers", "answers"),
        "choices": (hand.settings_link(campus, CAROL), "choices"),
        "only invites": (hand.settings_link(campus, "eve@college.edu") + "?only=invites", "choices"),
        "change": (hand.link(Purpose.CHANGE, campus, change), "ask"),
        "change undo": (hand.link(Purpose.UNDO_CHANGE, campus, change), "undo"),
    }
