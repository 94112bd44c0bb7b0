"""Variables: the names that the team's own words for a mail may hold between double braces, and nothing else.

`says` is our own expression over the facts of a letter, never anybody's text. What stands in a variable is shown as it
is: it is no markdown, no HTML, and no variable again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache


class Shape(StrEnum):
    """How a variable stands in a mail."""

    TEXT = "text"
    LINK = "link"  # an address of a page
    CODE = "code"  # large, on a line of its own
    QUOTE = "quote"  # somebody's own words, set off from ours


@dataclass(frozen=True)
class Variable:
    """One name. `needed`: no mail of this kind without it.

    `may_be_empty`: sometimes it has nothing to say. Then a paragraph that holds it is left out, unless it is a whole
    sentence (`_sentence`), which just goes.
    """

    name: str
    says: str
    sample: str = ""  # for the list beside the editor
    shape: Shape = Shape.TEXT
    may_be_empty: bool = False
    needed: bool = False

    @property
    def takes_along(self) -> bool:
        """Whether what stands around it goes when it is empty."""
        return self.may_be_empty and not self.name.endswith("_sentence")


_SAYS = {
    "until": "until|moment",
    "place": "place|number if place else ''",
    "total": "total|number",
    "points": "points|number",
    "friend": "friend or _('A friend')",
    "masked": "masked or _('a friend')",
    "friends": "friends|map('default', _('A friend'), true)|join(', ')"
    " ~ (', ' ~ ngettext('and %(num)s more', 'and %(num)s more', more) if more else '')",
    "decline_url": "accept_url ~ '#decline'",
    "again_url": "home_url if in_line and policy == 'leave' else accept_url",
    "gives_sentence": "ngettext('Once you are in you can invite %(num)s friend.',"
    " 'Once you are in you can invite %(num)s friends.', gives) if gives else ''",
    "left_sentence": "ngettext('You have %(num)s invite left.', 'You have %(num)s invites left.', left)",
    "back_sentence": "ngettext('%(num)s invite came back to you.', '%(num)s invites came back to you.', back)",
    "counted_sentence": "ngettext('%(num)s friend of yours counts so far.',"
    " '%(num)s friends of yours count so far.', counted)",
    "withdrawn_sentence": "_('The team of %(waitlist)s took back the invite that you came in by, so you are not inside"
    " any more.', waitlist=waitlist) if was_in else _('The team of %(waitlist)s took your invite back, and its link no"
    " longer works.', waitlist=waitlist)",
    "report_sentence": "{'new': _('The team has your report %(ref)s.', ref=ref),"
    " 'seen': _('The team looks at your report %(ref)s.', ref=ref),"
    " 'planned': _('What you reported as %(ref)s will be worked on.', ref=ref),"
    " 'fixed': _('What you reported as %(ref)s is fixed.', ref=ref),"
    " 'wont_fix': _('What you reported as %(ref)s will stay as it is.', ref=ref)}[state]",
    "kept_sentence": "(_('You have your place in line again, and the next invites go to you first.') if was_in"
    " else _('You keep your place in line.')) if in_line else ''",
    "where_sentence": "_('Asked for from: %(where)s.', where=where) if where else ''",
    "works_sentence": "_('Both work until %(until)s.', until=until|moment) if proof_url"
    " else _('It works until %(until)s.', until=until|moment)",
    "asked_sentence": "_('%(masked)s has no invite to %(waitlist)s and asks for one.', waitlist=waitlist,"
    " masked=masked or _('Somebody')) if appeal is not none else _('An invite to %(waitlist)s for %(masked)s ended"
    " before it was used. The person asks for a new one.', waitlist=waitlist, masked=masked or _('somebody'))",
}
_SHAPES = {"code": Shape.CODE, "note": Shape.QUOTE, "given_reason": Shape.QUOTE}

EVERYWHERE = "waitlist name?"
# `!` must stand in the words, `?` may be empty.
KINDS: dict[str, str] = {
    "confirm": "confirm_url! code! until email",
    "in_line": "status_url! place? referral_url? how_url",
    "already_in_line": "status_url! state_sentence!",
    "interest_joined": "status_url!",
    "interest_open": "home_url!",
    "seat_free": "accept_url! until",
    "friend_joined": "status_url! friends! counted_sentence points place? referral_url?",
    "invite": "accept_url! until! code? redeem_url email gives_sentence? policy_sentence",
    "invite_reminder": "accept_url! decline_url! until! policy_sentence",
    "invite_ended": "again_url! after_sentence! until",
    "invite_withdrawn": "withdrawn_sentence! kept_sentence? given_reason!? status_url?",
    "member_invite": "accept_url! decline_url! no_invites_url!? note!? inviter! until email",
    "invite_accepted": "invites_url! friend! left_sentence",
    "invite_unused": "invites_url! masked back_sentence left_sentence",
    "invite_asked": "ask_url! asked_sentence!",
    "sign_in": "code! sign_in_url! until where_sentence?",
    "proof": "code! proof_url!? works_sentence where_sentence?",
    "change_confirm": "change_url! email! until",
    "change_notice": "undo_url! masked! until!",
    "data_ready": "data_url! until!",
    "report_news": "report_sentence! note!? feedback_url! ref",
    "broadcast": "status_url? home_url how_url place? referral_url?",
    "place_digest": "place! total moved_sentence! why_sentence? status_url!",
}

EDITED = tuple(kind for kind in KINDS if kind != "broadcast")  # a broadcast has words of its own, each time


@cache
def variables_of(kind: str) -> Mapping[str, Variable]:
    """What the words of this kind of mail may hold, the needed ones first; raises KeyError for a kind with none."""
    found = [_variable(text) for text in f"{KINDS[kind]} {EVERYWHERE}".split()]
    return {variable.name: variable for variable in sorted(found, key=lambda v: not v.needed)}


def _variable(text: str) -> Variable:
    name = re.sub(r"\W", "", text)
    return Variable(
        name=name,
        says=_SAYS.get(name, name),
        shape=Shape.LINK if name.endswith("_url") else _SHAPES.get(name, Shape.TEXT),
        may_be_empty="?" in text,
        needed="!" in text,
    )
