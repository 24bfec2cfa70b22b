"""One worker's share of the crawl of one source: what to fetch next, and what became of it, committed."""

from __future__ import annotations

import hashlib
import os
import socket
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawlers.addresses import Scope, canonical_address
from crawlers.archive import ArchiveWriter
from crawlers.pages import Reading
from crawlers.pairs import page_pairs, page_reading
from tamiz.frontier import Address, Fetched, Frontier, Outcome
from tamiz.records import Page
from tamiz.settings import SourceSettings
from tamiz.store import Store

__all__ = ["BLOCKED", "UNREACHABLE", "Answer", "Counts", "SourceCrawl", "ended_workers", "worker_name"]

LEASE_SECONDS = 1800.0  # longer than any delay between two requests, and its timeout
UNREACHABLE = ("unknown host", "connection refused", "connection lost", "timeout", "private address", "certificate")
ENOUGH_UNREACHABLE = 5  # addresses in a row; then the site is down, not the page
BLOCKED = "robots are kept out"  # by whom follows
ENOUGH_BLOCKED = 3  # such pages in a row; then no more are asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered to the request for an address of the frontier."""

    address: Address
    final_url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    content_type: str
    body: bytes
    robots: str


@dataclass(slots=True, kw_only=True)
class Counts:
    """What a run has done so far."""

    pages: int = 0
    new_pairs: int = 0
    known_pairs: int = 0
    without_pairs: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        values = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {name: dict(value) if isinstance(value, Counter) else value for name, value in values}


