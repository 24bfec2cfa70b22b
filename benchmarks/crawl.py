"""A crawl of a generated forum beside a bare Scrapy spider that fetches the same pages, in one run.

    python benchmarks/crawl.py [--threads 3000] [--latency 0.05] [--delay 0.0]

The forum (generated_forum.py) is served on loopback by a process of its own, with the usual duplicate
addresses: session ids, post anchors, page-1 aliases, sort orders, print views, short and long forms of
a thread's address. `tamiz` is crawl() as the command line calls it: addresses in the store, pages in
the archive, pairs read and committed. `bare` is a Scrapy spider with the same connection, delay and
identity that is given the addresses of those pages and does nothing with them; both times include
the start of the process. Printed: threads found once, requests a distinct page, pages a second of
both, and their ratio. --latency lets the server wait before each answer, as real sites do; 0.05 s is a near one.

With `--latency 0` the ratio is that of the work alone: the bare spider reads nothing, and one core reads
the pages for tamiz. Two idle cores are needed for the figures to mean anything.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path

from crawlers.run import CrawlReport, crawl
from crawlers.settings import scrapy_settings
from tamiz.project import Project
from tamiz.settings import CrawlSettings, Settings, SourceSettings
from tamiz.store import Store

FORUM = Path(__file__).with_name("generated_forum.py")


def fetch_bare(addresses: list[str], delay: float) -> None:
    """The bare spider; run in a process of its own."""
    import scrapy
    from scrapy.crawler import CrawlerProcess

    class Bare(scrapy.Spider):
        name = "bare"
        start_urls = addresses

        def parse(self, response: object) -> None:
            return

    ours = scrapy_settings(CrawlSettings(delay_seconds=delay), private=("127.0.0.1",))
    same = ("CONCURRENT_REQUESTS", "CONCURRENT_REQUESTS_PER_DOMAIN", "DOWNLOAD_DELAY", "ROBOTSTXT_OBEY", "USER_AGENT")
    same += ("TELNETCONSOLE_ENABLED", "COOKIES_ENABLED", "LOG_ENABLED")
    process = CrawlerProcess({name: ours[name] for name in same})
    process.crawl(Bare)
    process.start()


def ask(address: str) -> object:
    with urllib.request.urlopen(address) as answer:
        return json.load(answer)


def run_tamiz(folder: Path, site: str, delay: float) -> tuple[CrawlReport, float]:
    source = SourceSettings(name="forum", url=f"{site}/", spider="forum", allow_private=True)
    limits = CrawlSettings(delay_seconds=delay, max_pages=1_000_000, max_depth=50)
    project = Project(folder=folder, settings=Settings(crawl=limits, sources=(source,)))
    with Store.open(project.store_url) as store:
        started = time.perf_counter()
        report = crawl(project, store)
        return report, time.perf_counter() - started


def run_bare(addresses: list[str], delay: float) -> float:
    started = time.perf_counter()
    given = json.dumps([addresses, delay])
    subprocess.run([sys.executable, __file__, "--bare"], input=given, text=True, check=True)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=3000)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds the server waits before each answer")
    parser.add_argument("--delay", type=float, default=0.0, help="least seconds between two requests")
    parser.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.bare:
        fetch_bare(*json.load(sys.stdin))
        return
    command = [sys.executable, str(FORUM), "--threads", str(given.threads), "--latency", str(given.latency)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        site = server.stdout.readline().strip()
        distinct = ask(f"{site}/distinct")
        assert isinstance(distinct, list)
        with tempfile.TemporaryDirectory() as folder:
            report, seconds = run_tamiz(Path(folder), site, given.delay)
        asked = ask(f"{site}/counts")
        assert isinstance(asked, dict)
        bare = run_bare([site + address for address in distinct], given.delay)
        bare_asked = ask(f"{site}/counts")
        assert isinstance(bare_asked, dict)
        server.stdin.close()
    print_table(given.threads, distinct, asked, report, seconds, bare)


def print_table(
    threads: int, distinct: list[str], asked: dict[str, int], report: CrawlReport, seconds: float, bare: float
) -> None:
    requests = sum(asked.values()) - asked.get("/robots.txt", 0)
    once = Counter(thread_page(target) for target in asked for _ in range(asked[target]) if "viewtopic" in target)
    pages = {address for address in distinct if "viewtopic" in address}
    print(f"distinct pages             {len(distinct):>8,}   of them of {threads:,} threads: {len(pages):,}")
    print(f"pages kept                 {report.pages:>8,}   pairs: {report.new_pairs:,}")
    single, never = sum(count == 1 for count in once.values()), len(pages - set(once))
    print(f"thread pages asked once    {single:>8,}   never: {never:,}")
    print(f"requests a distinct page   {requests / len(distinct):>8.3f}")
    print(f"tamiz pages a second       {report.pages / seconds:>8.1f}   {seconds:.1f} s")
    print(f"bare pages a second        {len(distinct) / bare:>8.1f}   {bare:.1f} s")
    print(f"ratio                      {report.pages / seconds / (len(distinct) / bare):>8.2f}")


def thread_page(target: str) -> str:
    """The plain address of a thread's page, whichever way it was asked for."""
    values = dict(part.partition("=")[::2] for part in target.partition("?")[2].split("&"))
    thread = values.get("t") or str(int(values["p"]) // 100)
    start = values.get("start", "0")
    return f"/viewtopic.php?t={thread}{f'&start={start}' if start != '0' else ''}"


if __name__ == "__main__":
    main()
