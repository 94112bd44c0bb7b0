"""The pages of invites: what one is, coming in by it, saying no, asking for a new one, and welcome."""

from functools import partial

from flask import Flask

from waitlist.addresses import mask
from waitlist.web.invites import answering, deciding, landing, proof, typed, welcome

BLUEPRINTS = (
    landing.blueprint,
    answering.blueprint,
    proof.blueprint,
    typed.blueprint,
    welcome.blueprint,
    deciding.blueprint,
)


def init_invites(app: Flask) -> None:
    """Give templates `masked`: an address as somebody who has not proven it may see it, "b•••@college.edu"."""
    app.jinja_env.filters["masked"] = partial(mask, keep_domain=True)
