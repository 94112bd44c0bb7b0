"""First words: what an editor starts with, the service's own text of a mail with a variable for each of its values.

It is made from the very template that is sent, so both say the same in every language.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from jinja2.sandbox import ImmutableSandboxedEnvironment

from waitlist import samples
from waitlist.rendering import environment_of, expression
from waitlist.variables import Variable, variables_of
from waitlist.words import Words

# "Accept your invite:" above an address is a button.
_BUTTON = re.compile(r"^(.+?)\s*:\n\{\{ (\w+_url) \}\}$", re.MULTILINE)

LONGEST_LABEL = 36  # characters of a button
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)


class _Named(int):
    """A value that reads as its variable wherever it is shown, and counts as several where it is counted."""

    name: str

    def __str__(self) -> str:
        return f"{{{{ {self.name} }}}}"


@cache
def first_words(kind: str, language: str) -> Words:
    """The service's own words as the team may change them. The subject is empty where it depends on the person."""
    environment = _naming(language)
    known = variables_of(kind)
    facts = _facts(kind, known)
    template = environment.get_template(f"mail/{kind}.txt")
    body = "".join(template.blocks["body"](template.new_context(facts)))
    for variable in known.values():
        if variable.says != variable.name:
            body = body.replace(str(expression(environment, variable.says)(**facts)), f"{{{{ {variable.name} }}}}")
    body = re.sub(r"[ \t]+$", "", body, flags=re.MULTILINE)
    body = re.sub(r"\n{3,}", "\n\n", body).strip("\n")
    return Words(_BUTTON.sub(lambda found: _button(found, known), body), _subject(environment, kind, facts))


def _button(found: re.Match[str], known: Mapping[str, Variable]) -> str:
    label, name = found.groups()
    return f"[{label}]({{{{ {name} }}}})" if known[name].needed and len(label) <= LONGEST_LABEL else found[0]


def _subject(environment: ImmutableSandboxedEnvironment, kind: str, facts: dict[str, Any]) -> str:
    assert environment.loader is not None, "it reads templates"
    source = environment.loader.get_source(environment, f"mail/{kind}.subject.txt")[0]
    return "" if "{%" in source else environment.from_string(source).render(facts).strip()


def _facts(kind: str, known: Mapping[str, Variable]) -> dict[str, Any]:
    facts = samples.facts_of(kind, waitlist="", base_url="", email="", note="-", now=_SOME_DAY)
    facts |= {name: _named(name) for name in {*known, "gives", "left", "back", "counted", "where"}}
    return facts | ({"friends": [facts["friends"]], "pending": 0} if "friends" in known else {}) | {"tz": "UTC"}


def _named(name: str) -> _Named:
    named = _Named(3)
    named.name = name
    return named


def _naming(language: str) -> ImmutableSandboxedEnvironment:
    """The environment of mails, in which a filter leaves a value as it is named."""
    environment = environment_of(language).overlay()
    same = dict.fromkeys(("moment", "day", "number", "quoted"), lambda value: value)
    environment.filters = {**environment.filters, **same}
    return environment
