"""Newcomers: a rule over vouches is no way to join, because nobody has any before they have an entry."""

from waitlist.gates.gate import Gate
from waitlist.gates.operators import AllOf, AnyOf
from waitlist.gates.vouched import Vouched
from waitlist.gates.within import Within


def shut_to_newcomers(gate: Gate) -> Gate | None:
    """The rule that somebody without an entry can never meet and cannot go around; None where there is a way in."""
    if isinstance(gate, Vouched | Within):
        return gate
    if isinstance(gate, AllOf):
        return next((shut for part in gate.gates if (shut := shut_to_newcomers(part)) is not None), None)
    if isinstance(gate, AnyOf):
        ways = [shut_to_newcomers(part) for part in gate.gates]
        return None if None in ways else ways[0]
    return None
