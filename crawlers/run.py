"""crawl(): every source in a worker process of its own, its progress shown, its outcome counted."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Any
from urllib.parse import urlsplit

from crawlers.sources import NO_LIMIT, choose_sources, most_pages, start_address
from tamiz.errors import InputError, MissingExtra, SettingsError, StoreError, TamizError
from tamiz.frontier import Address, Frontier
from tamiz.hosts import Hosts
from tamiz.progress import progress
from tamiz.project import Project
from tamiz.settings import SourceSettings
from tamiz.store import Store

__all__ = ["CrawlReport", "crawl"]

SECONDS_TO_STOP = 6.0  # the worker needs two; then it is killed, which loses nothing
LIBRARIES = ("scrapy", "warcio", "bs4", "lxml", "w3lib", "extruct")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlReport:
    """What a crawl did. The counters give addresses or pages by reason.

    `waiting` addresses are left for the next run; `unreachable` are sentences about sources whose
    site could not be reached; `said` are sentences about what was recognised and chosen; `stopped` says
    that the user ended the run.
    """

    sources: tuple[str, ...] = ()
    pages: int = 0
    new_pairs: int = 0
    known_pairs: int = 0
    without_pairs: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    waiting: int = 0
    seconds: float = 0.0
    unreachable: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    stopped: bool = False


@dataclass(slots=True, kw_only=True)
class _Heard:
    """What a worker has said so far."""

    counts: dict[str, Any] = field(default_factory=dict)
    unreachable: str = ""
    said: list[str] = field(default_factory=list)
    finished: bool = False
    stopped: bool = False


def crawl(
    project: Project,
    store: Store,
    sources: Sequence[str] = (),
    *,
    url: str | None = None,
    limit: int = 0,
    allow_private: bool = False,
    apart: bool = True,
) -> CrawlReport:
    """Fetch the named sources (none named: all of tamiz.toml), or one address, and read their pages.

    A crawl that was stopped or killed goes on where it stood; a finished source is fetched again,
    and adds only what is new. `limit` stops each source after so many pages of this run.
    Ctrl-C ends the run within seconds; the report says so. SettingsError for a source that is not
    in tamiz.toml; InputError when no source could be reached.
    """
    for library in LIBRARIES:
        if importlib.util.find_spec(library) is None:
            raise MissingExtra("tamiz crawl", "crawl", library)
    started = time.monotonic()
    chosen = choose_sources(project, sources, url=url, allow_private=allow_private)
    results: list[tuple[SourceSettings, _Heard]] = []
    for source in chosen:
        results.append((source, _crawl_source(project, store, source, limit, apart)))
        if results[-1][1].stopped:
            break
    report = _report(store, results, time.monotonic() - started)
    if report.unreachable and report.pages == 0 and not report.refused:
        raise InputError(" ".join(report.unreachable))
    return report


def _crawl_source(project: Project, store: Store, source: SourceSettings, limit: int, apart: bool) -> _Heard:
    from crawlers.addresses import address_key
    from crawlers.answers import ended_workers

    frontier, hosts = Frontier(store, source.name), Hosts(store)
    ended = tuple(ended_workers(sorted({*frontier.workers(), *hosts.workers()})))
    for worker in ended:
        frontier.give_back(worker)
        hosts.free(worker)
    pages = most_pages(source, project.settings.crawl)
    frontier.restart(most_pages=pages, most_bytes=project.settings.crawl.max_mb * 1_000_000)
    if source.spider != "archive":
        start = start_address(source)
        frontier.seed([Address(url=start, depth=0, key=address_key(start))])
    heard = _run_worker(project, source, limit, pages, ended, apart)
    for worker in ended_workers(frontier.workers()):
        frontier.give_back(worker)
    return heard


def _run_worker(
    project: Project, source: SourceSettings, limit: int, pages: int, ended: tuple[str, ...], apart: bool
) -> _Heard:
    """Start a worker, listen to it, and stop it on Ctrl-C by closing its standard input."""
    from crawlers.worker import Job

    job = Job(
        store_url=project.store_url,
        pages=str(project.pages),
        languages=project.settings.project.languages,
        limit=limit,
        max_pages=pages,
        source=source,
        crawl=project.settings.crawl,
        ended=ended,
        apart=apart,
    )
    total = None if pages == NO_LIMIT and not limit else min(limit or pages, pages)
    command = [sys.executable, "-P", "-m", "crawlers.worker"]
    heard = _Heard()
    with tempfile.TemporaryFile() as errors:
        worker = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, start_new_session=True
        )
        assert worker.stdin is not None
        assert worker.stdout is not None
        try:
            with suppress(BrokenPipeError):  # it ended at once; what it said is shown below
                worker.stdin.write(job.line())
                worker.stdin.flush()
            _listen(worker.stdout, heard, f"crawling {source.name}", total)
        except KeyboardInterrupt:
            heard.stopped = True
            with suppress(KeyboardInterrupt, BrokenPipeError, ValueError):  # a line may be cut where Ctrl-C fell
                worker.stdin.close()
                _listen(worker.stdout, heard, f"stopping {source.name}", total)
        finally:
            _stop(worker)
        if not (heard.finished or heard.stopped):
            errors.seek(0)
            said = errors.read().decode(errors="replace")
            raise RuntimeError(f"the worker that crawled {source.name} ended with {worker.returncode}:\n{said}")
    return heard


def _listen(lines: Iterable[bytes], heard: _Heard, title: str, total: int | None) -> None:
    with progress(title, total=total) as job:
        for line in lines:
            message = json.loads(line)
            if message.get("kind") == "Died":
                return  # its last words are on standard error
            if "error" in message:
                raise _error(message)
            if "said" in message:
                heard.said.append(message["said"])
                continue
            heard.counts = message.get("counts") or message.get("done") or heard.counts
            heard.finished = "done" in message
            heard.unreachable = message.get("unreachable", "")
            pairs = heard.counts["new_pairs"] + heard.counts["known_pairs"]
            job.update(heard.counts["pages"], note=f"{pairs} pairs  {urlsplit(message.get('url', '')).path}")


def _error(message: dict[str, str]) -> TamizError:
    kinds = {"StoreError": StoreError, "MissingExtra": InputError, "SettingsError": SettingsError}
    return kinds.get(message["kind"], InputError)(message["error"])


def _stop(worker: subprocess.Popen[bytes]) -> None:
    """Close the worker's pipes, which ends it; kill it if it does not end."""
    pipes: tuple[IO[bytes] | None, ...] = (worker.stdin, worker.stdout)
    for pipe in pipes:
        with suppress(BrokenPipeError):
            if pipe is not None:
                pipe.close()
    try:
        worker.wait(SECONDS_TO_STOP)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        worker.kill()
        worker.wait()


