"""Planning: a new launch from a preset and a few words, as the plan that `launching.create` takes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from waitlist.domains import rule_domain
from waitlist.services.launching import Plan

EVERYONE: dict[str, Any] = {"kind": "everyone"}
INVITED: dict[str, Any] = {"kind": "invited"}
REFERRED: dict[str, Any] = {"kind": "referred"}


@dataclass(frozen=True)
class Wish:
    """What somebody asks for: who may join, and the launch's columns by name where they differ from the defaults."""

    slug: str
    name: str
    domains: Sequence[str] = ()  # as typed
    subdomains: bool = False
    invite_only: bool = False
    friends_only: bool = False
    opens_at: datetime | None = None
    columns: dict[str, Any] = field(default_factory=dict)


def plan(wish: Wish) -> Plan:
    """The plan of a wish: `campus`, `invitation`, `friends` or `everyone`. Raises BadDomain for a wrong domain."""
    return Plan(
        slug=wish.slug,
        name=wish.name,
        preset=_preset(wish),
        tree=_tree(wish),
        mode="redeem" if wish.invite_only else "release",
        opens_at=wish.opens_at,
        columns=wish.columns,
    )


def _preset(wish: Wish) -> str:
    if wish.invite_only:
        return "invitation"
    if wish.friends_only:
        return "friends"
    return "campus" if wish.domains else "everyone"


def _tree(wish: Wish) -> dict[str, Any]:
    parts: list[dict[str, Any]] = []
    if wish.domains:
        domains = sorted({rule_domain(typed).domain for typed in wish.domains})
        parts.append({"kind": "domain", "domains": domains, "subdomains": wish.subdomains})
    if wish.invite_only:
        parts.append(INVITED)
    elif wish.friends_only:
        # The first members have no friend inside yet: the team's invites bring them in.
        parts.append({"kind": "any_of", "gates": [REFERRED, INVITED]})
    if len(parts) > 1:
        return {"kind": "all_of", "gates": parts}
    return parts[0] if parts else EVERYONE
