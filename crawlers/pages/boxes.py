"""The boxes around questions: where an answer must end, and which headings are questions by the shape of theirs."""

from __future__ import annotations

import re
from collections import Counter

from crawlers.pages.candidates import near_faq, shape
from crawlers.pages.dom import BLOCKS, Document, Element, classes, has_text
from crawlers.pages.lines import BOLD, Line
from crawlers.pages.wording import asks, is_boilerplate, is_call_to_action

__all__ = ["common", "own_box", "statements_in_boxes"]

_OPENS = re.compile(r"accord|acorde|faq|toggle|collaps|preguntas|questions")


def common(document: Document, elements: list[Element]) -> Element:
    """The smallest element that holds them all; for a single one the whole page."""
    if len(elements) == 1:
        return document.root
    top = elements[0]
    first = min(document.enter[e] for e in elements)
    last = max(document.leave[e] for e in elements)
    while top.getparent() is not None and not (document.enter[top] <= first and document.leave[top] >= last):
        top = top.getparent()
    return top


def own_box(document: Document, line: Line, lines: list[Line], index: int, top: Element, end: int) -> int:
    """Where the answer must stop: the end of the smallest box around the question that has text behind it."""
    follows = next((lines[j] for j in range(index + 1, len(lines)) if not lines[j].furniture), None)
    box = line.element
    if box.tag == "p" and box is not top and _goes_on(document, box, end):
        box = box.getparent()
    while box is not top and box.getparent() is not None:
        # An <a name> that was never closed ends somewhere in the answer; <p> ends before a heading in it.
        block = (box.tag in BLOCKS or "-" in box.tag) and (box.tag != "p" or box is line.element)
        if block and follows is not None and follows.span[0] < document.leave[box] and follows.span[0] < end:
            break
        box = box.getparent()
    return min(end, document.leave[box])


def _goes_on(document: Document, paragraph: Element, end: int) -> bool:
    """Whether an answer that begins in a paragraph goes on behind it: another question follows, or a list does."""
    parent, after = paragraph.getparent(), paragraph.getnext()
    if parent is None or after is None:
        return False
    return end < document.leave[parent] or after.tag in ("ul", "ol", "pre", "table", "blockquote")


def statements_in_boxes(
    document: Document, lines: list[Line], entries: list[int], asking: list[int], *, is_faq: bool
) -> list[int]:
    """The headings that do not ask, of the level and in boxes of the shape of those that do.

    Two that ask and two in five are enough among frequent questions, elsewhere it takes three and three in five.

    A box holds one heading and its answer; or the headings are themselves the children of what is called an accordion.
    """
    found: list[int] = []
    for level in {lines[i].level for i in asking if lines[i].level <= BOLD}:
        sure = [i for i in asking if lines[i].level == level]
        named = is_faq or (bool(sure) and near_faq(lines[sure[0]].element))
        if len(sure) < (2 if named else 3):
            continue
        top = common(document, [lines[i].element for i in sure])
        at = [i for i in entries if lines[i].level == level and document.contains(top, lines[i].element)]
        boxes = {i: _child(top, lines[i].element) for i in at}
        held = Counter(boxes.values())
        single = [i for i in at if held[boxes[i]] == 1]
        shapes = {shape(boxes[i]) for i in sure}
        if (
            len(shapes) != 1
            or not all(held[boxes[i]] == 1 for i in sure)
            or len(sure) < (0.4 if named else 0.6) * len(single)
        ):
            continue
        known = set(sure)
        flat = bool(_OPENS.search(classes(top) + (top.get("id") or "").lower()))
        found += [
            i
            for i in single
            if i not in known
            and shape(boxes[i]) in shapes
            and not (asks(lines[i].text) or is_boilerplate(lines[i].text) or is_call_to_action(lines[i].text))
            and (flat or (boxes[i] is not lines[i].element and has_text(boxes[i], len(lines[i].text) + 4)))
        ]
    return found


def _child(top: Element, element: Element) -> Element:
    while element.getparent() is not None and element.getparent() is not top:
        element = element.getparent()
    return element
