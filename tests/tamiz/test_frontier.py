from __future__ import annotations

import pytest

from tamiz.frontier import Address, Fetched, Frontier
from tamiz.records import Page
from tamiz.store import PageReading

START = "https://ayuda.example/"


@pytest.fixture
def frontier(store):
    frontier = Frontier(store, "ayuda")
    frontier.seed([START])
    return frontier


def fetched(pairs=(), links=()):
    page = Page(
        url=START,
        final_url=START,
        fetched_at="2026-01-31T09:30:00+00:00",
        status=200,
        content_type="text/html",
        content_hash="c0ffee",
        source="ayuda",
    )
    reading = PageReading(page=page.id, kind="faq", reason="", found=len(pairs))
    return Fetched(page=page, reading=reading, pairs=tuple(pairs), links=tuple(links))


def test_an_address_is_fetched_once(frontier):
    assert frontier.seed([START]) == 0
    assert frontier.lease("one", limit=9, lease_seconds=60) == [Address(url=START, depth=0)]
    assert frontier.lease("two", limit=9, lease_seconds=60) == []


def test_page_pairs_and_links_are_committed_together(frontier, store, make_pair):
    frontier.lease("one", limit=1, lease_seconds=60)
    links = [Address(url=f"{START}b", depth=1), Address(url=START, depth=1)]
    assert len(frontier.finish(START, "done", fetched=fetched([make_pair()], links)).new) == 1
    assert frontier.counts() == {"done": 1, "waiting": 1}
    assert (store.count_pages(), store.counts()) == (1, {"new": 1})


def test_what_a_dead_worker_had_leased_comes_back(frontier, clock):
    frontier.lease("one", limit=1, lease_seconds=60)
    assert frontier.workers() == ["one"]
    clock.forward(61)
    assert len(frontier.lease("two", limit=1, lease_seconds=60)) == 1
    assert frontier.give_back("two") == 1
    assert frontier.counts() == {"waiting": 1}


def test_near_addresses_come_before_far_ones(frontier):
    frontier.finish(START, "done", fetched=fetched(links=[Address(url=f"{START}2", depth=2)]))
    frontier.seed([f"{START}0"])
    assert [address.depth for address in frontier.lease("one", limit=9, lease_seconds=60)] == [0, 2]


def test_what_was_not_fetched_keeps_its_reason(frontier):
    frontier.finish(START, "refused", "robots.txt")
    assert frontier.reasons() == {("refused", "robots.txt"): 1}


def test_a_restart_fetches_again_and_keeps_pages(frontier, store):
    frontier.finish(START, "done", fetched=fetched())
    assert frontier.restart()
    assert frontier.seed([START]) == 0
    assert frontier.counts() == {"waiting": 1}
    assert store.count_pages() == 1
