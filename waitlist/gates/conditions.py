"""The table of conditions: one line for each kind. A new condition is a file of its own and a line here."""

from collections.abc import Callable

from waitlist.gates.answered import Answered
from waitlist.gates.arm import Arm
from waitlist.gates.country import Country
from waitlist.gates.customer import Customer
from waitlist.gates.denied import Denied
from waitlist.gates.domain import Domain
from waitlist.gates.everyone import Everyone
from waitlist.gates.gate import Gate, Node
from waitlist.gates.invited import Invited
from waitlist.gates.joined_before import JoinedBefore
from waitlist.gates.listed import Listed
from waitlist.gates.referred import Referred
from waitlist.gates.score import Score
from waitlist.gates.subdivision import Subdivision
from waitlist.gates.ticket import Ticket
from waitlist.gates.unit import Unit
from waitlist.gates.vouched import Vouched
from waitlist.gates.within import Within

CONDITIONS: dict[str, Callable[[Node], Gate]] = {
    Everyone.kind: Everyone.from_json,
    Domain.kind: Domain.from_json,
    Listed.kind: Listed.from_json,
    Invited.kind: Invited.from_json,
    Referred.kind: Referred.from_json,
    Denied.kind: Denied.from_json,
    Answered.kind: Answered.from_json,
    Arm.kind: Arm.from_json,
    Country.kind: Country.from_json,
    Customer.kind: Customer.from_json,
    JoinedBefore.kind: JoinedBefore.from_json,
    Score.kind: Score.from_json,
    Subdivision.kind: Subdivision.from_json,
    Ticket.kind: Ticket.from_json,
    Unit.kind: Unit.from_json,
    Vouched.kind: Vouched.from_json,
    Within.kind: Within.from_json,
}
