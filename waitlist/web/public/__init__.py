"""The public pages: joining, confirming, one's own place, and how all of it works."""

from flask import Flask

from waitlist.web import markdown
from waitlist.web.public import (
    answers,
    appeal,
    asking,
    brand,
    change,
    choices,
    confirm,
    erase,
    feedback,
    find,
    front,
    inbox,
    introduce,
    join,
    leaderboard,
    leave,
    not_me,
    own_data,
    qr,
    questions,
    rules,
    status,
    takeaway,
)
from waitlist.web.public.blueprint import blueprint

DOORS = (
    answers,
    appeal,
    asking,
    brand,
    change,
    choices,
    confirm,
    erase,
    feedback,
    find,
    front,
    inbox,
    introduce,
    join,
    leaderboard,
    leave,
    not_me,
    own_data,
    qr,
    rules,
    status,
    takeaway,
)
BLUEPRINTS = (blueprint,)


def init_public(app: Flask) -> None:
    """Give templates the names of a join form's fields, and the team's words as one line of markdown."""
    app.jinja_env.filters.update(
        question_id=questions.field_id,
        not_said_id=questions.not_said_id,
        terms_id=questions.terms_id,
        markdown_line=markdown.line,
    )
