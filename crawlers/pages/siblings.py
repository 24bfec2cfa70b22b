"""Headings of one level on a page of frequent questions: errors and exclamations stand beside what asks."""

from __future__ import annotations

import re
from collections import defaultdict

from crawlers.pages.candidates import shape
from crawlers.pages.dom import Document, Element
from crawlers.pages.lines import BOLD, PLAIN, Line
from crawlers.pages.render import squeeze
from crawlers.pages.statements import states_a_problem
from crawlers.pages.wording import asks, is_boilerplate, is_call_to_action, is_closing, is_faq_word

__all__ = ["beside_questions", "titled_alike"]

LEAST_BESIDE = 3
LONGEST_TITLE = 120
_NUMBERED = re.compile(r"\s*\d{1,3}\s?[.)]\s+\S")


def beside_questions(document: Document, lines: list[Line]) -> list[int]:
    """The headings that count as questions by their company, where title or main heading speak of frequent questions.

    All headings of their level have one parent, one shape and text of their own below them. One of them asks and
    the others tell what goes wrong, or all of them are numbered; or all tell what goes wrong.
    """
    if not _is_titled_so(document, lines):
        return []
    rows: dict[tuple[int, Element], list[int]] = defaultdict(list)
    for i, line in enumerate(lines):
        if 1 < line.level < BOLD and not line.furniture and not is_boilerplate(line.text):
            rows[line.level, line.element.getparent()].append(i)
    if len(rows) != 1:
        return []  # sections, or headings inside answers
    [row] = rows.values()
    row = [i for i in row if not is_call_to_action(lines[i].text) and not is_closing(lines[i].text)]
    if len(row) < LEAST_BESIDE or len({shape(lines[i].element) for i in row}) > 1:
        return []
    if any(i + 1 >= len(lines) or lines[i + 1].level not in (BOLD, PLAIN) or lines[i].linked > 0.9 for i in row):
        return []
    asking = [i for i in row if asks(lines[i].text)]
    stating = [i for i in row if i not in asking]
    numbered = all(_NUMBERED.match(lines[i].text) for i in row)
    if all(states_a_problem(lines[i].text) for i in stating) or (asking and numbered):
        return row
    return []


def _is_titled_so(document: Document, lines: list[Line]) -> bool:
    names = [squeeze(title.text_content()) for title in document.root.iter("title")][:1]
    names += [line.text for line in lines if line.level == 1 and not line.furniture][:1]
    return any(is_faq_word(name) for name in names if len(name) < LONGEST_TITLE)


def titled_alike(asking: Line, other: Line) -> bool:
    """Whether a bold paragraph is a title like that of the question, and no word or lead-in inside its answer."""
    one, two = asking.element, other.element
    alike = one.tag == "p" and one.getparent() is two.getparent() and shape(one) == shape(two)
    alike = alike and len(squeeze(two.text_content())) == len(other.text)
    return alike and other.text.count(" ") >= 2 and not other.text.endswith((":", ".", ",", ";"))
