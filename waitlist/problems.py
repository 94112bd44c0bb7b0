"""Problem documents (RFC 9457): how the API says that something did not work."""

from typing import Any

from flask import Response, g, jsonify, request
from werkzeug.http import HTTP_STATUS_CODES

from waitlist.runtime import runtime

# What the page of each problem's `type` says. In English, as the API is.
KINDS = {
    "archived": "The launch was put away: its data stays, and nobody gets anything from it any more.",
    "bad-request": "The body is not JSON that can be read.",
    "code-spent": "A one-time code (wl_code) works once, for five minutes. Send the person through “Continue” again.",
    "code-unknown": "No one-time code of this launch reads so. A key of another launch cannot exchange it.",
    "content-too-large": "The body is larger than this call takes.",
    "external-id-taken": "An external_id belongs to one person of a launch for good, and each person has one.",
    "insufficient-scope": "The key is good, but may not do this. Make one with the scope that `scope` names.",
    "internal-error": "A fault of the service. Its log holds more under the request_id.",
    "invite-unknown": "This launch has no such invite. A typed code of an older version names nothing any more.",
    "method-not-allowed": "The address is right, the method is not: the Allow header names those that are.",
    "not-a-member": "The person came in, and their access was taken back since.",
    "not-admitted": "The person is not in now, so nothing was signed. `decide` and OFREP say why.",
    "not-found": "There is nothing at this address. See /api/openapi.json for what there is.",
    "person-unknown": "No person of this launch has that entry id, address or external_id.",
    "secret-key-needed": "This call is for servers: use a secret key (wl_sk_), never a public one (wl_pk_).",
    "too-many-requests": "Too many calls from this network. Retry-After says when the next one is welcome.",
    "unauthorized": "Send a key of this launch: Authorization: Bearer wl_sk_… It may have been revoked or have ended.",
    "unavailable": "The database does not answer for a moment. Nothing was saved; try again.",
    "unsupported-media-type": "Send the body as JSON, with Content-Type: application/json.",
    "validation": "The body does not fit. `errors` names each place (a JSON pointer) and what is wrong there.",
}


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


def flag_problem(status: int, code: str, detail: str, *, key: str | None = None) -> Response:
    """The same in the shape of the OpenFeature protocol, whose clients read every field of it at every status."""
    body = {"errorCode": code, "errorDetails": detail or HTTP_STATUS_CODES.get(status, "Problem"), "metadata": {}}
    response = jsonify(body if key is None else {"key": key, **body})
    response.status_code = status
    return response


def machine_problem(status: int, kind: str, detail: str = "") -> Response:
    """What a machine is told, in the shape of the address it asked."""
    if request.path.startswith("/ofrep/"):
        return flag_problem(status, "GENERAL", detail or KINDS.get(kind, ""))
    return problem(status, kind, detail)
