"""Typesetting: the team's own words, as markdown with variables, become the HTML and the text part of a mail.

The markdown is read first and the values are put in afterwards, so that no value is ever markdown. No HTML of theirs,
no picture, and a link leads to one whole variable or to an address of their own.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from waitlist.variables import Shape, Variable

NAMES = re.compile(r"\{\{(\w+)\}\}")
_SPACED = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")
_HREF = re.compile(r"%7B%7B(\w+)%7D%7D")
_SCHEME = re.compile(r"(?:https?://|mailto:)[^\s{}]+", re.IGNORECASE)
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(
    ["image", "code", "fence", "backticks", "html_block", "html_inline", "reference"]
)

Values = Mapping[str, str]
Button = Callable[[str, str], str]  # address, label


class BadLink(ValueError):
    """A link that leads nowhere a mail may lead; `link` is its address."""

    def __init__(self, link: str) -> None:
        super().__init__(link)
        self.link = link


def spaceless(text: str) -> str:
    """The text with its variables written without spaces, as they are looked for."""
    return _SPACED.sub(r"{{\1}}", text)


def read(body: str) -> list[Token]:
    """The words as tokens of markdown."""
    return _MARKDOWN.parse(spaceless(body))


def links(tokens: Sequence[Token], known: Mapping[str, Variable]) -> list[str]:
    """The addresses that the words link to, `{{name}}` for a variable; raises BadLink."""
    opened = [part for token in tokens for part in token.children or () if part.type == "link_open"]
    return [_target(str(part.attrGet("href")), known) for part in opened]


def line(text: str, values: Values) -> str:
    """One line with its variables filled in, as plain text."""
    return NAMES.sub(lambda found: values.get(found[1], found[0]), spaceless(text))


def to_html(body: str, known: Mapping[str, Variable], values: Values, button: Button) -> Markup:
    """The HTML of a mail's body. The first paragraph that is nothing but a link is the button."""
    tokens: list[Token] = []
    pressed: Token | None = None
    for block in _blocks(_without_empty(read(body), known, values)):
        inline = next((token for token in block if token.type == "inline"), None)
        if inline is not None and pressed is None and block[0].type == "paragraph_open" and _only_link(inline):
            pressed = _only_link(inline)
            assert pressed is not None, "it was just found"
            url = _url(str(pressed.attrGet("href")), values)
            tokens.append(_raw("html_block", button(url, _label(inline, values) or url) + "\n"))
            continue
        for token in block:
            token.children = _set(token.children, known, values) if token.children is not None else None
        tokens += block
    return Markup(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))  # noqa: S704 - escapes what is not ours


def to_text(body: str, known: Mapping[str, Variable], values: Values) -> str:
    """The text part: each address on a line of its own, behind what it belongs to."""
    out: list[str] = []
    bullet: list[str] = []
    for token in _without_empty(read(body), known, values):
        if token.type == "ordered_list_open":
            bullet.append("1. ")
        elif token.type == "bullet_list_open":
            bullet.append("- ")
        elif token.type in ("ordered_list_close", "bullet_list_close"):
            bullet.pop()
            out.append("")
        elif token.type == "list_item_open" and bullet and bullet[-1] != "- ":
            bullet[-1] = f"{token.info or '1'}. "
        elif token.type == "inline":
            out.append((bullet[-1] if bullet else "") + _plain(token, known, values))
            out += [] if bullet else [""]
    return "\n".join(out).strip("\n")


def text_of(text: str, known: Mapping[str, Variable], values: Values) -> str:
    """A text part that the team wrote itself: a paragraph whose variable has nothing to say is left out."""
    paragraphs = re.split(r"\n{2,}", spaceless(text.strip("\n")))
    kept = [part for part in paragraphs if not _says_nothing(part, known, values)]
    return "\n\n".join(NAMES.sub(lambda found: _as_text(found[1], known, values), part) for part in kept)


def _without_empty(tokens: list[Token], known: Mapping[str, Variable], values: Values) -> list[Token]:
    """Without the paragraphs, points and headings whose variable has nothing to say, and without empty lists."""
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        if tokens[at].nesting == 1:
            end = _close(tokens, at)
            inner = _without_empty(tokens[at + 1 : end], known, values)
            kept += [tokens[at], *inner, tokens[end]] if inner else []
            at = end + 1
            continue
        kept += [] if _says_nothing(tokens[at].content, known, values) else [tokens[at]]
        at += 1
    return kept


