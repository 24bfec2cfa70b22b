"""A source that is crawled again: only what changed is sent, and what changed is noted, not overwritten."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from tamiz.cli.crawl import _changes

HTML = "text/html; charset=utf-8"


class Dated:
    """A page that knows whether it has changed, as servers do."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.statuses: list[int] = []

    def __call__(self, handler: Any) -> None:
        tag = f'"{hashlib.md5(self.html.encode()).hexdigest()}"'
        same = handler.headers.get("If-None-Match") == tag
        self.statuses.append(304 if same else 200)
        body = b"" if same else self.html.encode()
        handler.send_response(self.statuses[-1])
        handler.send_header("ETag", tag)
        handler.send_header("Content-Type", HTML)
        if not same:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


@pytest.fixture
def dated(site: Any) -> Any:
    """A start page and two FAQ pages that answer conditional requests."""
    site.faq("/", links=("/wifi", "/factura"))
    site.faq("/wifi", "¿Cómo cambio la clave del wifi?", "¿Cómo reinicio el router?")
    site.faq("/factura", "¿Cuándo llega la factura?", links=("/wifi",))
    site.pages = {path: Dated(html) for path, html in site.pages.items()}
    return site


def rewrite(site: Any, path: str, *questions: str, links: tuple[str, ...] = ()) -> None:
    page = site.pages[path]
    site.faq(path, *questions, links=links)
    page.html, site.pages[path] = site.pages[path], page


def standing(work: Any) -> dict[str, tuple[str, str]]:
    """What stands about each question: kind of the finding and its witness."""
    stored = {one.pair.id: one.pair for one in work.store.pairs()}
    found = work.store.findings(list(stored))
    return {stored[pair].question: (many[0].kind, many[0].witness) for pair, many in found.items() if many}


def test_unchanged_pages_are_not_sent_again(dated: Any, bench: Callable[..., Any]) -> None:
    work = bench(source={"spider": "faq"})
    assert work.crawl().new_pages == 3
    again = work.crawl()
    assert (again.pages, again.unchanged, again.changed, again.new_pages, again.gone) == (3, 3, 0, 0, 0)
    assert (again.new_pairs, again.known_pairs, again.gone_pairs) == (0, 3, 0)
    assert all(page.statuses == [200, 304] for page in dated.pages.values())
    assert work.store.count_pages() == 3


def test_links_of_an_unchanged_page_are_still_followed(dated: Any, bench: Callable[..., Any]) -> None:
    bench(source={"spider": "faq"}, max_depth=0).crawl()
    deeper = bench(source={"spider": "faq"}, max_depth=1).crawl()
    assert (deeper.unchanged, deeper.new_pages) == (1, 2)


def test_a_changed_answer_is_a_new_pair_and_the_old_one_says_so(dated: Any, bench: Callable[..., Any]) -> None:
    work = bench(source={"spider": "faq"})
    work.crawl()
    dated.pages["/factura"].html = dated.pages["/factura"].html.replace("Entra en", "Desde mayo, entra en")
    report = work.crawl()
    assert (report.changed, report.unchanged) == (1, 2)
    assert (report.new_pairs, report.replacing_pairs, report.changed_pairs, report.gone_pairs) == (1, 1, 1, 0)
    newest = [one.pair for one in work.store.pairs()][-1]
    assert newest.answer.startswith("Desde mayo")
    old = next(one for one in work.store.pairs() if one.pair.question == newest.question)
    assert old.state == "new"
    assert standing(work) == {newest.question: ("changed", newest.id)}


def test_the_printed_report_counts_a_pair_once(dated: Any, bench: Callable[..., Any]) -> None:
    work = bench(source={"spider": "faq"})
    work.crawl()
    page = dated.pages["/wifi"]
    page.html = page.html.replace("Entra en", "Desde mayo, entra en")
    dated.pages["/factura"] = (404, {"Content-Type": HTML}, "no")
    assert "  pairs: 0 added, 2 changed, 1 gone" in _changes(work.crawl())
    rewrite(dated, "/wifi", "¿Cómo cambio la clave del wifi?", "¿Cómo cambio el canal del wifi?")
    again = work.crawl()
    assert "  pairs: 1 added, 1 changed, 1 gone" in _changes(again)  # older wordings are no pairs of their own


def test_a_question_that_is_gone_is_noted_once_and_taken_back_when_it_returns(
    dated: Any, bench: Callable[..., Any]
) -> None:
    work = bench(source={"spider": "faq"})
    work.crawl()
    rewrite(dated, "/wifi", "¿Cómo cambio la clave del wifi?")
    assert work.crawl().gone_pairs == 1
    assert standing(work) == {"¿Cómo reinicio el router?": ("gone", "")}
    assert work.crawl().gone_pairs == 0
    rewrite(dated, "/wifi", "¿Cómo cambio la clave del wifi?", "¿Cómo reinicio el router?")
    assert work.crawl().new_pairs == 0
    assert standing(work) == {}


@pytest.mark.parametrize("status", [404, 410])
def test_pairs_of_a_page_that_is_gone_are_noted_and_come_back_with_it(
    status: int, dated: Any, bench: Callable[..., Any]
) -> None:
    work = bench(source={"spider": "faq"})
    work.crawl()
    page = dated.pages["/wifi"]
    dated.pages["/wifi"] = (status, {"Content-Type": HTML}, "no")
    report = work.crawl()
    assert (report.gone, report.gone_pairs, report.unchanged) == (1, 2, 2)
    assert {kind for kind, _ in standing(work).values()} == {"gone"}
    assert work.store.count_standing("crawl") == {"gone": 2}
    dated.pages["/wifi"] = page
    assert work.crawl().unchanged == 3
    assert standing(work) == {}
    assert work.store.count_standing("crawl") == {}


def test_a_page_that_fails_is_not_gone(dated: Any, bench: Callable[..., Any]) -> None:
    work = bench(source={"spider": "faq"})
    work.crawl()
    dated.pages["/wifi"] = (403, {"Content-Type": HTML}, "no")
    report = work.crawl()
    assert (report.gone, report.gone_pairs, standing(work)) == (0, 0, {})


def test_a_lost_archive_is_fetched_in_full_again(dated: Any, bench: Callable[..., Any]) -> None:
    work = bench(source={"spider": "faq"})
    work.crawl()
    for archive in work.project.pages.iterdir():
        archive.unlink()
    report = work.crawl()
    assert (report.pages, report.unchanged, sum(report.failed.values())) == (3, 3, 0)
    assert dated.pages["/wifi"].statuses == [200, 304, 200]


def test_addresses_that_only_repeat_a_page_are_not_asked_again(site: Any, bench: Callable[..., Any]) -> None:
    site.faq("/", links=("/wifi", "/wifi-old", "/copy?of=wifi"))
    site.faq("/wifi", "¿Cómo cambio la clave del wifi?")
    site.pages["/wifi-old"] = (301, {"Location": "/wifi"}, "")
    site.pages["/copy?of=wifi"] = site.pages["/wifi"]
    work = bench()
    first = work.crawl()
    assert (first.pages, first.repeated, first.new_pairs) == (2, 1, 1)
    before = len(site.asked)
    work.crawl()
    assert sorted(site.paths()[before:]) == ["/", "/robots.txt", "/wifi"]
    site.faq("/wifi", "¿Cómo apago el wifi?")  # its copy may be another page now
    third = work.crawl()
    assert (third.pages, third.new_pairs) == (3, 2)  # the old question stands at the copy's address only
    assert site.paths().count("/copy?of=wifi") == 2
