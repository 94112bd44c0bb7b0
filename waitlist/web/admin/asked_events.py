"""Reading which events a page asks for: the audit log's form and that of one person's timeline are the same."""

import re

from waitlist.queries.audit import Wanted
from waitlist.web.admin.fields import Fields, seen_before
from waitlist.web.admin.frame import this_launch

KEPT = ("actor", "verb", "since", "until", "request", "about")
_WORD = re.compile(r"[a-z_]+(?:[.:][\w-]+)?")
_REQUEST = re.compile(r"[\w-]{1,64}")


def asked_events(fields: Fields, *, about: int | None = None) -> Wanted:
    """The filter in the address; what no form offered asks for nothing, what cannot be read stands in `fields`."""
    launch = this_launch()
    actor, verb, request_id = (fields.text(name, most=80) for name in ("actor", "verb", "request"))
    return Wanted(
        launch.id,
        actor=actor if _WORD.fullmatch(actor) else "",
        verb=verb if _WORD.fullmatch(verb) else "",
        since=fields.moment("since", launch.tz),
        until=fields.moment("until", launch.tz),
        before=seen_before(),
        about=about,
        request=request_id if _REQUEST.fullmatch(request_id) else "",
    )
