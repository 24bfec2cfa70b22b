"""A help-centre article whose title is the question."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawlers.pages.candidates import Candidate, in_furniture
from crawlers.pages.controls import make
from crawlers.pages.dom import Document, Element, classes
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
    for heading in headings:
        body = next(_bodies(document, heading), None)
        if len(headings) > 1:
            why = "one of several main headings that ask"
        elif is_call_to_action(one_line(document, heading)):
            why = "a call to action"
        else:
            why = "" if body is not None else "nothing below it is marked as an article's body"
        top = heading if body is None else body
        yield make(document, heading, top, pattern="article", confidence=0.7, dropped=why)


def _bodies(document: Document, heading: Element) -> Iterator[Element]:
    for element in document.elements():
        if document.enter[element] < document.leave[heading]:
            continue
        if element.get("itemprop") == "articleBody" or _BODY.search(classes(element)):
            yield element
