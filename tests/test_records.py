"""A name is looked up at a real name server, which stands on this machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import dns.message
import dns.resolver
import dns.rrset
import pytest

from waitlist import records


@pytest.fixture
def resolver() -> Iterator[dns.resolver.Resolver]:
    """Asks a server that knows one name, and is silent about silent.edu."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            asked, who = server.recvfrom(4096)
            if asked == b"end":
                return
            query = dns.message.from_wire(asked)
            name = query.question[0].name.to_text()
            if name == "silent.edu.":
                continue
            answer = dns.message.make_response(query)
            if name == "college.edu.":
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", '"v=spf1 " "-all"', '"other"'))
            server.sendto(answer.to_wire(), who)

    thread = threading.Thread(target=serve)
    thread.start()
    asking = dns.resolver.Resolver(configure=False)
    asking.nameservers, asking.port = ["127.0.0.1"], server.getsockname()[1]
    yield asking
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
        last.sendto(b"end", server.getsockname())
    thread.join()
    server.close()


def test_the_texts_of_a_name_are_put_together(resolver: dns.resolver.Resolver, monkeypatch: pytest.MonkeyPatch) -> None:
    found = records.txt("college.edu", resolver)
    assert sorted(found or []) == ["other", "v=spf1 -all"]  # a name's texts have no order
    assert records.txt("nothing.edu", resolver) == []
    monkeypatch.setattr(records, "PATIENCE", 0.2)
    assert records.txt("silent.edu", resolver) is None
