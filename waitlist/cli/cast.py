"""The made-up people of the demo: the same every time, with friends who bring friends."""

import random
from collections.abc import Callable
from datetime import datetime

from waitlist import applying
from waitlist.addresses import canon
from waitlist.incoming import Incoming
from waitlist.models.launch import Launch

DOMAIN = "harbour.example.org"  # reserved for examples: no mail to it can reach anybody
_FIRST = """Ada Ben Cleo Dina Emil Farah Gita Hugo Ines Jun Kofi Lena Milo Nora Omar Pia Quinn Rosa Sami Tara Uma Viktor
Wanda Ximena Yann Zoe Amara Bilal Chloé Diego Elif Fatou Gabriel Hana Ivo Jaya Kenji Leïla Mateo Noémie"""
_LAST = """Adeyemi Bauer Costa Dupont Eriksen Ferrari García Haddad Ito Jensen Kowalski Lefèvre Moreau Nguyen Okafor
Patel Quispe Rossi Schmidt Tanaka Ueda Vidal Weber Xu Yilmaz Zhang"""
FIRST, LAST = _FIRST.split(), _LAST.split()
PLAIN = str.maketrans("éèïíàçö", "eeiiaco")


class Cast:
    """People by number: somebody's name, address and who brought them are the same in every demo."""

    def __init__(self, people: int) -> None:
        self._size = people
        self._dice = random.Random(7)  # noqa: S311 - made-up people, the same ones every time

    def people(self, launch: Launch, days: Callable[[float], datetime], pepper: bytes) -> list[Incoming]:
        """Everybody in line, oldest first. A few bring many: whoever brought somebody is likelier to bring the next."""
        brought: list[str] = []
        people = []
        for n in range(self._size):
            address = canon(f"{self._local(n)}@{DOMAIN}")
            referrer = self._dice.choice(brought) if brought and self._dice.random() < 0.45 else ""
            people.append(
                Incoming(
                    n + 1,
                    address,
                    name=self._name(n),
                    language="fr" if self._dice.random() < 0.2 else "en",
                    referrer=referrer,
                    joined_at=days(41 * (1 - n / self._size)),
                    hashed=applying.hashed(address, salt=launch.salt, pepper=pepper),
                )
            )
            brought += [address.key, *([referrer] if referrer else [])]
        return people

    def newcomer(self, n: int) -> str:
        """The local part of somebody who is not in the line."""
        return f"new.{self._local(n)}"

    def _name(self, n: int) -> str:
        return f"{FIRST[n % len(FIRST)]} {LAST[n * 7 // len(FIRST) % len(LAST)]}"

    def _local(self, n: int) -> str:
        return f"{self._name(n).lower().translate(PLAIN).replace(' ', '.')}.{n}"
