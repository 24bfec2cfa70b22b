"""A help-centre article whose title is the question."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from crawlers.pages.candidates import Candidate
from crawlers.pages.controls import make
from crawlers.pages.dom import Document, Element, classes, has_text
from crawlers.pages.furniture import in_furniture
from crawlers.pages.lines import Line
from crawlers.pages.render import one_line
from crawlers.pages.wording import asks, is_boilerplate, is_call_to_action, is_faq_word, is_feedback

__all__ = ["article", "is_help"]

_HELP = re.compile(
    r"\b(?:help|support|hc|kb|knowledge|knowledgebase|knowledge-base|helpdesk|faqs?|ayuda|soporte|asistencia|hilfe|"
    r"aide|ajuda)\b",
    re.I,
)
_BODY = re.compile(
    r" (?:[\w-]*article[-_]*(?:body|content|text)|entry-content|post-content|kb-?article[\w-]*|"
    r"[\w-]*article__(?:body|content)) "
)
# The votes below an article of Zendesk and Freshdesk, and the frame of one of Intercom.
_HELP_CENTRE = re.compile(r" (?:article-votes?|article-more-questions|intercom-(?:reaction-picker|force-break)) ")
MOST_BODIES = 50  # a page with more is a list of teasers
LEAST_BODY = 15  # characters; a body with less is a teaser


def is_help(document: Document, title: str) -> bool:
    """Whether a page's title, its address or the classes of a help centre say that it helps.

    A saved page without an address is judged by the one that it states itself.
    """
    address = document.url or _own_address(document)
    if _HELP.search(title) or _HELP.search(address):
        return True
    return any(_HELP_CENTRE.search(classes(element)) for element in document.elements())


def _own_address(document: Document) -> str:
    stated = document.root.xpath("//link[@rel='canonical']/@href | //meta[@property='og:url']/@content")
    return next((address for address in stated if address), "")


def article(document: Document, lines: list[Line]) -> Iterator[Candidate]:
    """The heading of the one article, where it asks or where the page asks whether the article helped.

    Its answer is the element marked as the article's body, else what stands below it in the same <article>.
    """
    rated = any(is_feedback(line.text) for line in lines)
    headings = [h for h in document.root.iter("h1", "h2") if not in_furniture(document, h) and has_text(h)]
    bodies = list(islice((element for element in document.elements() if _is_body(element)), MOST_BODIES))
    bodies = [
        body for body in bodies if not any(document.contains(other, body) for other in bodies if other is not body)
    ]
    titles = [h for h in headings if h.tag == "h1" and asks(one_line(document, h))]
    if len(bodies) == 1:
        above = [h for h in headings if document.leave[h] <= document.enter[bodies[0]]]
        title = next((h for h in reversed(above) if h.tag == "h1"), above[-1] if above else None)
        if title is not None and (title.tag == "h1" or asks(one_line(document, title))):
            yield _judged(make(document, title, bodies[0], pattern="article", confidence=0.7), rated=rated)
            return
    for title in titles:
        box = next((e for e in title.iterancestors("article")), None)
        if len(titles) > 1 or box is None:
            why = "nothing below it is marked as an article's body" if box is None else "one of several that ask"
            yield make(document, title, title, pattern="article", dropped=why)
            continue
        span = (document.after(_header(document, title, box)), document.leave[box])
        yield _judged(make(document, title, box, pattern="article", answer=span, confidence=0.6), rated=rated)


def _header(document: Document, title: Element, box: Element) -> Element:
    """The <header> of an article around its title, with its teaser and its author, where the text follows it."""
    header = next((e for e in title.iterancestors("header") if document.contains(box, e)), None)
    if header is None:
        return title
    behind = "".join(text for e in header.itersiblings() for text in e.itertext()).strip()
    return header if len(behind) >= LEAST_BODY else title


def _judged(candidate: Candidate, *, rated: bool) -> Candidate:
    question = candidate.question
    why = ""
    if is_call_to_action(question) or is_boilerplate(question):
        why = "a call to action"
    elif is_faq_word(question):
        why = "the title of a list of questions"
    elif not asks(question) and not rated:
        why = "the title does not ask, and the page does not ask whether it helped"
    return replace(candidate, dropped=candidate.dropped or why)


def _is_body(element: Element) -> bool:
    marked = element.get("itemprop") == "articleBody" or bool(_BODY.search(classes(element)))
    # Intercom's name stands on the body alone, or on a box around title and body.
    marked = marked or (" article intercom-force-break " in classes(element) and element.find(".//h1") is None)
    return marked and has_text(element, LEAST_BODY)
