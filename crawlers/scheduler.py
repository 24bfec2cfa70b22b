"""Scrapy's scheduler with the frontier in the store as its only queue."""

from __future__ import annotations

from collections import deque
from typing import Any, cast
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.httpobj import urlparse_cached
from twisted.python.failure import Failure

from crawlers.answers import status_words
from crawlers.commit import answer_of
from crawlers.resolver import refused_hosts
from crawlers.robots import TOO_SLOW, RobotsMiddleware
from crawlers.sourcecrawl import UNREACHABLE, SourceCrawl
from crawlers.spiders.site import SiteSpider
from crawlers.throttle import too_busy
from tamiz.frontier import Outcome

__all__ = ["FrontierScheduler"]

GONE = (404, 410)
NOT_HAD = ("robots.txt answered", "robots.txt: ")  # with which status, or with what trouble, follows
_LOST = ("ConnectionLost", "ConnectionDone", "ResponseNeverReceived", "ConnectError")


class FrontierScheduler(BaseScheduler):
    """Hands out addresses as they are leased. Links reach the frontier with their page, not through here."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._again: deque[Request] = deque()  # retries and redirects of leased addresses
        self._pace = 0.0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> FrontierScheduler:
        return cls(crawler)

    def open(self, spider: Spider) -> None:
        self._spider = cast("SiteSpider", spider)
        self._crawl = cast("SourceCrawl", spider.crawl)  # type: ignore[attr-defined]
        self._crawl.wake = self._wake

    def _wake(self) -> None:
        """Let the engine look for the next request."""
        slot = self._crawler.engine._slot if self._crawler.engine else None
        if slot is not None:
            slot.nextcall.schedule()

    def has_pending_requests(self) -> bool:
        return bool(self._again) or self._crawl.more()

    def enqueue_request(self, request: Request) -> bool:
        """Take a retry or redirect; start addresses are in the frontier already."""
        address = request.meta.get("address")
        if address is None:
            return True
        if "redirect_urls" in request.meta:
            self._crawl.redirect(address.url, request.url, lambda: self._again.append(request))
        else:
            self._again.append(request)
        return True

    def next_request(self) -> Request | None:
        if self._again:
            return self._again.popleft()
        address = self._crawl.next()
        if address is None:
            return None
        meta: dict[str, Any] = {"address": address}
        headers: dict[str, str] = {}
        if self._spider.reads_apart():  # else a spider needs the body here
            asked_with = {"If-None-Match": address.etag, "If-Modified-Since": address.last_modified}
            headers = {name: value for name, value in asked_with.items() if value}
        if headers:
            meta["handle_httpstatus_list"] = [304, *getattr(self._spider, "handle_httpstatus_list", ())]
        return Request(
            address.url, callback=self.received, errback=self.failed, headers=headers, meta=meta, dont_filter=True
        )

    def received(self, response: Response) -> Any:
        """Hand a page over to be read elsewhere, or have it read here."""
        self._note_pace(response)
        name = self._spider.reads_apart()
        if name and (response.status < 300 or response.status == 304):
            response.meta["handed_over"] = True
            self._crawl.hand_over(answer_of(response, self._crawler), name)
            return None
        return self._spider.parse(response)

    def _note_pace(self, response: Response) -> None:
        slot = self._crawler.engine.downloader.slots.get(response.meta.get("download_slot", ""))
        if slot is not None and abs(slot.delay - self._pace) > 0.2 * self._pace + 0.01:
            self._pace = slot.delay
            self._crawl.pace(slot.delay)

    def failed(self, failure: Failure) -> None:
        """Commit why a leased address could not be fetched."""
        request: Request = failure.request  # type: ignore[attr-defined]
        if isinstance(failure.value, HttpError) and (busy := too_busy(failure.value.response)):
            self._crawl.pause(busy)
            return
        outcome, reason = self._reason(failure.value, request)
        if self._without_robots(failure.value, reason, request):
            self._crawl.pause(reason)
            return
        gone = isinstance(failure.value, HttpError) and failure.value.response.status in GONE
        self._crawl.fail(request.meta["address"].url, outcome, reason, gone=gone)
        if reason.startswith(NOT_HAD):
            self._crawl.pause(reason)

    def _without_robots(self, error: BaseException | None, reason: str, request: Request) -> bool:
        """Whether only a robots.txt that cannot be had or kept now is against an address, which then waits.

        One that leads to another host does not wait for that: it would hold up the source in every run.
        """
        netloc, address = urlparse_cached(request).netloc, request.meta["address"]
        if not isinstance(error, IgnoreRequest) or (address.depth and urlsplit(address.url).netloc != netloc):
            return False
        if reason.startswith((TOO_SLOW, *NOT_HAD)):
            return True
        robots = self._crawler.get_downloader_middleware(RobotsMiddleware)
        return robots is not None and netloc in robots.trouble

    def _reason(self, error: BaseException | None, request: Request) -> tuple[Outcome, str]:
        host = urlparse_cached(request).hostname or ""
        if isinstance(error, HttpError):
            status = error.response.status
            if 300 <= status < 400 and "Location" in error.response.headers:
                return "refused", "leads to no page"
            return ("refused" if status in (401, 403) else "failed"), status_words(status)
        if isinstance(error, CannotResolveHostError):
            private = host in refused_hosts
            return ("refused", "private address") if private else ("failed", "unknown host")
        if isinstance(error, IgnoreRequest):
            return self._ignored(str(error), request)
        known = {
            DownloadTimeoutError: "timeout",
            DownloadConnectionRefusedError: "connection refused",
            DownloadCancelledError: "too large",
            ResponseDataLossError: "connection lost",
        }
        for kind, reason in known.items():
            if isinstance(error, kind):
                return "failed", reason
        text = f"{error!r} {error.__cause__!r}" if error else ""
        if "HeadTooLarge" in text:
            return "failed", "headers without end"
        if "certificate" in text:
            return "failed", "certificate"
        return "failed", "connection lost" if any(word in text for word in _LOST) else type(error).__name__

    def _ignored(self, message: str, request: Request) -> tuple[Outcome, str]:
        if message.startswith("Forbidden by robots.txt"):
            robots = self._crawler.get_downloader_middleware(RobotsMiddleware)
            netloc = urlparse_cached(request).netloc
            if robots and netloc in robots.trouble:
                outcome, reason = self._reason(robots.trouble[netloc], request)
                return (outcome, reason) if reason in UNREACHABLE else ("refused", f"robots.txt: {reason}")
            said = robots.said.get(netloc, "") if robots else ""
            return "refused", said if said.startswith("robots.txt ") else "robots.txt"
        if "DOWNLOAD_MAXSIZE" in message:
            return "failed", "too large"
        if "redirections" in message:
            return "failed", "redirects without end"
        return "refused", message
