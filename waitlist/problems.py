"""Problem documents (RFC 9457): how the API says that something did not work."""

from typing import Any

from flask import Response, g, jsonify
from werkzeug.http import HTTP_STATUS_CODES

from waitlist.runtime import runtime


def problem(status: int, kind: str, detail: str = "", **extra: Any) -> Response:
    """The response for a problem of this kind; `type` is an absolute address whose page explains it."""
    body = {
        "type": f"{runtime().settings.base_url}/problems/{kind}",
        "title": HTTP_STATUS_CODES.get(status, "Problem"),
        "status": status,
        "detail": detail,
        "request_id": g.get("request_id", ""),
        **extra,
    }
    response = jsonify({name: value for name, value in body.items() if value != ""})
    response.status_code = status
    response.content_type = "application/problem+json"
    return response
