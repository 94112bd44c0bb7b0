"""The admin area: its frame, who is signed in, and one file for each noun."""

from flask import Flask

from waitlist.web.admin import (
    account,
    asks,
    audit,
    check,
    consents,
    deny,
    doctor,
    draft,
    experiments,
    face,
    invites,
    joining_team,
    keys,
    launches,
    looking_as,
    outbox,
    overview,
    passkeys,
    people,
    person,
    person_erase,
    person_facts,
    person_holds,
    person_steps,
    preferences,
    questions,
    referral_tree,
    referrals,
    resetting,
    rule_drafts,
    rules,
    second_step,
    settings,
    setup,
    sign_ins,
    steps,
    sweeps,
    team,
    two_steps,
    watch,
    wave,
    waves,
)
from waitlist.web.admin.again import init_again
from waitlist.web.admin.frame import init_frame
from waitlist.web.admin.security import init_security

NOUNS = (
    account,
    asks,
    audit,
    check,
    consents,
    deny,
    doctor,
    face,
    draft,
    experiments,
    invites,
    joining_team,
    keys,
    launches,
    looking_as,
    outbox,
    overview,
    passkeys,
    people,
    person,
    person_erase,
    person_facts,
    person_holds,
    person_steps,
    preferences,
    questions,
    referral_tree,
    referrals,
    resetting,
    rule_drafts,
    rules,
    second_step,
    settings,
    setup,
    sign_ins,
    steps,
    sweeps,
    team,
    two_steps,
    watch,
    wave,
    waves,
)
BLUEPRINTS = tuple(noun.blueprint for noun in NOUNS)


def init_admin(app: Flask) -> None:
    """Give the app its admins."""
    init_security(app)
    init_frame(app)
    init_again(app)
