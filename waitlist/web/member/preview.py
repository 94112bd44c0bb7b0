"""The mail that an invite would be, before it exists: made by the same facts and templates as the real one."""

import re
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import cast

import sqlalchemy as sa

from waitlist.db import Base, Tx
from waitlist.models.entry import Entry
from waitlist.models.invite import Invite, InviteSource
from waitlist.models.launch import Launch
from waitlist.models.message import Message
from waitlist.queries.letter import draft
from waitlist.queries.letter_subject import Subject
from waitlist.rendering import Written, write
from waitlist.runtime import runtime

NOWHERE = re.compile(r"(/i/)[\w.-]+")


def preview(rx: Tx, launch: Launch, inviter: Entry, email: str, note: str, language: str, now: datetime) -> Written:
    """The subject and text of the mail to this address; its link ends in an ellipsis, since nothing was issued."""
    message = cast(
        Message,
        _row(
            Message, kind="member_invite", to_address=email, to_key=email, language=language, created_at=now,
            available_at=now, attempts=0, params={}, dedupe_key="", public_id="", message_id="", launch_id=launch.id,
        ),
    )  # fmt: skip
    invite = cast(
        Invite,
        _row(
            Invite, source=InviteSource.MEMBER, public_id="", version=1, email=email, email_key=email, max_uses=1,
            uses=0, allowance=launch.allowance, lapse_policy=launch.lapse_policy, note=note, inviter_id=inviter.id,
            expires_at=now + timedelta(days=launch.invite_days),
        ),
    )  # fmt: skip
    stationery = runtime().stationery
    subject = Subject(
        message=message, launch=launch, entry=None, attempt=None, invite=invite,
        inviter=inviter, friend=None, stationery=stationery, now=now,
    )  # fmt: skip
    written = write(draft(rx, message, subject, stationery))
    return Written(written.subject, NOWHERE.sub(r"\1…", written.text), "")


def _row(noun: type[Base], **values: object) -> SimpleNamespace:
    """A row that is not written: every column, empty where no value is given."""
    return SimpleNamespace(**dict.fromkeys(sa.inspect(noun).columns.keys()) | values)
