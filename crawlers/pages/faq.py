"""Reads the question/answer pairs of a help page, whatever it is built with."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass, replace

from crawlers.pages.article import article, is_help
from crawlers.pages.boards import outside_lists, thread_lists, without_lists
from crawlers.pages.candidates import MAX_CANDIDATES, Candidate, answer_text, plausible
from crawlers.pages.controls import controls, definition_lists, details, tables
from crawlers.pages.dom import Document, Span, TooComplex, parse
from crawlers.pages.facts import Facts, read_facts
from crawlers.pages.flow import headed, labelled, linked_questions
from crawlers.pages.found import FoundPair, Reading
from crawlers.pages.lines import BOLD, Line, read_lines
from crawlers.pages.named import class_pairs
from crawlers.pages.render import squeeze
from crawlers.pages.schema import StatedQuestion, marked_up, stated_licence, stated_questions
from crawlers.pages.wording import (
    asks,
    is_boilerplate,
    is_closing,
    is_feedback,
    normal,
    strip_answer_label,
    tidy_question,
)

__all__ = ["faq_reading", "no_pairs", "read_faq"]

_SAYS_NOTHING = re.compile(
    r"faqs?|f\.a\.q\.?|(?:frequently asked )?questions?(?: (?:and|&) answers?)?|"
    r"preguntas? (?:m[aá]s )?frecuentes(?: \(faqs?\))?|"
    r"preguntas?|preguntas y respuestas|h[aä]ufige fragen|frage|q ?& ?a",
    re.I,
)
_STAMP = re.compile(
    r"\W*(?:(?:this )?page )?(?:was )?last (?:modified|updated|edited|changed)\b|"
    r"\W*[uú]ltima (?:actualizaci[oó]n|modificaci[oó]n)\b|"
    r"\W*(?:copyright|©)\s*(?:\(c\)|©|\d{4})",
    re.I,
)
_EMPTY = re.compile(
    r"[\W_]*(?:read more|more|leer m[aá]s|ver m[aá]s|m[aá]s informaci[oó]n|loading|cargando|top)?[\W_]*", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answered:
    candidate: Candidate
    text: str


def read_faq(html: str, url: str = "") -> Reading:
    """The pairs of a help page; of kind "none" with the reason where it has none."""
    try:
        document = parse(html, url)
    except TooComplex:
        return no_pairs("too complex")
    if document is None:
        return no_pairs("not HTML" if html.strip() else "an empty page")
    return faq_reading(document)


def no_pairs(reason: str, facts: Facts | None = None) -> Reading:
    if facts is None:
        return Reading(kind="none", reason=reason)
    return Reading(
        kind="none", reason=reason, lang=facts.lang, title=facts.title, licence=facts.licence, noindex=facts.noindex
    )


def faq_reading(document: Document) -> Reading:
    """The same for a page that is parsed already."""
    facts = read_facts(document)
    facts = replace(facts, licence=facts.licence or stated_licence(document))
    lines = read_lines(document)
    lists = thread_lists(document, lines)
    shown, lines = lines, without_lists(lines, lists)
    answered = _visible(document, lines, lists, page_is_faq=facts.faq)
    if not answered and not lists and is_help(facts.title, document.url):
        _take(document, lines, lists, answered, article(document))
    pairs = _pairs(document, lines, answered)
    pairs = _with_stated(pairs, stated_questions(document), lines)
    if not pairs:
        return no_pairs(_why_none(document, lines, shown), facts)
    return Reading(
        kind="faq", reason=None, lang=facts.lang, title=facts.title, pairs=pairs, licence=facts.licence,
        noindex=facts.noindex,
    )  # fmt: skip


def _visible(document: Document, lines: list[Line], lists: list[Span], *, page_is_faq: bool) -> list[_Answered]:
    taken: list[_Answered] = []
    named = list(class_pairs(document))
    strong = [
        list(marked_up(document)), list(details(document)), [c for c in named if c.explicit],
        list(controls(document)), list(definition_lists(document)), [c for c in named if not c.explicit],
        list(labelled(document, lines)), list(tables(document)),
    ]  # fmt: skip
    for candidates in strong:
        _take(document, lines, lists, taken, plausible(candidates, page_is_faq=page_is_faq))
    if _sure(taken):
        return taken
    before = len(taken)
    _take(document, lines, lists, taken, headed(document, lines, page_is_faq=page_is_faq))
    if len(taken) - before < 2 and page_is_faq:
        _take(document, lines, lists, taken, headed(document, lines, page_is_faq=page_is_faq, plain=True))
    return taken


def _sure(taken: list[_Answered]) -> bool:
    return sum(1 for answered in taken if asks(answered.candidate.question)) >= 2 or len(taken) >= 4


def _take(
    document: Document, lines: list[Line], lists: list[Span], taken: list[_Answered], candidates: Iterable[Candidate]
) -> None:
    starts = [line.span[0] for line in lines]
    used = sorted(span for one in taken for span in (one.candidate.place, one.candidate.answer))
    for candidate in filter(None, (outside_lists(candidate, lists) for candidate in candidates)):
        within = lines[bisect_left(starts, candidate.answer[0]) : bisect_left(starts, candidate.answer[1])]
        if within and all(line.linked > 0.9 and line.fragment for line in within):
            continue  # an entry of the table of contents
        spans = (candidate.place, candidate.answer)
        if len(taken) >= MAX_CANDIDATES or not all(_free(span, used) for span in spans):
            continue
        text = _clean(answer_text(document, candidate), candidate.pattern)
        if _EMPTY.fullmatch(text) or normal(text) == normal(candidate.question) or _only_questions(text):
            continue
        taken.append(_Answered(candidate=candidate, text=text))
        for span in spans:
            insort(used, span)


def _free(span: Span, taken: list[Span]) -> bool:
    """Whether a span touches none of the sorted ones, which are disjoint."""
    at = bisect_left(taken, span)
    return not (at < len(taken) and taken[at][0] < span[1]) and not (at and taken[at - 1][1] > span[0])


def _only_questions(text: str) -> bool:
    """Whether an "answer" is nothing but a list of further questions: an entry of a table of contents."""
    lines = [re.sub(r"^- ", "", line) for line in text.split("\n")]
    return len(lines) >= 2 and sum(asks(line) for line in lines) >= 0.8 * len(lines)


_FLOWING = frozenset({"heading", "bold", "paragraph", "label-qa", "dl"})  # whose answer ends where the next begins


def _clean(text: str, pattern: str = "") -> str:
    kept = [line for line in strip_answer_label(text).split("\n") if not is_feedback(line)]
    if pattern in _FLOWING:
        closing = (at for at in range(max(1, len(kept) - 5), len(kept)) if is_closing("\n".join(kept[at:])))
        del kept[next(closing, len(kept)) :]
    while kept and not kept[-1].strip().startswith("`") and (_EMPTY.fullmatch(kept[-1]) or _STAMP.match(kept[-1])):
        kept.pop()
    return "\n".join(kept).strip()


def _pairs(document: Document, lines: list[Line], answered: list[_Answered]) -> tuple[FoundPair, ...]:
    ordered = sorted(answered, key=lambda a: a.candidate.place)
    heads = _sections(lines, {normal(a.candidate.question) for a in ordered})
    starts = [line.span[0] for line in heads]
    seen: set[tuple[str, str]] = set()
    pairs: list[FoundPair] = []
    for one in ordered:
        candidate = one.candidate
        key = (normal(candidate.question), normal(one.text))
        if key in seen:
            continue
        seen.add(key)
        markdown = answer_text(document, candidate, markdown=True)
        pairs.append(
            FoundPair(
                question=candidate.question,
                answer=one.text,
                answer_markdown=_clean(markdown, candidate.pattern),
                label=_label(heads, bisect_left(starts, candidate.place[0])),
                pattern=candidate.pattern,
                position=len(pairs),
                confidence=candidate.confidence if asks(candidate.question) else candidate.confidence - 0.1,
            )
        )
    return tuple(pairs)


def _sections(lines: list[Line], questions: set[str]) -> list[Line]:
    """The headings that are no questions themselves, the page's own title included."""
    heads = [line for line in lines if line.level < BOLD and not line.furniture]
    return [line for line in heads if not asks(line.text) and normal(line.text) not in questions]


