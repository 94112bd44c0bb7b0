"""Who does something: written into every event and every dated state change."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """A doer as the audit log names it: `kind:name`, such as `admin:3`, `person:ent_7k2p`, `system:worker`."""

    kind: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind


WORKER = Actor("system", "worker")
COMMAND = Actor("system", "command")
SETUP = Actor("system", "setup")


def person(public_id: str) -> Actor:
    """The person behind an entry, acting with a link or a code of their own."""
    return Actor("person", public_id)


def admin(user_id: int) -> Actor:
    return Actor("admin", str(user_id))
