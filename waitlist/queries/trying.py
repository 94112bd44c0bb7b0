"""Trying: what rules would say of an address, sentence by sentence, as of a proven mailbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from waitlist.db import Tx, one
from waitlist.gates.answers import Admits, Answer, Applicant, Fact
from waitlist.gates.gate import Gate
from waitlist.gates.operators import AllOf
from waitlist.models.condition import main_line
from waitlist.models.entry import Entry, by_address
from waitlist.models.facts import Somebody, applicants, denied_among
from waitlist.models.launch import Launch
from waitlist.models.rank import place_of, total_of


@dataclass(frozen=True)
class Tried:
    """The whole answer, that of each sentence, who has the address, and the place they have or would get."""

    answer: Answer
    parts: Sequence[tuple[Gate, Answer]]
    entry: Entry | None
    place: int | None
    blocked: bool

    @property
    def allowed(self) -> bool:
        return not self.blocked and isinstance(self.answer, Admits)


def tried(
    rx: Tx,
    launch: Launch,
    gate: Gate,
    *,
    domain: str,
    email_key: str,
    abuse_key: str,
    told: Sequence[Fact],
    now: datetime,
) -> Tried:
    """What a rule says of whoever has this address; `told` is supposed beside what is known of them."""
    entry = one(rx, by_address(launch.id, email_key))
    referred = entry is not None and entry.referrer_id is not None
    somebody = Somebody(entry.id if entry else 0, domain, abuse_key, referred=referred)
    known = applicants(rx, launch.id, [somebody], now, invited=False)[somebody.entry_id]
    applicant = Applicant({**known.facts, **Applicant.of(told).facts})
    parts = gate.gates if isinstance(gate, AllOf) else (gate,)
    return Tried(
        answer=gate.answer(applicant, now),
        parts=[(part, part.answer(applicant, now)) for part in parts],
        entry=entry,
        place=total_of(rx, main_line(rx, launch.id)) + 1 if entry is None else place_of(rx, entry.id),
        blocked=bool(denied_among(rx, launch.id, [somebody], now)),
    )
