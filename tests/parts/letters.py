"""One mail of every kind, about real rows of a small world, in any language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from tests.world import ALICE, BOB, CAROL, World
from waitlist.actors import COMMAND
from waitlist.db import one
from waitlist.letters import LETTERS
from waitlist.models.access import Role, user_by_email
from waitlist.models.entry import Attempt, Entry
from waitlist.models.invite import Invite, InviteSource
from waitlist.models.launch import Launch
from waitlist.models.message import Message
from waitlist.models.report import ReportAnswer
from waitlist.models.team import Appointment, open_appointments
from waitlist.models.wave import Wave
from waitlist.services import appointing, broadcasting, calling, posting, reporting
from waitlist.stationery import Stationery
from waitlist.words import Words

NEWCOMER = "grace@college.edu"
GRACE, LINUS = "grace@team.example", "linus@team.example"


def stage(world: World, **names: str) -> Launch:
    """Alice inside with an invite given, Bob invited by a wave, Carol waiting, Grace asked by Alice."""
    launch = world.cast(world.launch(contact_email="help@college.edu", tz="Europe/Paris"))
    world.issue(
        launch,
        source=InviteSource.MEMBER,
        to=(NEWCOMER, NEWCOMER, "abuse"),
        inviter_id=world.entry(ALICE).id,
        note=names.get("note", "See you there"),
    )
    world.join(launch, NEWCOMER)
    with world.writing() as tx:
        for email, name in ((ALICE, "Alice Archer"), (BOB, "Bob Baker"), (CAROL, "Carol Cook")):
            tx.execute(sa.update(Entry).where(Entry.email == email).values(name=names.get("name", name)))
        tx.execute(sa.update(Entry).where(Entry.email == ALICE).values(share_name=True))
        tx.execute(sa.delete(Message))
    return world.launch_of(launch.slug)


def write(world: World, launch: Launch, kind: str, *, language: str = "en", **more: Any) -> Message:
    """Put one mail of this kind in the outbox, about the rows that its kind speaks of, and return its row."""
    about, to, params = _about(world, launch, kind)
    with world.writing() as tx:
        message_id = posting.enqueue(
            tx,
            kind,
            f"{kind}:{language}:sample",
            posting.To(to, to, language),
            world.now,
            about={"launch_id": launch.id, **about} if kind != "test" else {},
            params=params | more,
        )
    return next(message for message in world.messages() if message.id == message_id)


def every_kind() -> list[str]:
    return sorted(LETTERS)


def stationery(world: World) -> Stationery:
    return world.runtime.stationery


def _for_team(world: World, launch: Launch, kind: str) -> tuple[Mapping[str, int], str, dict[str, Any]]:
    """An offer of a role to Linus by Grace, and the news that hers changed; both of them are made at first need."""
    with world.writing() as tx:
        grace = one(tx, user_by_email(GRACE)) or appointing.create(
            tx, email=GRACE, name="Grace Hopper", password_hash=None, actor=COMMAND, now=world.now
        )
        if kind == "team_alert":
            changed = {"what": "role", "user": grace.id, "by": "", "before": "viewer", "role": "admin"}
            return {}, GRACE, changed
        offer = one(tx, open_appointments(launch.id))
        if offer is None:
            offer = calling.call(
                tx, launch.id, posting.To(LINUS, LINUS, "en"), Role.VIEWER, actor=COMMAND, now=world.now
            )
            tx.execute(sa.update(Appointment).values(created_by=f"admin:{grace.id}"))
            tx.execute(sa.delete(Message).where(Message.kind == "team_invite"))  # `write` makes the one that is wanted
        return {}, LINUS, {"appointment": offer.public_id, "version": offer.version}


def _broadcast(world: World, launch: Launch, carol: Entry) -> int:
    words = {language: Words(f"{language}: {{{{ status_url }}}}", f"News, {language}") for language in ("en", "fr")}
    with world.writing() as tx:
        made = broadcasting.draft(tx, launch, [carol.id], actor=COMMAND, now=world.now)
        return broadcasting.write(tx, made, words, None, actor=COMMAND, now=world.now).id


def _about(world: World, launch: Launch, kind: str) -> tuple[Mapping[str, int], str, dict[str, Any]]:
    if kind in ("team_invite", "team_alert"):
        return _for_team(world, launch, kind)
    if kind == "wave_news":
        (wave,) = world.rows(Wave)
        return {}, GRACE, {"wave": wave.id, "paused": True, "reason": "Too many bounces", "by": ""}
    alice, bob, carol = world.entry(ALICE), world.entry(BOB), world.entry(CAROL)
    (attempt,) = world.rows(Attempt, Attempt.email == NEWCOMER)
    (given,) = world.rows(Invite, Invite.email == NEWCOMER)
    by_wave = world.invite_of(BOB)
    if kind in ("confirm", "sign_in", "proof", "change_confirm"):
        return {"attempt_id": attempt.id}, NEWCOMER, {}
    if kind == "change_notice":
        return {"attempt_id": attempt.id, "entry_id": carol.id}, CAROL, {}
    if kind in ("in_line", "already_in_line", "interest_joined", "interest_open"):
        return {"entry_id": carol.id}, CAROL, {"place": 1}
    if kind == "wave_test":
        return {}, GRACE, {"name": "Grace Hopper", "days": 7, "allowance": 3, "lapse_policy": "keep"}
    if kind == "words_test":
        return {}, GRACE, {"tests": "member_invite", "words": None, "name": "Grace Hopper", "note": "Come along"}
    if kind == "erased":
        return {}, CAROL, {"quiet": True}
    if kind == "data_ready":
        return {"entry_id": carol.id}, CAROL, {"export": "exp_1", "until": world.now.isoformat()}
    if kind == "report_news":
        return {"entry_id": alice.id}, ALICE, _answered(world, launch, alice)
    if kind == "broadcast":
        return {"entry_id": carol.id, "broadcast_id": _broadcast(world, launch, carol)}, CAROL, {}
    if kind == "place_digest":
        moved = {"arrival": 40, "arrival_before": 44, "points": -2, "points_before": -1}
        return {"entry_id": carol.id}, CAROL, {"place": 38, "before": 43, "total": 90, **moved}
    if kind == "friend_joined":
        return {"entry_id": carol.id}, CAROL, {"friend": alice.id}
    if kind == "member_invite":
        return {"invite_id": given.id}, NEWCOMER, {}
    if kind in ("invite_accepted", "invite_unused", "invite_asked"):
        return {"invite_id": given.id, "entry_id": alice.id}, ALICE, {"friend": bob.id, "back": 1}
    return {"invite_id": by_wave.id, "entry_id": bob.id}, BOB, {"reason": "We ran out of chairs."}


def _answered(world: World, launch: Launch, alice: Entry) -> dict[str, Any]:
    said = reporting.Said("bug", "blocks", "It broke.")
    with world.writing() as tx:
        made = reporting.report(tx, launch, alice.id, said, actor=COMMAND, now=world.now)
        assert not isinstance(made, reporting.TooMany)
        reporting.answer(tx, launch, made.public_id, "fixed", note="Try again.", actor=COMMAND, now=world.now)
    return {"report": made.id, "answer": world.rows(ReportAnswer)[-1].id}
