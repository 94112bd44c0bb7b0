"""The API: JSON for products, errors as RFC 9457 problem documents, described by `/api/openapi.json`."""

from typing import Any

from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import Response, request

from waitlist.api import invites, ofrep, signals, subjects
from waitlist.api.key_uses import init_key_uses
from waitlist.api.ofrep import streams
from waitlist.problems import problem

LARGEST = 64 * 1024  # bytes of a body
BLUEPRINTS = (invites.blueprint, subjects.blueprint, signals.blueprint)


def register(app: APIFlask) -> None:
    """Give the app its API."""
    app.config["OPENAPI_VERSION"] = "3.1.0"
    app.config["VALIDATION_ERROR_DESCRIPTION"] = "What was sent does not fit: `errors` says where."
    app.security_schemes = {
        "key": {"type": "http", "scheme": "bearer", "description": "A key of one launch: `wl_sk_…` for servers."}
    }
    app.error_callback = _invalid
    app.spec_processor(_problems_everywhere)
    app.before_request(_refuse_body)
    init_key_uses(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.register_blueprint(ofrep.blueprint)
    streams.init_streams(app)


def _invalid(error: HTTPError) -> Response:
    """APIFlask's own refusal of a body that does not fit its schema."""
    found = error.detail.get("json", {}) if isinstance(error.detail, dict) else {}
    errors = [
        {"pointer": "/" + "/".join(str(part) for part in where), "code": code, "detail": detail}
        for where, code, detail in _flat(found)
    ]
    return problem(error.status_code, "validation", "What was sent does not fit.", errors=errors)


def _flat(found: Any, where: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], str, str]]:
    if isinstance(found, dict):
        return [row for name, inner in found.items() for row in _flat(inner, (*where, name))]
    return [(where, "format", str(message)) for message in (found if isinstance(found, list) else [found])]


def _refuse_body() -> Response | None:
    """A body is JSON, and not endless; told before anything reads it."""
    if request.url_rule is None or not request.path.startswith("/api/") or request.method in ("GET", "HEAD", "OPTIONS"):
        return None
    if (request.content_length or 0) > LARGEST:
        return problem(413, "content-too-large", f"A body may have {LARGEST} bytes.")
    return None if request.is_json else problem(415, "unsupported-media-type", "Send Content-Type: application/json.")


def _problems_everywhere(spec: dict[Any, Any] | str) -> dict[Any, Any] | str:
    """Every refusal is described as what it is: a problem document."""
    assert isinstance(spec, dict), "the format is JSON"
    spec.setdefault("components", {}).setdefault("schemas", {})["Problem"] = _PROBLEM
    for path in spec.get("paths", {}).values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if status >= "400":
                    schema = {"$ref": "#/components/schemas/Problem"}
                    response["content"] = {"application/problem+json": {"schema": schema}}
    return spec


_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "An address whose page explains the problem."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
