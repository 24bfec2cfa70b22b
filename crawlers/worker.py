"""The process that crawls one source: Twisted's reactor cannot start twice, and a page that kills it kills only it.

It reads its job as a line of JSON from standard input, whose end tells it to stop, and reports in lines of JSON.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Self

from crawlers.link import Apart, Inside, Link
from crawlers.plan import Plan
from tamiz.errors import TamizError
from tamiz.settings import CrawlSettings, SourceSettings

__all__ = ["Job"]

SECONDS_TO_STOP = 2.0  # for the request in flight; then it is left for the next run
SECONDS_BETWEEN_LOOKS = 0.05  # for addresses, where nothing wakes us


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a worker has to crawl, and where it writes.

    `apart`: pages are read in a process of their own. `dry`: say in the end what would be fetched next.
    """

    store_url: str
    pages: str
    languages: tuple[str, ...]
    limit: int
    max_pages: int
    source: SourceSettings
    crawl: CrawlSettings
    ended: tuple[str, ...] = ()
    apart: bool = True
    dry: bool = False

    @classmethod
    def from_line(cls, line: bytes) -> Self:
        values = json.loads(line)
        source: dict[str, Any] = values.pop("source")
        for table, names in ((source, ("allow", "deny")), (values, ("languages", "ended"))):
            table |= {name: tuple(table[name]) for name in names}
        crawl = values.pop("crawl")
        return cls(**values, source=SourceSettings(**source), crawl=CrawlSettings(**crawl))

    def line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"

    def plan(self) -> Plan:
        return Plan(
            source=self.source,
            crawl=self.crawl,
            pages=Path(self.pages),
            languages=self.languages,
            archive=f"{self.source.name}-{datetime.now(UTC):%Y%m%dT%H%M%S}",
            max_pages=self.max_pages,
            limit=self.limit,
            ended=self.ended,
        )


def _say(out: BinaryIO, **message: Any) -> None:
    try:
        out.write(json.dumps(message).encode() + b"\n")
        out.flush()
    except BrokenPipeError:  # who started us is gone; the end of standard input stops us
        return


def run(job: Job, out: BinaryIO) -> None:
    """Crawl until the source is finished, a limit is reached, or standard input ends."""

    def failed(said: str, kind: str = "StoreError") -> None:
        _say(out, error=said, kind=kind)
        os._exit(1)  # what is committed is safe, and nothing more can be

    plan = job.plan()
    apart = job.apart and job.source.spider != "archive"
    if apart:  # its process starts while this one loads Scrapy
        link: Link = (process := Apart(job.store_url, plan, _to_reactor))
        pid = process.pid
    else:
        pid = os.getpid()
        plan = replace(plan, worker=_worker_name(), archive=f"{plan.archive}-{pid}")
        link = Inside(job.store_url, plan, _later if job.source.spider != "archive" else lambda *_: None)
    from crawlers.archive import ArchiveWriter
    from crawlers.sourcecrawl import SourceCrawl

    name = f"{plan.archive}-fetched" if not apart else f"{plan.archive}-{pid}-fetched"
    with ArchiveWriter(plan.pages, name) as archive:
        crawl = SourceCrawl(link.send, archive, agent=plan.agent, failed=failed)
        crawl.report = lambda counts, url: _say(out, counts=counts.as_json(), url=url)
        crawl.tell = lambda text: _say(out, said=text)
        spider = None
        if job.source.spider == "archive":
            _read_saved(job, crawl, link, failed)
        else:
            spider = _fetch(job, crawl, link, failed)
        link.close()
    if job.dry and spider is not None:
        from crawlers.preview import look_ahead

        _say(out, ahead=look_ahead(job.store_url, job.source, spider.rules, "tamiz", spider.refused))
    _say(out, done=crawl.counts.as_json(), unreachable=crawl.unreachable, limit=crawl.limit)


def _fetch(job: Job, crawl: Any, link: Link, failed: Callable[..., None]) -> Any:
    """The spider, when all is fetched."""
    from scrapy.crawler import CrawlerProcess

    from crawlers.settings import drawing_settings, private_hosts, scrapy_settings
    from crawlers.spiders.auto import SPIDERS

    settings = scrapy_settings(job.crawl, private=private_hosts(job.source))
    process = CrawlerProcess(settings | drawing_settings(job.source, job.crawl))
    crawler = process.create_crawler(SPIDERS[job.source.spider])
    process.crawl(crawler, source=job.source, crawl=crawl, tell=crawl.tell)
    _when_told(lambda: _stop(process, link))
    link.start(crawl.heard, failed)
    process.start(install_signal_handlers=False)
    return crawler.spider


def _read_saved(job: Job, crawl: Any, link: Link, failed: Callable[..., None]) -> None:
    from crawlers.savedcrawl import crawl_saved
    from tamiz.store import Store

    stopping = threading.Event()
    _when_told(stopping.set)
    with Store.open(job.store_url) as store:
        limit = int(job.crawl.max_page_mb * 1_000_000)

        def look_again() -> None:
            link.tick()
            stopping.wait(0.0 if crawl.ready() else SECONDS_BETWEEN_LOOKS)

        crawl.wait = look_again
        crawl.prepare = lambda: link.start(crawl.heard, failed)
        crawl_saved(store, job.source, crawl, max_bytes=limit, tell=crawl.tell, stopping=stopping.is_set)


def _when_told(stop: Callable[[], None]) -> None:
    """Call a function, in a thread, when standard input ends."""

    def wait() -> None:
        while os.read(sys.stdin.fileno(), 1024):  # not through sys.stdin, whose lock would be held at exit
            continue
        stop()

    threading.Thread(target=wait, daemon=True).start()


def _stop(process: Any, link: Link) -> None:
    def leave() -> None:
        link.close()
        os._exit(0)  # a request in flight would hold the reactor until its timeout

    _to_reactor(_later, SECONDS_TO_STOP, leave)
    _to_reactor(process.stop)


def _to_reactor(work: Callable[..., Any], *given: Any) -> None:
    from twisted.internet import reactor as installed

    reactor: Any = installed  # zope's interfaces are no types to a checker
    reactor.callFromThread(work, *given)


def _later(seconds: float, work: Callable[[], None]) -> None:
    from twisted.internet import reactor as installed

    reactor: Any = installed
    reactor.callLater(seconds, work)


def _worker_name() -> str:
    from crawlers.answers import worker_name

    return worker_name()


def main() -> int:
    out = sys.stdout.buffer
    with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as line:
        job = Job.from_line(line.readline())
    try:
        run(job, out)
    except TamizError as error:
        _say(out, error=str(error), kind=type(error).__name__)
        return 1
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # all is closed; taking the interpreter down would cost half a second
