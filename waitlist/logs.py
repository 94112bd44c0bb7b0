"""Log lines on standard error: readable, or JSON where set. Each names its request, none holds a token."""

import logging
import re
from contextvars import ContextVar

import structlog
from structlog.types import EventDict, WrappedLogger

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

# What opens somebody's page stands in an address; a log keeps the page's name and drops the rest.
_SECRET = re.compile(r"(/(?:s|c|i|u|v|ask|proof|welcome|v/undo|me/sign-in|setup|reset)/|[?&]t(?:oken)?=)[\w.~-]{12,}")


def init_logs(*, as_json: bool) -> None:
    """Format every logger's lines alike."""
    last = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _add_request,
            structlog.processors.format_exc_info,
        ],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _drop_secrets, last],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logger = logging.getLogger("waitlist")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)


def _add_request(_logger: WrappedLogger, _name: str, line: EventDict) -> EventDict:
    current = request_id.get()
    return line if current is None else {**line, "request_id": current}


def _drop_secrets(_logger: WrappedLogger, _name: str, line: EventDict) -> EventDict:
    return {name: _SECRET.sub(r"\1…", value) if isinstance(value, str) else value for name, value in line.items()}
