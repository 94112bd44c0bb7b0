"""Gates: who may come in, as pure decisions over facts. No web, no database, no clock."""

from waitlist.gates.gate import BadGate, Gate, Sentence
from waitlist.gates.parsing import dump, explain, parse

__all__ = ["BadGate", "Gate", "Sentence", "dump", "explain", "parse"]
