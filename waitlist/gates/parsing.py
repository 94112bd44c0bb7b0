"""Rule trees from JSON and back. Reading is strict: what it does not know, it refuses and names the place."""

from typing import Any

from waitlist.gates.conditions import CONDITIONS
from waitlist.gates.gate import BadGate, Gate, Node, Sentence
from waitlist.gates.operators import AllOf, AnyOf, NotOf

DEEPEST = 8  # levels, the root is the first
MOST_NODES = 200  # conditions and operators together


def parse(tree: object) -> Gate:
    """The gate that a JSON value describes, such as `{"kind": "domain", "domains": ["harvard.edu"]}`.

    Raises BadGate for an unknown kind or key, a wrong type, an empty list, more than 8 levels or 200 rules.
    """
    return _Reading().gate(tree, "$", depth=1)


def dump(gate: Gate) -> dict[str, Any]:
    """The gate as JSON, every field written out; `parse(dump(gate)) == gate`."""
    return gate.to_json()


def explain(gate: Gate) -> tuple[Sentence, ...]:
    """The gate in sentences for "How this line works", one for each rule that all must meet."""
    return tuple(part.sentence for part in gate.gates) if isinstance(gate, AllOf) else (gate.sentence,)


class _Reading:
    """One tree being read: counts its rules."""

    def __init__(self) -> None:
        self._nodes = 0

    def gate(self, value: object, path: str, *, depth: int) -> Gate:
        node = Node(value, path)
        self._nodes += 1
        if depth > DEEPEST:
            raise BadGate(path, "gate_too_deep")
        if self._nodes > MOST_NODES:
            raise BadGate(path, "gate_too_large")
        gate = self._read(node, node.text("kind"), depth)
        node.refuse_unknown_keys()
        return gate

    def _read(self, node: Node, kind: str, depth: int) -> Gate:
        match kind:
            case AllOf.kind:
                return AllOf(self._gates(node, depth))
            case AnyOf.kind:
                return AnyOf(self._gates(node, depth))
            case NotOf.kind:
                return NotOf(self.gate(node.get("gate"), node.at("gate"), depth=depth + 1))
        if kind not in CONDITIONS:
            raise BadGate(node.at("kind"), "gate_unknown_kind")
        return CONDITIONS[kind](node)

    def _gates(self, node: Node, depth: int) -> tuple[Gate, ...]:
        items = node.items("gates")
        if not items:
            # An empty "all" would let everybody in and an empty "any" nobody: neither was meant.
            raise BadGate(node.at("gates"), "gate_empty")
        return tuple(
            self.gate(item, f"{node.at('gates')}[{place}]", depth=depth + 1) for place, item in enumerate(items)
        )
