"""Where a request comes from, and how much one network may ask: this only sheds load.

What protects a mailbox or a code is counted in the database (services/counting).
"""

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, request
from flask_limiter import Limiter
from limits import RateLimitItem, parse
from limits.errors import StorageError
from werkzeug.exceptions import TooManyRequests

from waitlist import clock
from waitlist.runtime import runtime
from waitlist.web.guards import SAFE, guard_of
from waitlist.web.launches import has_domain_rule

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
CAMPUS = 20  # a dormitory is one address: where a domain rule stands, its network may ask this much more


class TrustedProxies:
    """WSGI middleware: `X-Forwarded-For` and `-Proto` count only when a listed peer sent them.

    The client is the last address before the listed ones, never the first of the header, which anybody can write.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]], networks: Iterable[str]) -> None:
        self._app = app
        self._networks = [ipaddress.ip_network(network, strict=False) for network in networks]

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        peer = environ.get("REMOTE_ADDR", "")
        if self._listed(peer):
            environ["REMOTE_ADDR"] = self._client(peer, environ.get("HTTP_X_FORWARDED_FOR", ""))
            proto = environ.get("HTTP_X_FORWARDED_PROTO", "").split(",")[-1].strip()
            if proto in ("http", "https"):
                environ["wsgi.url_scheme"] = proto
        return self._app(environ, start)

    def _client(self, peer: str, forwarded: str) -> str:
        for address in reversed([part.strip() for part in forwarded.split(",")]):
            if not _is_address(address):
                break
            peer = address
            if not self._listed(address):
                break
        return peer

    def _listed(self, address: str) -> bool:
        return _is_address(address) and any(ipaddress.ip_address(address) in network for network in self._networks)


class Probes:
    """WSGI middleware: health checks ask by whatever address they know, and are answered under our own name."""

    PATHS = frozenset({"/livez", "/readyz", "/healthz"})

    def __init__(self, app: Callable[..., Iterable[bytes]], own_host: str) -> None:
        self._app = app
        self._own_host = own_host

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") in self.PATHS:
            environ["HTTP_HOST"] = self._own_host
        return self._app(environ, start)


def init_networks(app: Flask) -> None:
    """Believe listed proxies, and shed load by network. Counts are shared between nodes where Redis is set."""
    settings = app.extensions["waitlist"].settings
    proxied = TrustedProxies(app.wsgi_app, settings.trusted_proxies)
    app.wsgi_app = Probes(proxied, urlsplit(settings.base_url).netloc)  # type: ignore[method-assign,assignment]
    limiter = Limiter(
        network,
        storage_uri=settings.redis_url or "memory://",
        storage_options={"wrap_exceptions": True},
        enabled=settings.limits,
    )
    limiter.init_app(app)
    app.extensions["waitlist.limiter"] = limiter
    app.before_request(_shed)


def network() -> str:
    """The network of this request: an IPv4 address, or the /64 of an IPv6 one."""
    address = request.remote_addr or ""
    if not _is_address(address) or "." in address:
        return address
    return str(ipaddress.ip_network(f"{address}/64", strict=False))


def _shed() -> None:
    found = guard_of(current_app, request.endpoint) if request.endpoint else None
    if found is None or found.limit is None or request.method in SAFE or not runtime().settings.limits:
        return
    rate = parse(found.limit)
    rate = type(rate)(rate.amount * _patience(), rate.multiples)
    try:
        _count(rate, request.endpoint or "")
    except StorageError:
        current_app.logger.warning("the limit store does not answer: no load is shed")


def _count(rate: RateLimitItem, endpoint: str) -> None:
    strategy = current_app.extensions["waitlist.limiter"].limiter
    if not strategy.hit(rate, endpoint, network()):
        reset = strategy.get_window_stats(rate, endpoint, network()).reset_time
        raise TooManyRequests(retry_after=max(1, int(reset - clock.now().timestamp())))


def _patience() -> int:
    """How much more than usual this network may ask here."""
    slug = (request.view_args or {}).get("slug")
    return CAMPUS if slug and has_domain_rule(slug) else 1


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
