"""Cookies: `__Host-` and Secure where people come by https, plain names where they do not."""

from flask import Response, request

from waitlist.runtime import runtime

DAY = 24 * 60 * 60


def cookie_name(name: str) -> str:
    """The name as it is set on this installation."""
    return f"__Host-{name}" if runtime().settings.secure else name


def put(response: Response, name: str, value: str, *, days: int) -> None:
    """Set a cookie for the whole host that no script reads."""
    response.set_cookie(
        cookie_name(name),
        value,
        max_age=days * DAY,
        path="/",
        secure=runtime().settings.secure,
        httponly=True,
        samesite="Lax",
    )


def take(name: str) -> str:
    """The cookie's value, or an empty text."""
    return request.cookies.get(cookie_name(name), "")


def drop(response: Response, name: str) -> None:
    """Make the browser forget a cookie."""
    response.delete_cookie(cookie_name(name), path="/", secure=runtime().settings.secure, httponly=True, samesite="Lax")
