"""The public pages: joining, confirming, one's own place, and how all of it works."""

from waitlist.web.public import (
    answers,
    asking,
    brand,
    change,
    choices,
    confirm,
    find,
    front,
    inbox,
    introduce,
    join,
    leave,
    not_me,
    qr,
    rules,
    status,
)
from waitlist.web.public.blueprint import blueprint

DOORS = (
    answers,
    asking,
    brand,
    change,
    choices,
    confirm,
    find,
    front,
    inbox,
    introduce,
    join,
    leave,
    not_me,
    qr,
    rules,
    status,
)
BLUEPRINTS = (blueprint,)
