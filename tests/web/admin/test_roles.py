"""Each page and each press names its least role, and the server holds to it, launch by launch."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.services.bringing import uploaded
from tests.web.admin.conftest import Appoint, Desk, make_admin
from tests.world import ALICE, CAROL, TEAM, World
from waitlist.models.access import ApiKey, Role
from waitlist.models.hold import Denied
from waitlist.models.invite import InviteSource
from waitlist.models.sweep import Deed
from waitlist.pictures import Encoded
from waitlist.services import broadcasting, drafting, inviting, minting, reporting, sweeping
from waitlist.services.gathering import Audience
from waitlist.services.releasing import Offer
from waitlist.web.guards import Owner, Proof, guard_of

NO_PAGES = ("admin_mails.preview", "admin_check.mail_page", "admin_reports.picture")

# What each role may do beyond the one below it. A new page stands here before it stands anywhere.
LEAST = {
    None: {
        "admin_account.*",
        "admin_preferences.*",
        "admin_two_steps.*",
        "admin_sign_ins.*",
        "admin_passkeys.*",
        "admin_launches.launches",
        "admin_people.find_person",
    },
    Role.VIEWER: {
        "admin_plan.plan",
        "admin_plan_stage.stage",
        "admin_overview.overview",
        "admin_waves.waves",
        "admin_wave.wave",
        "admin_rules.rules",
    }
    | {"admin_check.check", "admin_watch.holding", "admin_watch.releasing", "admin_watch.result"}
    | {"admin_settings.settings", "admin_guards.guards"},
    Role.ANALYST: {
        "admin_people.people",
        "admin_people.export_people",
        "admin_sweeps.choose",
        "admin_person.person",
        "admin_person.side",
        "admin_audit.export_audit",
        "admin_check.people",
        "admin_check.mail_page",
        "admin_watch.export",
        "admin_audit.audit",
        "admin_referrals.*",
        "admin_referral_tree.tree",
        "admin_experiments.experiments",
        "admin_reports.*",
        "admin_imports.files",
        "admin_exports.*",
    }
    | {"admin_outbox.outbox", "admin_outbox.message", "admin_invites.invites", "admin_audit.verify"}
    | {"admin_broadcasts.broadcasts", "admin_broadcasts.broadcast"}
    | {"admin_mails.mails", "admin_mails.mail", "admin_mails.preview", "admin_mail_versions.versions"},
    Role.REVIEWER: {
        "admin_holds.holds",
        "admin_deny.*",
        "admin_reports.answer",
        "admin_sweeps.*",
        "admin_looking_as.*",
        "admin_person_facts.*",
        "admin_referral_tree.*",
        "admin_person_holds.hold",
        "admin_person_holds.release",
    },
    Role.RELEASER: {
        "admin_plan.*",
        "admin_plan_stage.*",
        "admin_holds.*",
        "admin_waves.*",
        "admin_wave.*",
        "admin_steps.*",
        "admin_invites.*",
        "admin_codes.*",
        "admin_outbox.retry",
        "admin_broadcasts.*",
    }
    | {"admin_experiments.*", "admin_guards.*", "admin_draft.*", "admin_check.send_test", "admin_watch.retry"}
    | {"admin_asks.*", "admin_person_facts.bounce", "admin_person_facts.recover"}
    | {"admin_overview.pause", "admin_overview.resume", "admin_overview.freeze"}
    | {"admin_overview.kill", "admin_overview.unkill"},
    Role.ADMIN: {
        "admin_overview.open_now",
        "admin_overview.close",
        "admin_settings.*",
        "admin_rules.*",
        "admin_rule_drafts.*",
        "admin_plan.hours",
        "admin_plan_form.*",
        "admin_plan_presets.*",
        "admin_plan_stage.withdraw",
    }
    | {
        "admin_questions.*",
        "admin_consents.*",
        "admin_face.*",
        "admin_keys.*",
        "admin_team.*",
        "admin_imports.*",
        "admin_import.*",
        "admin_person_erase.*",
        "admin_person_steps.*",
        "admin_person_holds.*",
        "admin_outbox.*",
        "admin_mails.*",
        "admin_mail_versions.*",
    }
    | {"admin_launches.new_launch", "admin_launches.create_launch", "admin_doctor.*"},
    Role.OWNER: {"admin_overview.launch_to_all", "admin_overview.archive"},
}


def least_of(endpoint: str) -> Role | None:
    """The role that the table names for an endpoint: by its own name first, then by its blueprint's star."""
    for wanted in (endpoint, endpoint.partition(".")[0] + ".*"):
        for role, names in LEAST.items():
            if wanted in names:
                return role
    raise AssertionError(f"{endpoint} has no role in the table")


