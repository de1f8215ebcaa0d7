"""Turns a runbook, which is Markdown, into what a browser shows."""

from posixpath import basename

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

# Headings, lists, tables, code; no HTML of its own.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
ABSOLUTE = ("http://", "https://", "#", "/")


def runbook_html(text: str, names: frozenset[str]) -> Markup:
    """Return a runbook as HTML whose links lead to what the service has.

    Args:
        text: Markdown.
        names: The runbooks that there are; a link to another page of the documentation, which
            the service does not have, becomes plain text.
    """
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        if token.children:
            token.children = _with_known_links(token.children, names)
        if token.type in ("fence", "code_block"):
            # Who has no mouse scrolls a wide block with the keyboard.
            token.attrSet("tabindex", "0")
    return Markup(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))


def _with_known_links(tokens: list[Token], names: frozenset[str]) -> list[Token]:
    kept: list[Token] = []
    is_left_out = False
    for token in tokens:
        if token.type == "link_open":
            target = str(token.attrGet("href"))
            name = basename(target.partition("#")[0]).removesuffix(".md")
            is_left_out = not (target.startswith(ABSOLUTE) or name in names)
            if name in names and not target.startswith(ABSOLUTE):
                token.attrSet("href", f"/runbooks/{name}")
        if not (is_left_out and token.type in ("link_open", "link_close")):
            kept.append(token)
        if token.type == "link_close":
            is_left_out = False
    return kept
