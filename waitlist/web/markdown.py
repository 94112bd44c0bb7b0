"""The team's own words as markdown: no HTML of theirs, and nothing loaded from anywhere else."""

from markdown_it import MarkdownIt
from markupsafe import Markup

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable("image")


def paragraphs(text: str) -> Markup:
    """Blocks: paragraphs, lists, headings."""
    return Markup(_MARKDOWN.render(text))  # noqa: S704 - markdown-it escapes what it does not make itself


def line(text: str) -> Markup:
    """One line with its links and emphasis, without a paragraph around it."""
    return Markup(_MARKDOWN.renderInline(text))  # noqa: S704 - as above
