"""The pages of members: signing in, their invites, their sessions."""

from flask import Flask

from waitlist.web.guards import Owner, authority
from waitlist.web.member.circle import blueprint as circle
from waitlist.web.member.invites import blueprint as invites
from waitlist.web.member.links import blueprint as links
from waitlist.web.member.sending import blueprint as sending
from waitlist.web.member.sessions import blueprint as sessions
from waitlist.web.member.settings import blueprint as settings
from waitlist.web.member.signed_in import ask_to_sign_in
from waitlist.web.member.signing_in import blueprint as signing_in

BLUEPRINTS = (signing_in, settings, sessions, invites, sending, links, circle)


def init_member(app: Flask) -> None:
    """Lead whoever is not signed in to the sign-in page."""
    authority(app, Owner.MEMBER, ask_to_sign_in)