def admin_rules(app: Flask) -> list[Rule]:
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/admin")]
    return [rule for rule in rules if guard_of(app, rule.endpoint).owner is Owner.ADMIN]  # type: ignore[union-attr]


def test_every_admin_view_has_the_role_that_the_table_names(app: Flask) -> None:
    rules = admin_rules(app)
    assert len(rules) > 40
    for rule in rules:
        found = guard_of(app, rule.endpoint)
        assert found is not None
        assert found.role == least_of(rule.endpoint), rule.endpoint


def test_every_press_of_an_admin_asks_for_a_csrf_token(app: Flask) -> None:
    for rule in admin_rules(app):
        found = guard_of(app, rule.endpoint)
        assert found is not None
        assert ("POST" in (rule.methods or ())) == (found.proof is Proof.CSRF), rule.endpoint


@pytest.fixture
def addresses(world: World) -> dict[str, str]:
    """Something for each placeholder of an address."""
    campus = world.cast()
    carol = world.entry(CAROL)
    invite = world.issue(campus, uses=2)
    with world.writing() as tx:
        offer = Offer(days=7, allowance=3, lapse_policy="keep")
        wave = drafting.draft(tx, campus, Audience("first", n=1), offer, actor=TEAM, now=world.now)
        broadcast = broadcasting.draft(tx, campus, [carol.id], actor=TEAM, now=world.now)
        sweep = sweeping.draft(tx, campus, [carol.id], Deed.HOLD, actor=TEAM, now=world.now)
        keys = inviting.Keys(world.runtime.codes_key, world.runtime.secrets.pepper)
        order = inviting.Order(InviteSource.ADMIN)
        batch = minting.mint(tx, campus, order, 2, keys=keys, actor=TEAM, now=world.now)
        alice, said, seen = world.entry(ALICE), reporting.Said("bug", "small", "x"), Encoded("image/webp", 1, 1, b"")
        reported = reporting.report(tx, campus, alice.id, said, seen, actor=TEAM, now=world.now)
        assert not isinstance(reported, reporting.TooMany)
        row = {"launch_id": campus.id, "kind": "domain", "value": "x.example", "shown": "x.example", "reason": "x"}
        denied = tx.execute(
            Denied.__table__.insert().values(created_at=world.now, created_by="x", **row).returning(Denied.id)
        ).scalar_one()
        key = {"launch_id": campus.id, "public_id": "key_x", "kind": "secret", "name": "x", "key_hash": "x"}
        key |= {"key_end": "x", "scopes": [], "origins": [], "created_at": world.now, "created_by": "x"}
        tx.execute(ApiKey.__table__.insert().values(key))
    return {
        "slug": campus.slug,
        "entry_id": carol.public_id,
        "wave_id": wave.public_id,
        "invite_id": invite.public_id,
        "message_id": world.messages()[-1].public_id,
        "denied_id": str(denied),
        "key_id": "key_x",
        "section": "page",
        "call_id": "app_x",
        "user_id": "1",
        "notice": "smtp",
        "tab": "place",
        "session_id": "1",
        "passkey_id": "1",
        "sweep_id": sweep.public_id,
        "batch_id": batch,
        "mail_kind": "invite",
        "broadcast_id": broadcast.public_id,
        "language": "en",
        "version": "1",
        "report_id": reported.public_id,
        "key": "first",
        "kind": "campus",
        "hold_id": "hld_x",
        "blackout_id": "1",
        "import_id": uploaded(world, campus, b"email\ncarol@college.edu\n").public_id,
    }


