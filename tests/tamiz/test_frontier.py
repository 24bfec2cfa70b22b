from __future__ import annotations

import pytest

from tamiz.frontier import Address, Fetched, Frontier, Result
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


def page_at(url, body, *, pairs=(), canonical="", pairs_hash=""):
    page = Page(
        url=url,
        final_url=url,
        fetched_at="2026-01-31T09:30:00+00:00",
        status=200,
        content_type="text/html",
        content_hash=body,
        source="ayuda",
        etag=f'"{body}"',
    )
    reading = PageReading(page=page.id, kind="faq", reason="", found=len(pairs))
    return Fetched(
        page=page, reading=reading, pairs=tuple(pairs), canonical=canonical, pairs_hash=pairs_hash, final=url, size=10
    )


def test_the_same_body_at_two_addresses_is_one_page(frontier, store):
    results = [
        Result(url=f"{START}{name}", outcome="done", fetched=page_at(f"{START}{name}", "c0ffee")) for name in "ab"
    ]
    frontier.seed([result.url for result in results])
    assert [became.page for became in frontier.commit(results)] == ["new", "same"]
    assert (store.count_pages(), frontier.count_pages()) == (1, 1)
    assert frontier.reasons() == {("done", f"the same page as {START}a"): 1}


def test_a_leased_address_brings_what_its_page_is_asked_with(frontier):
    frontier.finish(START, "done", fetched=page_at(START, "c0ffee"))
    frontier.restart()
    assert [(one.etag, one.content_hash) for one in frontier.lease("one", limit=9, lease_seconds=60)] == [
        ('"c0ffee"', "c0ffee")
    ]


def test_only_a_finished_source_is_started_over(frontier):
    assert not frontier.restart()
    frontier.finish(START, "done", fetched=page_at(START, "c0ffee"))
    assert frontier.restart()
    assert not frontier.restart()


def test_a_reached_limit_lets_a_source_start_over(frontier):
    frontier.seed([f"{START}2"])
    frontier.finish(START, "done", fetched=page_at(START, "c0ffee"))
    assert not frontier.restart(most_pages=2, most_bytes=11)
    assert frontier.restart(most_bytes=10)


def test_ways_to_write_an_address_are_one(frontier):
    assert frontier.seed([Address(url=f"{START}a/", depth=1, key="a"), Address(url=f"{START}a", depth=1, key="a")]) == 1
    assert frontier.holds(f"{START}a", "a") == f"{START}a/"


def test_an_answer_that_was_edited_by_a_person_is_noted_as_gone_too(frontier, store, make_pair):
    pair = make_pair(url=START, page=page_at(START, "c0ffee").page.id)
    edited = make_pair(answer="Mejor así, dijo alguien.", url=START, page=pair.page, made_from=(pair.id,))
    frontier.finish(START, "done", fetched=page_at(START, "c0ffee", pairs=[pair]))
    store.add_pairs([edited], "ana")
    frontier.restart()
    [became] = frontier.commit([Result(url=START, outcome="failed", reason="404 Not Found", gone=True)])
    assert (became.page, became.gone) == ("gone", 2)
    found = store.findings([pair.id, edited.id])
    assert {one.kind for many in found.values() for one in many} == {"gone"}
