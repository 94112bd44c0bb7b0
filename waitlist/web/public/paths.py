"""Paths to somebody's own page: signed, private, and never in a log."""

from flask import url_for

from waitlist.models.launch import Launch
from waitlist.runtime import runtime
from waitlist.tokens import Purpose


def status_token(launch: Launch, entry: str, version: int) -> str:
    """What stands in the address of a status page; `entry` is the public id."""
    return runtime().tokens.sign(Purpose.STATUS, launch.public_id, entry, version)


def status_path(launch: Launch, entry: str, version: int, *, done: str | None = None) -> str:
    """The status page; `done` is the word for what was just done, which its banner says."""
    return url_for("public.status", token=status_token(launch, entry, version), done=done)


def answers_path(launch: Launch, entry: str, version: int, *, done: str | None = None) -> str:
    """The questions that were left for after the confirmation; "Skip for now" leads to the status page."""
    return url_for("public.answers", token=status_token(launch, entry, version), done=done)


def referral_url(slug: str) -> str:
    """The absolute address of somebody's own referral link; the slug names its launch."""
    return runtime().settings.base_url + url_for("public.referral", code=slug)
