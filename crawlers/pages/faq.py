"""Reads the question/answer pairs of a help page, whatever it is built with."""

from __future__ import annotations

import re
from dataclasses import replace

from crawlers.pages.answers import Answered, Answers, clean_answer
from crawlers.pages.article import article, is_help
from crawlers.pages.authorship import Authorship, read_authorship
from crawlers.pages.blocks import Ledger
from crawlers.pages.boards import thread_lists, without_lists
from crawlers.pages.candidates import MAX_CANDIDATES, answer_text, plausible
from crawlers.pages.controls import controls, definition_lists, details, tables
from crawlers.pages.dom import Document, Span, TooComplex, parse
from crawlers.pages.emptiness import stands_in_for_a_page, why_none
from crawlers.pages.facts import Facts, read_facts
from crawlers.pages.flow import headed
from crawlers.pages.found import FoundPair, Reading, author_mark
from crawlers.pages.labels import labelled
from crawlers.pages.lastresort import stated_problems, stated_topics
from crawlers.pages.lines import BOLD, PLAIN, Line, read_lines
from crawlers.pages.named import class_pairs
from crawlers.pages.plaintext import asking_paragraphs, text_as_html
from crawlers.pages.runs import parted
from crawlers.pages.schema import StatedQuestion, marked_up, stated_licence, stated_questions
from crawlers.pages.thread_dates import iso_date
from crawlers.pages.triggers import triggers
from crawlers.pages.wording import asks, is_boilerplate, normal, tidy_question

__all__ = ["faq_reading", "no_pairs", "read_faq", "unmarked"]

_SAYS_NOTHING = re.compile(
    r"faqs?|f\.a\.q\.?|(?:frequently asked )?questions?(?: (?:and|&) answers?)?|"
    r"preguntas? (?:m[aá]s )?frecuentes(?: \(faqs?\))?|"
    r"preguntas?|preguntas y respuestas|h[aä]ufige fragen|frage|q ?& ?a",
    re.I,
)

_POSTED = re.compile(
    r"\W*(?:posted|publicado|enviado|escrito|geschrieben|verfasst|posté|publié|postado|inviato)\b"
    r"(?: (?:on|by|el|por|am|von|le|par|em|il|da))?\W{0,4}.{0,40}\b(?:\d{1,2}|\d{4})\b", re.I,
)  # fmt: skip
LEAST_POSTS = 2
MOST_SECTIONS = 30  # headings above a question among which that of its section is looked for


def read_faq(html: str, url: str = "") -> Reading:
    """The pairs of a help page; of kind "none" with the reason where it has none."""
    try:
        document = parse(html, url)
        return unmarked(html, url) if document is None else faq_reading(document)
    except TooComplex:
        return no_pairs("too complex")


def unmarked(text: str, url: str = "") -> Reading:
    """The pairs of a text without a tag, where paragraphs of it begin with questions. Raises TooComplex."""
    document = parse(text_as_html(text), url) if asking_paragraphs(text) >= 2 else None
    if document is None:
        return no_pairs("not HTML" if text.strip() else "an empty page")
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
    reading = _read(document, facts)
    found = len(reading.pairs)
    if (found and not facts.faq) or found >= MAX_CANDIDATES:
        return reading
    try:
        again = parted(document, is_faq=facts.faq, has_section=facts.faq_section, found=found)
    except TooComplex:  # with a tag more for every question
        return reading
    if again is None or _converses(read_lines(again)):
        return reading
    return max(reading, _read(again, facts), key=lambda one: len(one.pairs))


def _read(document: Document, facts: Facts) -> Reading:
    shown = read_lines(document)
    lists = thread_lists(document, shown)
    lines, ledger = without_lists(shown, lists), Ledger()
    if instead := stands_in_for_a_page(document, lines, facts.title):
        return no_pairs(instead, facts)
    answers = Answers(document=document, lines=lines, lists=lists, ledger=ledger)
    _take_visible(answers, facts)
    if not answers.taken and not lists and is_help(document, facts.title):
        answers.take(article(document, lines))
    pairs = _pairs(answers)
    pairs = _with_stated(pairs, stated_questions(document), lines, ledger, document.url)
    if not pairs:
        return replace(no_pairs(why_none(document, lines, shown), facts), blocks=ledger.blocks())
    signed = _signed(pairs, read_authorship(document, lines), document.url)
    return Reading(
        kind="faq", reason=None, lang=facts.lang, title=facts.title, pairs=signed, licence=facts.licence,
        noindex=facts.noindex, blocks=ledger.blocks(),
    )  # fmt: skip


def _signed(pairs: tuple[FoundPair, ...], page: Authorship, url: str) -> tuple[FoundPair, ...]:
    """The pairs with the page's author and date, where they have none of their own."""
    mark = author_mark(page.author, url)
    return tuple(
        replace(pair, author=pair.author or mark, written_at=pair.written_at or page.written_at) for pair in pairs
    )


