"""What the world's mail servers read of the sender's domain: SPF, DMARC, and where DKIM is seen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from waitlist.sentences import N_

LookUp = Callable[[str], list[str] | None]


@dataclass(frozen=True)
class Look:
    """One look at a record: its check, its state, and what it says."""

    check: str
    state: str
    says: str
    params: dict[str, Any]


def looks(sender: str, look_up: LookUp) -> Iterator[Look]:
    """The looks at a sender's domain; a name without a dot is nobody's outside."""
    if "." not in sender:
        return
    said = {"domain": sender}
    for check, name, begins, missing in _RECORDS:
        found = look_up(name % said)
        if found is None:
            yield Look(check, "note", N_("Not checked: no DNS."), {})
        elif any(text.lower().startswith(begins) for text in found):
            yield Look(check, "ok", N_("%(domain)s has one."), said)
        else:
            yield Look(check, "fix", missing, said)
    yield Look("dkim", "note", N_("Send a test mail and look for dkim=pass in its headers: the relay signs it."), {})


_RECORDS = (
    (
        "spf",
        "%(domain)s",
        "v=spf1",
        N_("%(domain)s has none. Add the TXT record that your relay names, like “v=spf1 include:relay.example ~all”."),
    ),
    (
        "dmarc",
        "_dmarc.%(domain)s",
        "v=dmarc1",
        N_("%(domain)s has none. Add a TXT record at _dmarc.%(domain)s, like “v=DMARC1; p=none”."),
    ),
)
