"""Real parts for tests: databases, cache, mail server, browser and child processes, each started when first needed.

`both` runs a test, or with `pytestmark = both` a whole module, on both engines.
"""

from __future__ import annotations

import pytest

both = pytest.mark.parametrize("engine", ["sqlite", "postgresql"])


def missing(what: str, package: str) -> None:
    """Fail, never skip: a suite that leaves out a part would prove less than it says."""
    pytest.fail(f"{what} is missing: `make system` installs it, or `apt-get install {package}`.", pytrace=False)
