"""Candidates for a pair, and which of them a page's context lets pass."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from crawlers.pages.dom import Document, Element, Span, classes
from crawlers.pages.render import render, squeeze
from crawlers.pages.wording import asks, is_boilerplate, is_call_to_action, is_feedback, tidy_question

__all__ = [
    "IN_FURNITURE", "MAX_CANDIDATES", "NO_QUESTION", "TOO_MANY", "Candidate", "answer_text", "near_faq",
    "plausible", "question_of", "shape",
]  # fmt: skip

MAX_CANDIDATES = 2000
TOO_MANY = f"the page has more than {MAX_CANDIDATES} blocks"
NO_QUESTION = "no question, nor are others of its shape"
IN_FURNITURE = "in the site's own navigation or frame"
_FAQ_CLASS = re.compile(r"faq|pregunta|question|frage|domand|pergunta|q-?and-?a|q-?a\b")
_A_LIST = re.compile(r"\bfaqs?\b|frequently asked|preguntas (?:m[aá]s )?frecuentes|häufige fragen", re.I)
_WEAK = frozenset({"button", "table"})  # rules that need company: one button or row of a page is no question
_STATE_NAMES = (
    "active open opened is-open is-active show shown hide hidden collapse collapsed expanded closed in first last "
    "even odd current selected"
)
_STATES = frozenset(_STATE_NAMES.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A question at one place with the stretch of the page that should answer it.

    `top` holds the whole answer; `family` names its siblings by shape; `explicit` says that the
    markup itself calls it a question; `dropped` is why it was found to be no pair, "" as long as it may be one.
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
    dropped: str = ""


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


def _why_not(candidate: Candidate, family: list[bool], *, page_is_faq: bool) -> str:
    """Why a candidate is no question, "" where it is one. `family` says of each of its kind whether it asks."""
    question = candidate.question
    if not re.search(r"\w{2}", question):
        return "a question without words"
    if len(question) > 400:
        return "too long for a question"
    if is_boilerplate(question):
        return "belongs to the site, not to its questions"
    if is_feedback(question):
        return "asks whether the page helped"
    structured = candidate.pattern != "button"
    if is_call_to_action(question, structured=structured):
        return "a call to action"
    if not asks(question) and _A_LIST.search(question):
        return "the title of a list of questions"
    if candidate.pattern in _WEAK and sum(family) < 2 and not (asks(question) and (page_is_faq or candidate.near_faq)):
        return "too few of its shape ask"
    if candidate.explicit or candidate.near_faq:
        return ""
    if sum(family) >= (0.2 if page_is_faq else 0.4) * len(family) and any(family):
        return ""
    if not asks(question):
        return NO_QUESTION
    return "" if page_is_faq else "few others of its shape ask"


def plausible(candidates: Iterable[Candidate], *, page_is_faq: bool) -> list[Candidate]:
    """All of them; those dropped that are no questions by themselves nor by the company they keep.

    A family (same pattern, same shape) of which four in ten ask brings its statements along, on a page of
    frequent questions one of which two in ten do.
    """
    seen = list(candidates)
    families: dict[str, list[bool]] = defaultdict(list)
    for candidate in seen[:MAX_CANDIDATES]:
        if not candidate.dropped:
            families[candidate.family].append(asks(candidate.question))
    places = sorted(one.place for one in seen if not one.dropped and asks(one.question))
    judged = []
    for number, candidate in enumerate(seen):
        why = candidate.dropped or (TOO_MANY if number >= MAX_CANDIDATES else "")
        why = why or _why_not(candidate, families[candidate.family], page_is_faq=page_is_faq)
        if not why and _holds(candidate, places) >= 2:
            why = "a group of questions"
        judged.append(replace(candidate, dropped=why) if why else candidate)
    return judged


def _holds(candidate: Candidate, places: list[Span]) -> int:
    """How many of the sorted places lie in the answer of a candidate."""
    start, end = candidate.answer
    inside = places[bisect_left(places, (start, 0)) : bisect_left(places, (end, 0))]
    return sum(place != candidate.place and place[1] <= end for place in inside)


def shape(element: Element) -> str:
    """What elements of one kind share: tag and classes, without numbers and without what says only open or closed."""
    names = (re.sub(r"\d+", "", name) for name in classes(element).split())
    return " ".join([element.tag, *(name for name in names if name and name not in _STATES)])


def question_of(text: str) -> str:
    return tidy_question(squeeze(text))