def _report(store: Store, results: list[tuple[SourceSettings, _Heard]], seconds: float) -> CrawlReport:
    def total(name: str) -> int:
        return sum(heard.counts.get(name, 0) for _, heard in results)

    def reasons(name: str) -> Counter[str]:
        return sum((Counter(heard.counts.get(name, {})) for _, heard in results), Counter())

    return CrawlReport(
        sources=tuple(source.name for source, _ in results),
        pages=total("pages"),
        new_pairs=total("new_pairs"),
        known_pairs=total("known_pairs"),
        without_pairs=reasons("without_pairs"),
        refused=reasons("refused"),
        failed=reasons("failed"),
        waiting=sum(Frontier(store, source.name).counts().get("waiting", 0) for source, _ in results),
        seconds=seconds,
        unreachable=tuple(_unreachable(source, heard.unreachable) for source, heard in results if heard.unreachable),
        said=tuple(sentence for _, heard in results for sentence in heard.said),
        stopped=any(heard.stopped for _, heard in results),
    )


def _unreachable(source: SourceSettings, reason: str) -> str:
    from crawlers.sourcecrawl import UNREACHABLE

    host = urlsplit(source.url).netloc
    if reason not in UNREACHABLE:
        later = "What waits is kept; to go on later, run: tamiz crawl"
        return f"{host} (source {source.name}) was left for now: {reason}. {later}"
    advice = {
        "private address": "If it is your own machine or network, set allow_private = true for it in tamiz.toml.",
        "unknown host": "Check the address and your network, then run: tamiz crawl",
        "certificate": "Its certificate is not valid; check the address, or ask the site's owner.",
    }
    general = "Check that the site is up and the address right, then run: tamiz crawl"
    return f"{host} (source {source.name}) cannot be reached: {reason}. {advice.get(reason, general)}"
