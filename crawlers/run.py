"""crawl(): every source in a worker process of its own, its progress shown, its outcome counted."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import IO, Any
from urllib.parse import urlsplit

from crawlers.report import CrawlReport, Heard, make_report
from crawlers.sources import NO_LIMIT, choose_sources, most_pages, start_address
from tamiz.errors import InputError, MissingExtra, SettingsError, StoreError, TamizError
from tamiz.frontier import Address, Frontier
from tamiz.hosts import Hosts
from tamiz.progress import Job, progress
from tamiz.project import Project
from tamiz.settings import SourceSettings
from tamiz.store import Store

__all__ = ["CrawlReport", "Heard", "crawl", "crawl_source"]

SECONDS_TO_STOP = 6.0  # the worker needs two; then it is killed, which loses nothing
LIBRARIES = ("scrapy", "warcio", "lxml", "w3lib", "extruct")


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
    results: list[tuple[SourceSettings, Heard]] = []
    for source in chosen:
        results.append((source, crawl_source(project, store, source, limit, apart)))
        if results[-1][1].stopped:
            break
    report = make_report(store, results, time.monotonic() - started)
    if report.unreachable and report.pages == 0 and not report.refused:
        raise InputError(" ".join(report.unreachable))
    return report


def crawl_source(
    project: Project, store: Store, source: SourceSettings, limit: int, apart: bool = True, dry: bool = False
) -> Heard:
    """Crawl one source in a worker; `dry` also asks it what it would fetch next."""
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
    heard = _run_worker(project, source, limit, pages, ended, apart, dry)
    for worker in ended_workers(frontier.workers()):
        frontier.give_back(worker)
    return heard


def _run_worker(
    project: Project, source: SourceSettings, limit: int, pages: int, ended: tuple[str, ...], apart: bool, dry: bool
) -> Heard:
    """Start a worker, listen to it, and stop it on Ctrl-C by closing its standard input."""
    from crawlers.answers import KILLED, was_killed
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
        dry=dry,
    )
    total = None if pages == NO_LIMIT and not limit else min(limit or pages, pages)
    command = [sys.executable, "-P", "-m", "crawlers.worker"]
    heard = Heard()
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
            if worker.returncode in KILLED:
                raise TamizError(was_killed(source.name, worker.returncode))
            errors.seek(0)
            said = errors.read().decode(errors="replace")
            raise RuntimeError(f"the worker that crawled {source.name} ended with {worker.returncode}:\n{said}")
    return heard


def _listen(lines: Iterable[bytes], heard: Heard, title: str, total: int | None) -> None:
    started = time.monotonic()
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
            if "ahead" in message:
                heard.ahead = message["ahead"]
                continue
            heard.counts = message.get("counts") or message.get("done") or heard.counts
            heard.finished = "done" in message
            heard.unreachable = message.get("unreachable", "")
            heard.limit = message.get("limit", "")
            _show(job, heard.counts, time.monotonic() - started, total, message.get("url", ""))


def _show(job: Job, counts: dict[str, Any], seconds: float, most: int | None, url: str) -> None:
    """Pages of those known so far, with pairs, queue, speed and the time left for the queue."""
    pages, queue = counts["pages"], counts["waiting"]
    total = pages + queue if most is None else min(pages + queue, most)
    speed = pages / seconds if seconds > 0 else 0.0
    left = f"  {_clock((total - pages) / speed)} left" if speed and total > pages else ""
    pairs = counts["new_pairs"] + counts["known_pairs"]
    note = f"{pairs:,} pairs  {queue:,} in queue  {speed:.1f} pages/s{left}  {urlsplit(url).path}"
    job.update(pages, total=max(total, pages), note=note.rstrip())


def _clock(seconds: float) -> str:
    """A time as a clock shows it.

    >>> _clock(3725)
    '1:02:05'
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


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
