"""For pages that call themselves a FAQ and ask nothing: accordions and lists of problems stated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from crawlers.pages.candidates import NO_QUESTION, Candidate
from crawlers.pages.controls import make
from crawlers.pages.dom import BLOCKS, Document, Element, has_text

__all__ = ["stated_problems", "stated_topics"]

_OPENED = frozenset({"details", "aria", "checkbox", "class-pair"})
LEAST_ITEMS = 3
LEAST_PROBLEMS = 2
SHORTEST, LONGEST = 12, 300  # characters of a problem


def stated_topics(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Panels of one shape that were dropped only because none of their titles asks."""
    topics = [one for one in candidates if one.dropped == NO_QUESTION and one.pattern in _OPENED]
    sizes = Counter(one.family for one in topics)
    for topic in topics:
        if sizes[topic.family] >= LEAST_ITEMS:
            yield replace(topic, dropped="", confidence=0.5)


def stated_problems(document: Document) -> Iterator[Candidate]:
    """Items of a list whose first block is a sentence and which go on with other blocks: a problem, its solution."""
    for rows in document.root.iter("ol", "ul"):
        items = [item for item in rows if item.tag == "li"]
        parts = [blocks for item in items if len(blocks := _blocks(item)) >= LEAST_PROBLEMS]
        if len(items) < LEAST_PROBLEMS or len(parts) < len(items):
            continue
        for item, (first, *_) in zip(items, parts, strict=True):
            words = " ".join(first.text_content().split())
            if SHORTEST <= len(words) <= LONGEST and first.find(".//a") is None:
                span = (document.after(first), document.leave[item])
                yield make(document, first, item, pattern="list-item", answer=span, confidence=0.5)


def _blocks(item: Element) -> list[Element]:
    if (item.text or "").strip():
        return []
    return [child for child in item if child.tag in BLOCKS and has_text(child)]
