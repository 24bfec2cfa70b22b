"""Crawls several sources at once in this process, each with the spider, keeper and settings of a worker of its own.

A worker takes two seconds to start and most crawls of tests take less: those that need no process of their own
share this one. It reads jobs as lines of JSON from standard input, after a line of code to run first, and
prints what each worker would have said last.
"""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

PAGE = "<html lang=es><h1>Preguntas frecuentes</h1><details><summary>¿Cómo pago?</summary><p>Con tarjeta o por banco."


def main() -> None:
    first, *lines = sys.stdin.buffer.read().splitlines()
    exec(json.loads(first), {})

    from scrapy.crawler import Crawler, CrawlerProcess

    from crawlers.archive import ArchiveWriter
    from crawlers.link import Inside
    from crawlers.pages import read_page
    from crawlers.settings import private_hosts, scrapy_settings
    from crawlers.sourcecrawl import SourceCrawl
    from crawlers.spiders.auto import SPIDERS
    from crawlers.worker import Job, _later, _worker_name

    def failed(said: str, kind: str = "StoreError") -> None:
        raise SystemExit(f"{kind}: {said}")

    read_page(PAGE, "https://ayuda.example/")  # loads the readers' libraries, during which nothing could be asked
    jobs = [Job.from_line(line) for line in lines]
    private = sorted({host for job in jobs for host in private_hosts(job.source)})
    process = CrawlerProcess(scrapy_settings(jobs[0].crawl, private=private))
    crawls: list[tuple[Any, Inside, list[str]]] = []
    with ExitStack() as open_files:
        for number, job in enumerate(jobs):
            plan = job.plan()
            plan = replace(plan, worker=_worker_name(), archive=f"{plan.archive}-{number}")
            link = Inside(job.store_url, plan, _later)
            archive = open_files.enter_context(ArchiveWriter(plan.pages, f"{plan.archive}-fetched"))
            crawl = SourceCrawl(link.send, archive, agent=plan.agent, failed=failed)
            said: list[str] = []
            crawl.tell = said.append
            settings = scrapy_settings(job.crawl, private=private_hosts(job.source))
            crawler = Crawler(SPIDERS[job.source.spider], settings, init_reactor=number == 0)
            process.crawl(crawler, source=job.source, crawl=crawl, tell=crawl.tell)
            link.start(crawl.heard, failed)
            crawls.append((crawl, link, said))
        process.start(install_signal_handlers=False)
        for _, link, _ in crawls:
            link.close()
    for crawl, _, said in crawls:
        last = {"counts": crawl.counts.as_json(), "unreachable": crawl.unreachable, "limit": crawl.limit, "said": said}
        print(json.dumps(last))


if __name__ == "__main__":
    main()
