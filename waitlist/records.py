"""Records: what the domain name system says of a name, or that nobody could be asked."""

from functools import cache

import dns.exception
import dns.resolver

PATIENCE = 3.0  # seconds


def txt(name: str, resolver: dns.resolver.Resolver | None = None) -> list[str] | None:
    """The texts of a name, an empty list where there are none; None where no server answers."""
    try:
        answer = (resolver or _resolver()).resolve(name, "TXT", lifetime=PATIENCE)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError):
        return None
    return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]


@cache
def _resolver() -> dns.resolver.Resolver:
    return dns.resolver.Resolver()