class SourceCrawl:
    """Everything a fetched page leads to is one transaction, after its bytes are synced to the archive."""

    def __init__(
        self,
        store: Store,
        source: SourceSettings,
        pages: Path,
        *,
        worker: str,
        agent: str,
        languages: Sequence[str],
        max_pages: int,
        max_depth: int,
        limit: int = 0,
        report: Callable[[Counts, str], None] = lambda counts, url: None,
    ) -> None:
        """`max_pages` counts across runs until the source is started over, `limit` counts this run; 0 is no limit."""
        self.scope = Scope.of(source)
        self.counts = Counts()
        self.unreachable = ""
        self._store = store
        self._source = source
        self._frontier = Frontier(store, source.name)
        name = f"{source.name}-{store.timestamp()[:19].replace('-', '').replace(':', '')}-{os.getpid()}"
        self._archive = ArchiveWriter(pages, name)
        self._worker = worker
        self._agent = agent
        self._languages = languages
        self._max_depth = max_depth
        left = max(0, max_pages - self._frontier.count_pages())
        self._limit = min(left, limit) if limit else left
        self._report = report
        self._more = True
        self._flying: set[str] = set()
        self._down: list[tuple[str, Outcome, str]] = []

    def more(self) -> bool:
        """Whether there may be another address to fetch."""
        return self._more and not self.unreachable and self.counts.pages + len(self._flying) < self._limit

    def next(self) -> Address | None:
        """The next address, leased to this worker."""
        if not self.more():
            return None
        leased = self._frontier.lease(self._worker, limit=1, lease_seconds=LEASE_SECONDS)
        self._more = bool(leased)
        self._flying |= {address.url for address in leased}
        return leased[0] if leased else None

    def keep(self, answer: Answer, reading: Reading, links: Sequence[tuple[str, bool]]) -> None:
        """Archive the page, then commit it with its pairs and links; `links` are (address, same level)."""
        addresses = self._addresses(answer.address, links)
        if reading.noindex:
            self.fail(answer.address.url, "refused", reading.reason or "noindex", addresses)
            return
        page = self._archived(answer, reading)
        source = self._source
        pairs = page_pairs(page, reading, languages=self._languages, licence=source.licence, threads=source.threads)
        fetched = Fetched(page=page, reading=page_reading(page, reading), pairs=pairs, links=addresses)
        self._settle()
        self._landed(answer.address.url)
        added = self._frontier.finish(answer.address.url, "done", fetched=fetched)
        self.counts.pages += 1
        self.counts.new_pairs += len(added.new)
        self.counts.known_pairs += added.known
        if not pairs:
            self.counts.without_pairs[reading.reason or "no pairs"] += 1
        self._report(self.counts, answer.final_url)

    def fail(self, url: str, outcome: Outcome, reason: str, links: Sequence[Address] = ()) -> None:
        """Commit why an address was not read. A site that cannot be reached keeps its addresses waiting."""
        blocked = reason.startswith(BLOCKED)
        if reason in UNREACHABLE or blocked:
            self._landed(url)
            self._down.append((url, outcome, reason))
            enough = ENOUGH_BLOCKED if blocked else ENOUGH_UNREACHABLE
            if len(self._down) >= enough or (self.counts.pages == 0 and not self._others_wait()):
                self.unreachable = reason
            return
        self._settle()
        self._finish(url, outcome, reason, links)

    def redirect(self, url: str, target: str) -> bool:
        """Whether to follow a redirect; if not, what became of the address is committed."""
        final = canonical_address(target)
        if not final or not self.scope.same_site(final):
            self._finish(url, "refused", f"leads to {urlsplit(target).hostname or 'no page'}")
        elif refusal := self.scope.refusal(final):
            self._finish(url, "refused", f"leads to an address that is {refusal}")
        elif final != url and self._frontier.holds(final):
            self._finish(url, "done", "leads to a known page")
        else:
            return True
        return False

    def pause(self, reason: str) -> None:
        """Ask for nothing more in this run; what is being fetched and what waits is left for the next one."""
        self.unreachable = self.unreachable or reason

    def close(self) -> None:
        """Give back what is not finished; addresses of a site that is down wait for the next run."""
        if not self.unreachable:
            self._settle()
        self._frontier.give_back(self._worker)
        self._archive.__exit__(None, None, None)

    def _settle(self) -> None:
        """The site answers, so the addresses that did not are really failed."""
        down, self._down = self._down, []
        for url, outcome, reason in down:
            self._finish(url, outcome, reason)

    def _landed(self, url: str) -> None:
        self._flying.discard(url)
        self._more = True

    def _others_wait(self) -> bool:
        return bool(self._frontier.counts().get("waiting"))

    def _finish(self, url: str, outcome: Outcome, reason: str, links: Sequence[Address] = ()) -> None:
        self._landed(url)
        self._frontier.finish(url, outcome, reason, links=links)
        if outcome != "done":
            (self.counts.refused if outcome == "refused" else self.counts.failed)[reason] += 1
        self._report(self.counts, url)

    def _addresses(self, parent: Address, links: Sequence[tuple[str, bool]]) -> tuple[Address, ...]:
        found = (Address(url=url, depth=parent.depth + (not same_level)) for url, same_level in links)
        return tuple(address for address in found if address.depth <= self._max_depth)

    def _archived(self, answer: Answer, reading: Reading) -> Page:
        values = {
            "url": answer.address.url,
            "final_url": canonical_address(answer.final_url),
            "fetched_at": self._store.timestamp(),
            "status": answer.status,
            "content_type": answer.content_type,
            "content_hash": hashlib.sha256(answer.body).hexdigest(),
            "source": self._source.name,
            "robots": answer.robots,
            "licence": reading.licence,
        }
        page = Page(**values)  # type: ignore[arg-type]
        known = self._store.page(page.id)
        if known is not None:
            return known
        archive, offset = self._archive.write(
            url=page.final_url,
            fetched_at=page.fetched_at,
            status=page.status,
            headers=answer.headers,
            body=answer.body,
            agent=self._agent,
        )
        return Page(**values, archive=archive, archive_offset=offset)  # type: ignore[arg-type]


def worker_name() -> str:
    """This process, by host, number and start, so that another one can tell whether it has ended."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def ended_workers(workers: Sequence[str]) -> list[str]:
    """Those of this host whose process is gone."""
    mine = [name.rsplit(":", 2) for name in workers if name.startswith(f"{socket.gethostname()}:")]
    return [":".join(parts) for parts in mine if _started(int(parts[1])) != parts[2]]


def _started(pid: int) -> str:
    """When a process started, in clock ticks since the machine did; "" if there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return "" if Path("/proc/self").exists() else _alive(pid)
    state, *fields = stat.rpartition(")")[2].split()
    return "" if state == "Z" else fields[18]  # proc(5): starttime is field 22, a zombie has ended


def _alive(pid: int) -> str:
    """Where there is no /proc: "alive" or ""."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return "alive"
    return "alive"
