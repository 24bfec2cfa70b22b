"""A help-centre article whose title is the question."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawlers.pages.candidates import Candidate, in_furniture
from crawlers.pages.controls import make
from crawlers.pages.dom import Document, classes
from crawlers.pages.render import one_line
from crawlers.pages.wording import asks, is_call_to_action

__all__ = ["article", "is_help"]

_HELP = re.compile(
    r"\b(?:help|support|hc|kb|knowledge|knowledgebase|faqs?|ayuda|soporte|asistencia|hilfe|aide|ajuda)\b", re.I
)
_BODY = re.compile(r" (?:article[-_]*(?:body|content|text)|entry-content|post-content|kb-?article[\w-]*) ")


def is_help(title: str, url: str) -> bool:
    """Whether a page's title or address says that it helps."""
    return bool(_HELP.search(title) or _HELP.search(url))


def article(document: Document) -> Iterator[Candidate]:
    """The one main heading that asks, with the element behind it that is marked as the article's body."""
    headings = [h for h in document.root.iter("h1") if asks(one_line(document, h)) and not in_furniture(h)]
    if len(headings) != 1 or is_call_to_action(one_line(document, headings[0])):
        return
    for element in document.elements():
        if document.enter[element] < document.leave[headings[0]]:
            continue
        if element.get("itemprop") == "articleBody" or _BODY.search(classes(element)):
            yield make(document, headings[0], element, pattern="article", confidence=0.7)
            return
