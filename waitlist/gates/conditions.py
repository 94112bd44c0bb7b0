"""The table of conditions: one line for each kind. A new condition is a file of its own and a line here."""

from collections.abc import Callable

from waitlist.gates.denied import Denied
from waitlist.gates.domain import Domain
from waitlist.gates.everyone import Everyone
from waitlist.gates.gate import Gate, Node
from waitlist.gates.invited import Invited
from waitlist.gates.listed import Listed
from waitlist.gates.referred import Referred

CONDITIONS: dict[str, Callable[[Node], Gate]] = {
    Everyone.kind: Everyone.from_json,
    Domain.kind: Domain.from_json,
    Listed.kind: Listed.from_json,
    Invited.kind: Invited.from_json,
    Referred.kind: Referred.from_json,
    Denied.kind: Denied.from_json,
}
