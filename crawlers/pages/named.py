"""Questions and answers that the markup names: class="faq-pregunta", id="answer", card-header, ..."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from crawlers.pages.candidates import Candidate
from crawlers.pages.controls import make
from crawlers.pages.dom import BLOCKS, Document, Element, classes, has_text

__all__ = ["called_questions", "class_pairs"]

MAX_QUESTION = 300  # characters

_ITEM = r"(?:faqs?|qa|accordion|acordeon|toggle|collaps(?:e|ible)|expand(?:er|able)?|spoiler|card|panel|item|tab|q)"
_END = r"(?:[-_]?\d+)?"
_QUESTION_NAME = re.compile(
    rf"(?:[\w-]*[-_])?(?:questions?|preguntas?|preg|fragen?|perguntas?|domanda|"
    rf"pytanie)(?:[-_]?(?:text|title|titulo|heading|btn|button|header|toggle|trigger))?{_END}"
    rf"|(?:[\w-]*[-_])?faqs?[-_]*(?:q|title|titulo|header|heading|head|trigger|toggle|btn|button|"
    rf"summary){_END}|faqq"
)
_QUESTION_WEAK = re.compile(
    rf"(?:[\w-]*[-_])?{_ITEM}[-_]*(?:title|titulo|header|heading|head|trigger|toggle|btn|button|"
    rf"label|summary|handle){_END}|accordion|uk-accordion-title|ui-accordion-header"
)
_ANSWER_NAME = re.compile(
    rf"(?:[\w-]*[-_])?(?:answers?|respuestas?|resp|antwort(?:en)?|respostas?|risposta|r[eé]ponse|"
    rf"odpowiedz)(?:[-_]?(?:text|texto|body|content|container|wrapper|inner))?{_END}"
    rf"|(?:[\w-]*[-_])?faqs?[-_]*(?:a|ans|content|contenido|body|text|texto|panel|description|desc|"
    rf"collapse|inner|copy){_END}|faqa"
)
_ANSWER_WEAK = re.compile(
    rf"(?:[\w-]*[-_])?{_ITEM}[-_]*(?:content|contenido|body|text|texto|panel|pane|collapse|inner|"
    rf"description|desc|container|details){_END}|panel|collapse|accordion__panel"
)
# A button class such as btn-question must not make a page's every button a question.
_NEVER = re.compile(
    r"(?:[\w-]*(?:list|container|wrapper|section|group|form|submit|ask|search|icon|number|count|"
    r"user|author|date)[\w-]*)"
)


def _names(element: Element) -> list[str]:
    names = classes(element).split()
    if element.get("id"):
        names.append(element.get("id").lower())
    return [name for name in names if len(name) <= 60]


def _role(element: Element) -> str:
    """ "Q" or "A" where a name says it outright, "q" or "a" where it only suggests it, else ""."""
    role = ""
    for name in _names(element):
        flat = name.replace("__", "-").replace("--", "-")
        if _ANSWER_NAME.fullmatch(flat):
            return "A"
        if _QUESTION_NAME.fullmatch(flat) and not _NEVER.fullmatch(flat):
            return "Q"
        if not role and _ANSWER_WEAK.fullmatch(flat):
            role = "a"
        elif not role and _QUESTION_WEAK.fullmatch(flat):
            role = "q"
    return role


def called_questions(document: Document) -> list[Element]:
    """The elements that a name calls questions outright; of one within another the inner one."""
    asking = [element for role, element in _known(document) if role == "Q"]
    holding = {outer for element in asking for outer in element.iterancestors()}
    return [element for element in asking if element not in holding]


def _known(document: Document) -> list[tuple[str, Element]]:
    found: list[tuple[str, Element]] = document.once("named", _marked)
    return found


def _marked(document: Document) -> list[tuple[str, Element]]:
    return [
        (role, element)
        for element in document.elements()
        if element.tag not in ("body", "html", "input", "form")
        if (role := _role(element)) and has_text(element) and (role in "Aa" or _has_words(element))
    ]


def _has_words(element: Element) -> bool:
    """Whether an element says more than a sign such as the arrow of an accordion."""
    return any(re.search(r"\w\w", part) for part in element.itertext())


def class_pairs(document: Document) -> Iterator[Candidate]:
    """Each named question with the named answer that comes next, inside it or behind it."""
    marked = _known(document)
    for strict in (True, False):
        yield from _pairs(document, [m for m in marked if m[0] in "QA" or not strict], strict=strict)


def _pairs(document: Document, marked: list[tuple[str, Element]], *, strict: bool) -> Iterator[Candidate]:
    asking: Element | None = None
    answer: Element | None = None
    found: Candidate | None = None
    outright = False
    taken = -1
    for role, element in marked:
        place = document.enter[element]
        if place < taken:
            continue
        if role in "Qq":
            if asking is not None and document.contains(asking, element) and role == "q" and outright:
                continue
            if asking is not None and strict:
                yield _unanswered(document, asking)
            asking, outright = element, role == "Q"
        elif asking is not None:
            if found is not None:
                yield found
            explicit = strict and outright and role == "A"
            until = place if document.contains(asking, element) else None
            found = make(document, asking, element, pattern="class-pair", until=until, explicit=explicit,
                         confidence=0.9 if explicit else 0.8)  # fmt: skip
            asking, answer, taken = None, element, document.leave[element]
        elif found is not None and answer is not None and _goes_on(answer, element):
            found = replace(found, answer=(found.answer[0], document.leave[element]), top=element.getparent())
            answer, taken = element, document.leave[element]
    if found is not None:
        yield found
    if asking is not None and strict:
        yield _unanswered(document, asking)


def _goes_on(answer: Element, element: Element) -> bool:
    """Whether an element is the next paragraph of the same answer."""
    return element.getprevious() is answer and element.tag == answer.tag and classes(element) == classes(answer)


_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


def _unanswered(document: Document, asking: Element) -> Candidate:
    """What is called a question and has no answer named after it: a box may hold both, its first block the question."""
    first = next((child for child in asking if has_text(child)), None)
    opens = not (asking.text or "").strip() and first is not None and first.tag in (BLOCKS | {"strong", "b"})
    if first is None or not opens or has_text(first, MAX_QUESTION) or not _is_answer(first):
        return make(document, asking, asking, pattern="class-pair", dropped="no answer is named after it")
    span = (document.after(first), document.leave[asking])
    found = make(document, first, asking, pattern="class-pair", answer=span, confidence=0.75)
    return replace(found, near_faq=False)  # the name is the box's: it says nothing of this line


def _is_answer(first: Element) -> bool:
    """Whether text follows in the same box, and no headings, which would make it a section of several questions."""
    texts = [first.tail or ""]
    for sibling in first.itersiblings():
        if any(child.tag in _HEADINGS for child in sibling.iter()):
            return False
        texts += sibling.itertext()
    return bool("".join(texts).strip())