def _close(tokens: Sequence[Token], at: int) -> int:
    """Where the block that opens at `at` closes."""
    depth = 0
    for index in range(at, len(tokens)):
        depth += tokens[index].nesting
        if depth == 0:
            return index
    raise AssertionError("markdown-it closes what it opens")


def _blocks(tokens: list[Token]) -> list[list[Token]]:
    """The outermost blocks, each from its opening to its closing token."""
    blocks, at = [], 0
    while at < len(tokens):
        end = _close(tokens, at) if tokens[at].nesting == 1 else at
        blocks.append(tokens[at : end + 1])
        at = end + 1
    return blocks


def _says_nothing(content: str, known: Mapping[str, Variable], values: Values) -> bool:
    return any(known[name].takes_along and not values[name] for name in NAMES.findall(content) if name in known)


def _only_link(inline: Token) -> Token | None:
    parts = [part for part in inline.children or () if part.type != "text" or part.content.strip()]
    linked = len(parts) > 1 and parts[0].type == "link_open" and parts[-1].type == "link_close"
    return parts[0] if linked and sum(part.type == "link_open" for part in parts) == 1 else None


def _label(inline: Token, values: Values) -> str:
    return "".join(line(part.content, values) for part in inline.children or () if part.type == "text")


def _set(parts: list[Token], known: Mapping[str, Variable], values: Values) -> list[Token]:
    """The parts of a paragraph with their variables filled in."""
    done: list[Token] = []
    linked = False
    for part in parts:
        if part.type == "link_open":
            linked = True
            part.attrSet("href", _url(str(part.attrGet("href")), values))
        elif part.type == "link_close":
            linked = False
        if part.type != "text":
            done.append(part)
            continue
        html = NAMES.sub(lambda f: _as_html(f[1], known, values, linked), str(escape(part.content)))  # noqa: B023
        done.append(_raw("html_inline", html))
    return done


def _raw(kind: str, html: str) -> Token:
    return Token(kind, "", 0, content=html)


def _as_html(name: str, known: Mapping[str, Variable], values: Values, linked: bool) -> str:
    if name not in known:
        return f"{{{{{name}}}}}"
    value, shape = escape(values[name]), known[name].shape
    if shape is Shape.LINK and not linked:
        return f'<a href="{value}">{value}</a>'
    if shape in (Shape.CODE, Shape.QUOTE):
        return f'<span class="{"code" if shape is Shape.CODE else "note"}">{value}</span>'
    return str(value)


def _as_text(name: str, known: Mapping[str, Variable], values: Values) -> str:
    if name not in known:
        return f"{{{{{name}}}}}"
    value, shape = values[name], known[name].shape
    if shape is Shape.QUOTE:
        return "\n" + "\n".join(f"> {part}".rstrip() for part in value.splitlines())
    return value


def _plain(inline: Token, known: Mapping[str, Variable], values: Values) -> str:
    """A paragraph as text; the addresses it links to stand below it."""
    said, below = "", []
    only = _only_link(inline) is not None
    for part in inline.children or ():
        if part.type == "link_open":
            below.append(_url(str(part.attrGet("href")), values))
        elif part.type in ("softbreak", "hardbreak"):
            said += "\n"
        elif part.type == "text":
            said += NAMES.sub(lambda found: _as_text(found[1], known, values), part.content)
    said = f"{said.strip()}:" if only else said.strip("\n")
    return "\n".join([said, *(url for url in below if url not in said)])


def _target(href: str, known: Mapping[str, Variable]) -> str:
    name = _HREF.fullmatch(href)
    if name is not None and name[1] in known and known[name[1]].shape is Shape.LINK:
        return f"{{{{{name[1]}}}}}"
    if name is not None or not _SCHEME.fullmatch(href) or _HREF.search(href):
        raise BadLink(_HREF.sub(r"{{ \1 }}", href))
    return href


def _url(href: str, values: Values) -> str:
    name = _HREF.fullmatch(href)
    return values.get(name[1], href) if name is not None else href
