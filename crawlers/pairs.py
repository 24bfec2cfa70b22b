"""From what a reader found on a page to pairs that can be traced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from crawlers.addresses import thread_address
from crawlers.pages import FoundPair, Reading
from tamiz.language import UNKNOWN, guess_language
from tamiz.records import Page, Pair, PairKind
from tamiz.store import PageReading

__all__ = ["page_pairs", "page_reading"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What all pairs of a page have in common."""

    url: str
    page: str
    source: str
    kind: PairKind
    lang: str
    licence: str


def page_pairs(
    page: Page, reading: Reading, *, languages: Sequence[str], licence: str = "", threads: str = "pairs"
) -> tuple[Pair, ...]:
    """The pairs of a page. Their language is that of the text, else the page's; `licence` is the source's.

    `threads` says what a thread becomes: pairs, dialogues, or both.
    """
    place = _Place(
        url=page.final_url,
        page=page.id,
        source=page.source,
        kind=cast("PairKind", reading.kind),
        lang=_code(reading.lang) or UNKNOWN,
        licence=reading.licence or licence,
    )
    found = {"pairs": reading.pairs, "dialogues": reading.dialogues or reading.pairs}
    chosen = found.get(threads, (*reading.pairs, *reading.dialogues))
    return tuple(_pair(one, place, languages) for one in chosen)


def _pair(found: FoundPair, place: _Place, languages: Sequence[str]) -> Pair:
    return Pair(
        question=found.question,
        answer=found.answer,
        answer_markdown=found.answer_markdown,
        lang=_language(found, place.lang, languages),
        url=found.url or place.url,
        kind=place.kind,
        group=thread_address(found.url or place.url) if place.kind == "forum" else found.url or place.url,
        source=place.source,
        label=found.label,
        pattern=found.pattern,
        position=found.position,
        accepted=found.accepted,
        votes=found.votes,
        confidence=found.confidence,
        reason=found.reason,
        author=found.author,
        written_at=found.written_at,
        context=found.context,
        page=place.page,
        licence=place.licence,
    )


def _language(found: FoundPair, page: str, languages: Sequence[str]) -> str:
    """The text's language. The page's own word stands unless question and answer both speak against it."""
    guessed = guess_language(f"{found.question}\n{found.answer}", languages)
    if guessed in (UNKNOWN, page) or page not in languages:
        return page if guessed == UNKNOWN else guessed
    apart = {guess_language(text, languages) for text in (found.question, found.answer)}
    return page if page in apart or apart == {UNKNOWN} else guessed


def _code(lang: str) -> str:
    code = lang.lower().replace("_", "-").partition("-")[0]
    return code if code.isascii() and code.isalpha() and 2 <= len(code) <= 3 else ""


def page_reading(page: Page, reading: Reading) -> PageReading:
    return PageReading(page=page.id, kind=reading.kind, reason=reading.reason or "", found=len(reading.pairs))
