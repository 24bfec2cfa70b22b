"""The fetching side of a crawl: which address comes next, and handing over what came of it.

Everything else is the keeper's (keeper.py), in a process of its own so that reading and committing do not
hold up the network; or in this one, with the same result.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from crawlers.answers import BLOCKED, UNREACHABLE, Answer, Counts, Read, ended_workers, worker_name
from crawlers.archive import ArchiveWriter
from crawlers.pages import Reading
from tamiz.frontier import Address, Outcome

__all__ = ["BLOCKED", "UNREACHABLE", "Answer", "SourceCrawl", "ended_workers", "worker_name"]

MOST_UNREAD = 48  # pages that the keeper has not read yet; then fetching waits for it
_MAY_FORBID = re.compile(rb"noindex|\bnone\b", re.IGNORECASE)


class SourceCrawl:
    """`send` takes messages for the keeper, whose answers come to heard(); `wake` is called when there is more to
    do, `failed` with what ends the crawl.
    """

    def __init__(
        self, send: Callable[..., None], archive: ArchiveWriter, *, agent: str, failed: Callable[[str], None]
    ) -> None:
        self.counts = Counts()
        self.unreachable = ""
        self.limit = ""
        self.wake: Callable[[], None] = lambda: None
        self.prepare: Callable[[], None] = lambda: None  # what is left to do once there are addresses
        self.wait: Callable[[], None] | None = None  # for more addresses, where nothing else wakes us
        self.report: Callable[[Counts, str], None] = lambda counts, url: None
        self.tell: Callable[[str], None] = lambda text: None
        self._send = send
        self._archive = archive
        self._agent = agent
        self._failed = failed
        self._queue: deque[Address] = deque()
        self._redirects: dict[str, Callable[[], None]] = {}
        self._unread = 0
        self._over = False

    def more(self) -> bool:
        """Whether there may be another address to fetch."""
        return not self._over

    def next(self) -> Address | None:
        """The next address, lent to this worker; None while there is none."""
        while self.wait is not None and not self.ready():
            self.wait()
        if self._over or not self._queue or self._unread >= MOST_UNREAD:
            return None
        return self._queue.popleft()

    def ready(self) -> bool:
        """Whether there is an address to fetch, or none will come."""
        return self._over or bool(self._queue)

    def hand_over(self, answer: Answer, spider: str) -> None:
        """Give a page to be read by a spider of this name, its bytes being safe in the archive."""
        self._unread += 1
        try:
            archived = self._archived(answer, spider)
        except OSError as error:  # a full disk; Scrapy would log it and wait for ever
            self._failed(f"a page cannot be written ({error.strerror})")
            return
        self._send("answer", archived, spider)

    def keep(
        self,
        answer: Answer,
        reading: Reading | None,
        links: Sequence[tuple[str, bool]],
        left_out: Mapping[str, int] | None = None,
    ) -> None:
        """Give a page that is read, to be archived and committed; `links` are (address, same level)."""
        read = Read(reading=reading, links=links, left_out=Counter(left_out)) if reading is not None else None
        self._send("read", answer, read)

    def fail(self, url: str, outcome: Outcome, reason: str, *, gone: bool = False) -> None:
        """Say why an address was not read."""
        self._send("fail", url, outcome, reason, (), gone)

    def redirect(self, url: str, target: str, follow: Callable[[], None]) -> None:
        """Ask whether to follow a redirect, and do so."""
        self._redirects[url] = follow
        self._send("redirect", url, target)

    def pause(self, reason: str) -> None:
        """Ask for nothing more in this run; what is being fetched and what waits is left for the next one."""
        self.unreachable = self.unreachable or reason
        self._over = True
        self._send("pause", reason)

    def pace(self, seconds: float) -> None:
        """Say which time lies between two requests to the site now."""
        self._send("pace", seconds)

    def heard(self, kind: str, *said: object) -> None:
        """Take a message of the keeper."""
        handle: Callable[..., None] = getattr(self, f"_heard_{kind}")
        handle(*said)

    def _heard_addresses(self, addresses: Sequence[Address]) -> None:
        self._queue.extend(addresses)
        self.wake()

    def _heard_taken(self, count: int) -> None:
        full = self._unread >= MOST_UNREAD
        self._unread -= count
        if full:
            self.wake()

    def _heard_follow(self, url: str, follow: bool) -> None:
        go = self._redirects.pop(url, None)
        if follow and go is not None:
            go()
        self.wake()

    def _heard_report(self, counts: Counts, url: str) -> None:
        self.counts = counts
        self.report(counts, url)

    def _heard_said(self, text: str) -> None:
        self.tell(text)

    def _heard_end(self, limit: str, unreachable: str) -> None:
        self.limit, self.unreachable = limit, unreachable or self.unreachable
        self._over = True
        self.wake()

    def _archived(self, answer: Answer, spider: str) -> Answer:
        """The answer with its place in the archive, unless it is there, or may ask not to be kept."""
        said = " ".join(value for name, value in answer.headers if name.lower() == "x-robots-tag")
        if not answer.body or said or _MAY_FORBID.search(answer.body) or self._known(answer):
            return answer
        archive, offset = self._archive.write(
            url=answer.final_url,
            fetched_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            agent=self._agent,
            asked=answer.address.url,
            robots=answer.robots,
            spider=spider,
        )
        return replace(answer, archive=archive, offset=offset)

    def _known(self, answer: Answer) -> bool:
        known = answer.address.content_hash
        return bool(known) and hashlib.sha256(answer.body).hexdigest() == known
