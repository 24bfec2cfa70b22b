"""Which candidates have an answer of their own, and that answer's text."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from crawlers.pages.blocks import Ledger
from crawlers.pages.boards import outside_lists
from crawlers.pages.bylines import without_bylines
from crawlers.pages.candidates import MAX_CANDIDATES, TOO_MANY, Candidate, answer_text
from crawlers.pages.dom import Document, Span
from crawlers.pages.lines import Line
from crawlers.pages.wording import asks, is_closing, is_feedback, normal, strip_answer_label

__all__ = ["Answered", "Answers", "clean_answer"]

_STAMP = re.compile(
    r"\W*(?:(?:this )?page )?(?:was )?last (?:modified|updated|edited|changed)\b|"
    r"\W*[uú]ltima (?:actualizaci[oó]n|modificaci[oó]n)\b|"
    r"\W*(?:copyright|©)\s*(?:\(c\)|©|\d{4})",
    re.I,
)
_EMPTY = re.compile(
    r"[\W_]*(?:read more|more|leer m[aá]s|ver m[aá]s|m[aá]s informaci[oó]n|loading|cargando|top)?[\W_]*", re.I
)
_PERMALINK = re.compile(
    r"\W*(?:permalink|permanent link|enlace permanente|permalien|lien permanent)(?:\]\(.*)?\W*", re.I
)
_COUNT = re.compile(
    r"\W*\d+\s*(?:answers?|repl(?:y|ies)|comments?|views?|votes?|respuestas?|comentarios?|votos?|visitas?|antworten?|"
    r"r[eé]ponses?|respostas?|risposte?)\W*",
    re.I,
)
_FLOWING = frozenset({"heading", "bold", "paragraph", "label-qa", "dl"})  # whose answer ends where the next begins
_CUT = frozenset({"heading", "bold", "paragraph"})
_ARTICLES = frozenset({"article", "heading"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    candidate: Candidate
    text: str


@dataclass(slots=True, kw_only=True)
class Answers:
    """The candidates taken so far, and the ledger of all that were offered. No two of them share any text."""

    document: Document
    lines: list[Line]
    lists: list[Span]
    ledger: Ledger
    taken: list[Answered] = field(default_factory=list)

    def take(self, candidates: Iterable[Candidate]) -> None:
        """Take those that may be pairs and have an answer; every other one is dropped with its reason."""
        starts = [line.span[0] for line in self.lines]
        used = sorted(span for one in self.taken for span in (one.candidate.place, one.candidate.answer))
        for offered in candidates:
            if offered.dropped:
                self.ledger.drop(offered, offered.dropped)
                continue
            candidate = outside_lists(offered, self.lists)
            if candidate is None:
                self.ledger.drop(offered, "stands in a list of threads")
                continue
            candidate = _cut(candidate, used)
            why = self._clash(candidate, starts, used)
            text = "" if why else clean_answer(answer_text(self.document, candidate), candidate.pattern)
            if why := why or _why_no_answer(candidate.question, text):
                self.ledger.drop(candidate, why)
                continue
            self.ledger.keep(candidate)
            self.taken.append(Answered(candidate=candidate, text=text))
            for span in (candidate.place, candidate.answer):
                insort(used, span)

    def _clash(self, candidate: Candidate, starts: list[int], used: list[Span]) -> str:
        within = self.lines[bisect_left(starts, candidate.answer[0]) : bisect_left(starts, candidate.answer[1])]
        if within and all(line.linked > 0.9 and line.fragment for line in within):
            return "an entry of a table of contents"
        if within and all(line.linked > 0.9 and line.away for line in within) and not asks(candidate.question):
            return "a menu of links"
        if len(self.taken) >= MAX_CANDIDATES:
            return TOO_MANY
        if not all(_free(span, used) for span in (candidate.place, candidate.answer)):
            return "overlaps a pair that a surer rule found"
        return ""


def _cut(candidate: Candidate, taken: list[Span]) -> Candidate:
    """The candidate, its answer ending where the next pair begins if only the flow of the text says where it ends."""
    start, end = candidate.answer
    at = bisect_left(taken, (start, 0))
    if candidate.pattern not in _CUT or at == len(taken) or not start < taken[at][0] < end:
        return candidate
    return replace(candidate, answer=(start, taken[at][0]))


def _free(span: Span, taken: list[Span]) -> bool:
    """Whether a span touches none of the sorted ones, which are disjoint."""
    at = bisect_left(taken, span)
    return not (at < len(taken) and taken[at][0] < span[1]) and not (at and taken[at - 1][1] > span[0])


def _why_no_answer(question: str, text: str) -> str:
    if _EMPTY.fullmatch(text):
        return "no text as answer"
    if _COUNT.fullmatch(text):
        return "only a number of answers"
    if normal(text) == normal(question):
        return "the answer only repeats the question"
    return "the answer is a list of questions" if _only_questions(text) else ""


def _only_questions(text: str) -> bool:
    """Whether an "answer" is nothing but a list of further questions: an entry of a table of contents."""
    lines = [re.sub(r"^- ", "", line) for line in text.split("\n")]
    return len(lines) >= 2 and sum(asks(line) for line in lines) >= 0.8 * len(lines)


def clean_answer(text: str, pattern: str = "") -> str:
    """An answer without its label, the page's request for feedback, its bylines, its closing words and its stamp."""
    kept = [line for line in strip_answer_label(text).split("\n") if not is_feedback(line)]
    if pattern in _ARTICLES:
        kept = without_bylines(kept, is_article=pattern == "article")
    if pattern in _FLOWING:
        closing = (at for at in range(max(1, len(kept) - 5), len(kept)) if is_closing("\n".join(kept[at:])))
        del kept[next(closing, len(kept)) :]
    while kept and not kept[-1].strip().startswith("`") and _ends_nothing(kept[-1]):
        kept.pop()
    return "\n".join(kept).strip()


def _ends_nothing(line: str) -> bool:
    """Whether the last line of an answer says nothing of its own: a link to more, to itself, or a stamp."""
    return bool(_EMPTY.fullmatch(line) or _PERMALINK.fullmatch(line) or _STAMP.match(line))
