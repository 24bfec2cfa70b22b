"""The part of its page that a pair was read from, with the question and the answer marked, as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from curation.pagetext import stored_paragraphs
from tamiz.archived import read_page
from tamiz.errors import TamizError
from tamiz.records import Page, Pair, SealedPair
from tamiz.remarks import ancestors
from tamiz.store import Store

__all__ = ["Excerpt", "Part", "excerpt_of", "mark"]

Part = tuple[Literal["text", "question", "answer", "gap"], str]
Spans = list[tuple[int, int, Literal["question", "answer"]]]

AROUND = 3  # paragraphs shown before the first marked one and after the last
GAP = 6  # unmarked paragraphs between marked ones that are shown; of more only the edges
LONGEST_PARAGRAPH = 4_000
SHORT = 4  # words; so short a text may stand in many places
SHORT_TEXT = 18  # characters; what is shorter is marked only beside something else that is
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """Paragraphs, each as marked and unmarked parts; or `missing`, which says why there are none.

    `missing` is no_page, no_archive (with the reader's own words in `note`), no_html or not_found: the page was read
    and has neither the question nor the answer in these words.
    """

    paragraphs: tuple[tuple[Part, ...], ...] = ()
    missing: str = ""
    note: str = ""
    fetched_at: str = ""


def excerpt_of(store: Store, folder: Path, pair: Pair) -> Excerpt:
    """Where the pair stands in its page, as it was archived in `folder`; the texts of its original count too."""
    page = store.page(pair.page) if pair.page else None
    if page is None or not page.archive:
        return Excerpt(missing="no_page")
    try:
        paragraphs = _paragraphs(folder, page)
    except TamizError as error:
        return Excerpt(missing="no_archive", note=str(error), fetched_at=page.fetched_at)
    if not paragraphs:
        return Excerpt(missing="no_html", fetched_at=page.fetched_at)
    family = store.pairs_by_id(ancestors(store, pair.id)).values()
    texts = [one.pair for one in family if not isinstance(one.pair, SealedPair)] or [pair]
    marked = mark(paragraphs, [one.question for one in texts], [one.answer for one in texts])
    missing = "" if any(kind in ("question", "answer") for parts in marked for kind, _ in parts) else "not_found"
    return Excerpt(paragraphs=() if missing else marked, missing=missing, fetched_at=page.fetched_at)


def mark(paragraphs: Sequence[str], questions: Sequence[str], answers: Sequence[str]) -> tuple[tuple[Part, ...], ...]:
    """The paragraphs around question and answer, in which these are marked; those far from both are left out."""
    asked = [_words(text) for text in questions]
    answered = [_words(text) for text in answers]
    spans = [_spans(text, asked, answered) for text in paragraphs]
    weights = [sum(end - start for start, end, _ in found) for found in spans]
    if not any(weights):
        return ()
    first, last = _stretch(spans, weights)
    spans = [found if first <= number <= last else [] for number, found in enumerate(spans)]
    shown = range(max(0, first - AROUND), min(len(paragraphs), last + AROUND + 1))
    marked = [number for number in shown if spans[number]]
    result: list[tuple[Part, ...]] = []
    for number in shown:
        if min(abs(number - one) for one in marked) <= max(AROUND, GAP // 2):
            result.append(tuple(_parts(paragraphs[number], spans[number])))
        elif not result or result[-1] != (("gap", ""),):
            result.append((("gap", ""),))
    return tuple(result)


def _stretch(spans: Sequence[Spans], weights: Sequence[int]) -> tuple[int, int]:
    """From the most marked paragraph on as far as what is marked goes on: over a gap where it is more than a word."""
    best = max(range(len(spans)), key=lambda number: (weights[number], -number))
    edges = []
    for step in (-1, 1):
        edge, number = best, best + step
        while 0 <= number < len(spans) and abs(number - edge) <= 2 * GAP:
            if spans[number] and (weights[number] >= SHORT_TEXT or abs(number - edge) == 1):
                edge = number
            number += step
        edges.append(edge)
    return edges[0], edges[1]


def _spans(text: str, asked: Sequence[str], answered: Sequence[str]) -> Spans:
    """What of a paragraph is the question or the answer: all of it, or the place where one of them stands in it."""
    words = list(_WORD.finditer(text))
    own = _joined(word[0] for word in words)
    if not words:
        return []
    for kind, wholes in (("question", asked), ("answer", answered)):
        if any(own == whole or (own in whole and len(words) > SHORT) for whole in wholes):
            return [(0, len(text), kind)]  # type: ignore[list-item]
    found: Spans = []
    for kind, wholes in (("question", asked), ("answer", answered)):
        for whole in wholes:
            at = own.find(whole) if len(whole) > 2 else -1
            if at >= 0:
                start = own.count(" ", 0, at + 1) - 1
                end = start + whole.count(" ") - 2
                found.append((words[start].start(), words[end].end(), kind))  # type: ignore[arg-type]
                break
    if not found and any(own in whole for whole in answered):
        return [(0, len(text), "answer")]
    return _apart(found)


def _apart(found: Spans) -> Spans:
    kept: Spans = []
    for span in sorted(found):
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept


def _parts(text: str, spans: Spans) -> Iterator[Part]:
    last = 0
    for start, end, kind in spans:
        if start > last:
            yield "text", text[last:start]
        yield kind, text[start:end]
        last = end
    if text[last:]:
        yield "text", _shortened(text[last:])


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_PARAGRAPH else f"{text[:LONGEST_PARAGRAPH]}…"


def _words(text: str) -> str:
    return _joined(word[0] for word in _WORD.finditer(text))


def _joined(words: Iterator[str]) -> str:
    """Words in small letters between single spaces, with one at either end: " a b "."""
    return f" {' '.join(word.casefold() for word in words)} "


def _paragraphs(folder: Path, page: Page) -> tuple[str, ...]:
    return _read(folder, page.archive, page.archive_offset, page)


@lru_cache(maxsize=16)  # the pairs of a page come one after the other
def _read(folder: Path, archive: str, offset: int, page: Page) -> tuple[str, ...]:
    body, content_type = read_page(folder, page)
    return tuple(stored_paragraphs(body, content_type))
