"""Whom a member brought, and the chain they all stand in: as a table, as a tree, and as a picture of it."""

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.db import reading
from waitlist.queries import branches, chain
from waitlist.web.guards import Owner, guard
from waitlist.web.member.signed_in import here, member_page
from waitlist.web.tree_picture import draw

blueprint = Blueprint("circle", __name__, url_prefix="/w/<slug>/me")


@blueprint.get("/people")
@guard(Owner.MEMBER)
def people(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - who is signed in was found before
    """Who joined by this member, a page at a time."""
    _, member = here()
    after = page_key()
    with reading() as rx:
        found = chain.joiners(rx, member.id, after=after)
    return member_page("member/people.html", "people", now=clock.now(), found=found, after=after)


@blueprint.get("/chain")
@guard(Owner.MEMBER)
def show(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """The chain up, and three levels down from the member or from somebody below."""
    _, member = here()
    after, start = page_key(), request.args.get("from", "")
    with reading() as rx:
        root = chain.branch_of(rx, member.id, start, after=after)
        if root is None:
            abort(404)
        up, size = chain.above(rx, member.id), branches.below(rx, member.id)
        direct = chain.direct(rx, member.id)
    return member_page(
        "member/chain.html",
        "chain",
        now=clock.now(),
        top=root,
        picture=draw(root),
        above=up,
        size=size,
        direct=direct,
        after=after,
        name_of=lambda twig: chain.name_of(twig.name, share=twig.share_name),
    )


def page_key() -> int:
    """The key of the address after which the page starts; no such page for what is no key."""
    given = request.args.get("after", "0")
    if not (given.isascii() and given.isdigit() and len(given) < 19):
        abort(404)
    return int(given)
