"""The process that crawls one source: Twisted's reactor cannot start twice, and a page that kills it kills only it.

It reads its job as a line of JSON from standard input, whose end tells it to stop, and reports in lines of JSON.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self

from scrapy.crawler import CrawlerProcess

from crawlers.settings import private_hosts, scrapy_settings
from crawlers.sourcecrawl import SourceCrawl, worker_name
from crawlers.sources import most_pages
from crawlers.spiders.auto import SPIDERS
from tamiz.errors import StoreError, TamizError
from tamiz.settings import CrawlSettings, SourceSettings
from tamiz.store import Store

__all__ = ["Job"]

SECONDS_TO_STOP = 2.0  # for the request in flight; then it is left for the next run


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a worker has to crawl, and where it writes."""

    store_url: str
    pages: str
    languages: tuple[str, ...]
    limit: int
    source: SourceSettings
    crawl: CrawlSettings

    @classmethod
    def from_line(cls, line: bytes) -> Self:
        values = json.loads(line)
        source: dict[str, Any] = values.pop("source")
        for name in ("allow", "deny"):
            source[name] = tuple(source[name])
        crawl = values.pop("crawl")
        return cls(**values, source=SourceSettings(**source), crawl=CrawlSettings(**crawl))

    def line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"


def _say(out: BinaryIO, **message: Any) -> None:
    try:
        out.write(json.dumps(message).encode() + b"\n")
        out.flush()
    except BrokenPipeError:  # who started us is gone; the end of standard input stops us
        return


def run(job: Job, out: BinaryIO) -> None:
    """Crawl until the source is finished, a limit is reached, or standard input ends."""
    settings = scrapy_settings(job.crawl, private=private_hosts(job.source))
    with Store.open(job.store_url) as store:
        crawl = SourceCrawl(
            store,
            job.source,
            Path(job.pages),
            worker=worker_name(),
            agent=settings["USER_AGENT"],
            languages=job.languages,
            max_pages=most_pages(job.source, job.crawl),
            max_depth=job.crawl.max_depth,
            limit=job.limit,
            report=lambda counts, url: _say(out, counts=counts.as_json(), url=url),
        )
        _end_on_store_errors(crawl, out)
        if job.source.spider == "archive":
            _read_saved(job, store, crawl, out)
        else:
            process = CrawlerProcess(settings)
            spider, told = SPIDERS[job.source.spider], lambda text: _say(out, said=text)
            process.crawl(spider, source=job.source, crawl=crawl, tell=told)
            _stop_at_end_of_input(process, crawl)
            process.start(install_signal_handlers=False)
        crawl.close()
        _say(out, done=crawl.counts.as_json(), unreachable=crawl.unreachable)


def _read_saved(job: Job, store: Store, crawl: SourceCrawl, out: BinaryIO) -> None:
    from crawlers.savedcrawl import crawl_saved

    stopping = threading.Event()

    def wait() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            continue
        stopping.set()

    threading.Thread(target=wait, daemon=True).start()
    crawl_saved(
        store,
        job.source,
        crawl,
        max_bytes=int(job.crawl.max_page_mb * 1_000_000),
        tell=lambda text: _say(out, said=text),
        stopping=stopping.is_set,
    )


def _end_on_store_errors(crawl: SourceCrawl, out: BinaryIO) -> None:
    """A full disk or a lost database ends the worker with its reason; Scrapy would log it and wait for ever."""

    def guarded(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            try:
                return method(*arguments, **named)
            except (StoreError, OSError) as error:
                said = str(error) if isinstance(error, StoreError) else f"a page cannot be written ({error.strerror})"
                _say(out, error=said, kind="StoreError")
                os._exit(1)  # what is committed is safe, and nothing more can be

        return call

    for name in ("next", "keep", "fail", "redirect"):
        setattr(crawl, name, guarded(getattr(crawl, name)))


def _stop_at_end_of_input(process: CrawlerProcess, crawl: SourceCrawl) -> None:
    from twisted.internet import reactor as installed

    reactor: Any = installed  # zope's interfaces are no types to a checker

    def leave() -> None:
        crawl.close()
        os._exit(0)  # a request in flight would hold the reactor until its timeout

    def stop() -> None:
        reactor.callLater(SECONDS_TO_STOP, leave)
        process.stop()

    def wait() -> None:
        while os.read(sys.stdin.fileno(), 1024):  # not through sys.stdin, whose lock would be held at exit
            continue
        reactor.callFromThread(stop)

    threading.Thread(target=wait, daemon=True).start()


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