def filled(rule: Rule, addresses: dict[str, str]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: addresses[found[1]], rule.rule)


@pytest.mark.parametrize("role", [*Role, None])
def test_the_server_answers_403_to_every_role_below(
    app: Flask, appoint: Appoint, world: World, addresses: dict[str, str], role: Role | None
) -> None:
    campus = world.launch_of()
    somebody = appoint("linus@team.example", role, campus)
    for rule in admin_rules(app):
        if "<slug>" not in rule.rule:
            continue
        least = least_of(rule.endpoint)
        may = least is None or (role is not None and role.covers(least))
        method = "POST" if "POST" in (rule.methods or ()) else "GET"
        response = somebody.client.open(filled(rule, addresses), method=method)
        # A press that may be made has no CSRF token here, so it comes back to be sent again.
        allowed = (422,) if method == "POST" else (200, 302, 303)
        assert response.status_code in (allowed if may else (403,)), f"{role} {method} {rule.rule}"


def test_an_owner_of_one_waitlist_has_no_say_on_another_or_on_the_house(
    app: Flask, appoint: Appoint, world: World, addresses: dict[str, str]
) -> None:
    world.cast(world.launch("shop"))
    olga = appoint("olga@team.example", Role.OWNER, world.launch_of("shop"))
    own, others = addresses | {"slug": "shop"}, addresses
    for rule in admin_rules(app):
        method, least = ("POST" if "POST" in (rule.methods or ()) else "GET"), least_of(rule.endpoint)
        answer = olga.client.open(filled(rule, others), method=method)
        assert answer.status_code == 403 if least is not None else answer.status_code != 403, rule.rule
        if method == "GET" and "_id>" in rule.rule:
            # What stands below another waitlist is not found below one's own.
            assert olga.client.get(filled(rule, own)).status_code == 404, rule.rule


@pytest.mark.parametrize("role", [*Role, None])
def test_the_house_is_for_those_whose_role_counts_everywhere(
    app: Flask, appoint: Appoint, addresses: dict[str, str], role: Role | None
) -> None:
    somebody = appoint("linus@team.example", role)
    for rule in admin_rules(app):
        if "<slug>" in rule.rule:
            continue
        least, method = least_of(rule.endpoint), "POST" if "POST" in (rule.methods or ()) else "GET"
        may = least is None or (role is not None and role.covers(least))
        answer = somebody.client.open(filled(rule, addresses), method=method)
        assert (answer.status_code == 403) != may, f"{role} {method} {rule.rule}"


def test_whoever_is_not_signed_in_is_asked_to_sign_in(app: Flask, world: World, addresses: dict[str, str]) -> None:
    make_admin(world)
    client = app.test_client()
    for rule in admin_rules(app):
        response = client.open(filled(rule, addresses), method="GET" if "GET" in (rule.methods or ()) else "POST")
        assert response.status_code in (302, 422), rule.rule
        if response.status_code == 302:
            assert "/admin/sign-in?to=" in (response.location or "")


def test_every_page_is_there_for_the_owner_in_both_languages(
    app: Flask, grace: Desk, addresses: dict[str, str]
) -> None:
    for rule in admin_rules(app):
        if "GET" not in (rule.methods or ()) or rule.endpoint in NO_PAGES:
            continue  # a mail speaks the language of its reader, and a picture none
        for language in ("en", "fr"):
            response = grace.client.get(f"{filled(rule, addresses)}?lang={language}", follow_redirects=True)
            assert response.status_code == 200, rule.rule
            assert response.text.count("<h1") == 1, rule.rule
            assert f'<html lang="{language}"' in response.text
