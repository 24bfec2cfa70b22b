"""Thousands of questions of one kind cost time in proportion, not its square, and no more than the limit is taken."""

from __future__ import annotations

import time

import pytest

from crawlers.pages import read_page
from crawlers.pages.candidates import MAX_CANDIDATES

MANY = 6000
SECONDS = 15  # a square of the number of questions takes minutes
ITEMS = {
    "headings in boxes": "<div class=i><h3>What is {n}?</h3><p>Answer {n}.</p></div>",
    "bold questions in one paragraph": "Text {n} here. <b>What is item {n}?</b> Yes.",
    "buttons": "<button class=c{n}>What is {n}?</button><p>Answer {n}</p>",
    "boxes named question": "<div class=question><p>What is {n}?</p><p>Because.</p></div>",
    "controls": "<button aria-expanded=false aria-controls=p{n}>What is {n}?</button><div id=p{n}>Answer {n}</div>",
    "unanswered terms": "<dl><dt>What is {n}?</dt></dl>",
    "bodies of articles": "<div class=article-body>A text with some words, number {n}.</div>",
}


@pytest.mark.parametrize("item", [pytest.param(item, id=name) for name, item in ITEMS.items()])
def test_a_page_of_thousands_is_read_in_time(item: str) -> None:
    html = "<title>FAQ</title><h1>What is it?</h1>" + "".join(item.format(n=n) for n in range(MANY))
    started = time.process_time()
    reading = read_page(html)
    assert time.process_time() - started < SECONDS
    assert len(reading.pairs) <= MAX_CANDIDATES
    assert sum(block.kept for block in reading.blocks) == len(reading.pairs)
