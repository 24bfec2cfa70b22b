"""Candidates for a pair, and which of them a page's context lets pass."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crawlers.pages.dom import Document, Element, Span, classes
from crawlers.pages.lines import is_furniture
from crawlers.pages.render import render, squeeze
from crawlers.pages.wording import asks, is_boilerplate, is_call_to_action, is_feedback, tidy_question

__all__ = ["MAX_CANDIDATES", "Candidate", "answer_text", "in_furniture", "near_faq", "outside_furniture", "plausible"]

MAX_CANDIDATES = 2000
_FAQ_CLASS = re.compile(r"faq|pregunta|question|frage|domand|pergunta|q-?and-?a|q-?a\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A question at one place with the stretch of the page that should answer it.

    `top` holds the whole answer; `family` names its siblings by shape; `explicit` says that the
    markup itself calls it a question.
    """

    question: str
    place: Span
    answer: Span
    top: Element
    pattern: str
    family: str
    explicit: bool
    near_faq: bool
    confidence: float


def in_furniture(element: Element) -> bool:
    return is_furniture(element) or any(is_furniture(parent) for parent in element.iterancestors())


def outside_furniture(elements: Iterable[Element]) -> Iterator[Element]:
    return (element for element in elements if not in_furniture(element))


def near_faq(element: Element) -> bool:
    """Whether the element or a box around it is called a FAQ by class or id."""
    for box in (element, *element.iterancestors()):
        if box.tag in ("body", "html"):
            return False
        if _FAQ_CLASS.search(classes(box) + (box.get("id") or "").lower()):
            return True
    return False


def answer_text(document: Document, candidate: Candidate, *, markdown: bool = False) -> str:
    return render(document, candidate.answer, candidate.top, markdown=markdown)


def _few_words(text: str, most: int) -> bool:
    return len(text.split()) <= most


def _passes(candidate: Candidate, *, family_asks: bool, page_is_faq: bool) -> bool:
    question = candidate.question
    if not re.search(r"\w{2}", question) or len(question) > 400 or is_boilerplate(question):
        return False
    if is_feedback(question):
        return False
    if is_call_to_action(question) and not (candidate.explicit and (candidate.near_faq or page_is_faq)):
        return False
    if candidate.explicit:
        return True
    if asks(question):
        return family_asks or page_is_faq or candidate.near_faq
    return family_asks or candidate.near_faq


def plausible(candidates: list[Candidate], *, page_is_faq: bool) -> list[Candidate]:
    """Those that are questions by themselves or by the company they keep.

    A family (same pattern, same shape) of which four in ten ask brings its statements along.
    """
    families: dict[str, list[bool]] = defaultdict(list)
    for candidate in candidates[:MAX_CANDIDATES]:
        families[candidate.family].append(asks(candidate.question))
    return [
        candidate
        for candidate in candidates[:MAX_CANDIDATES]
        if _passes(
            candidate,
            family_asks=sum(families[candidate.family]) >= 0.4 * len(families[candidate.family]),
            page_is_faq=page_is_faq,
        )
    ]


def shape(element: Element) -> str:
    return f"{element.tag}{classes(element)}"


def question_of(text: str) -> str:
    return tidy_question(squeeze(text))
