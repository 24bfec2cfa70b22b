"""Questions that only the flow of the text shows: headings, bold lines and, last, lines that ask."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from crawlers.pages.boxes import common, own_box, statements_in_boxes
from crawlers.pages.candidates import IN_FURNITURE, MAX_CANDIDATES, TOO_MANY, Candidate, near_faq, question_of
from crawlers.pages.dom import Document, Element
from crawlers.pages.lines import BOLD, PLAIN, Line
from crawlers.pages.render import squeeze
from crawlers.pages.siblings import beside_questions, titled_alike
from crawlers.pages.statements import called, in_like_boxes, with_parts, with_problems_at_the_ends
from crawlers.pages.wording import (
    asks,
    is_boilerplate,
    is_call_to_action,
    is_faq_word,
    normal,
)

__all__ = ["headed", "linked_questions"]

_NUMBERED = re.compile(r"\s*(?:\(\d{1,3}\)|\d{1,3}(?:\.\d{1,3})*[.)\]:]*)\s+\S")


def _is_question(line: Line) -> bool:
    if line.level == PLAIN and line.text.endswith(":"):
        return False  # it leads in what follows: a list, some code
    return asks(line.text) and not is_boilerplate(line.text)


def _leads_in(line: Line) -> bool:
    return line.text.endswith(":") and "?" not in line.text


def contents(lines: list[Line]) -> frozenset[str]:
    """The entries of a table of contents of which at least a third ask, in the form of `normal`."""
    entries = [line.text for line in lines if line.linked > 0.9 and line.fragment]
    if sum(map(asks, entries)) < max(2, len(entries) / 3):
        return frozenset()
    return frozenset(normal(text) for text in entries if not is_boilerplate(text))


def _chosen_levels(lines: list[Line], entries: list[int], *, page_is_faq: bool) -> dict[int, tuple[int, int, bool]]:
    """For each level that holds questions: its first and last place in `lines`, and whether statements count too."""
    chosen = {}
    heads = [i for i in entries if lines[i].level < BOLD and not is_boilerplate(lines[i].text)]
    asked = sum(_is_question(lines[i]) and "?" in lines[i].text for i in heads)
    page_is_faq = page_is_faq or (asked >= 5 and asked >= 0.6 * len(heads))
    for level in range(1, PLAIN + 1):
        at = [i for i in entries if lines[i].level == level and not is_boilerplate(lines[i].text)]
        asking = [i for i in at if _is_question(lines[i]) and not is_call_to_action(lines[i].text)]
        if len(asking) < 3 and all(_leads_in(lines[i]) for i in asking):
            asking = []  # "How it works:" above the steps of an offer; many such lines are a list of questions
        share = len(asking) / len(at) if at else 0
        # Elsewhere than among frequent questions "Why it matters" and "How to get here" are an article's headings.
        marked = sum("?" in lines[i].text for i in asking)
        enough = marked >= 3 or (len(asking) >= 5 and share >= 0.8)
        enough = enough or (marked == 2 and (share == 1 or any(near_faq(lines[i].element) for i in asking)))
        if level == 1 and len(asking) < 2:
            continue
        if (enough and (page_is_faq or share >= 0.5)) or (asking and page_is_faq):
            many = len(asking) >= 3 and share >= 0.4
            few = len(asking) == 2 and share >= 0.6 and page_is_faq
            first, last = asking[0], asking[-1]
            if page_is_faq and (many or few) and level <= BOLD:
                first, last = with_problems_at_the_ends(lines, entries, at, (first, last))
            chosen[level] = (first, last, (many or few) and level <= BOLD)
    return chosen


def _regions(lines: list[Line], entries: list[int], *, page_is_faq: bool) -> Iterator[tuple[list[int], bool]]:
    """The entries as parts, each with whether it is one of frequent questions: the page, or sections of it.

    Such a section goes from its heading to the next one of its level or above that does not ask.
    """
    if page_is_faq:
        yield entries, True
        return
    part: list[int] = []
    within = 0  # the level of the section's heading
    for i in entries:
        level, text = lines[i].level, lines[i].text
        opens = level < BOLD and len(text) < 120 and is_faq_word(text)
        if opens and (not within or level <= within):
            yield part, bool(within)
            part, within = [], level
        elif within and level <= within and not (asks(text) and not is_call_to_action(text)):
            yield part, True
            part, within = [i], 0
        else:
            part.append(i)
    yield part, bool(within)


def _entries(lines: list[Line], named: frozenset[int], *, plain: bool) -> list[int]:
    most = PLAIN if plain else BOLD
    return [
        i
        for i, line in enumerate(lines)
        if (line.level <= most or i in named)
        and not line.furniture
        and not line.code
        and not (line.linked > 0.9 and line.away)  # the title of a card that leads to the answer
        and (
            line.level < PLAIN
            or i in named
            or (
                _is_question(line)
                and line.linked < 0.5
                and line.element.tag not in ("li", "td")
                and not _is_field(line.element)
            )
        )
        and len(line.text) <= 400
    ]


def _is_field(element: Element) -> bool:
    """Whether an element is the question of a form: what follows at once is to be filled in."""
    after = element.getnext()
    return after is not None and any(True for _ in after.iter("input", "select", "textarea", "label"))


def headed(document: Document, lines: list[Line], *, page_is_faq: bool, plain: bool = False) -> Iterator[Candidate]:
    """Headings (or bold lines, or with `plain` bare lines) that ask, with what stands below them.

    Those that ask and are not taken for a question come too, with the reason. `page_is_faq` speaks of the whole
    page; its sections of frequent questions are found here.
    """
    named = called(document, lines) if page_is_faq else frozenset()
    entries = _entries(lines, named, plain=plain)
    listed = contents(lines)
    counted: list[int] = []
    for part, is_faq in _regions(lines, entries, page_is_faq=page_is_faq):
        chosen = _chosen_levels(lines, part, page_is_faq=is_faq)
        if plain and chosen:
            chosen = {level: value for level, value in chosen.items() if level == PLAIN} or chosen
        some = [i for i in part if _counts(lines, i, chosen, listed)]
        counted += sorted({*some, *statements_in_boxes(document, lines, part, some, is_faq=is_faq)})
        page_is_faq = page_is_faq or is_faq
    beside = beside_questions(document, lines) if page_is_faq else []
    more = {*in_like_boxes(lines, entries, counted), *named.intersection(entries), *set(beside).intersection(entries)}
    counted = sorted({*counted, *more})
    why, seen = "", counted
    if len(counted) == 1 and linked_questions(lines) >= 3:
        counted, why = [], "the introduction to a list of links to questions"
    questions = with_parts(lines, entries, counted)
    heads = [i for i in questions[:MAX_CANDIDATES] if lines[i].level < BOLD]
    if len(heads) >= 2:  # bold questions inside the answers of headed ones stay there
        questions, why = heads, "a bold line below a heading that asks"
    elif len(questions) > MAX_CANDIDATES:
        questions, why = questions[:MAX_CANDIDATES], TOO_MANY
    most = 1.0 if page_is_faq or listed else _company(lines, entries, questions)
    yield from _with_answers(document, lines, entries, questions, most)
    yield from _not_taken(document, lines, frozenset(questions), dict.fromkeys(seen, why), plain=plain)


def _with_answers(
    document: Document, lines: list[Line], entries: list[int], questions: list[int], most: float
) -> Iterator[Candidate]:
    if not questions:
        return
    top = common(document, [lines[i].element for i in questions])
    starts = [lines[i].span[0] for i in entries]
    asking = set(questions)
    for i in questions:
        end = _answer_end(lines, entries, starts, asking, i)
        limit = document.leave[top] if end is None else end
        stop = own_box(document, lines[i], lines, i, top, limit)
        yield _candidate(document, lines[i], (lines[i].span[1], stop), most)


def _not_taken(
    document: Document, lines: list[Line], taken: frozenset[int], why: dict[int, str], *, plain: bool
) -> Iterator[Candidate]:
    """The lines that ask and are no question of the page, and the headings beside its questions that do not ask."""
    most = PLAIN if plain else BOLD
    levels = {lines[i].level for i in taken if 1 < lines[i].level < BOLD}
    for i, line in enumerate(lines):
        if i in taken or line.level > most:
            continue
        if asks(line.text):
            dropped = _why_not(line) or why.get(i) or "too few lines like it ask"
        elif line.level in levels and not line.furniture:
            dropped = _why_not(line) or "a heading beside the questions that does not ask"
        else:
            continue
        yield _candidate(document, line, line.span, 1.0, dropped=dropped)


def _why_not(line: Line) -> str:
    if line.furniture:
        return IN_FURNITURE
    if line.code:
        return "stands in code"
    if line.linked > 0.9 and (line.away or line.fragment):
        return "leads to another page" if line.away else "an entry of a table of contents"
    if is_boilerplate(line.text):
        return "belongs to the site, not to its questions"
    return "a call to action" if is_call_to_action(line.text) else ""


def _counts(lines: list[Line], i: int, chosen: dict[int, tuple[int, int, bool]], listed: frozenset[str]) -> bool:
    line = lines[i]
    if is_boilerplate(line.text):
        return False
    if chosen and min(chosen) <= line.level <= BOLD and normal(line.text) in listed and not line.fragment:
        return True
    if line.level not in chosen:
        return False
    first, last, statements = chosen[line.level]
    if _is_question(line):
        return not is_call_to_action(line.text)
    return statements and (first <= i <= last or bool(_NUMBERED.match(line.text)))


def _answer_end(lines: list[Line], entries: list[int], starts: list[int], asking: set[int], i: int) -> int | None:
    here = bisect_left(starts, lines[i].span[0])
    for at in range(here + 1, len(entries)):
        j, other = entries[at], lines[entries[at]]
        if j in asking or (other.level <= lines[i].level and (other.level < BOLD or is_boilerplate(other.text))):
            return other.span[0]
        if j > i + 1 and lines[i].level == other.level == BOLD and titled_alike(lines[i], other):
            return other.span[0]
    return None


def _company(lines: list[Line], entries: list[int], questions: list[int]) -> float:
    """How sure headings can be that ask on a page which nothing else calls a FAQ: articles ask for effect."""
    levels = {lines[i].level for i in questions}
    beside = [i for i in entries if lines[i].level in levels and not is_boilerplate(lines[i].text)]
    asking = sum(_is_question(lines[i]) for i in beside)
    return 0.6 if asking >= 3 and asking >= 0.8 * len(beside) else 0.45


def _candidate(document: Document, line: Line, answer: tuple[int, int], most: float, *, dropped: str = "") -> Candidate:
    level = line.level
    near = not dropped and near_faq(line.element)
    pattern = "heading" if level < BOLD else "bold" if level == BOLD else "paragraph"
    return Candidate(
        question=question_of(line.text),
        place=line.span,
        answer=answer,
        top=document.root,
        pattern=pattern,
        family=f"{pattern} {level}",
        explicit=False,
        near_faq=near,
        confidence=min({"heading": 0.85, "bold": 0.75, "paragraph": 0.6}[pattern], 1.0 if near else most),
        dropped=dropped,
    )


def linked_questions(lines: list[Line]) -> int:
    """How many lines are questions that are only links: the mark of an index."""
    return sum(1 for line in lines if line.linked > 0.9 and asks(squeeze(line.text)))
