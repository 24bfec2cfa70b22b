"""What becomes of fetched pages: read, linked to the store, and committed in groups. No network and no reactor here."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from crawlers.addresses import Scope, address_key, canonical_address
from crawlers.answers import BLOCKED, UNREACHABLE, Answer, Counts, Read, recovered_answer
from crawlers.archive import ArchiveWriter, read_page, sync_archive, unfinished
from crawlers.kept import kept_page
from crawlers.lending import Lender
from crawlers.plan import Plan
from crawlers.reading import READER_FAULTS, PageReader
from tamiz.errors import InputError
from tamiz.frontier import Address, Became, Frontier, Outcome, Result
from tamiz.store import Store

__all__ = ["Keeper"]

AHEAD = 64  # addresses that the fetching side has at most
LOW = 24  # it gets more when it has fewer
QUIET_SECONDS = 0.03  # without a page: then what was read is committed
LAG_SECONDS = 0.5  # longest time from page to commit
POLL_SECONDS = 0.1
FEW = 4  # pages
TOO_DEEP = "deeper than max_depth"
COUNT_SECONDS = 1.0  # between two looks at the length of the queue
REMEMBERED = 300_000  # addresses that are known to be in the frontier
ENOUGH_UNREACHABLE = 5  # addresses in a row; then the site is down, not the page
ENOUGH_BLOCKED = 3  # such pages in a row; then no more are asked for


class Keeper:
    """Lends addresses to who fetches, takes what came of them, and commits it in groups.

    A group is one transaction, after the bytes of its pages are synced to the archive. `say` is told
    ("addresses", [Address]), ("follow", url, whether), ("report", counts, url) and ("end", limit, unreachable).
    """

    def __init__(self, store: Store, plan: Plan, say: Callable[..., None]) -> None:
        self.counts = Counts()
        self.unreachable = ""
        self._store = store
        self._plan = plan
        self._say = say
        self._scope = Scope.of(plan.source)
        self._frontier = Frontier(store, plan.source.name)
        self._reader = PageReader(plan.source, lambda text: say("said", text), self)
        self._archive = ArchiveWriter(plan.pages, f"{plan.archive}-read")
        self._lender = Lender(store, self._frontier, plan)
        self._lent: dict[str, Address] = {}
        self._results: list[Result] = []
        self._down: list[Result] = []
        self._unsynced: set[str] = set()
        self._known: set[str] = set()
        self._too_deep: set[str] = set()
        self._over = self._dry = False
        self._began = self._first = self._counted = time.monotonic()
        self._before = (0, 0)  # pages and bytes of earlier runs and other processes

    # What the fetching side sends

    def answer(self, answer: Answer, spider: str) -> None:
        """Read a page with a spider, unless it trips over it."""
        try:
            whole = self._whole(answer)
            if whole is not None:
                self._take(whole, self._reader.read(whole, spider))
        except READER_FAULTS as fault:
            self.fail(answer.address.url, "failed", f"could not be read: {type(fault).__name__}")

    def read(self, answer: Answer, read: Read | None) -> None:
        """Take a page that was read, and commit it: unlike the others, it could not be read again from its bytes."""
        self._take(answer, read)
        self.flush()

    def _take(self, answer: Answer, read: Read | None) -> None:
        """Take a page that was read, to be committed with its pairs and links."""
        url = answer.address.url
        if read is None:
            if url in self._lent and not self._over:
                self.fail(url, "failed", "could not be read: nothing was said of it")
            return
        links = self._links(answer.address, read.links)
        self.counts.nofollow += read.reading.nofollow
        self.counts.left_out += read.left_out
        if read.reading.noindex:
            self.fail(url, "refused", read.reading.reason or "noindex", links)
            return
        self._settle()
        if answer.archive:
            self._unsynced.add(answer.archive)
        stored = self._frontier.page_of(url) if answer.address.content_hash else None
        page = kept_page(
            self._plan, answer, read.reading, self._archive, stored, at=self._store.timestamp(), links=links
        )
        self._add(Result(url=url, outcome="done", fetched=page))

    def fail(self, url: str, outcome: Outcome, reason: str, links: Sequence[Address] = (), gone: bool = False) -> None:
        """Take why an address was not read. A site that cannot be reached keeps its addresses waiting."""
        result = Result(url=url, outcome=outcome, reason=reason, links=tuple(links), gone=gone)
        blocked = reason.startswith(BLOCKED)
        if reason not in UNREACHABLE and not blocked:
            self._settle()
            self._add(result)
            return
        self._lent.pop(url, None)
        self._down.append(result)
        if len(self._down) >= (ENOUGH_BLOCKED if blocked else ENOUGH_UNREACHABLE) or not self._reached_any():
            self.pause(reason)

    def redirect(self, url: str, target: str) -> None:
        """Say whether to follow a redirect; if not, what became of the address is kept."""
        self.flush()
        final = canonical_address(target)
        refusal = self._scope.refusal(final) if final and self._scope.same_site(final) else ""
        result = None
        if not final or not self._scope.same_site(final):
            result = Result(url=url, outcome="refused", reason=f"leads to {urlsplit(target).hostname or 'no page'}")
        elif refusal:
            result = Result(url=url, outcome="refused", reason=f"leads to an address that is {refusal}")
        elif self._known_elsewhere(url, final):
            result = Result(url=url, outcome="done", reason="leads to a known page")
        if result is not None:
            self._add(result)
        self._say("follow", url, result is None)

    def pause(self, reason: str) -> None:
        """Ask for nothing more in this run; what is being fetched and what waits is left for the next one."""
        self.unreachable = self.unreachable or reason
        self._end("")

    def pace(self, seconds: float) -> None:
        """Take the time between two requests that the site is asked with."""
        self._lender.slow_down(seconds)

    # The keeper's own work

    def start(self) -> None:
        """Take up what ended workers had fetched but not committed, then lend the first addresses."""
        self._recover(self._plan.ended)
        self.tick()

    def _recover(self, workers: Sequence[str]) -> bool:
        pids = [name.rsplit(":", 2)[1] for name in workers]
        for archive, page in unfinished(self._plan.pages, self._plan.source.name, pids, self._store.archived_to):
            address = self._frontier.waiting(page.asked)
            if address is not None:
                self.answer(recovered_answer(page, address, archive), page.spider)
        self.flush()
        return bool(workers)

    def tick(self, *, quiet: bool = False) -> float:
        """Commit and lend what is due; after how many seconds to look again."""
        now = time.monotonic()
        due = quiet or now - self._first > LAG_SECONDS or len(self._results) >= AHEAD
        if self._results and (due or not self._lent):
            self.flush()
        self._lender.sign()
        if not self._over and len(self._lent) < LOW:
            self._lend(now)
        return QUIET_SECONDS if self._results else POLL_SECONDS

    def flush(self) -> None:
        """Sync the archives, then commit everything that was read."""
        results, self._results = self._results, []
        if not results:
            return
        self._archive.sync()
        for name in self._unsynced:
            sync_archive(self._plan.pages / name)
        self._unsynced.clear()
        for result, became in zip(results, self._frontier.commit(results), strict=True):
            self._count(result, became)
        self._dry = False
        if (now := time.monotonic()) - self._counted > COUNT_SECONDS:
            self._counted = now
            counts = self._frontier.counts()
            self.counts.waiting = counts.get("waiting", 0) + counts.get("leased", 0)
        self._say("report", self.counts, results[-1].url)

    def close(self) -> None:
        """Commit what was read and give back what was not; addresses of a site that is down wait for the next run."""
        if not self.unreachable:
            self._settle()
        self.flush()
        self._lender.close()
        self._archive.close()
        self.counts.waiting = self._frontier.counts().get("waiting", 0)
        self._say("report", self.counts, "")

    def _lend(self, now: float) -> None:
        """Lend the next addresses, or say that there are none or that a limit is reached."""
        held, idle = self._lender.held, not self._lent and not self._results
        if self._dry and not idle:
            return
        if not self._dry and not self._lender.may_ask(lent=len(self._lent)):
            return
        if not held:
            self._before = self._fetched_elsewhere()
        flying = len(self._lent) + sum(1 for result in self._results if result.fetched)
        limit = self._reached(now, flying)
        if self._dry or limit:
            if idle and (limit or not self._recover(self._lender.ended())):
                self._end(limit)
            self._dry = self._dry and not idle
            return
        ahead = FEW if self._plan.crawl.max_mb else AHEAD  # how large they are is not known before
        most = min(ahead - len(self._lent), self._room() - flying)
        if most <= 0:
            return
        found = self._lender.addresses(most)
        self._dry = len(found) < most
        wanted = [address for address in found if self._still_wanted(address)]
        self._lent |= {address.url: address for address in wanted}
        if wanted:
            self._say("addresses", wanted)

    def _room(self) -> int:
        """How many pages may still be fetched, those being fetched included."""
        plan = self._plan
        left = plan.max_pages - self._before[0] - self.counts.pages
        return min(left, plan.limit - self.counts.pages) if plan.limit else left

    def _reached(self, now: float, flying: int) -> str:
        """The limit that is reached, or ""."""
        plan = self._plan
        if plan.limit and self.counts.pages + flying >= plan.limit:
            return "--limit"
        if self._room() <= flying:
            return "max_pages"
        unsaved = sum(result.fetched.size for result in self._results if result.fetched)
        megabytes = (self._before[1] + unsaved) / 1e6 + self.counts.megabytes
        if plan.crawl.max_mb and megabytes >= plan.crawl.max_mb:
            return "max_mb"
        return "max_minutes" if 0 < plan.crawl.max_minutes * 60 <= now - self._began else ""

    def _fetched_elsewhere(self) -> tuple[int, int]:
        pages, size = self._frontier.count_pages(), self._frontier.count_bytes()
        return pages - self.counts.pages, size - round(self.counts.megabytes * 1e6)

    def _end(self, limit: str) -> None:
        if not self._over:
            self._over = True
            self._say("end", limit, self.unreachable)

    def _whole(self, answer: Answer) -> Answer | None:
        """The answer with its body, which lies in the archive where the page has not changed."""
        if answer.status != 304:
            return answer
        url = answer.address.url
        stored = self._frontier.page_of(url)
        try:
            if stored is None:
                raise InputError("304 for a page that is not kept")
            body, content_type = read_page(self._plan.pages, stored)
        except InputError:
            self._say("addresses", [replace(answer.address, etag="", last_modified="", content_hash="")])
            return None
        asked_with = {"etag": stored.etag, "last-modified": stored.last_modified}
        said = {name.lower(): value for name, value in answer.headers}
        headers = {**{name: value for name, value in asked_with.items() if value}, **said, "content-type": content_type}
        return replace(
            answer, status=stored.status, body=body, content_type=content_type, headers=tuple(headers.items())
        )

    def _links(self, parent: Address, links: Sequence[tuple[str, bool]]) -> tuple[Address, ...]:
        """The addresses to go on with, without those that were handed over before."""
        fresh = []
        for url, same_level in links:
            depth = parent.depth + (not same_level)
            key = address_key(url)
            if key in self._known:
                continue
            if depth > self._plan.crawl.max_depth:
                if len(self._too_deep) < REMEMBERED:
                    self._too_deep.add(key)
            else:
                self._too_deep.discard(key)
                fresh.append(Address(url=url, depth=depth, key=key))
                if len(self._known) < REMEMBERED:
                    self._known.add(key)
        if self._too_deep:
            self.counts.left_out[TOO_DEEP] = len(self._too_deep)
        return tuple(fresh)

    def _still_wanted(self, address: Address) -> bool:
        """Whether tamiz.toml still has nothing against an address that was fetched before."""
        refusal = self._scope.pattern_refusal(address.url) if address.depth and address.content_hash else ""
        if refusal:
            self._results.append(Result(url=address.url, outcome="refused", reason=refusal))
        return not refusal

    def _known_elsewhere(self, url: str, final: str) -> bool:
        """Whether another address leads to the target of a redirect, or led there first."""
        holder = self._frontier.holds(final, address_key(final))
        if not holder or holder == url:
            return False
        before = self._frontier.page_of(url)
        return before is None or before.final_url != final

    def _settle(self) -> None:
        """The site answers, so the addresses that did not are really failed."""
        down, self._down = self._down, []
        for result in down:
            self._add(result)

    def _reached_any(self) -> bool:
        return bool(self.counts.pages or self._results or self._lent or self._frontier.counts().get("waiting"))

    def _add(self, result: Result) -> None:
        self._lent.pop(result.url, None)
        if not self._results:
            self._first = time.monotonic()
        self._results.append(result)

    def _count(self, result: Result, became: Became) -> None:
        counts, fetched = self.counts, result.fetched
        counts.new_pairs += len(became.added.new)
        counts.replacing_pairs += became.replacing
        counts.known_pairs += became.added.known
        counts.changed_pairs += became.changed
        counts.gone_pairs += became.gone
        counts.gone += became.page == "gone"
        if fetched is None:
            if result.outcome != "done":
                (counts.refused if result.outcome == "refused" else counts.failed)[result.reason] += 1
            return
        counts.megabytes += fetched.size / 1e6
        if became.page == "same":
            counts.repeated += 1
            return
        counts.pages += 1
        counts.unchanged += became.page == "unchanged"
        counts.changed += became.page == "changed"
        if not fetched.pairs:
            counts.without_pairs[fetched.reading.reason or "no pairs"] += 1
