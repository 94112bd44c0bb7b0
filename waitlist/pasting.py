"""Pasting: a list of addresses as people copy it out of a mail program or a sheet, cut into items."""

import re

# One item: quoted names and bracketed addresses are taken whole, so that a comma inside them does not cut.
# Their lengths are bounded, because a long line of opening quotes would else be read again and again.
_ITEM = re.compile(r'(?:"(?:[^"\\\n]|\\.){0,200}"|<[^<>\n]{0,320}>|[^,;\t\r\n])+')
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<typed>[^<>]*)>")


def split_pasted(text: str) -> list[tuple[str, str]]:
    """The items as (name, what stands for the address), in order; neither is checked. The name may be empty."""
    return [named for line in text.splitlines() for named in _split_line(line)]


def _split_line(line: str) -> list[tuple[str, str]]:
    named: list[tuple[str, str]] = []
    surname = ""  # `Lovelace, Ada <ada@x.org>`: the cut fell inside an unquoted name
    for raw in _ITEM.findall(line):
        item = raw.strip()
        match = _NAMED.fullmatch(item)
        if surname and not match:
            named.append(("", surname))
        if match:
            name = _unquoted(match["name"])
            named.append((f"{surname}, {name}" if surname else name, match["typed"].strip()))
        elif "@" in item:
            named.extend(("", part) for part in _words(item))
        surname = "" if match or "@" in item else item
    return [*named, ("", surname)] if surname else named


def _words(item: str) -> list[str]:
    """Addresses with only spaces between them, or the item as it stands."""
    words = item.split()
    return words if all("@" in word for word in words) else [item]


def _unquoted(name: str) -> str:
    name = name.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return name.strip()
