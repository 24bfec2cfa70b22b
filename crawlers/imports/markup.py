"""HTML of messages and posts as text: the same reading that pages get."""

from __future__ import annotations

import re

from crawlers.pages.dom import Element, TooComplex, parse
from crawlers.pages.render import render

__all__ = ["html_text"]


def html_text(markup: str, *, skip: str = "", url: str = "") -> tuple[str, str]:
    """The plain text and the Markdown of a piece of HTML, without what the XPath `skip` finds; "" for no text."""
    try:
        document = parse(f"<div>{markup}</div>", url)
    except TooComplex:
        return "", ""
    if document is None:
        return "", ""
    left: frozenset[Element] = frozenset(document.root.xpath(skip)) if skip else frozenset()
    span = document.inside(document.root)
    plain = render(document, span, document.root, skip=left)
    markdown = render(document, span, document.root, markdown=True, skip=left)
    return plain, re.sub(r"\n{3,}", "\n\n", markdown)
