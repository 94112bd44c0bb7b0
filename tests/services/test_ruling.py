"""Grace publishes other rules; the old ones stay readable, and two who write at once hear of each other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parts import both
from tests.world import TEAM, World
from waitlist.gates import BadGate
from waitlist.models.invite import Invite
from waitlist.models.launch import GateRevision, Launch
from waitlist.services import launching, ruling
from waitlist.services.joining import NotEligible
from waitlist.services.launching import NeedsProof
from waitlist.services.ruling import RulesChanged

pytestmark = both
EVERYONE = {"kind": "everyone"}


def revise(world: World, launch: Launch, tree: dict[str, object], seen: int | None = 1, note: str = "") -> int:
    with world.writing() as tx:
        return ruling.revise(tx, launch, tree, note, seen=seen, actor=TEAM, now=world.now)


def test_new_rules_are_a_new_revision_with_a_public_note(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    assert revise(world, campus, EVERYONE, note="Open to all from today") == 2
    assert world.launch_of().revision == 2
    assert [(row.revision, row.note) for row in world.rows(GateRevision)] == [(1, ""), (2, "Open to all from today")]
    world.waiting(world.launch_of(), "dave@elsewhere.edu")
    (event,) = world.events("launching.revised")
    assert event.data == {"revision": 2, "note": "Open to all from today"}


def test_rules_written_over_older_ones_are_not_published(world: World) -> None:
    campus = world.launch()
    revise(world, campus, EVERYONE)
    with pytest.raises(RulesChanged) as told:
        revise(world, campus, {"kind": "invited"}, seen=1)
    assert told.value.revision.revision == 2
    assert revise(world, campus, {"kind": "invited"}, seen=None) == 3


def test_rules_that_cannot_be_read_or_kept_change_nothing(world: World) -> None:
    campus = world.launch()
    with pytest.raises(BadGate):
        revise(world, campus, {"kind": "weather"})
    open_to_all = world.launch("beta", None, double_opt_in=False)
    with pytest.raises(NeedsProof):
        revise(world, open_to_all, {"kind": "domain", "domains": ["college.edu"]})
    assert len(world.rows(GateRevision)) == 2


def test_a_narrower_rule_keeps_the_word_that_was_given_where_grace_says_so(world: World) -> None:
    campus = world.launch(domain=None)
    for email in ("eve@elsewhere.edu", "bob@college.edu"):
        world.waiting(campus, email)
        world.invited(campus, email)
    college = {"kind": "domain", "domains": ["college.edu"]}
    with world.writing() as tx:
        ruling.revise(tx, campus, college, "", seen=1, keep_word=True, actor=TEAM, now=world.now)
    assert world.events("launching.revised")[0].data["kept"] == 1
    kept = {invite.email: invite.overrides_rules for invite in world.rows(Invite)}
    assert kept == {"eve@elsewhere.edu": True, "bob@college.edu": False}
    assert world.redeem(world.launch_of(), world.invite_of("eve@elsewhere.edu"), "eve@elsewhere.edu").first


def test_without_it_the_invite_is_refused_when_pressed(world: World) -> None:
    campus = world.launch(domain=None)
    world.waiting(campus, "eve@elsewhere.edu")
    world.invited(campus, "eve@elsewhere.edu")
    revise(world, campus, {"kind": "domain", "domains": ["college.edu"]})
    with pytest.raises(NotEligible):
        world.redeem(world.launch_of(), world.invite_of("eve@elsewhere.edu"), "eve@elsewhere.edu")


def test_a_rule_for_joining_that_nobody_new_could_meet_is_refused(world: World) -> None:
    launch = world.launch(domain=None)
    vouched, circle = {"kind": "vouched", "by": 1}, {"kind": "within", "hops": 1, "list": "first"}
    shut: list[dict[str, Any]] = [
        vouched,
        {"kind": "all_of", "gates": [{"kind": "everyone"}, circle]},
        {"kind": "any_of", "gates": [vouched, circle]},
    ]
    for tree in shut:
        with world.writing() as tx, pytest.raises(launching.NobodyNew):
            ruling.revise(tx, launch, tree, "", seen=None, actor=TEAM, now=world.now)
        with pytest.raises(launching.NobodyNew):
            world.launch("other", tree=tree)
    for tree in ({"kind": "any_of", "gates": [vouched, {"kind": "invited"}]}, {"kind": "not_of", "gate": vouched}):
        with world.writing() as tx:
            ruling.revise(tx, launch, tree, "", seen=None, actor=TEAM, now=world.now)
