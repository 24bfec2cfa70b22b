"""Which addresses may be asked for now: one host at a time, taken in turns with other processes."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from crawlers.addresses import canonical_address
from crawlers.answers import ended_workers
from crawlers.plan import Plan
from tamiz.frontier import Address, Frontier
from tamiz.hosts import Hosts
from tamiz.store import Store

__all__ = ["Lender"]

LEASE_SECONDS = 1800.0  # longer than any delay between two requests, and its timeout
HOST_SECONDS = 120.0  # without a sign, a host is free again; a worker that is killed is noticed at once
SLICE_SECONDS = 5.0  # after that, a host goes to who waits for it
TURN_SECONDS = 0.5  # in which the other one can take it
LONGEST_PACE = 900.0
SECONDS_BETWEEN_LOOKS = 1.0  # for workers that were killed


class Lender:
    """Leases a source's addresses to one worker, while it has the host."""

    def __init__(self, store: Store, frontier: Frontier, plan: Plan) -> None:
        self._frontier = frontier
        self._hosts = Hosts(store)
        site = urlsplit(canonical_address(plan.source.url)).netloc.removeprefix("www.")
        self._host = site if plan.source.spider != "archive" else f"source {plan.source.name}"
        self._worker = plan.worker
        self._pace = plan.crawl.delay_seconds
        self._looked = 0.0
        self._held_since = 0.0
        self._signed = 0.0
        self._not_before = 0.0
        self.held = False

    def may_ask(self, *, lent: int) -> bool:
        """Whether it is the time for more addresses; `lent` are still being asked for."""
        now = time.monotonic()
        return now >= self._not_before and self._have_host(now, lent)

    def addresses(self, most: int) -> list[Address]:
        """Up to so many addresses."""
        return self._frontier.lease(self._worker, limit=most, lease_seconds=LEASE_SECONDS)

    def slow_down(self, pace: float) -> None:
        """Take the time between two requests that the site is asked with now."""
        if abs(pace - self._pace) > 0.2 * self._pace + 0.01:
            self._pace = min(pace, LONGEST_PACE)
            if self.held:
                self._hosts.keep_pace(self._worker, self._pace)

    def sign(self) -> None:
        """Go on with the host, however long the pause between two requests is."""
        if self.held and time.monotonic() - self._signed > HOST_SECONDS / 4:
            self._take(time.monotonic())

    def close(self) -> None:
        """Give everything back."""
        self._frontier.give_back(self._worker)
        if self.held:
            self._hosts.give_back(self._worker, pace=self._pace)
            self.held = False

    def _have_host(self, now: float, lent: int) -> bool:
        if not self.held:
            return self._take(now)
        if now - self._held_since < SLICE_SECONDS or not self._hosts.wanted(self._host, self._worker):
            return True
        if not lent:
            self._hosts.give_back(self._worker, pace=self._pace)
            self.held = False
            self._not_before = now + TURN_SECONDS
        return False

    def _take(self, now: float) -> bool:
        wait = self._hosts.take(self._host, self._worker, seconds=HOST_SECONDS)
        if wait is None:
            if now - self._looked > SECONDS_BETWEEN_LOOKS:
                self._looked = now
                self._free_ended()
            return False
        self._signed = now
        if not self.held:
            self.held, self._held_since = True, now
            self._not_before = now + wait
            self._hosts.keep_pace(self._worker, self._pace)
        return now >= self._not_before

    def _free_ended(self) -> None:
        for worker in ended_workers(self._hosts.workers()):
            self._hosts.free(worker)

    def ended(self) -> list[str]:
        """Workers of this machine that were killed; what they had leased waits again."""
        workers = ended_workers(self._frontier.workers())
        for worker in workers:
            self._frontier.give_back(worker)
        return workers
