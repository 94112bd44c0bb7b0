"""A server that speaks OFREP, and what is known of it: the service in this process, or any other.

`OFREP_BASE_URL=https://… OFREP_FIXTURE=facts.json pytest tests/ofrep/test_rules.py` points the rules at another server;
the file holds the fields of `Facts`.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Facts:
    """Keys, flags and people of the server. `flag` admits `admitted`, not `outsider`; `waiting_flag` admits nobody yet.

    Each of the two flags has a secret and a public key; people of the public keys are named by subject tokens.
    """

    flag: str
    key: str
    public_key: str
    origin: str  # whose pages may ask with the public keys
    admitted: str
    outsider: str
    admitted_token: str
    waiting_flag: str
    waiting_key: str
    waiting_public_key: str
    waiting: str
    waiting_token: str


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Send = Callable[[str, str, bytes, Mapping[str, str]], Reply]


@dataclass(frozen=True)
class Target:
    """A server under test. `ask` evaluates one flag, `ask_all` all of them."""

    facts: Facts
    send: Send

    def ask(self, subject: str | None, flag: str | None = None, key: str | None = None, **more: Any) -> Reply:
        return self.post(f"/ofrep/v1/evaluate/flags/{flag or self.facts.flag}", subject, key or self.facts.key, **more)

    def ask_all(self, subject: str | None, key: str | None = None, **more: Any) -> Reply:
        return self.post("/ofrep/v1/evaluate/flags", subject, key or self.facts.key, **more)

    def post(self, path: str, subject: str | None, key: str, **more: Any) -> Reply:
        context = more.pop("context", {}) | ({} if subject is None else {"targetingKey": subject})
        body = more.pop("body", json.dumps({"context": context}).encode())
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"} | more.pop("headers", {})
        return self.send("POST", path, body, {name: value for name, value in headers.items() if value})


def over_http(base_url: str) -> Send:
    """Send requests to another process."""

    def send(method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        request = urllib.request.Request(base_url + path, body or None, dict(headers), method=method)
        try:
            with urllib.request.urlopen(request) as response:
                return Reply(response.status, dict(response.headers), response.read())
        except urllib.error.HTTPError as error:
            return Reply(error.code, dict(error.headers), error.read())

    return send
