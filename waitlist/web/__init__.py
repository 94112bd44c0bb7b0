"""The pages: parse, call one verb, commit, answer."""

from flask import Flask

from waitlist.web import admin, health, invites, member, problem_pages, public
from waitlist.web.errors import init_errors
from waitlist.web.guards import check_all_guarded, init_guards
from waitlist.web.headers import init_headers
from waitlist.web.networks import init_networks
from waitlist.web.sessions import DatabaseSessions
from waitlist.web.visits import init_visits
from waitlist.web.wording import said, whom

BLUEPRINTS = (
    health.blueprint,
    problem_pages.blueprint,
    *public.BLUEPRINTS,
    *invites.BLUEPRINTS,
    *member.BLUEPRINTS,
    *admin.BLUEPRINTS,
)


def register(app: Flask) -> None:
    """Give the app its pages, sessions and error pages."""
    app.session_interface = DatabaseSessions()
    init_headers(app)
    init_errors(app)
    init_guards(app)
    init_networks(app)
    init_visits(app)
    app.jinja_env.filters.update(whom=whom, said=said)
    public.init_public(app)
    admin.init_admin(app)
    invites.init_invites(app)
    member.init_member(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    check_all_guarded(app)