def _label(heads: list[Line], at: int) -> str:
    if not at or heads[at - 1].level == 1 or _SAYS_NOTHING.fullmatch(heads[at - 1].text):
        return ""
    if is_boilerplate(heads[at - 1].text):
        return ""
    return tidy_question(heads[at - 1].text)[:200]


def _with_stated(
    pairs: tuple[FoundPair, ...], stated: list[StatedQuestion], lines: list[Line]
) -> tuple[FoundPair, ...]:
    """Add what only JSON-LD says: questions that the page shows, or all where it shows next to none."""
    if not stated:
        return pairs
    known = {normal(pair.question) for pair in pairs}
    shown = {normal(line.text) for line in lines}
    missing = [q for q in stated if normal(q.name) not in known]
    if len(missing) < len(stated) - len(missing) or len(pairs) > len(stated):
        missing = [q for q in missing if normal(q.name) in shown]
    added = [
        FoundPair(
            question=tidy_question(q.name), answer=_clean(q.answers[0].text),
            answer_markdown=_clean(q.answers[0].markdown), label="", pattern="jsonld", position=len(pairs) + n,
            confidence=0.9,
        )
        for n, q in enumerate(missing)
        if tidy_question(q.name) and _clean(q.answers[0].text)
    ]  # fmt: skip
    return (*pairs, *added)


def _length(lines: list[Line]) -> int:
    return sum(len(line.text) for line in lines if not line.furniture)


def _why_none(document: Document, lines: list[Line], shown: list[Line]) -> str:
    """The reason, from the lines outside of thread lists and from all that are shown."""
    if not lines:
        return "an empty page"
    if _length(lines) < 0.6 * _length(shown):
        return "a list of threads"
    if document.root.xpath("//input[@type='password']"):
        return "a login page"
    if linked_questions(lines) >= 3:
        return "a list of links to questions"
    if any(asks(line.text) for line in lines if not line.furniture):
        return "no question has an answer on this page"
    return "no questions on this page" if squeeze(" ".join(line.text for line in lines[:5])) else "an empty page"
