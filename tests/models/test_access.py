"""Roles, from the most to the least."""

from waitlist.models.access import Role


def test_roles_stand_in_order() -> None:
    assert Role.OWNER.covers(Role.ADMIN)
    assert Role.RELEASER.covers(Role.RELEASER)
    assert not Role.VIEWER.covers(Role.ANALYST)
