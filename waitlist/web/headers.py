"""Headers of every answer: what a browser may load, frame and remember, and how the answer is called in the log."""

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from secure import (
    ContentSecurityPolicy,
    CrossOriginOpenerPolicy,
    PermissionsPolicy,
    ReferrerPolicy,
    Secure,
    StrictTransportSecurity,
    XContentTypeOptions,
)

from waitlist import catalogues, logs
from waitlist.i18n import LOCALE_COOKIE, saved_locale
from waitlist.runtime import runtime
from waitlist.web.cookies import put

YEAR = 365 * 24 * 60 * 60


def init_headers(app: Flask) -> None:
    """Name every request, and give every answer its headers."""
    app.before_request(_name_request)
    app.after_request(_add_headers)
    app.after_request(_remember_language)


def allow_form_to(url: str) -> None:
    """Let this page's form lead to another origin, which one page needs: the walk into the product."""
    parts = urlsplit(url)
    g.form_action = f"{parts.scheme}://{parts.netloc}"


def allow_frame() -> None:
    """Let this page stand inside somebody's frame (the embedded join form)."""
    g.framed = True


def _name_request() -> None:
    g.request_id = f"req_{secrets.token_hex(10)}"
    logs.request_id.set(g.request_id)


def _add_headers(response: Response) -> Response:
    private = g.get("private", False)
    headers = Secure(
        csp=_policy(),
        referrer=ReferrerPolicy().no_referrer() if private else ReferrerPolicy().same_origin(),
        xcto=XContentTypeOptions().nosniff(),
        coop=CrossOriginOpenerPolicy().same_origin(),
        permissions=PermissionsPolicy().camera().geolocation().microphone(),
        hsts=StrictTransportSecurity().max_age(YEAR) if runtime().settings.secure else None,
    )
    for name, value in headers.headers.items():
        response.headers.setdefault(name, value)
    if private:
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex"
    elif response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.vary.update(("Accept-Language", "Cookie"))
    response.headers["X-Request-Id"] = g.get("request_id", "")
    return response


def _policy() -> ContentSecurityPolicy:
    policy = ContentSecurityPolicy().default_src("'self'").img_src("'self'", "data:")
    policy = policy.base_uri("'none'").object_src("'none'")
    policy = policy.form_action("'self'", *([g.form_action] if "form_action" in g else []))
    return policy if g.get("framed") else policy.frame_ancestors("'none'")


def _remember_language(response: Response) -> Response:
    # A stateless, signed cookie: one of the two that a GET may set.
    asked = request.args.get("lang", "")
    if asked in catalogues.locales() and response.mimetype == "text/html":
        put(response, LOCALE_COOKIE, saved_locale(asked, runtime().tokens), days=365)
    return response
