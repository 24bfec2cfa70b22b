"""The sample site of the demonstration, crawled as a user would: what is found, against what it really offers."""

from __future__ import annotations

import functools
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from crawlers.extract import extract
from crawlers.run import CrawlReport, crawl
from tamiz.project import Project
from tamiz.settings import CrawlSettings, Settings, SourceSettings
from tamiz.store import Store

REPOSITORY = Path(__file__).parents[2]


@dataclass
class Sample:
    project: Project
    store: Store
    report: CrawlReport
    asked: list[str]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            asked.append(self.path)

    served = functools.partial(Handler, directory=str(REPOSITORY / "data" / "site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), served) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        source = SourceSettings(name="lumbre", url=url, allow_private=True, licence="CC0-1.0")
        settings = Settings(crawl=CrawlSettings(delay_seconds=0.0), sources=(source,))
        project = Project(folder=tmp_path_factory.mktemp("lumbre"), settings=settings)
        with Store.open(project.store_url) as store:
            yield Sample(project, store, crawl(project, store), asked)
        server.shutdown()


def plain(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()


def gold(kind: str) -> list[dict[str, Any]]:
    rows = json.loads((REPOSITORY / "tests" / "cases" / "sample" / "gold.json").read_text(encoding="utf-8"))
    return [row for row in rows if row["kind"] == kind]


def test_every_page_but_the_forbidden_one_is_fetched(sample: Sample) -> None:
    assert not [path for path in sample.asked if path.startswith("/interno")]
    assert dict(sample.report.refused) == {"robots.txt": 1, "not HTML: application/pdf": 1}
    assert dict(sample.report.failed) == {"404 Not Found": 1}
    assert sample.report.waiting == 0


def test_the_faq_pages_give_what_they_offer(sample: Sample) -> None:
    pairs = [stored.pair for stored in sample.store.pairs(kinds=["faq"])]
    found = {(urlsplit(pair.url).path, plain(pair.question)) for pair in pairs}
    offered = {(row["url"], plain(row["question"])) for row in gold("faq")}
    assert len(found & offered) / len(offered) >= 0.98
    assert len(found & offered) / len(found) >= 0.9


def test_the_answered_threads_of_the_forums_are_found(sample: Sample) -> None:
    pairs = {urlsplit(stored.pair.url).path: stored.pair for stored in sample.store.pairs(kinds=["forum"])}
    offered = {row["url"]: row for row in gold("forum")}
    right = [url for url, row in offered.items() if url in pairs and plain(pairs[url].answer) == plain(row["answer"])]
    assert len(right) / len(offered) >= 0.7
    assert len(right) / len(pairs) >= 0.8


def test_languages_licence_and_place_are_kept(sample: Sample) -> None:
    pairs = [stored.pair for stored in sample.store.pairs()]
    spanish = {"/es/": "es", "/foro/": "es", "/en/": "en", "/community/": "en"}
    right = [pair for pair in pairs for start, lang in spanish.items() if start in pair.url and pair.lang == lang]
    assert len(right) / len(pairs) > 0.98
    assert {pair.licence for pair in pairs} == {"CC0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/"}
    assert all(sample.store.page(pair.page) for pair in pairs)


def test_reading_the_stored_pages_again_adds_nothing(sample: Sample) -> None:
    report = extract(sample.project, sample.store)
    assert (report.pages, report.new_pairs, report.damaged) == (sample.report.pages, 0, ())
    assert report.known_pairs == sample.report.new_pairs
    assert report.without_pairs == sample.report.without_pairs