def _take_visible(answers: Answers, facts: Facts) -> None:
    document, lines = answers.document, answers.lines
    page_is_faq = facts.faq or facts.faq_section
    named = list(class_pairs(document))
    strong = [
        list(marked_up(document)), list(details(document)), [c for c in named if c.explicit],
        list(controls(document)), list(definition_lists(document)), list(triggers(document)),
        [c for c in named if not c.explicit], list(labelled(document, lines)), list(tables(document)),
    ]  # fmt: skip
    judged = [plausible(candidates, page_is_faq=page_is_faq) for candidates in strong]
    for candidates in judged:
        answers.take(candidates)
    if _sure(answers.taken):
        return
    before = len(answers.taken)
    answers.take(headed(document, lines, page_is_faq=facts.faq))
    if len(answers.taken) - before < 2 and page_is_faq and not _converses(lines):
        answers.take(headed(document, lines, page_is_faq=facts.faq, plain=True))
    if not answers.taken and facts.faq:
        answers.take(stated_topics(candidate for candidates in judged for candidate in candidates))
        answers.take(stated_problems(document))


def _converses(lines: list[Line]) -> bool:
    """Whether posts stand on the page: what asks in the running text of one is no question of a list."""
    return sum(1 for line in lines if _POSTED.match(line.text)) >= LEAST_POSTS


def _sure(taken: list[Answered]) -> bool:
    return sum(1 for answered in taken if asks(answered.candidate.question)) >= 2 or len(taken) >= 4


def _pairs(answers: Answers) -> tuple[FoundPair, ...]:
    ordered = sorted(answers.taken, key=lambda a: a.candidate.place)
    labels = _labels(answers.lines, ordered)
    seen: set[tuple[str, str]] = set()
    pairs: list[FoundPair] = []
    for one in ordered:
        candidate = one.candidate
        key = (normal(candidate.question), normal(one.text))
        if key in seen:
            answers.ledger.withdraw(candidate, "repeats a pair of this page")
            continue
        seen.add(key)
        markdown = answer_text(answers.document, candidate, markdown=True)
        pairs.append(
            FoundPair(
                question=candidate.question,
                answer=one.text,
                answer_markdown=clean_answer(markdown, candidate.pattern),
                label=labels.get(candidate.place, ""),
                pattern=candidate.pattern,
                position=len(pairs),
                confidence=candidate.confidence if asks(candidate.question) else candidate.confidence - 0.1,
            )
        )
    return tuple(pairs)


def _labels(lines: list[Line], ordered: list[Answered]) -> dict[Span, str]:
    """For each question the heading of its section.

    A heading with text of its own is none for a question of its level: that is a neighbour, which may not ask.
    """
    asked = {normal(one.candidate.question) for one in ordered}
    places = [one.candidate.place for one in ordered]
    found: dict[Span, str] = {}
    at = 0
    above: list[tuple[Line, bool]] = []  # the headings so far, each with whether another follows it at once
    shown = [line for line in lines if not line.furniture]
    for n, line in enumerate(shown):
        while at < len(places) and places[at][0] <= line.span[0]:
            found[places[at]] = _label(above, line.level if places[at][0] == line.span[0] else PLAIN)
            at += 1
        if line.level < BOLD and not asks(line.text) and normal(line.text) not in asked:
            opens = n + 1 < len(shown) and shown[n + 1].level <= BOLD
            del above[MOST_SECTIONS:]
            above.insert(0, (line, opens))
    found.update((place, _label(above, PLAIN)) for place in places[at:])
    return found


def _label(above: list[tuple[Line, bool]], level: int) -> str:
    head = next((line for line, opens in above if opens or line.level < level), None)
    if head is None or head.level == 1 or _SAYS_NOTHING.fullmatch(head.text) or is_boilerplate(head.text):
        return ""
    return tidy_question(head.text)[:200]


def _with_stated(
    pairs: tuple[FoundPair, ...], stated: list[StatedQuestion], lines: list[Line], ledger: Ledger, url: str
) -> tuple[FoundPair, ...]:
    """Add what only JSON-LD says: questions that the page shows, or all where it shows next to none."""
    known = {normal(pair.question) for pair in pairs}
    missing = [q for q in stated if normal(q.name) not in known]
    few = len(missing) < len(stated) - len(missing) or len(pairs) > len(stated)
    shown = {normal(line.text) for line in lines} if few else set()
    added: list[FoundPair] = []
    for q in stated:
        pair = _stated_pair(q, len(pairs) + len(added), url)
        why = "" if pair else "no text as question or answer"
        if normal(q.name) in known:
            why = "the page shows it"
        elif few and normal(q.name) not in shown:
            why = "the page shows others and not this one"
        ledger.state(q.name, dropped=why)
        if pair and not why:
            added.append(pair)
    return (*pairs, *added)


def _stated_pair(stated: StatedQuestion, position: int, url: str) -> FoundPair | None:
    question, answer = tidy_question(stated.name), stated.answers[0]
    text = clean_answer(answer.text)
    if not question or not text:
        return None
    return FoundPair(
        question=question, answer=text, answer_markdown=clean_answer(answer.markdown), label="", pattern="jsonld",
        position=position, confidence=0.9, author=author_mark(answer.author, url), written_at=iso_date(answer.date),
    )  # fmt: skip
